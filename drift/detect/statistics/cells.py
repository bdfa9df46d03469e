"""The cells of traffic whose mix is held fixed; versions that live for a day or two count as one.

What a cell is usually like is known from its past. Where it has hardly more past than one day, that day would be explained by
itself, and a day that has none would stand out from all others. So where a team deploys every day, cells that differ in nothing
but what is deployed are taken together, and that a version appeared or went is no news. The same holds for any dimension whose
values are new every day, such as endpoints that are named by date.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.profiles import CELL_SEPARATOR
from drift.profiles.dimensions import DEPLOYED

# days that a value must live to have a past of its own; versions of one thing that live for less than a week are that thing, where
# the first and the last of a window are cut off
_LIFE, _WEEK = 3.0, 6.0
# versions appear as a matter of course if so many of the days have a new one, of at least this part of the share
_USUAL, _ALIKE = 0.25, 0.5


def of(panel: Panel, segment: Segment) -> list[list[int]]:
    """The cells that make up a segment, each as the panel's rows that it consists of."""
    dimensions = panel.dimensions
    fleeting = [name in DEPLOYED or _short_lived(_traffic(panel, panel.values(name))) for name in dimensions]
    kept = [place for place, left_out in enumerate(fleeting) if not left_out]
    families: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in panel.cells(segment):
        parts = panel.segments[row][1].split(CELL_SEPARATOR)
        # a name that has the separator in it cannot be taken apart
        alone = len(parts) != len(dimensions)
        families[tuple(parts) if alone else tuple(parts[place] for place in kept)].append(row)
    found: list[list[int]] = []
    for rows in families.values():
        found += [rows] if _short_lived(_traffic(panel, rows), _WEEK) else [[row] for row in rows]
    return sorted(found)


def no_news(counts: np.ndarray) -> np.ndarray:
    """Which values of a dimension come and go as is usual; bool, (labels,). counts: traces (T, labels), today last."""
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1.0)
    before = share[:-1]
    first = np.where((before > 0).any(0), (before > 0).argmax(0), len(share) - 1)
    appeared = np.array([share[day, first == day].sum() for day in range(1, len(before))])
    largest = share.max(0)
    usual = np.array([(appeared >= _ALIKE * size).mean() >= _USUAL if len(appeared) else False for size in largest], bool)
    return usual & (effective_days(before) < _LIFE)


def _traffic(panel: Panel, rows: list[int]) -> np.ndarray:
    """Traces of each row on the days before today, (T − 1, rows)."""
    n = panel.n[:-1, rows]
    return n.max(2, initial=0.0, where=np.isfinite(n))


def _short_lived(traffic: np.ndarray, life: float = _LIFE) -> bool:
    """Whether versions, traces (T, versions), live for less than `life` days, and than half as long as all of them."""
    size = traffic.sum(0)
    if len(size) < 2 or not size.sum() > 0:
        return False
    days = float(effective_days(traffic.sum(1, keepdims=True))[0])
    return float((effective_days(traffic) * size).sum() / size.sum()) < min(life, days / 2)


def effective_days(n: np.ndarray) -> np.ndarray:
    """On how many days traffic is, effectively: (Σn)² / Σn² of each column (Kish 1965); 0 where there is none."""
    return n.sum(0) ** 2 / np.maximum((n**2).sum(0), 1e-300)
