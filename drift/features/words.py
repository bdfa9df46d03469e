"""How many words a text has: what stands between spaces, and in scripts that put none between words, what ICU's dictionaries find.

Chinese, Japanese, Thai, Lao, Khmer and Burmese are cut by ICU (Unicode Standard Annex #29 with its dictionaries); Korean has spaces.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from drift.features import ngrams
from drift.features.flat import Flat

# a longer text is taken to go on as it began
_LONGEST = 20_000
_SCRIPTS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
# Thai and Lao, Burmese, Khmer, kana and CJK with their punctuation, full-width forms, rarer ideographs
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]+"
)


def count(texts: pa.Array | pa.ChunkedArray, flat: Flat, english: np.ndarray) -> np.ndarray:
    """Words of each text; float64, NaN where null, shape (n,).

    flat: the same texts. english: which are surely English, bool, shape (n,): a foreign name in them is a word.
    """
    words = flat.words().astype(float)
    (rows,) = np.nonzero(~english)
    some = texts.take(pa.array(rows))
    chosen = ngrams.found_in(some, _SCRIPTS)
    rows, some = rows[chosen], some.filter(pa.array(chosen)).to_pylist()
    if some:
        words[rows] = [words[row] if (found := _words(text)) is None else found for row, text in zip(rows, some, strict=True)]
    return np.where(flat.known, words, np.nan)


def _words(text: str) -> float | None:
    """Of a text that has one of these scripts; None where it has none."""
    begun = text[:_LONGEST]
    runs = _SPACELESS.findall(begun)
    if not runs:
        return None
    found = len(_SPACELESS.sub(" ", begun).split()) + _segments("\n".join(runs))
    return found * len(text) / len(begun)


def _segments(text: str) -> int:
    # a library of 40 MB, for those alone who need it
    from icu4py.breakers import WordBreaker

    return sum(text[start].isalnum() for start, _ in WordBreaker(text, "ja").segments())
