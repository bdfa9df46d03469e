"""Whether a user's turn corrects the answer before it: “no, I meant …”, “the date is wrong”, “you forgot the tax”.

A model of the turn's beginning in twelve languages (`training/corrections.py`, `docs/models/corrections.md`). What is said of one's
own things (“there is an error in my invoice”) is a question, and “no, thanks” an answer. An input in another language is none.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import whole
from drift.features.short import Reading

READING = Reading(head=100, lengths=(60, 120, 250), unlikely=-4.0)
_ROWS = 32_768
# “no” and its like by themselves answer a question as often as they correct
_ONE_SHORT_WORD = r"^\W*[A-Za-zÀ-ÿ]{1,3}\W*$"


def corrections(inputs: pa.Array | pa.ChunkedArray | list[str | None]) -> np.ndarray:
    """1 where the input begins by correcting the answer before it, 0 where not, NaN where null; float64, shape (n,)."""
    column = ngrams.column(inputs)
    model = ngrams.load("corrections")
    found = np.full(len(column), np.nan)
    for first in range(0, len(column), _ROWS):
        rows = whole(column.slice(first, _ROWS))
        known = rows.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        alone = pc.match_substring_regex(rows, _ONE_SHORT_WORD).fill_null(False).to_numpy(zero_copy_only=False)
        corrects = (READING.scores(model, "correction", rows) > 0) & ~alone
        found[first : first + len(rows)] = np.where(known, corrects, np.nan)
    return found


def measure(batch: Batch, context: Context) -> Measured:
    return {"correction": corrections(batch.column("input"))}
