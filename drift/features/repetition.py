"""Answers caught in a loop: the same words again and again."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat
from drift.features.tokens import Tokens, grams, tokens

_CHARACTERS = 4_000
_GRAM = 6
_FEWEST_GRAMS = 24
_REPEATED_SHARE = 0.5
# a batch has fewer than 2^14 texts
_ROW_BITS = np.uint64(50)


def measure(batch: Batch, context: Context) -> Measured:
    """`repetition`: 1 where at least half of the answer's word 6-grams have stood in it before.

    Read on the first 4,000 characters and, of a longer answer, on the last 4,000: a loop mostly runs to the end.
    """
    looped = repeats(batch.tokens("output"))
    lengths = pc.utf8_length(batch.column("output")).fill_null(0).to_numpy(zero_copy_only=False)
    long = np.flatnonzero(lengths > _CHARACTERS)
    if len(long):
        tails = pc.utf8_slice_codeunits(batch.column("output").take(long), -_CHARACTERS, 2**31 - 1)
        looped[long] |= repeats(tokens(Flat.of(tails)))
    return {"repetition": np.where(batch.known("output"), looped, np.nan)}


def repeats(words: Tokens) -> np.ndarray:
    """Whether at least half of a text's 6-grams of words are repeats, of at least 24; bool, shape (n,)."""
    found = grams(words, _GRAM)
    n = len(words.counts)
    # the row in the upper bits, so that one sort brings the repeats of every text together
    keys = np.sort((found.rows.astype(np.uint64) << _ROW_BITS) | (found.hashes >> (np.uint64(64) - _ROW_BITS)))
    same = np.flatnonzero(keys[1:] == keys[:-1])
    repeated = np.bincount((keys[same] >> _ROW_BITS).astype(np.int64), minlength=n)
    return (found.counts >= _FEWEST_GRAMS) & (repeated >= _REPEATED_SHARE * found.counts)
