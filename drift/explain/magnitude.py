"""How large a change is in people's units: requests a day, means in dollars, and where a distribution moved.

A night is compared on scales that are good for comparing: means of logarithms, distances of histograms. Nobody pays in those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.detect.statistics import cells
from drift.detect.statistics.panel import Panel, Segment
from drift.findings import Finding, Magnitude, Shift, StatisticName
from drift.profiles import bins

# a cell with fewer ordinary traces has no histogram of its own
_ENOUGH = 20
# of a vector, the labels that name what moved
_TOPICS = {"input_embedding": "input_topic", "output_embedding": "output_topic"}
# a smaller shift says nothing
_SMALLEST = 0.01
_SPREAD = frozenset({StatisticName.SHAPE, StatisticName.LOW_TAIL})


def of(panel: Panel, lead: Finding, place: Segment, ordinary: Sequence[int]) -> Magnitude:
    """The change of the panel's last day against its `ordinary` days (rows), in the incident's place."""
    row, column = panel.row.get(place), panel.column.get(lead.metric)
    if row is None or column is None:
        return Magnitude()
    metric = panel.metrics[column]
    requests = int(np.nan_to_num(panel.n[-1, row, column]))
    if metric.kind == "vector":
        return Magnitude(requests, moved=_labels(panel, _TOPICS.get(metric.name, ""), row, ordinary))
    if metric.kind != "number":
        return Magnitude(requests)
    found = _histograms(panel, row, column, place, ordinary, [len(panel) - 1])
    if found is None:
        return Magnitude(requests)
    usual, now, edges = found
    moved = _moved(usual, now, edges) if lead.statistic in _SPREAD else None
    if metric.unit != "USD":
        return Magnitude(requests, moved=moved)
    return Magnitude(requests, _mean(usual, edges), _mean(now, edges), moved)


def means(
    panel: Panel, metric: str, place: Segment, ordinary: Sequence[int], changed: Sequence[int]
) -> tuple[float, float] | None:
    """Mean of a number on the `ordinary` days, in the mix of the `changed` ones, and on these; None where either has no value."""
    row, column = panel.row.get(place), panel.column.get(metric)
    if row is None or column is None or panel.metrics[column].kind != "number":
        return None
    found = _histograms(panel, row, column, place, ordinary, changed)
    if found is None:
        return None
    usual, now, edges = found
    return _mean(usual, edges), _mean(now, edges)


def _mean(shares: np.ndarray, edges: np.ndarray) -> float:
    return float(shares @ ((edges[:-1] + edges[1:]) / 2))


def _histograms(
    panel: Panel, row: int, column: int, place: Segment, ordinary: Sequence[int], changed: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Shares (bins,) of ordinary days, their cells in the mix of the changed days, and of these, with the bins' edges (bins + 1,) in the
    metric's unit; None without either."""
    metric = panel.metrics[column]
    first, counts = panel.histogram(row, column)
    days = np.nan_to_num(counts)
    base, now = (days[list(rows)].sum(0) for rows in (ordinary, changed))
    if not base.sum() or not now.sum():
        return None
    expected, rest_now, rest_usual = np.zeros(len(now)), now.sum(), base.copy()
    for rows in cells.of(panel, place):
        usual, today = np.zeros(len(now)), 0.0
        for each in rows:
            start, own = panel.histogram(each, column)
            own = np.nan_to_num(own)
            usual[start - first : start - first + own.shape[1]] += own[list(ordinary)].sum(0)
            today += own[list(changed)].sum()
        if usual.sum() >= _ENOUGH:
            expected += today * usual / usual.sum()
            rest_now, rest_usual = rest_now - today, rest_usual - usual
    rest = np.maximum(rest_usual, 0.0)
    rest = rest if rest.sum() >= _ENOUGH else base
    expected += max(rest_now, 0.0) * rest / rest.sum()
    edges = bins.edges(metric, first + np.arange(len(now) + 1))
    return expected / expected.sum(), now / now.sum(), np.exp(edges) if metric.scale == "log" else edges


def _moved(usual: np.ndarray, now: np.ndarray, edges: np.ndarray) -> Shift | None:
    """The range that gained, or lost, the most; an end that lies at the last value there is has no number."""
    gained, lost = _largest(now - usual), _largest(usual - now)
    change = now - usual
    low, high = max((gained, lost), key=lambda each: abs(float(change[each[0] : each[1]].sum())))
    before, after = float(usual[low:high].sum()), float(now[low:high].sum())
    if abs(after - before) < _SMALLEST:
        return None
    return Shift(
        before,
        after,
        low=float(edges[low]) if low > 0 else None,
        high=float(edges[high]) if high < len(now) else None,
    )


def _largest(values: np.ndarray) -> tuple[int, int]:
    """The range [i, j) whose sum is the largest (Kadane)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    lowest = np.minimum.accumulate(total)
    end = int(np.argmax(total[1:] - lowest[:-1])) + 1
    return int(np.argmin(total[:end])), end


def _labels(panel: Panel, metric: str, row: int, ordinary: Sequence[int]) -> Shift | None:
    """The label whose share changed most."""
    column = panel.column.get(metric)
    if column is None:
        return None
    names, counts = panel.labels(row, column)
    days = np.nan_to_num(counts)
    usual, now = days[list(ordinary)].sum(0), days[-1]
    if not usual.sum() or not now.sum():
        return None
    usual, now = usual / usual.sum(), now / now.sum()
    most = int(np.argmax(np.abs(now - usual)))
    return Shift(float(usual[most]), float(now[most]), names[most]) if abs(now[most] - usual[most]) >= _SMALLEST else None
