"""Sums that do not depend on the order in which they are added: shards of a day add up to the bit.

Floating-point addition rounds, so the same numbers in other portions give another last digit. Each number is therefore cut in two
that lie on a coarse and on a fine grid (Demmel & Nguyen 2015, "pre-rounding"): on a grid, sums are exact as long as they stay below
2^53 of its steps. The two sums are put together when the day is whole. What lies beyond the fine grid is rounded away, 2^-28 of a
step of the coarse one: 4e-18 USD of a request's cost.
"""

from __future__ import annotations

import numpy as np

from drift.metrics import Metric

# sums of values on the scale of the metric, and of their squares, are exact up to 8.6e9 and 3.4e10
LEVEL_STEP, SQUARE_STEP = 2.0**-20, 2.0**-18
# so many values of half a coarse step add up exactly on the fine grid: 2^26, 67 million
_FINE = 2.0**-28


def step(metric: Metric) -> float:
    """The coarse grid of a metric's raw values: as fine as its smallest value on a log scale, else a millionth."""
    return float(2.0 ** np.floor(np.log2(metric.floor))) if metric.scale == "log" else LEVEL_STEP


def sums(codes: np.ndarray, values: np.ndarray, groups: int, grid: float) -> np.ndarray:
    """Coarse and fine sums of the values of each group, (2, groups). codes: (n,) the group of each value."""
    coarse = np.rint(values / grid) * grid
    fine = np.rint((values - coarse) / (grid * _FINE)) * (grid * _FINE)
    return np.stack([np.bincount(codes, coarse, groups), np.bincount(codes, fine, groups)])


def of_integers(values: np.ndarray) -> np.ndarray:
    """Counts as coarse and fine sums, (2, groups)."""
    return np.stack([values.astype(float), np.zeros(len(values))])
