"""Vector metrics of a night, in the form in which the night weighs all its comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from drift import metrics
from drift.config import Config
from drift.detect import vector
from drift.detect.finding import DayProfile
from drift.detect.statistics import Excluded
from drift.metrics import Metric
from drift.profiles import OVERALL


@dataclass(frozen=True)
class Moved:
    """A vector metric of a segment: what it is, and what today's vectors say."""

    metric: Metric
    segment: tuple[str, str]
    comparison: vector.Comparison


def compare(days: Sequence[DayProfile], today: DayProfile, config: Config, excluded: Excluded) -> list[Moved]:
    """Every vector metric of every segment of today; a day with an incident of the metric is not compared with."""
    found = []
    names = set(today.table.filter(pc.equal(today.table.column("kind"), "vector")).column("metric").to_pylist())
    for name in sorted(names):
        try:
            metric = metrics.lookup(name)
        except KeyError:
            continue
        ordinary = [day for day in days if (name, OVERALL, "") not in excluded.get(day.day, ())][-config.baseline.days :]
        only = [_only(day, name) for day in (*ordinary, today)]
        for c in vector.compare(only[:-1], only[-1], config.segments.min_traces):
            found.append(Moved(metric, (c.dimension, c.value), c))
    return found


def _only(day: DayProfile, metric: str) -> DayProfile:
    return DayProfile(day.day, day.table.filter(pc.equal(day.table.column("metric"), metric)), day.ok)
