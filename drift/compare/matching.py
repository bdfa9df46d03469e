"""Which rows of two sides answer the same input: by an id that both have, by the input's own text, last by its words.

An id is the user's word, but ids of two exports may be numbers that mean nothing to each other: where the inputs' texts say
otherwise, the texts are believed. A trace's number in its file is never an id (`drift.compare.files`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

# ids of an input in a set of inputs, and of a trace
IDS = ("prompt_id", "question_id", "item_id", "example_id")
TRACE = "trace_id"
# the text as it is, and a key of its words whatever their order, which is all that the lake keeps
EXACT = "_input_text"
WORDS = "_input_hash"
_LENGTH = "input_characters"
# sides of which at least this share has a partner are compared in pairs
_MATCHED = 0.5
_FEWEST = 5
_NAMES = {EXACT: "the text of their inputs", WORDS: f"{WORDS} (their words)"}


@dataclass(frozen=True)
class Key:
    """A way to tell which rows belong together. a, b: a value a row, null where it has none."""

    name: str
    a: pd.Series
    b: pd.Series

    @property
    def called(self) -> str:
        return _NAMES.get(self.name, self.name)

    @property
    def matched(self) -> float:
        """The smaller of the two sides' shares of rows that have a partner."""
        shared = set(self.a.dropna()) & set(self.b.dropna())
        if not len(self.a) or not len(self.b):
            return 0.0
        return float(min(self.a.isin(shared).mean(), self.b.isin(shared).mean()))

    @property
    def enough(self) -> bool:
        return self.matched >= _MATCHED and len(set(self.a.dropna()) & set(self.b.dropna())) >= _FEWEST


def named(left: pd.DataFrame, right: pd.DataFrame, column: str) -> Key:
    """The key that is the column itself."""
    return Key(column, left[column], right[column])


def find(left: pd.DataFrame, right: pd.DataFrame, *, asked: bool) -> Key | None:
    """The first key by which at least half of both sides have a partner; None where there is none.

    asked: the sides are said to have the same inputs, so the best key that there is will do.
    """
    texts = [key for key in _texts(left, right) if asked or key.enough]
    ids = [named(left, right, name) for name in (*IDS, TRACE) if name in left and name in right]
    believed = [key for key in ids if not any(text.enough and _contradicts(text, key) for text in texts)]
    keys = [*believed, *texts]
    first = next((key for key in keys if key.enough), None)
    if first is not None or not asked:
        return first
    return max((key for key in keys if key.matched), key=lambda key: key.matched, default=None)


def _texts(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[Key]:
    if EXACT in left and EXACT in right:
        yield named(left, right, EXACT)
    if WORDS in left and WORDS in right:
        if _LENGTH in left and _LENGTH in right:
            # the same words in another order are mostly another input of another length
            yield Key(WORDS, *(_joined(frame) for frame in (left, right)))
        yield named(left, right, WORDS)


def _joined(frame: pd.DataFrame) -> pd.Series:
    known = frame[WORDS].notna() & frame[_LENGTH].notna()
    return (frame[WORDS].astype(str) + " " + frame[_LENGTH].astype(str)).where(known)


def _contradicts(text: Key, key: Key) -> bool:
    """Whether most rows that the key brings together have other texts."""
    sides = [pd.DataFrame({"key": k, "text": t}).dropna().drop_duplicates("key") for k, t in ((key.a, text.a), (key.b, text.b))]
    both = sides[0].merge(sides[1], on="key")
    return bool(len(both)) and float(np.mean(both["text_x"] != both["text_y"])) > 1 - _MATCHED
