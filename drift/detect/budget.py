"""The night's budget of false alarms over everything that is compared.

There is one budget: the share of ordinary nights that may open an incident, of whatever kind. What is asked of a night has parts of
it: today alone, the last days together, the pinned baseline, the creep. A part is divided among metrics by their weight, a metric's
among the whole traffic and its segments. A comparison that repeats another one costs nothing and has its answer.

Sources: Holm 1979; Genovese, Roeder & Wasserman 2006 (weights).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from drift.detect.settings import Settings
from drift.detect.statistics.distinct import Place
from drift.detect.statistics.panel import Segment
from drift.metrics import Metric
from drift.profiles import OVERALL

# parts of the budget; a change that lasts is told on its first night only
ONE_NIGHT, LASTING, PINNED, CREEP = 0.65, 0.17, 0.09, 0.09
# of a metric's own part, the rest is its segments'
WHOLE = 0.5


@dataclass(frozen=True)
class Unit:
    """One comparison. weight: its part of those of its metric in its place, the metric's statistics together being about 1."""

    metric: Metric
    place: Place
    statistic: str
    weight: float


def weights(units: Sequence[Unit], settings: Settings) -> np.ndarray:
    """Share of the budget of every unit, (U,), 0 where it repeats another: metrics by their weight, a metric's segments by their
    traffic beside the whole, statistics by their own weight."""
    places: dict[str, dict[Segment, float]] = defaultdict(dict)
    statistics: dict[tuple[str, Segment], float] = defaultdict(float)
    distinct = [unit.place.repeats is None for unit in units]
    for unit, own in zip(units, distinct, strict=True):
        if own:
            places[unit.metric.name][unit.place.segment] = unit.place.traffic
            statistics[unit.metric.name, unit.place.segment] += unit.weight
    metric_weight = {unit.metric.name: settings.weight(unit.metric) for unit in units if unit.metric.name in places}
    total = sum(metric_weight.values())
    parts = {name: _parts(segments) for name, segments in places.items()}
    return np.array(
        [
            metric_weight[unit.metric.name]
            / total
            * parts[unit.metric.name][unit.place.segment]
            * unit.weight
            / statistics[unit.metric.name, unit.place.segment]
            if own
            else 0.0
            for unit, own in zip(units, distinct, strict=True)
        ]
    )


def _parts(traffic: dict[Segment, float]) -> dict[Segment, float]:
    """A metric's budget by segment, adding up to 1."""
    segments = sum(share for segment, share in traffic.items() if segment[0] != OVERALL)
    if not segments:
        return dict.fromkeys(traffic, 1.0)
    whole = WHOLE if len(traffic) > sum(segment[0] != OVERALL for segment in traffic) else 0.0
    return {segment: whole if segment[0] == OVERALL else (1 - whole) * share / segments for segment, share in traffic.items()}


def adjusted(p: np.ndarray, units: Sequence[Unit], part: float, settings: Settings) -> np.ndarray:
    """p-values (U,) adjusted for everything that the night asks of which these units are the `part`: an alarm has at most the budget."""
    q = np.minimum(1.0, holm(p, weights(units, settings)) / part)
    first: dict[Hashable, float] = {(u.metric.name, u.place.segment, u.statistic): own for u, own in zip(units, q, strict=True)}
    return np.array(
        [
            first.get((u.metric.name, u.place.repeats, u.statistic), own) if u.place.repeats is not None else own
            for u, own in zip(units, q, strict=True)
        ]
    )


def holm(p: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Adjusted p-values of the weighted Holm procedure, same shape as p (1-d); weights need not sum to 1.

    Rejecting where the result is at most α keeps the chance of any false alarm at or below α under every dependence.
    """
    share = weight / weight.sum() if weight.sum() > 0 else weight
    ratio = np.where(share > 0, p / np.maximum(share, 1e-300), np.inf)
    order = np.argsort(ratio, kind="stable")
    remaining = 1.0 - np.concatenate([[0.0], np.cumsum(share[order])[:-1]])
    adjusted = np.maximum.accumulate(np.minimum(ratio[order], 1e300) * np.maximum(remaining, 0.0))
    out = np.empty_like(ratio)
    out[order] = np.minimum(adjusted, 1.0)
    return np.where(share > 0, out, 1.0)
