"""How a request ended: error types, finish reason, retries and fallbacks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import traces
from drift.features.batch import Batch, Context, Measured

ERROR_TYPES = ("4xx", "rate_limit", "5xx", "timeout", "content_filter", "context_overflow", "other")

# providers' own words for one and the same end
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "complete": "stop",
    "completed": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "tool_call": "tool_calls",
    "safety": "content_filter",
    "refusal": "content_filter",
    "guardrail_intervened": "content_filter",
    "prohibited_content": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
}
_KNOWN = frozenset({"stop", "length", "tool_calls", "content_filter", "error", "cancelled"})


def measure(batch: Batch, context: Context) -> Measured:
    """`error`, `error_type`, `finish_reason`, `retried`, `fallback`; labels from a closed list, whatever the store says.

    Without an error a request went well, unless its source records none: then nothing is known.
    """
    blind = "error" in traces.unrecorded(batch.traces)
    return {
        "error": np.full(len(batch), np.nan) if blind else batch.known("error").astype(float),
        "error_type": pa.nulls(len(batch), pa.string()) if blind else _labels(batch.key("error"), error_type),
        "finish_reason": _labels(batch.key("finish_reason"), finish_reason),
        "retried": _above_zero(batch.numbers("retries")),
        "fallback": pc.cast(batch.column("fallback"), "float64").to_numpy(zero_copy_only=False),
    }


def _labels(values: pa.Array, label: Callable[[str | None], str | None]) -> pa.Array:
    """The label of each value; a column has few different ones, so each is named once."""
    codes = values.dictionary_encode()
    names = pa.array([*(label(value) for value in codes.dictionary.to_pylist()), label(None)], pa.string())
    return names.take(codes.indices.fill_null(len(names) - 1))


def error_type(kind: str | None) -> str:
    """One of `ERROR_TYPES`, "none" where there was no error."""
    if kind is None:
        return "none"
    return kind if kind in ERROR_TYPES else "other"


def finish_reason(reason: str | None) -> str | None:
    """One word for an end, as OpenAI calls it: stop, length, tool_calls, content_filter, error, cancelled, other."""
    if reason is None:
        return None
    word = reason[:40].strip().lower()
    word = _REASONS.get(word, word)
    return word if word in _KNOWN else "other"


def _above_zero(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.nan, values > 0)
