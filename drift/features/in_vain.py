"""What was paid for nothing: answers that are empty, failed or cut off, attempts that failed, and calls of a loop.

A request counts in vain as a whole or in parts, and each dollar once, for the first reason in this order: failed, empty, truncated (the
whole request); retried (a failed attempt's own cost), looped (the model call that asked for a tool again with the same arguments). The
store's cost is meant, of a step its own; where it is not known, nothing is said.
"""

from __future__ import annotations

import numpy as np

from drift.features import text
from drift.features.batch import Batch, Context, Measured
from drift.features.trajectory import Steps
from drift.features.usage import cost
from drift.traces import OK, StepKind, used_tokens

WHOLLY, IN_PARTS = ("failed", "empty", "truncated"), ("retried", "looped")


def measure(batch: Batch, context: Context) -> Measured:
    """`vain_cost_usd` and its parts `vain_usd.<why>`, in USD of each request; unknown where its cost is."""
    paid = batch.once("paid", lambda: cost(batch))
    # a request that failed before it used a token cost nothing
    paid = np.where(np.isnan(paid) & ~used_tokens(batch.traces), 0.0, paid)
    if not np.isfinite(paid).any():
        return {}
    # of a request whose reasons are not known none is counted: what is known to be in vain is
    wholly = {
        "failed": batch.known("error"),
        "empty": text.empty(batch) == 1,
        "truncated": text.truncated(batch) == 1,
    }
    out: Measured = {}
    left = np.isfinite(paid)
    for why in WHOLLY:
        mine = left & wholly[why]
        out[f"vain_usd.{why}"] = _where(paid, mine, paid)
        left &= ~mine
    steps = Steps.of(batch)
    retried, looped = _parts(steps) if len(steps) else (np.zeros(len(paid)), np.zeros(len(paid)))
    for why, part in zip(IN_PARTS, (retried, looped), strict=True):
        out[f"vain_usd.{why}"] = _where(paid, left, np.minimum(part, np.nan_to_num(paid)))
    total = np.sum([out[f"vain_usd.{why}"] for why in (*WHOLLY, *IN_PARTS)], axis=0)
    # a shard that lost nothing for a reason says so, as the whole day would
    return {"vain_cost_usd": np.minimum(total, paid)} | out


def _where(paid: np.ndarray, mine: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(paid), np.where(mine, values, 0.0), np.nan)


def _parts(steps: Steps) -> tuple[np.ndarray, np.ndarray]:
    """USD of each trace's failed attempts that were tried again, and of the model calls that asked for a run over again; both (n,)."""
    spent = np.nan_to_num(steps.numbers("cost_usd"))
    kinds, outcomes = steps.texts("kind"), steps.texts("outcome")
    calls = kinds == StepKind.MODEL
    retried = calls & (outcomes != OK) & (outcomes != None)  # noqa: E711
    retry = np.bincount(steps.row[retried], spent[retried], steps.n)
    names, arguments = steps.texts("name"), steps.texts("arguments")
    seen: set[tuple[int, str, str]] = set()
    again = np.zeros(len(steps), bool)
    asked_by: dict[int, int] = {}
    for at in np.flatnonzero(calls | (kinds == StepKind.TOOL)).tolist():
        row = int(steps.row[at])
        if calls[at]:
            asked_by[row] = at
        elif arguments[at] is not None:
            key = row, names[at] or "", arguments[at]
            if key in seen and row in asked_by:
                again[asked_by[row]] = True
            seen.add(key)
    again &= ~retried
    return retry, np.bincount(steps.row[again], spent[again], steps.n)
