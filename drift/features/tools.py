"""What an agent did on its way: tool calls, failures, steps, loops."""

from __future__ import annotations

import numpy as np

from drift.features.batch import Batch, Context, Measured


def measure(batch: Batch, context: Context) -> Measured:
    """`tool_calls`, `steps`, and among requests that called a tool `tool_failure` and `tool_loop`."""
    calls = batch.numbers("tool_calls")
    return {
        "tool_calls": calls,
        "steps": batch.numbers("steps"),
        "tool_failure": _among_callers(calls, batch.numbers("tool_errors")),
        "tool_loop": _among_callers(calls, batch.numbers("repeated_tool_calls")),
    }


def _among_callers(calls: np.ndarray, events: np.ndarray) -> np.ndarray:
    called = (calls > 0) | (events > 0)
    return np.where(called & ~np.isnan(events), events > 0, np.nan)
