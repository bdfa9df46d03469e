"""What a request's steps say: where its time went, which step failed, which tool, which model served, what was read from the cache.

A request without steps, or whose store does not tell them, is unknown here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from drift.features.batch import Batch, Context, Measured
from drift.features.trajectory import MOST_TOOLS, TOOL_NAMES, Steps, named
from drift.metrics import TOOL_CALLED
from drift.traces import FIRED, OK, StepKind

# the kinds whose time is followed; what a framework does between them is `outside_s`
TIMED = (
    StepKind.MODEL,
    StepKind.TOOL,
    StepKind.RETRIEVAL,
    StepKind.RERANK,
    StepKind.EMBEDDING,
    StepKind.GUARDRAIL,
    StepKind.PLAN,
)
# of these a failure is followed; of tools by each one's name
_FAILING = (StepKind.RETRIEVAL, StepKind.RERANK, StepKind.EMBEDDING, StepKind.GUARDRAIL)
# steps other than tools that are followed by name; the rest are one
MOST_STEPS = 12
_LONGEST_PATH, _LONGEST_NAME, _MOST_MODELS, _MOST_IN_ORDER = 12, 60, 4, 20


def measure(batch: Batch, context: Context) -> Measured:
    """Time: `seconds.<kind>`, `call_s.<name>`, `step_s.<name>`, `time_share.<kind>`, `outside_s`. Failures: `step_failure.<kind>`,
    `call_failure.<name>`, `call_retry.<name>`, `failed_step.<name>`, `guardrail.<name>`. Tools: `tool_called.<tool>`,
    `tool_failure.<tool>`, `tool_s.<tool>`. Models and order: `call_usd.<name>`, `other_model`, `cache_hit`, `reasoning_share`,
    `rare_order`, `step_path`, `step_model`."""
    steps = Steps.of(batch)
    if not len(steps):
        return {}
    kinds, seconds = steps.texts("kind"), steps.numbers("duration_s")
    outcomes = steps.texts("outcome")
    failed = np.where(outcomes == None, np.nan, (outcomes != OK).astype(float))  # noqa: E711
    latency = batch.numbers("latency_s")
    out: Measured = {"outside_s": _outside(steps, seconds, latency)}
    for kind in TIMED:
        own = out[f"seconds.{kind}"] = steps.sums(seconds, kinds == kind)
        out[f"time_share.{kind}"] = _share(own, latency)
    out["time_share.outside"] = _share(out["outside_s"], latency)
    # a guardrail that fires does what it is there for
    failed = np.where(outcomes == FIRED, 0.0, failed)
    calls, tools = kinds == StepKind.MODEL, kinds == StepKind.TOOL
    retries, spent = _retries(steps, batch), steps.numbers("cost_usd")
    for name, mine in named(steps, calls, "call_s names", MOST_STEPS, context):
        out[f"call_s.{name}"] = steps.sums(seconds, mine)
        out[f"call_usd.{name}"] = steps.sums(spent, mine)
        out[f"call_failure.{name}"] = steps.any(failed, mine)
        out[f"call_retry.{name}"] = steps.any(retries, mine)
    for name, mine in named(steps, ~calls & ~tools, "step_s names", MOST_STEPS, context):
        out[f"step_s.{name}"] = steps.sums(seconds, mine)
        out[f"failed_step.{name}"] = steps.any(failed, mine)
    for name, mine in named(steps, kinds == StepKind.GUARDRAIL, "guardrail names", MOST_STEPS, context):
        out[f"guardrail.{name}"] = steps.any(np.where(np.isnan(failed), np.nan, outcomes == FIRED), mine)
    for kind in _FAILING:
        out[f"step_failure.{kind}"] = steps.any(failed, kinds == kind)
    with_tools = np.bincount(steps.row[tools], minlength=steps.n) > 0
    for tool, mine in named(steps, tools, TOOL_NAMES, MOST_TOOLS, context):
        called = np.bincount(steps.row[mine], minlength=steps.n) > 0
        # of a batch that does not call it the day says it, once it is whole (`sessions`)
        out[f"{TOOL_CALLED}{tool}"] = np.where(with_tools, called.astype(float), np.nan)
        out[f"tool_failure.{tool}"] = steps.any(failed, mine)
        out[f"tool_s.{tool}"] = steps.sums(seconds, mine)
    out |= _models(steps, calls)
    out["rare_order"] = _rare_order(steps, tools, context)
    labels = {"step_path": _paths(steps), "step_model": _beside(steps, outcomes, batch.text("model"))}
    return {name: values for name, values in out.items() if np.isfinite(values).any()} | {
        name: values for name, values in labels.items() if any(v is not None for v in values)
    }


def _retries(steps: Steps, batch: Batch) -> np.ndarray:
    """1 where a step did a failed one again, NaN where its trace does not tell retries; (steps,)."""
    known = np.isfinite(batch.numbers("retries"))[steps.row]
    return np.where(known, np.isfinite(steps.numbers("retry_of")), np.nan)


def _paths(steps: Steps) -> np.ndarray:
    """The names of each trace's steps in their order, the same one after another once; None without steps; object, (n,)."""
    out = np.full(steps.n, None, object)
    for row, names in _by_trace(steps, steps.texts("name")):
        kept = [name for name, before in zip(names, [None, *names[:-1]], strict=True) if name != before]
        shown = [_short(name) for name in kept[:_LONGEST_PATH]] + ["…"] * (len(kept) > _LONGEST_PATH)
        out[row] = " → ".join(shown)
    return out


def _rare_order(steps: Steps, tools: np.ndarray, context: Context) -> np.ndarray:
    """Whether two of the trace's tools ran, first run by first run, in the order that is the rarer one of that day so far; NaN with
    fewer than two tools; (n,)."""
    seen: Counter[tuple[str, str]] = context.extra.setdefault("tool_orders", Counter())  # type: ignore[assignment]
    names = steps.texts("name")
    ran: dict[int, dict[str, None]] = {}
    for at in np.flatnonzero(tools).tolist():
        ran.setdefault(int(steps.row[at]), {})[names[at] or ""] = None
    pairs = {row: list(combinations(list(first)[:_MOST_IN_ORDER], 2)) for row, first in ran.items() if len(first) > 1}
    for found in pairs.values():
        seen.update(found)
    out = np.full(steps.n, np.nan)
    for row, found in pairs.items():
        out[row] = float(any(seen[a, b] < seen[b, a] for a, b in found))
    return out


def _beside(steps: Steps, outcomes: np.ndarray, answering: list[str | None]) -> np.ndarray:
    """The models that each trace used beside the one that answered, each with the name of its step: a planner's, an embedder's.

    None where there is none; object, (n,).
    """
    out = np.full(steps.n, None, object)
    models = steps.texts("model")
    with_model = np.flatnonzero((models != None) & (outcomes == OK))  # noqa: E711
    names = steps.texts("name")
    found: dict[int, set[str]] = {}
    for at in with_model.tolist():
        row = int(steps.row[at])
        if models[at] != answering[row]:
            found.setdefault(row, set()).add(f"{_short(names[at])}: {_short(models[at])}")
    for row, said in found.items():
        out[row] = ", ".join(sorted(said)[:_MOST_MODELS])
    return out


def _by_trace(steps: Steps, values: np.ndarray) -> Iterator[tuple[int, list[str | None]]]:
    rows, first = np.unique(steps.row, return_index=True)
    for row, begin, end in zip(rows.tolist(), first.tolist(), [*first[1:].tolist(), len(steps)], strict=True):
        yield row, values[begin:end].tolist()


def _short(name: str | None) -> str:
    return " ".join((name or "?").split())[:_LONGEST_NAME]


def _share(seconds: np.ndarray, latency: np.ndarray) -> np.ndarray:
    """At most 1, for steps that run side by side together take longer than their request."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(latency > 0, np.minimum(seconds / latency, 1.0), np.nan)


def _models(steps: Steps, calls: np.ndarray) -> Measured:
    asked, served = steps.texts("asked_model"), steps.texts("model")
    other = np.array(
        [
            np.nan if not a or not s else float(not _is_variant(a, s)) if call else np.nan
            for a, s, call in zip(asked, served, calls, strict=True)
        ]
    )
    given, made = (steps.sums(steps.numbers(f"{side}_tokens"), calls) for side in ("input", "output"))
    read, thought = (steps.sums(steps.numbers(f"{part}_tokens"), calls) for part in ("cache_read", "reasoning"))
    with np.errstate(divide="ignore", invalid="ignore"):
        hit, reasoning = np.where(given > 0, read / given, np.nan), np.where(made > 0, thought / made, np.nan)
    return {"other_model": steps.any(other, calls), "cache_hit": hit, "reasoning_share": reasoning}


def _is_variant(asked: str, served: str) -> bool:
    """Whether one name is the other with a date, a provider before it or a region: `gpt-4o` and `openai/gpt-4o-2024-08-06`."""
    a, b = (name.lower().rpartition("/")[2].rpartition(".")[2] or name.lower() for name in (asked, served))
    return a in served.lower() or b in asked.lower()


def _outside(steps: Steps, seconds: np.ndarray, latency: np.ndarray) -> np.ndarray:
    """Seconds of each trace in which no step ran; NaN where the time of any step is unknown; (n,)."""
    start = steps.numbers("start_s")
    known = np.isfinite(start) & np.isfinite(seconds)
    whole_traces = np.bincount(steps.row, ~known, steps.n) == 0
    any_steps = np.bincount(steps.row, minlength=steps.n) > 0
    begin, end = np.where(known, start, 0.0), np.where(known, start + seconds, 0.0)
    order = np.lexsort((begin, steps.row))
    begin, end, rows = begin[order], end[order], steps.row[order]
    # the places of the ends in order, each trace's above those of the trace before it, so that one pass tells how far its steps reach so
    # far; of the times themselves a sum would round otherwise in another batch
    by_end = np.argsort(end, kind="stable")
    place = np.empty(len(end), np.int64)
    place[by_end] = np.arange(len(end))
    furthest = np.maximum.accumulate(place + rows * len(end))[:-1]
    same = rows[1:] == rows[:-1]
    reached = np.full(len(end), -np.inf)
    reached[1:][same] = end[by_end[(furthest - rows[:-1] * len(end))[same]]]
    busy = np.bincount(rows, np.maximum(end - np.maximum(begin, reached), 0.0), steps.n)
    return np.where(any_steps & whole_traces & np.isfinite(latency), np.maximum(latency - busy, 0.0), np.nan)
