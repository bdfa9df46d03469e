"""Answers caught in a loop: the same words, or the same few characters, again and again."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat
from drift.features.tokens import Tokens, different, grams, pairs, tokens

_CHARACTERS = 4_000
_GRAM = 6
_FEWEST_GRAMS = 24
_REPEATED_SHARE = 0.5
# a run of characters has few words: only then are the last ones compared, with themselves moved on by up to a period
_CHARACTERS_A_WORD = 20
_FEWEST_CHARACTERS = 200
_LONGEST_PERIOD = 32
# a batch has fewer than 2^14 texts
_ROW_BITS = np.uint64(50)


def measure(batch: Batch, context: Context) -> Measured:
    """`repetition`: 1 where at least half of the answer's word 6-grams have stood in it before, or its last 200 characters are
    one piece of at most 32 again and again.

    Read on the first 4,000 characters and, of a longer answer, on the last 4,000: a loop mostly runs to the end.
    """
    words = batch.tokens("output")
    looped = repeats(words)
    lengths = np.nan_to_num(batch.characters("output"))
    wordless = (lengths >= _FEWEST_CHARACTERS) & (lengths >= _CHARACTERS_A_WORD * words.counts)
    long = np.flatnonzero(lengths > _CHARACTERS)
    if len(long):
        tails = pc.utf8_slice_codeunits(batch.column("output").take(long), -_CHARACTERS, 2**31 - 1)
        words = tokens(Flat.of(tails))
        looped[long] |= repeats(words)
        wordless[long] = _CHARACTERS_A_WORD * words.counts <= _CHARACTERS
    rows = np.flatnonzero(wordless)
    looped[rows] |= stutters(batch.column("output").take(rows))
    return {"repetition": np.where(batch.known("output"), looped, np.nan)}


def stutters(texts: pa.Array) -> np.ndarray:
    """Whether the last 200 characters of each text are one piece of at most 32, again and again; bool, shape (n,)."""
    ends = pc.utf8_slice_codeunits(texts, -_FEWEST_CHARACTERS, 2**31 - 1).to_pylist()
    periods = range(1, _LONGEST_PERIOD + 1)
    return np.array([any(end[period:] == end[:-period] for period in periods) for end in ends], bool)


def repeats(words: Tokens) -> np.ndarray:
    """Whether at least half of a text's 6-grams of words are repeats, of at least 24; bool, shape (n,)."""
    out = np.zeros(len(words.counts), bool)
    most = (1 - _REPEATED_SHARE) * (words.counts - _GRAM + 1)
    # every different word begins a different gram, but for those of the last one; so does every pair: few texts have so few
    (suspects,) = np.nonzero((words.counts >= _FEWEST_GRAMS + _GRAM - 1) & (different(words) - (_GRAM - 1) <= most))
    some = words.of_texts(suspects)
    few = different(pairs(some)) - (_GRAM - 2) <= most[suspects]
    out[suspects[few]] = _half_repeats(some.of_texts(np.flatnonzero(few)))
    return out


def _half_repeats(words: Tokens) -> np.ndarray:
    """The same of texts with enough grams.

    A quarter of the grams, chosen by their hash, clears most texts: with half of the grams repeats, the different ones of the
    quarter are binomial with a mean of an eighth of all; a text with more than four standard deviations above has no loop.
    """
    found = grams(words, _GRAM)
    n = len(words.counts)
    rows, hashes = found.rows, found.hashes
    quarter = np.flatnonzero((hashes & np.uint64(3)) == 0)
    unlike = np.bincount(rows[quarter], minlength=n) - _repeated(rows[quarter], hashes[quarter], n)
    doubtful = unlike <= found.counts / 8 + 4 * np.sqrt(found.counts * 3 / 32)
    kept = np.flatnonzero(doubtful[rows])
    return doubtful & (_repeated(rows[kept], hashes[kept], n) >= _REPEATED_SHARE * found.counts)


def _repeated(rows: np.ndarray, hashes: np.ndarray, n: int) -> np.ndarray:
    """How many grams of each of n texts have stood in it before; int64, shape (n,)."""
    # the row in the upper bits, so that one sort brings the repeats of every text together
    keys = np.sort((rows.astype(np.uint64) << _ROW_BITS) | (hashes >> (np.uint64(64) - _ROW_BITS)))
    same = np.flatnonzero(keys[1:] == keys[:-1])
    return np.bincount((keys[same] >> _ROW_BITS).astype(np.int64), minlength=n)
