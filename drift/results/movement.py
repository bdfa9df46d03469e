"""Slow movements: told once, and again only where they have gone as far once more.

A test over many days stays beyond its threshold as long as a movement lasts. What people want to know is that it moves, and how
far; so the level that was told is remembered, and what the slow tests say of the series until it has gone as far again is no news.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from drift import metrics
from drift.findings import FindingTest
from drift.results.grouping import Group, StoredFinding

SLOW_TESTS = frozenset({FindingTest.SLOW, FindingTest.PINNED})

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class _Told:
    """The level that was told of a series, and how far it had come, on the metric's scale."""

    level: float
    step: float


class Movements:
    """What was told of series that move slowly."""

    def __init__(self) -> None:
        self._told: dict[Key, _Told] = {}
        self._metrics: set[tuple[str, str, bool]] = set()

    def tell(self, findings: Iterable[StoredFinding], *, gradual: bool) -> None:
        """These levels are told. gradual: they go on moving, so the same movement in a further segment is told with it."""
        for row in findings:
            if row.value_from is None or row.value_to is None:
                continue
            start, level = _scaled(row, row.value_from), _scaled(row, row.value_to)
            self._told[row.key] = _Told(level, level - start)
            if gradual:
                self._metrics.add((row.metric, row.key[3], level >= start))

    def is_told(self, row: StoredFinding) -> bool:
        """Whether the alarm is of a movement that was told and has not gone as far once more."""
        if row.test not in SLOW_TESTS or row.value_from is None or row.value_to is None:
            return False
        start, level = _scaled(row, row.value_from), _scaled(row, row.value_to)
        told = self._told.get(row.key)
        if told is None:
            if row.overall or (row.metric, row.key[3], level >= start) not in self._metrics:
                return False
            self._told[row.key] = _Told(level, level - start)
            return True
        gone = abs(level - told.level)
        if row.test == FindingTest.PINNED:
            # what is expected of a day of this kind moves with the day, and the level with it; the distance between them is what counts
            gone = min(gone, abs(level - start - told.step))
        return gone < abs(told.step)


def is_gradual(found: Group) -> bool:
    """Whether what stands for the alarms is a creep or a distance to the pinned baseline, and no night alone shows it."""
    return found.lead.test == FindingTest.PINNED or found.lead.test == FindingTest.SLOW and found.lead.z is None


def _scaled(row: StoredFinding, value: float) -> float:
    """On the scale on which equal steps are equally far: relative for what is positive and skewed."""
    try:
        metric = metrics.lookup(row.metric)
    except KeyError:
        return value
    relative = metric.kind == "count" or metric.kind == "number" and metric.scale == "log"
    return math.log(max(value, metric.floor if metric.kind == "number" else 1e-9)) if relative else value
