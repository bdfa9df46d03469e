"""Bins that a metric keeps for ever: logarithmic (2 % wide), linear (1/500 of the range) or on an inverse hyperbolic sine.

A bin is an integer; its edges follow from the metric alone, so histograms of different days, shards and machines add up.
"""

from __future__ import annotations

import numpy as np

from drift.metrics import Metric

LOG_WIDTH = float(np.log(1.02))
BOUNDED_BINS = 500
SIGNED_UNIT = 0.01
SIGNED_WIDTH = 0.01
_LIMIT = 2**30
# steps of exact sums (`drift.exact`): of values on the scale up to 8.6e9, of their squares up to 3.4e10
LEVEL_STEP, SQUARE_STEP = 2.0**-20, 2.0**-18
# and of what the pairs of a cluster add up to, which grows with the square of its size, up to 3.5e13
PAIR_STEP = 2.0**-8


def on_scale(metric: Metric, x: np.ndarray) -> np.ndarray:
    """Values on the scale on which the metric's level is compared; same shape, NaN stays NaN."""
    if metric.scale == "log":
        return np.log(np.maximum(x, metric.floor))
    if metric.scale == "bounded":
        return np.clip(x, metric.low, metric.high)
    return x


def index(metric: Metric, x: np.ndarray) -> np.ndarray:
    """Bin of every (finite) value, int64, same shape."""
    return np.clip(np.floor(_position(metric, on_scale(metric, x))), -_LIMIT, _LIMIT).astype(np.int64)


def edges(metric: Metric, bins: np.ndarray) -> np.ndarray:
    """Lower edge of each bin on the metric's scale, float64, same shape. The upper edge of b is the lower one of b + 1."""
    if metric.scale == "log":
        return bins * LOG_WIDTH
    if metric.scale == "bounded":
        return metric.low + bins * (metric.high - metric.low) / BOUNDED_BINS
    return SIGNED_UNIT * np.sinh(bins * SIGNED_WIDTH)


def step(metric: Metric) -> float:
    """The step of exact sums of raw values: a hundredth of the smallest value on a log scale, else a millionth."""
    return float(2.0 ** (np.floor(np.log2(metric.floor)) - 6)) if metric.scale == "log" else LEVEL_STEP


def _position(metric: Metric, g: np.ndarray) -> np.ndarray:
    if metric.scale == "log":
        # the hair keeps a value that is exactly an edge from falling below it
        return g / LOG_WIDTH + 1e-9
    if metric.scale == "bounded":
        position = (g - metric.low) / (metric.high - metric.low) * BOUNDED_BINS + 1e-9
        return np.minimum(position, BOUNDED_BINS - 1)
    return np.arcsinh(g / SIGNED_UNIT) / SIGNED_WIDTH + 1e-9
