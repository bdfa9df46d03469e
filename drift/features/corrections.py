"""Whether a user's turn corrects the answer before it: “no, I meant …”, “the date is wrong”, “you forgot the tax”.

A model of the turn's beginning in twelve languages (`training/corrections.py`, `docs/models/corrections.md`). What is said of one's
own things (“there is an error in my invoice”) is a question, and “no, thanks” an answer. An input that is surely in another language is unknown.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import language, ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat, whole
from drift.features.short import Reading
from drift.features.tokens import tokens

READING = Reading(head=100, lengths=(60, 120, 250), unlikely=-6.0)
LANGUAGES = frozenset(("en", "de", "fr", "es", "it", "pt", "ja", "zh", "nl", "ru", "pl", "ko"))
_ROWS = 32_768
# “no” and its like by themselves answer a question as often as they correct
_ONE_SHORT_WORD = r"^\W*[A-Za-zÀ-ÿ]{1,3}\W*$"


def corrections(inputs: pa.Array | pa.ChunkedArray | list[str | None], spoken: np.ndarray | None = None) -> np.ndarray:
    """1 where the input begins by correcting the answer before it, 0 where not, NaN where null or surely in a language that the model
    does not know; float64, shape (n,). spoken: (n,) the `language.sure` of each input where somebody has it."""
    column = ngrams.column(inputs)
    model = ngrams.load("corrections")
    found = np.full(len(column), np.nan)
    for first in range(0, len(column), _ROWS):
        rows = whole(column.slice(first, _ROWS))
        known = rows.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        alone = pc.match_substring_regex(rows, _ONE_SHORT_WORD).fill_null(False).to_numpy(zero_copy_only=False)
        corrects = (READING.scores(model, "correction", rows) > 0) & ~alone
        codes = language.languages(rows, tokens(Flat.of(rows)))[0] if spoken is None else spoken[first : first + len(rows)]
        elsewhere = np.array([code is not None and code not in LANGUAGES for code in codes], bool)
        found[first : first + len(rows)] = np.where(known & ~elsewhere, corrects, np.nan)
    return found


def measure(batch: Batch, context: Context) -> Measured:
    return {"correction": corrections(batch.column("input"), language.sure(batch, "input"))}
