"""Whether the judge is still the one that it was: its judgements of the same anchors, night after night.

Nothing of the application is in an anchor, so what changes there is the judge. An epoch is a run of nights with one judge: it ends where
another evaluator is configured, or where more anchors turn than this judge's ordinary wavering explains. Derived again from the
judgements each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa

from drift.results import tables

# of nights with the same judge, one in five hundred is called another's, for each rubric
_LEVEL = 0.002
# nights of an epoch after which its wavering is known, and of which the last are compared with
_FEWEST, _MOST = 3, 28
# wavering that is believed before anything is seen: one of fifty, worth so many nights of an anchor
_WAVERS, _WORTH = 0.02, 3.0
_FAILS = 0.5
ANCHOR = "anchor:"


@dataclass(frozen=True)
class Epoch:
    """Nights from `start` on with one judge. turned: of `anchors`, how many were judged otherwise than before on the first night;
    0 of 0 where another evaluator was configured. p: of that many or more by wavering alone."""

    rubric: str
    evaluator: str
    start: date
    turned: int = 0
    anchors: int = 0
    p: float = 1.0

    @property
    def identity(self) -> str:
        """What the scores of one judge have in common. A judge that has not changed by itself is its evaluator, with or without anchors."""
        return f"{self.evaluator} since {self.start}" if self.turned else self.evaluator


def epochs(connection: sa.Connection, last: date) -> dict[str, list[Epoch]]:
    """By rubric, the epochs up to the night `last`, oldest first."""
    table = tables.judgements
    query = (
        sa.select(table.c.day, table.c.evaluator, table.c.item, table.c.score)
        .where(table.c.item.startswith(ANCHOR, autoescape=True), table.c.day <= last, table.c.score.is_not(None))
        .order_by(table.c.day, table.c.evaluator, table.c.item)
    )
    nights: dict[str, dict[date, tuple[str, dict[str, float]]]] = {}
    for row in connection.execute(query):
        rubric = row.evaluator.partition("/")[0]
        # of several evaluators of a night the last in order counts; more than one is a night that was run again with another
        own = nights.setdefault(rubric, {})
        if row.day not in own or own[row.day][0] != row.evaluator:
            own[row.day] = (row.evaluator, {})
        own[row.day][1][row.item] = row.score
    return {rubric: _epochs(rubric, own) for rubric, own in nights.items()}


def current(found: Mapping[str, Sequence[Epoch]], rubric: str, evaluator: str, day: date) -> Epoch | None:
    """The epoch that a day with this evaluator belongs to; None where its anchors were not judged."""
    own = [each for each in found.get(rubric, ()) if each.start <= day and each.evaluator == evaluator]
    return own[-1] if own else None


def _epochs(rubric: str, nights: Mapping[date, tuple[str, Mapping[str, float]]]) -> list[Epoch]:
    out: list[Epoch] = []
    past: list[Mapping[str, float]] = []
    for day in sorted(nights):
        evaluator, scores = nights[day]
        if not out or out[-1].evaluator != evaluator:
            out.append(Epoch(rubric, evaluator, day))
            past = []
        else:
            turned, anchors, p = against(past[-_MOST:], scores)
            if p <= _LEVEL:
                out.append(Epoch(rubric, evaluator, day, turned, anchors, p))
                past = []
        past.append(scores)
    return out


def against(past: Sequence[Mapping[str, float]], today: Mapping[str, float]) -> tuple[int, int, float]:
    """How many of today's anchors turned from what they mostly were, of how many, and the chance of as many by wavering.

    Each anchor wavers as it did, drawn towards all anchors' wavering; the count's law is then Poisson's binomial. p is 1 where the
    judge is known for less than three nights.
    """
    if len(past) < _FEWEST:
        return 0, 0, 1.0
    items = sorted(item for item in today if sum(item in night for night in past) >= _FEWEST)
    if not items:
        return 0, 0, 1.0
    seen = np.array([[_fails(night.get(item)) for item in items] for night in past])
    now = np.array([_fails(today[item]) for item in items])
    known = np.isfinite(seen)
    nights, fails = known.sum(0), np.nansum(seen, 0)
    mostly = fails > nights / 2
    wavered = _wavered(seen, known, nights, fails)
    common = (wavered.sum() + _WORTH * len(items) * _WAVERS) / (nights.sum() + _WORTH * len(items))
    chance = (wavered + _WORTH * common) / (nights + _WORTH)
    turned = int(np.sum(now != mostly))
    return turned, len(items), _at_least(turned, np.minimum(chance, 0.5))


def _wavered(seen: np.ndarray, known: np.ndarray, nights: np.ndarray, fails: np.ndarray) -> np.ndarray:
    """How often each anchor was otherwise than on most of the other nights; half where they are even."""
    rest, others = nights - 1, fails - np.nan_to_num(seen)
    apart = np.where(2 * others == rest, 0.5, (2 * others > rest) != (np.nan_to_num(seen) > 0.5))
    return np.asarray(np.where(known, apart, 0.0).sum(0))


def _at_least(k: int, chances: np.ndarray) -> float:
    law = np.ones(1)
    for p in chances:
        law = np.convolve(law, [1 - p, p])
    return float(min(1.0, law[k:].sum())) if k else 1.0


def _fails(score: float | None) -> float:
    return float("nan") if score is None else float(score <= _FAILS)
