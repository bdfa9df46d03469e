"""A metric's distribution on some days over that on usual ones, from the day profiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.profiles import bins
from drift.results import Incident
from drift.text.escape import plain

USUAL_DAYS = 28
_STEPS = 48
_CUT = 0.002
_LABELS = 12


def histogram(panel: Panel, metric: str, segment: Segment, usual: Sequence[int], now: Sequence[int]) -> dict[str, Any] | None:
    """The days at the places `now` of the panel beside those at `usual`, as shares of traces a step; None without either.

    edges: (k + 1,) in the metric's unit. now, usual: (k,) shares that add up to 1, the mean of the days' shares.
    log: whether the steps are even on a logarithmic scale.
    """
    row, column = panel.row.get(segment), panel.column.get(metric)
    if row is None or column is None or panel.metrics[column].kind != "number":
        return None
    first, counts = panel.histogram(row, column)
    before, after = _shares(counts, usual), _shares(counts, now)
    if before is None or after is None:
        return None
    total = np.cumsum(before + after) / 2
    low, high = (int(np.searchsorted(total, q)) for q in (_CUT, 1 - _CUT))
    step = max(1, -(-(high - low + 1) // _STEPS))
    starts = np.arange(low, high + 1, step)
    edges = bins.edges(panel.metrics[column], first + np.append(starts, starts[-1] + step))
    log = panel.metrics[column].scale == "log"
    return {
        "kind": "distribution",
        "unit": panel.metrics[column].unit,
        "log": log,
        "edges": [float(f"{edge:.4g}") for edge in (np.exp(edges) if log else edges)],
        "usual": _grouped(before, low, high, step),
        "now": _grouped(after, low, high, step),
    }


def days_of(days: Sequence[date], incident: Incident) -> tuple[list[int], list[int]]:
    """Places among `days` (oldest first) of the usual ones before an incident and of its nights with alarms."""
    first = incident.lead.since_low or incident.lead.since or incident.opened
    mine = {line.day for line in incident.days if line.alarms}
    before = [place for place, day in enumerate(days) if day < min(first, incident.opened)]
    return before[-USUAL_DAYS:], [place for place, day in enumerate(days) if day in mine]


def labels(
    panel: Panel, metric: str, segment: Segment, usual: Sequence[int], now: Sequence[int]
) -> list[tuple[str, float, float]]:
    """Label, usual share and share now, the largest change first; at most twelve."""
    row, column = panel.row.get(segment), panel.column.get(metric)
    if row is None or column is None or panel.metrics[column].kind != "label":
        return []
    names, counts = panel.labels(row, column)
    before, after = _shares(counts, usual), _shares(counts, now)
    if before is None or after is None:
        return []
    rows = [(plain(name, 60), float(u), float(t)) for name, u, t in zip(names, before, after, strict=True)]
    return sorted(rows, key=lambda each: (-abs(each[2] - each[1]), each[0]))[:_LABELS]


def _shares(counts: np.ndarray, days: Sequence[int]) -> np.ndarray | None:
    """The mean of the days' shares (places,), from counts (days, places); None where none of the days has traces."""
    chosen = counts[list(days)]
    sizes = np.nansum(chosen, axis=1)
    chosen = chosen[sizes > 0]
    return (chosen / chosen.sum(1, keepdims=True)).mean(0) if len(chosen) else None


def _grouped(shares: np.ndarray, low: int, high: int, step: int) -> list[float]:
    """Sums of `step` places each; what lies beyond the cut stands in the outermost steps, so that they add up to 1."""
    inner = shares[low : high + 1].copy()
    inner[0] += shares[:low].sum()
    inner[-1] += shares[high + 1 :].sum()
    sums = np.add.reduceat(inner, np.arange(0, len(inner), step))
    return [float(f"{value:.4g}") for value in sums]
