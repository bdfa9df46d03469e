"""The language of input and output: plain English by its commonest words, the rest by Compact Language Detector 2 (pycld2).

Unknown where the detector is unsure, as on a name, a number or a word or two. `python -m benchmarks.language` prints how
right this is and how fast.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pycld2

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.tokens import Tokens, among, tally, word_set

CHARACTERS = 100
_ALIAS = {"iw": "he", "jw": "jv", "nb": "no", "nn": "no", "zh-Hant": "zh", "sr-ME": "sr"}
# the detector takes no control characters and no code points that are never assigned
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]|[^\x00-\uffff]")

# words of no other large language, and all that make up a quarter of any English text
_ONLY_ENGLISH = """the and you your with that this these those are have has what which how from would should could there their
they been because about when where why its does please"""
_COMMON = word_set(
    _ONLY_ENGLISH + """ is to of for in can or be by we my if as will do it not but was were an on at i me so more also such
    other than into any all may some who only our a"""
)
_ENGLISH = word_set(_ONLY_ENGLISH)
_WORDS = 60


def measure(batch: Batch, context: Context) -> Measured:
    """`input_language`, `output_language`: ISO 639-1 codes, by the first 60 words or 100 characters."""
    return {f"{side}_language": languages(batch.key(side), batch.tokens(side)) for side in ("input", "output")}


def languages(texts: pa.Array, words: Tokens) -> np.ndarray:
    """The language of each text, None where unsure; object, shape (n,). words: the tokens of the texts."""
    out = np.full(len(texts), None, object)
    english = plainly_english(words)
    out[english] = "en"
    rest = np.flatnonzero(~english)
    out[rest] = detect(ngrams.beginnings(texts.take(pa.array(rest)), CHARACTERS).to_pylist())
    return out


def plainly_english(words: Tokens) -> np.ndarray:
    """Whether the first 60 words leave no doubt: at least two, and 5 %, that only English has, and 20 % of its commonest; bool,
    shape (n,). Only a short cut past the detector, which takes ten times as long."""
    first = words.first(_WORDS)
    only, common = tally(among(first, _ENGLISH), first), tally(among(first, _COMMON), first)
    return (only >= 2) & (only >= 0.05 * first.counts) & (common >= 0.2 * first.counts)


def detect(texts: list[str | None]) -> np.ndarray:
    """The language of each text's first 100 characters by the detector, None where unsure; object, shape (n,)."""
    return np.array([_one(text[:CHARACTERS]) if text else None for text in texts], object)


def _one(text: str) -> str | None:
    try:
        reliable, _, found = pycld2.detect(text, isPlainText=True)
    except pycld2.error:
        reliable, _, found = pycld2.detect(_REFUSED.sub(" ", text), isPlainText=True)
    code = found[0][1]
    return _ALIAS.get(code, code) if reliable and code != "un" else None
