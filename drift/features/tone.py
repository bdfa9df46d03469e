"""The tone of answers: sentiment and toxicity by the words of English, and similarity to known harmful patterns.

Sentiment is VADER's (Hutto & Gilbert, 2014): valence of words, turned by a negation up to three words before. Toxicity is
the probability that alt-profanity-check gives offensive language. Their tables come from PyPI by `training/tone.py`; here
they are looked up for all answers at once. A classifier of one's own is a custom metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat
from drift.features.tokens import Tokens, grams, tokens

MODEL = Path(__file__).parent / "models" / "tone.npz"
_PLACES = 18
_NEGATION = -0.74
_NEGATION_REACH = 3
# VADER's constant, meant for a sentence of about so many words
_ALPHA = 15.0
_SENTENCE = 15
_PATTERN = 3


@dataclass(frozen=True)
class Table:
    """Numbers by word. hashes: uint64, shape (2^18,), 0 where empty; rows: float32, shape (2^18, numbers).

    taken: bool, shape (2^18,); where hashes are. It alone fits the processor's cache.
    """

    hashes: np.ndarray
    rows: np.ndarray
    taken: np.ndarray

    @classmethod
    def of(cls, words: bytes, *numbers: np.ndarray) -> Table:
        """Words on lines of their own, and for each word its numbers."""
        found = tokens(Flat.of(pa.array(words.decode().split("\n"))))
        # a word that the tokeniser takes apart has no place
        whole = np.flatnonzero(found.counts == 1)
        keys = found.hashes[found.offsets[whole]]
        places = (keys >> np.uint64(64 - _PLACES)).astype(np.int64)
        hashes = np.zeros(1 << _PLACES, np.uint64)
        rows = np.zeros((1 << _PLACES, max(len(numbers), 1)), np.float32)
        hashes[places] = keys
        rows[places] = np.column_stack([given[whole] for given in numbers]) if numbers else 1.0
        return cls(hashes, rows, hashes > 0)

    def look_up(self, parts: Tokens) -> tuple[np.ndarray, np.ndarray]:
        """Which tokens are in the table (int64 places among them) and their numbers, shape (found, numbers)."""
        places = (parts.hashes >> np.uint64(64 - _PLACES)).astype(np.int64)
        likely = np.flatnonzero(self.taken[places])
        at = likely[self.hashes[places[likely]] == parts.hashes[likely]]
        return at, self.rows[places[at]]


def sentiment(answers: Tokens) -> np.ndarray:
    """VADER's compound score, −1 to 1, 0 for an answer without such words, NaN without words; shape (n,).

    compound = S/√(S² + 15·max(1, words/15)) with S the sum of valences: VADER's own for a sentence, and for a longer
    answer that of an average sentence rather than a sum that any long text drives to ±1.
    """
    table, negations, *_ = _tables()
    at, valence = table.look_up(answers)
    negated, _ = negations.look_up(answers)
    turned = np.zeros(len(answers.hashes) + _NEGATION_REACH, bool)
    row_of = np.append(answers.rows, np.full(_NEGATION_REACH, -1, answers.rows.dtype))
    for step in range(1, _NEGATION_REACH + 1):
        # a negation at an answer's end says nothing of the next answer
        turned[negated + step] = row_of[negated + step] == row_of[negated]
    rows = answers.rows[at]
    total = np.bincount(rows, valence[:, 0] * np.where(turned[at], _NEGATION, 1.0), len(answers.counts))
    scale = _ALPHA * np.maximum(1, answers.counts / _SENTENCE)
    return np.where(answers.counts > 0, total / np.sqrt(total**2 + scale), np.nan)


def toxicity(answers: Tokens) -> np.ndarray:
    """Probability of offensive language, 0 to 1, NaN without words; shape (n,). A word counts as often as it is said."""
    *_, table, bias, slope, shift = _tables()
    at, numbers = table.look_up(answers)
    rows, n = answers.rows[at], len(answers.counts)
    rarity = numbers[:, 0]
    length = np.sqrt(np.bincount(rows, rarity**2, n))
    distance = np.bincount(rows, rarity * numbers[:, 1], n) / np.maximum(length, 1e-9) + bias
    return np.where(answers.counts > 0, 1 / (1 + np.exp(slope * distance + shift)), np.nan)


def harmful_similarity(answers: Tokens, patterns: list[str]) -> np.ndarray:
    """The largest share of a pattern's word triples that the answer has, 0 to 1, NaN without words; shape (n,)."""
    said = grams(answers, _PATTERN)
    n = len(answers.counts)
    best = np.zeros(n)
    wanted = grams(tokens(Flat.of(pa.array(patterns, pa.string()))), _PATTERN)
    for first, last in zip(wanted.offsets[:-1], wanted.offsets[1:], strict=True):
        triples = np.unique(wanted.hashes[first:last])
        if not len(triples):
            continue
        at = np.flatnonzero(np.isin(said.hashes, triples))
        pairs = np.unique(np.stack([said.rows[at].astype(np.uint64), said.hashes[at]]), axis=1)
        best = np.maximum(best, np.bincount(pairs[0].astype(np.int64), minlength=n) / len(triples))
    return np.where(answers.counts > 0, best, np.nan)


def measure(batch: Batch, context: Context) -> Measured:
    answers = batch.tokens("output")
    measured = {"sentiment": sentiment(answers), "toxicity": toxicity(answers)}
    if context.harmful_patterns:
        measured["harmful_similarity"] = harmful_similarity(answers, list(context.harmful_patterns))
    return measured


@cache
def _tables() -> tuple[Table, Table, Table, float, float, float]:
    with np.load(MODEL) as stored:
        return (
            Table.of(stored["sentiment_words"].item(), stored["sentiment"]),
            Table.of(stored["negations"].item()),
            Table.of(stored["offensive_words"].item(), stored["rarity"], stored["weight"]),
            float(stored["bias"]),
            float(stored["slope"]),
            float(stored["shift"]),
        )
