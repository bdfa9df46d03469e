"""The tone of answers and of what users write: sentiment and toxicity by the words of English, and similarity to known harmful patterns.

Sentiment is VADER's (Hutto & Gilbert, 2014): valence of words, turned by a negation up to three words before. Toxicity is
the probability that alt-profanity-check gives offensive language. Their tables come from PyPI by `training/tone.py`; here
they are looked up for all answers at once. A classifier of one's own is a custom metric.

Both are unknown for an answer that is not surely English, as they know no other words, and for one of fewer than five words;
toxicity also where it knows fewer than two of them, as its number then says more of the length than of the tone. Of a day of which few
texts are in English, nothing is told (`untold`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from drift.features import language, senses
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
LANGUAGES = frozenset({"en"})
_FEWEST, _FEWEST_KNOWN = 5, 2
_METRICS = {"output": ("sentiment", "toxicity"), "input": ("input_sentiment", "input_toxicity")}
# the share of a day's texts in English from which their tone is the application's
_SPOKEN = 0.2


@dataclass(frozen=True)
class Table:
    """Numbers by word. hashes: uint64, shape (words,). numbers: float32, shape (words, numbers).

    index: uint16, shape (2^18,); by the first bits of a hash its place among the words, one up, 0 where no word has them.
    """

    hashes: np.ndarray
    numbers: np.ndarray
    index: np.ndarray

    @classmethod
    def of(cls, words: bytes, *numbers: np.ndarray) -> Table:
        """Words on lines of their own, and for each word its numbers, to which is added whether it has two senses."""
        found = tokens(Flat.of(pa.array(words.decode().split("\n"))))
        # a word that the tokeniser takes apart has no place
        whole = np.flatnonzero(found.counts == 1)
        keys = found.hashes[found.offsets[whole]]
        index = np.zeros(1 << _PLACES, np.uint16)
        index[_places(keys)] = np.arange(1, len(keys) + 1)
        columns = [*(given[whole] for given in numbers), senses.two_senses(keys)]
        return cls(keys, np.column_stack(columns).astype(np.float32), index)

    def look_up(self, parts: Tokens, likely: np.ndarray, places: np.ndarray) -> Found:
        """The tokens that are in the table. likely, places: which tokens can be, and their places in the index."""
        word = self.index.take(places).astype(np.int64) - 1
        same = np.flatnonzero(self.hashes[word] == parts.hashes[likely])
        return Found(likely[same], self.numbers.take(word[same], axis=0))


@dataclass(frozen=True)
class Found:
    """at: which tokens are in a table, int64, ascending, shape (found,). numbers: theirs, shape (found, numbers)."""

    at: np.ndarray
    numbers: np.ndarray

    def in_their_senses(self, answers: Tokens) -> Found:
        """Without the weight of words in a plain sense: they are words of the answer, but say nothing. Of tables whose last two
        numbers are the weight and whether the word has two senses."""
        asked = np.flatnonzero(self.numbers[:, -1])
        plain = asked[senses.plain(answers, self.at[asked])]
        numbers = self.numbers[:, :-1]
        numbers[plain, -1] = 0.0
        return Found(self.at, numbers)


def look_up(answers: Tokens) -> tuple[Found, ...]:
    """The answers' tokens in each table: words with a valence, negations, words with a share in offensive language."""
    tables, kinds, *_ = _tables()
    places = _places(answers.hashes)
    kind = kinds.take(places)
    known = np.flatnonzero(kind > 0)
    kind, places = kind[known], places[known]
    at = [np.flatnonzero(kind & (1 << bit) > 0) for bit in range(len(tables))]
    valences, negations, offensive = (
        table.look_up(answers, known[some], places[some]) for table, some in zip(tables, at, strict=True)
    )
    return valences.in_their_senses(answers), negations, offensive.in_their_senses(answers)


def sentiment(answers: Tokens) -> np.ndarray:
    """VADER's compound score, −1 to 1, 0 for an answer without such words, NaN below five words; shape (n,).

    compound = S/√(S² + 15·max(1, words/15)) with S the sum of valences: VADER's own for a sentence, and for a longer
    answer that of an average sentence rather than a sum that any long text drives to ±1.
    """
    return _sentiment(answers, *look_up(answers)[:2])


def _sentiment(answers: Tokens, words: Found, negations: Found) -> np.ndarray:
    turned = np.zeros(len(answers.hashes) + _NEGATION_REACH, bool)
    for step in range(1, _NEGATION_REACH + 1):
        reached = np.minimum(negations.at + step, len(answers.rows) - 1)
        # a negation at an answer's end says nothing of the next answer
        turned[negations.at + step] = answers.rows[reached] == answers.rows[negations.at]
    valence = words.numbers[:, 0] * np.where(turned[words.at], _NEGATION, 1.0)
    total = np.bincount(answers.rows[words.at], valence, len(answers.counts))
    scale = _ALPHA * np.maximum(1, answers.counts / _SENTENCE)
    return np.where(answers.counts >= _FEWEST, total / np.sqrt(total**2 + scale), np.nan)


def toxicity(answers: Tokens) -> np.ndarray:
    """Probability of offensive language, 0 to 1, NaN below five words or two that the model knows; shape (n,).

    A word counts as often as it is said.
    """
    return _toxicity(answers, look_up(answers)[2])


def _toxicity(answers: Tokens, words: Found) -> np.ndarray:
    *_, bias, slope, shift = _tables()
    rows, n = answers.rows[words.at], len(answers.counts)
    rarity, weight = words.numbers.T
    length = np.sqrt(np.bincount(rows, rarity**2, n))
    distance = np.bincount(rows, rarity * weight, n) / np.maximum(length, 1e-9) + bias
    enough = (answers.counts >= _FEWEST) & (np.bincount(rows, minlength=n) >= _FEWEST_KNOWN)
    return np.where(enough, 1 / (1 + np.exp(slope * distance + shift)), np.nan)


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
    measured: Measured = {}
    for side, prefix in (("output", ""), ("input", "input_")):
        measured[f"{prefix}sentiment"], measured[f"{prefix}toxicity"] = _tone(batch, side)
    if context.harmful_patterns:
        measured["harmful_similarity"] = harmful_similarity(batch.tokens("output"), list(context.harmful_patterns))
    return measured


def untold(languages: Mapping[str, tuple[Counter[str], Counter[str]]]) -> list[str]:
    """The metrics that say nothing of a day: of a side of which few texts are in English, by the counts of `language.counts`.

    The tone of the few is that of other users and of slips into English, and moves with who they are.
    """
    few: list[str] = []
    for side, names in _METRICS.items():
        sure = languages.get(side, (Counter(), Counter()))[0]
        known = sum(sure[code] for code in LANGUAGES)
        if sure.total() and known < _SPOKEN * sure.total():
            few += names
    return few


def _tone(batch: Batch, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Sentiment and toxicity of each text of a side, NaN where it is not surely English; shape (n,) each."""
    texts = batch.tokens(side)
    valences, negations, offensive = look_up(texts)
    said = np.isin(language.sure(batch, side), list(LANGUAGES))
    return (
        np.where(said, _sentiment(texts, valences, negations), np.nan),
        np.where(said, _toxicity(texts, offensive), np.nan),
    )


def _places(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(64 - _PLACES)).view(np.int64)


@cache
def _tables() -> tuple[tuple[Table, ...], np.ndarray, float, float, float]:
    """The tables; by place, a bit for each table that has a word there (uint8, which alone fits the processor's cache); and the
    numbers that make a probability of toxicity."""
    with np.load(MODEL) as stored:
        tables = (
            Table.of(stored["sentiment_words"].item(), stored["sentiment"]),
            Table.of(stored["negations"].item()),
            Table.of(stored["offensive_words"].item(), stored["rarity"], stored["weight"]),
        )
        bias, slope, shift = (float(stored[name]) for name in ("bias", "slope", "shift"))
        kinds = np.asarray(
            np.sum([(table.index > 0) * np.uint8(1 << bit) for bit, table in enumerate(tables)], axis=0, dtype=np.uint8)
        )
        return tables, kinds, bias, slope, shift
