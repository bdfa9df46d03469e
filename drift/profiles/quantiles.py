"""Quantiles of binned numbers, by linear interpolation within a bin of the metric's scale.

Rules, pages, tables, the tail that is followed and comparisons all read them here, so that they name the same p95.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.metrics import Metric
from drift.profiles import bins


def cumulative(counts: np.ndarray) -> np.ndarray:
    """Share of each histogram below each edge, (T, bins + 1), of counts (T, bins); zeros for one that is empty."""
    total = np.maximum(counts.sum(1, keepdims=True), 1e-300)
    return np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, 1) / total], axis=1)


def quantile(edges: np.ndarray, shares: np.ndarray, q: float | np.ndarray) -> np.ndarray:
    """The quantile q of each histogram on the scale of `edges`, (T,).

    edges: (bins + 1,), ascending. shares: what `cumulative` gives, (T, bins + 1). q: one for all, or (T,).
    """
    place = np.clip((shares < np.asarray(q)[..., None]).sum(1) - 1, 0, len(edges) - 2)
    rows = np.arange(len(shares))
    low, high = shares[rows, place], shares[rows, place + 1]
    inside = np.where(high > low, (q - low) / np.maximum(high - low, 1e-300), 0.5)
    return edges[place] + np.clip(inside, 0, 1) * (edges[place + 1] - edges[place])


def in_units(metric: Metric, places: Sequence[int], counts: Sequence[int], q: float) -> float:
    """The quantile q of one histogram, as a profile holds it, in the metric's unit.

    places: bins in ascending order, at least one; counts: how many values each has.
    """
    own = np.asarray(places)
    # an empty bin stands for whatever is between two that are not
    edges = np.column_stack([bins.edges(metric, own), bins.edges(metric, own + 1)]).ravel()
    filled = np.zeros(len(edges) - 1)
    filled[::2] = counts
    value = quantile(edges, cumulative(filled[None]), q)[0]
    return float(np.exp(value)) if metric.scale == "log" else float(value)
