"""What an agent did on its way: tool calls, failures, steps, loops."""

from __future__ import annotations

import numpy as np

from drift.features.batch import Batch, Context, Measured
from drift.features.scores import safe_name
from drift.metrics import TOOL_SCHEMA

# tools whose schema is followed
MOST_TOOLS = 20


def measure(batch: Batch, context: Context) -> Measured:
    """`model_calls`, `tool_calls`, `steps`, and among requests that called a tool `tool_failure`, `tool_loop`, `call_not_offered` and `bad_arguments`;
    `tool_schema.<tool>`, the hash of the schema with which it was offered."""
    calls = batch.numbers("tool_calls")
    return _schemas(batch, context) | {
        "call_not_offered": _among_callers(calls, batch.numbers("calls_not_offered")),
        "bad_arguments": _among_callers(calls, batch.numbers("calls_bad_arguments")),
        "model_calls": batch.numbers("n_generations"),
        "tool_calls": calls,
        "steps": batch.numbers("steps"),
        "tool_failure": _among_callers(calls, batch.numbers("tool_errors")),
        "tool_loop": _among_callers(calls, batch.numbers("repeated_tool_calls")),
    }


def _schemas(batch: Batch, context: Context) -> Measured:
    """Labels by tool, of requests that were offered it; (n,) each."""
    offered = batch.key("offered_tools").to_pylist() if batch.known("offered_tools").any() else []
    followed: dict[str, str] = context.extra.setdefault("offered_tools", {})  # type: ignore[assignment]
    out: dict[str, np.ndarray] = {}
    for row, tools in enumerate(offered):
        for tool in tools or ():
            name, _, version = tool.rpartition("@")
            if name not in followed:
                followed[name] = safe_name(name) if len(followed) < MOST_TOOLS else ""
            if safe := followed[name]:
                out.setdefault(f"{TOOL_SCHEMA}{safe}", np.full(len(batch), None, object))[row] = version
    return dict(out)


def _among_callers(calls: np.ndarray, events: np.ndarray) -> np.ndarray:
    called = (calls > 0) | (events > 0)
    return np.where(called & ~np.isnan(events), events > 0, np.nan)
