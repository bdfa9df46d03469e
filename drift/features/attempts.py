"""Whether a request that went step by step came to an answer, and whether it needed no second attempt at anything."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from drift.features import text
from drift.features.batch import Batch, Context, Measured
from drift.features.trajectory import Steps
from drift.traces import FIRED, OK, StepKind


def measure(batch: Batch, context: Context) -> Measured:
    """Of requests that ran a tool: `first_attempt` (no step failed, none was done again, no call was repeated, and no error came of it) and
    `unanswered` (they end with a tool, or the wish for one, and no text)."""
    steps = Steps.of(batch)
    if not len(steps):
        return {}
    ran_a_tool = np.bincount(steps.row[steps.texts("kind") == StepKind.TOOL], minlength=steps.n) > 0
    if not ran_a_tool.any():
        return {}
    return {"first_attempt": _first_attempt(steps, batch, ran_a_tool), "unanswered": _unanswered(steps, batch, ran_a_tool)}


def _first_attempt(steps: Steps, batch: Batch, asked: np.ndarray) -> np.ndarray:
    outcomes = steps.texts("outcome")
    unknown = outcomes == None  # noqa: E711
    again = np.isfinite(steps.numbers("retry_of"))
    failed = np.bincount(steps.row, ~unknown & (outcomes != OK) & (outcomes != FIRED) | again, steps.n) > 0
    failed |= (batch.numbers("repeated_tool_calls") > 0) | batch.known("error")
    # a failure that is seen is one, whatever else is not
    whole = np.bincount(steps.row, unknown, steps.n) == 0
    return np.where(asked & (failed | whole), (~failed).astype(float), np.nan)


def _unanswered(steps: Steps, batch: Batch, asked: np.ndarray) -> np.ndarray:
    last = np.zeros(steps.n, bool)
    # steps stand in their order, and the later of a trace wins
    last[steps.row] = steps.texts("kind") == StepKind.TOOL
    silent = pc.equal(pc.utf8_trim_whitespace(batch.column("output")).fill_null(""), "").to_numpy(zero_copy_only=False)
    open_end = last | text.ended(batch, text.TOOL_TURN)
    # without a text and with a model's call at its end, the text may only not have been recorded
    known = asked & ~batch.known("error") & (~silent | open_end)
    return np.where(known, (silent & open_end).astype(float), np.nan)
