"""How long the texts are, and whether the answer is there, whole and not a loop. What it is written as: `format`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import language, words
from drift.features.batch import Batch, Context, Measured

CUT_SHORT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"})
TOOL_TURN = frozenset({"tool_calls", "tool_use", "function_call", "tool_call"})


def measure(batch: Batch, context: Context) -> Measured:
    """Lengths of input and output, `empty`, `truncated`, `repetition`.

    Tokens are those the store counted; where it did not they are unknown, for an estimate would drift with its tokenizer.
    """
    output = batch.flat("output")
    return {
        "input_characters": batch.characters("input"),
        "input_tokens": batch.numbers("input_tokens"),
        "output_characters": batch.characters("output"),
        "output_tokens": batch.numbers("output_tokens"),
        "output_words": words.count(
            batch.column("output"), output, np.equal(language.sure(batch, "output"), "en").astype(bool)
        ),
        "empty": empty(batch),
        "truncated": truncated(batch),
    }


def empty(batch: Batch) -> np.ndarray:
    """1 where the answer has no visible character; unknown where there was none to give (an error, a tool's turn)."""
    blank = pc.equal(pc.utf8_trim_whitespace(batch.column("output")), "").to_numpy(zero_copy_only=False)
    exempt = batch.known("error") | ended(batch, TOOL_TURN)
    return np.where(batch.known("output") & ~(exempt & (blank == True)), blank == True, np.nan)  # noqa: E712


def truncated(batch: Batch) -> np.ndarray:
    """1 where the model stopped at its limit by its own finish reason; unknown where the store has no finish reason."""
    return np.where(batch.known("finish_reason"), ended(batch, CUT_SHORT), np.nan)


def ended(batch: Batch, reasons: frozenset[str]) -> np.ndarray:
    """Whether the finish reason of each trace is one of these, in whatever case; bool, shape (n,)."""
    given = pc.utf8_lower(pc.utf8_slice_codeunits(batch.column("finish_reason"), 0, 40))
    return pc.is_in(given, pa.array(sorted(reasons), given.type)).to_numpy(zero_copy_only=False).astype(bool)
