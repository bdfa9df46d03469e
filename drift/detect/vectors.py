"""Vector metrics of a night, in the form in which the night weighs all its comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
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
    """Every vector metric of every segment of today; a day with an incident of it, there or overall, is not compared with."""
    found = []
    names = set(today.table.filter(pc.equal(today.table.column("kind"), "vector")).column("metric").to_pylist())
    for name in sorted(names):
        try:
            metric = metrics.lookup(name)
        except KeyError:
            continue
        history = _history(days, name, excluded, config.baseline.days)
        for c in vector.compare(history, _only(today, name), config.segments.min_traces):
            found.append(Moved(metric, (c.dimension, c.value), c))
    return found


def _history(days: Sequence[DayProfile], metric: str, excluded: Excluded, most: int) -> list[DayProfile]:
    """The days' rows of the metric, oldest first: of each segment the last `most` days without an incident, there or overall."""
    kept: list[DayProfile] = []
    seen: Counter[tuple[str, str]] = Counter()
    for day in reversed(days):
        out = {(dimension, value) for name, dimension, value in excluded.get(day.day, ()) if name == metric}
        if (OVERALL, "") in out:
            continue
        rows = _only(day, metric).table
        places = list(zip(rows.column("dimension").to_pylist(), rows.column("value").to_pylist(), strict=True))
        keep = [place not in out and seen[place] < most for place in places]
        seen.update(place for place, own in zip(places, keep, strict=True) if own)
        kept.append(DayProfile(day.day, rows.filter(pa.array(keep, pa.bool_())), day.ok))
    return kept[::-1]


def _only(day: DayProfile, metric: str) -> DayProfile:
    return DayProfile(day.day, day.table.filter(pc.equal(day.table.column("metric"), metric)), day.ok)
