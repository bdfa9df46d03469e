"""Fit the models of short texts (`drift.features.short`), and put together the sentences that they learn from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from drift.features import characters, ngrams
from drift.features.flat import Flat
from drift.features.short import BITS, Reading
from training import injection_ordinary as ordinary
from training.injection_grammar import filled
from training.injection_languages import LANGUAGES

DENSE = ("ja", "zh")
# how freely weights may grow
_STRENGTH = 10.0


def design(reading: Reading, texts: Sequence[str]) -> csr_matrix:
    """What the model weighs of each text, shape (n, 2·2**BITS + lengths): words, characters, lengths."""
    column = ngrams.column(list(texts))
    seen = Flat.of(reading.beginnings(column))
    words = ngrams.terms(seen, BITS)
    size = csr_matrix(reading.longer(column).astype(float))
    return hstack([_even(words.rows, words.ids, words.counts), vstack([*_spelt(seen)]), size], format="csr")


def _spelt(seen: Flat) -> Iterator[csr_matrix]:
    for piece in characters.pieces(seen, BITS):
        at, ids = (np.concatenate(each) for each in zip(*piece.grams(), strict=True))
        yield _even(np.searchsorted(piece.offsets, at, "right") - 1, ids, piece.counts)


def _even(rows: np.ndarray, ids: np.ndarray, counts: np.ndarray) -> csr_matrix:
    """Terms as columns, each divided by the root of how many its text has."""
    return csr_matrix((1 / np.sqrt(counts[rows]), (rows, ids)), (len(counts), 1 << BITS))


def fit(name: str, x: csr_matrix, y: np.ndarray, weight: np.ndarray, shift: float) -> dict[str, ngrams.LinearModel]:
    """The two parts of the model `name`. shift: log odds added to it."""
    found = LogisticRegression(C=_STRENGTH, max_iter=400).fit(x, y, sample_weight=weight)
    size = 1 << BITS
    words, spelt, lengths = np.split(found.coef_[0].astype(np.float32), [size, 2 * size])
    return {
        name: ngrams.LinearModel(words, lengths, float(found.intercept_[0]) + shift),
        f"{name}_characters": ngrams.LinearModel(spelt, np.zeros(0, np.float32), 0.0),
    }


def ended(text: str, dense: bool, chance: random.Random) -> str:
    """The text with the punctuation that a person may end it with."""
    way = chance.random()
    if way < 0.25:
        return text.rstrip(".!?。？！")
    if way < 0.4 and text[-1].isalnum():
        return text + ("。" if dense else ".")
    return text + "!" if way < 0.45 else text


def questions(data: Path) -> list[str]:
    """Ordinary questions of users: of CLINC150, HaluEval, OASST, and of our own in many languages."""
    chance = random.Random(1)
    texts = [
        *pd.read_parquet(data / "intent_queries.parquet").text.drop_duplicates().sample(4000, random_state=0),
        *pd.read_parquet(data / "halueval_general.parquet").prompt.drop_duplicates().sample(2000, random_state=0),
        *pd.read_parquet(data / "oasst_reports.parquet").prompt.drop_duplicates(),
    ]
    own = [(text, ordinary.SLOTS) for text in (*ordinary.LOOKALIKES, *ordinary.REQUESTS, *ordinary.SLOTS["q"])]
    return [*texts, *(filled(text, slots, chance) for text, slots in own), *foreign()]


def foreign() -> list[str]:
    """Ordinary inputs of our own in languages other than English."""
    chance = random.Random(3)
    return [filled(text, language.slots, chance) for language in LANGUAGES for text in language.ordinary]
