"""The language of input and output: plain English by its commonest words, the rest by Compact Language Detector 2 (pycld2).

Unknown where the detector is unsure, as on a name, a number or a word or two. A short text looks like many languages: a guess
at one is kept aside, and holds (`settle`) only where the day's longer texts show that the application speaks that language.
`python -m benchmarks.language` prints how right this is and how fast.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pycld2

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.tokens import Tokens, among, tally, word_set

SIDES = ("input", "output")
CHARACTERS = 100
_ALIAS = {"iw": "he", "jw": "jv", "nb": "no", "nn": "no", "zh-Hant": "zh", "sr-ME": "sr"}
# the detector takes no control characters and no code points that are never assigned
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]|[^\x00-\uffff]")

# bytes of letters from which on the detector is right: of languages alone in their script, of languages with many speakers, of others
_ALONE = frozenset(("ja", "ko", "th", "el", "he", "ka", "hy", "ta", "te", "ml", "kn", "gu", "pa", "si", "km", "lo", "my", "am"))
_LARGE = frozenset(
    ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "hr", "sr", "sl", "lt",
     "lv", "et", "tr", "ru", "uk", "ar", "fa", "hi", "bn", "ur", "id", "ms", "vi", "zh", "ca")
)  # fmt: skip
_ENOUGH_ALONE, _ENOUGH_LARGE, _ENOUGH = 9, 40, 64
# the application speaks a language that so many of its longer texts are in, and a share of them
_SPOKEN, _SPOKEN_SHARE = 2, 0.005
# of fewer longer texts the guesses count, if at languages with many speakers: a name that many answers give on a day is one guess,
# repeated (6 % of a day's are at Danish, 12 % at Esperanto in RealTime QA, whose answers are English)
_FEW, _GUESSED_SHARE = 20, 0.1

# words of no other large language, and all that make up a quarter of any English text
_ONLY_ENGLISH = """the and you your with that this these those are have has what which how from would should could there their
they been because about when where why its does please"""
_COMMON = word_set(
    _ONLY_ENGLISH
    + """ is to of for in can or be by we my if as will do it not but was were an on at i me so more also such
    other than into any all may some who only our a"""
)
_ENGLISH = word_set(_ONLY_ENGLISH)
_WORDS = 60


def measure(batch: Batch, context: Context) -> Measured:
    """`input_language`, `output_language`: ISO 639-1 codes, by the first 60 words or 100 characters; `_input_language` and
    `_output_language`: of a text too short to be sure, the guess."""
    columns: Measured = {}
    for side in SIDES:
        columns[f"{side}_language"], columns[f"_{side}_language"] = _of(batch, side)
    return columns


def sure(batch: Batch, side: str) -> np.ndarray:
    """The language of each text of a side, None where unsure or too short to be sure; object, shape (n,)."""
    return _of(batch, side)[0]


def _of(batch: Batch, side: str) -> tuple[np.ndarray, np.ndarray]:
    return batch.once(f"{side}_language", lambda: languages(batch.key(side), batch.tokens(side)))


def languages(texts: pa.Array, words: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """The language of each text, None where unsure, and a guess at it for the short ones, None for the others; object, shape (n,).

    words: the tokens of the texts.
    """
    sure, guess = np.full(len(texts), None, object), np.full(len(texts), None, object)
    english = plainly_english(words)
    sure[english] = "en"
    rest = np.flatnonzero(~english)
    sure[rest], guess[rest] = detect(ngrams.beginnings(texts.take(pa.array(rest)), CHARACTERS).to_pylist())
    return sure, guess


def plainly_english(words: Tokens) -> np.ndarray:
    """Whether the first 60 words leave no doubt: at least two, and 5 %, that only English has, and 20 % of its commonest; bool,
    shape (n,). Only a short cut past the detector, which takes ten times as long."""
    first = words.first(_WORDS)
    only, common = tally(among(first, _ENGLISH), first), tally(among(first, _COMMON), first)
    return (only >= 2) & (only >= 0.05 * first.counts) & (common >= 0.2 * first.counts)


def detect(texts: list[str | None]) -> tuple[np.ndarray, np.ndarray]:
    """As `languages`, by the detector alone and each text's first 100 characters."""
    sure, guess = np.full(len(texts), None, object), np.full(len(texts), None, object)
    for i, text in enumerate(texts):
        if text:
            code, size = _one(text[:CHARACTERS])
            if code is not None:
                (sure if size >= _enough(code) else guess)[i] = code
    return sure, guess


def settle(day: pa.Table, holds: Mapping[str, Sequence[str]]) -> dict[str, pa.ChunkedArray]:
    """The languages of a day's features with the guesses that hold (`spoken`); the same again on its own result."""
    none = pa.scalar(None, pa.string())
    out = {}
    for side in _sides(day):
        found, guesses = _texts(day, f"{side}_language"), _texts(day, f"_{side}_language")
        kept = pc.if_else(pc.is_in(guesses, pa.array(holds.get(side, []), pa.string())), guesses, none)
        out[f"{side}_language"] = pc.if_else(pc.is_null(guesses), found, kept)
    return out


def counts(part: pa.Table) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """By side, how many texts are in a language for sure, and by a guess."""
    out = {}
    for side in _sides(part):
        found, guesses = _texts(part, f"{side}_language"), _texts(part, f"_{side}_language")
        out[side] = _counts(pc.filter(found, pc.is_null(guesses))), _counts(guesses)
    return out


def spoken(languages: Mapping[str, tuple[Counter[str], Counter[str]]]) -> dict[str, list[str]]:
    """By side, the languages that the application speaks, by the `counts` of a whole day."""
    elsewhere = [code for sure, _ in languages.values() for code in _often(sure)]
    return {side: _spoken(sure, guessed, elsewhere) for side, (sure, guessed) in languages.items()}


def _sides(day: pa.Table) -> list[str]:
    there = set(day.column_names)
    return [side for side in SIDES if {f"{side}_language", f"_{side}_language"} <= there]


def _texts(day: pa.Table, name: str) -> pa.ChunkedArray:
    return day.column(name).cast(pa.string())


def _spoken(sure: dict[str, int], guessed: dict[str, int], elsewhere: list[str]) -> list[str]:
    """What a side speaks: by its longer texts; where these are few, by its guesses and the longer texts of the other side."""
    total = sum(sure.values())
    if total >= _FEW:
        return _often(sure)
    total += sum(guessed.values())
    together = {code: sure.get(code, 0) + guessed.get(code, 0) for code in {*sure, *guessed}}
    often = (code for code, n in together.items() if n >= _SPOKEN and n >= _GUESSED_SHARE * total)
    return [*elsewhere, *(code for code in often if code in _LARGE or code in _ALONE)]


def _often(sure: dict[str, int]) -> list[str]:
    total = sum(sure.values())
    return [code for code, n in sure.items() if n >= _SPOKEN and n >= _SPOKEN_SHARE * total]


def _counts(column: pa.ChunkedArray) -> Counter[str]:
    return Counter({pair["values"]: pair["counts"] for pair in pc.value_counts(pc.drop_null(column)).to_pylist()})


def _enough(code: str) -> int:
    return _ENOUGH_ALONE if code in _ALONE else _ENOUGH_LARGE if code in _LARGE else _ENOUGH


def _one(text: str) -> tuple[str | None, int]:
    """The detector's language, None where it says that it is unsure, and the bytes of letters that it read."""
    try:
        reliable, size, found = pycld2.detect(text, isPlainText=True)
    except pycld2.error:
        reliable, size, found = pycld2.detect(_REFUSED.sub(" ", text), isPlainText=True)
    code = _ALIAS.get(found[0][1], found[0][1])
    # what is no language has a longer code, or "un"
    return (code, size) if reliable and len(code) == 2 and code != "un" else (None, size)
