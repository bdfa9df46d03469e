"""Where a change is: its parts by segment, from day profiles.

A level is Σ_v w_v m_v over the segments v of a dimension, with w_v the share of traffic and m_v the level. What the change of
the levels contributes is w_v (m_v − m_v⁰): these parts add up to what changed within segments; the rest is mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift.detect.statistics.newcomers import TAKEN
from drift.detect.statistics.panel import Panel, Segment
from drift.findings import Part, label_of
from drift.profiles import CELL, CELL_SEPARATOR, OTHER, OVERALL
from drift.profiles.dimensions import DEPLOYED

# a segment that the baseline hardly knows has no level to compare with
_ENOUGH = 20
# segments of a dimension that are shown by themselves
SHOWN = 6


@dataclass(frozen=True)
class Levels:
    """Sizes and sums of a metric in the segments of one dimension: today's, and a baseline day's on average."""

    values: tuple[str, ...]
    n: np.ndarray
    total: np.ndarray
    n_before: np.ndarray
    total_before: np.ndarray

    @property
    def level(self) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.total / self.n

    @property
    def level_before(self) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.total_before / self.n_before

    @property
    def parts(self) -> np.ndarray:
        """w_v (m_v − m_v⁰) of each segment, 0 where there is no level to compare with; shape (values,)."""
        known = (self.n > 0) & (self.n_before >= 1)
        change = np.where(known, self.level - self.level_before, 0.0)
        return np.nan_to_num(change) * self.n / max(self.n.sum(), 1.0)


def parts(
    panel: Panel, metric: str, statistic: str, within: Segment, before: Sequence[int], smallest: float = 0.1
) -> list[Part]:
    """The segments that carry a change inside `within`, dimension by dimension, the largest first.

    before: rows of the panel's days to compare its last day with. Shares are of the change within segments, in the direction
    of the whole; segments below `smallest` and dimensions of one segment are left out.
    """
    found: list[Part] = []
    for dimension in panel.dimensions:
        if dimension == within[0]:
            continue
        large = [part for part in split(panel, metric, statistic, dimension, within, before) if part.share >= smallest]
        found += [part for part in large if part.value != OTHER and not any(_same(part, other) for other in found)]
    return sorted(found, key=lambda part: (-part.share / max(part.traffic, 1e-9) ** 0.5, part.dimension, part.value))


def split(panel: Panel, metric: str, statistic: str, dimension: str, within: Segment, before: Sequence[int]) -> list[Part]:
    """Every segment's part in a change along one dimension; none where the dimension has no two segments there."""
    levels = of(panel, metric, statistic, dimension, within, before)
    if levels is None or len(levels.values) < 2:
        return []
    # a metric that only one of several segments has is a change of that segment
    shares = (levels.n > 0).astype(float) if (levels.n > 0).sum() == 1 else share(levels.parts)
    traffic = levels.n / max(levels.n.sum(), 1.0)
    return [Part(dimension, v, float(s), float(t)) for v, s, t in zip(levels.values, shares, traffic, strict=True)]


def by_dimension(panel: Panel, metric: str, statistic: str, within: Segment, before: Sequence[int]) -> tuple[Part, ...]:
    """Every segment's part in a change, one dimension after the other, the dimension that tells most first; the shares of each
    add up to 1, and segments beyond SHOWN are one, named `other`."""
    tables = []
    for dimension in panel.dimensions:
        found = split(panel, metric, statistic, dimension, within, before) if dimension != within[0] else []
        found = sorted(found, key=lambda part: (part.value == OTHER, -part.share, part.value))
        shown = [part for part in found if part.value != OTHER][:SHOWN]
        rest = [part for part in found if part not in shown]
        if rest:
            shown.append(Part(dimension, OTHER, sum(part.share for part in rest), sum(part.traffic for part in rest)))
        if len(shown) > 1 and sum(part.share for part in shown) > 0:
            tables.append(shown)
    tables.sort(key=lambda table: (-max(abs(part.share - part.traffic) for part in table), table[0].dimension))
    return tuple(part for table in tables for part in table)


def _same(part: Part, other: Part) -> bool:
    """Whether two segments are the same requests, as an endpoint and its only prompt are."""
    return abs(part.share - other.share) < 0.02 and abs(part.traffic - other.traffic) < 0.02


def share(parts: np.ndarray) -> np.ndarray:
    """Each part's share of those in the direction of their sum; shape (values,)."""
    towards = np.maximum(parts * np.sign(parts.sum()), 0.0)
    return towards / towards.sum() if towards.sum() > 0 else towards


def of(panel: Panel, metric: str, statistic: str, dimension: str, within: Segment, before: Sequence[int]) -> Levels | None:
    """The metric in the segments of a dimension inside `within`; None where the panel does not have them."""
    if metric not in panel.column:
        return None
    groups = _groups(panel, dimension, within)
    if not groups:
        return None
    n, total = [], []
    for rows in groups.values():
        sizes, sums = zip(*(series(panel, metric, statistic, row) for row in rows), strict=True)
        n.append(np.nansum(sizes, axis=0))
        total.append(np.nansum(sums, axis=0))
    sizes, sums = np.array(n), np.array(total)
    days = list(before)
    levels = Levels(tuple(groups), sizes[:, -1], sums[:, -1], _mean(sizes, days), _mean(sums, days))
    return _like_what_they_replaced(levels) if dimension in DEPLOYED else levels


def _like_what_they_replaced(levels: Levels) -> Levels:
    """The levels, with a new model's (prompt's, release's) own past replaced by the past of the traffic that it took over."""
    new = (levels.n > 0) & (levels.n_before < 1)
    if not new.any() or not levels.n_before.sum() > 0:
        return levels
    now, usual = levels.n / levels.n.sum(), levels.n_before / levels.n_before.sum()
    lost = np.where(new, 0.0, np.maximum(usual - now, 0.0))
    if lost.sum() < TAKEN * now[new].sum():
        return levels
    past = float((lost * np.nan_to_num(levels.level_before)).sum() / lost.sum())
    return replace(levels, n_before=np.where(new, 1.0, levels.n_before), total_before=np.where(new, past, levels.total_before))


def series(panel: Panel, metric: str, statistic: str, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Size and sum by day of a metric in one segment, each (T,), NaN on unknown days; for `share:<label>` its count."""
    column = panel.column[metric]
    n = panel.n[:, row, column]
    kind = panel.metrics[column].kind
    label = label_of(statistic)
    if label is not None:
        names, counts = panel.labels(row, column)
        return n, counts[:, names.index(label)] if label in names else np.where(np.isfinite(n), 0.0, np.nan)
    if kind == "count":
        total = panel.total[:, row, column]
        return np.where(np.isfinite(total), 1.0, np.nan), total
    return n, panel.sum[:, row, column] if kind == "number" else panel.total[:, row, column]


def level(panel: Panel, metric: str, statistic: str, segment: Segment, days: Sequence[int]) -> float | None:
    """The level over some days, on the metric's scale; None where there is too little of it."""
    if metric not in panel.column or segment not in panel.row:
        return None
    n, total = (np.nansum(part[list(days)]) for part in series(panel, metric, statistic, panel.row[segment]))
    return float(total / n) if n >= _ENOUGH or (n > 0 and panel.metrics[panel.column[metric]].kind == "count") else None


def _groups(panel: Panel, dimension: str, within: Segment) -> dict[str, list[int]]:
    """Rows of the panel by the dimension's value: the segments themselves or, inside a segment, its cells."""
    if within[0] == OVERALL:
        return {value: [i] for i, (d, value) in enumerate(panel.segments) if d == dimension}
    if dimension not in panel.dimensions or within[0] not in panel.dimensions:
        return {}
    place = panel.dimensions.index(dimension)
    groups: dict[str, list[int]] = {}
    for i in panel.cells(within):
        name = panel.segments[i]
        if name[0] == CELL:
            groups.setdefault(name[1].split(CELL_SEPARATOR)[place], []).append(i)
    return groups


def _mean(values: np.ndarray, days: list[int]) -> np.ndarray:
    return values[:, days].sum(1) / max(len(days), 1)
