"""Patterns that a linear model weighs beside the words, looked for only in the texts where they can still change its decision.

A pattern costs a search of every text that it is asked of; the words alone, and the patterns that weigh most, settle most
texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from drift.features import ngrams

_NEARLY_ALL = 0.9
# whether each of some texts has the hint: their numbers, int64, ascending → bool of the same shape
Ask = Callable[[np.ndarray], np.ndarray]


class Asked:
    """Answers about n texts, each found once, when it is first asked for."""

    def __init__(self, find: Ask, n: int):
        self._find = find
        self._known = np.zeros(n, bool)
        self._found = np.zeros(n, bool)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        new = rows[~self._known[rows]]
        if len(new):
            self._found[new] = self._find(new)
            self._known[new] = True
        return self._found[rows]


@dataclass(frozen=True)
class Hints:
    """What is asked of n texts. ask: one a hint, in the order of the model's weights.

    searches: the hints, by their numbers, that the search for one pattern tells. free: those that cost next to nothing. A hint
    that is in neither is no.
    """

    ask: Sequence[Ask]
    searches: Sequence[Sequence[int]]
    free: Sequence[int]

    def all(self, n: int) -> np.ndarray:
        """Every hint of every text; bool, shape (n, hints)."""
        rows = np.arange(n)
        return np.column_stack([ask(rows) for ask in self.ask])

    def positive(self, model: ngrams.LinearModel, words: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Whether the model's score of each of some texts is above 0; bool, shape (rows,).

        words: what its words add to the score of each, shape (rows,). rows: numbers of the texts, int64, ascending.
        """
        weights = model.hints.astype(float)
        heaviest_first = sorted(self.searches, key=lambda hints: -np.abs(weights[list(hints)]).sum())
        order = [*self.free, *chain(*heaviest_first)]
        # the most and the least that the hints not asked for yet can add
        most = np.cumsum(np.maximum(weights[order], 0)[::-1])[::-1]
        least = np.cumsum(np.minimum(weights[order], 0)[::-1])[::-1]
        score = words + model.bias
        undecided = np.arange(len(rows))
        for hint, above, below in zip(order, most, least, strict=True):
            undecided = undecided[(score[undecided] + above > 0) & (score[undecided] + below <= 0)]
            if not len(undecided):
                break
            score[undecided[self.ask[hint](rows[undecided])]] += weights[hint]
        return score > 0


def search(texts: pa.Array, pattern: str) -> Ask:
    """The question whether texts have a pattern (RE2 syntax)."""

    def found(rows: np.ndarray) -> np.ndarray:
        # to search a few texts for nothing is faster than to copy all the others
        if len(rows) > _NEARLY_ALL * len(texts):
            return ngrams.found_in(texts, pattern)[rows]
        return ngrams.found_in(texts.take(pa.array(rows)), pattern)

    return found


def among(candidates: np.ndarray | Ask, ask: Ask) -> Ask:
    """The question put only to the candidates; it is no for the others. candidates: bool, shape (n,), or a question too."""

    def found(rows: np.ndarray) -> np.ndarray:
        out = candidates[rows] if isinstance(candidates, np.ndarray) else candidates(rows).copy()
        out[out] = ask(rows[out])
        return out

    return found
