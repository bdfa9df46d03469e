"""Sums that do not depend on the order in which they are added: shards of a day add up to the bit.

Floating-point addition rounds, so the same numbers in other portions give another last digit. Each number is therefore cut in two
that lie on a coarse and on a fine grid (Demmel & Nguyen 2015, "pre-rounding"): on a grid, sums are exact as long as they stay below
2^53 of its steps. The two sums are put together when the day is whole. What lies beyond the fine grid is rounded away, 2^-28 of a
step of the coarse one: 3e-18 USD of a request's cost.
"""

from __future__ import annotations

import numpy as np

# what so many values of half a coarse step add up to is exact on the fine grid: 2^26, 67 million
_FINE = 2.0**-28


def sums(codes: np.ndarray, values: np.ndarray, groups: int, step: float) -> np.ndarray:
    """Coarse and fine sums of the values of each group, (2, groups). codes: (n,) the group of each value. step: a power of two."""
    coarse = np.rint(values / step) * step
    fine = np.rint((values - coarse) / (step * _FINE)) * (step * _FINE)
    # of no values, numpy counts in integers
    return np.stack([np.bincount(codes, each, groups) for each in (coarse, fine)]).astype(float)


def of_integers(values: np.ndarray) -> np.ndarray:
    """Counts as coarse and fine sums, (2, groups)."""
    return np.stack([values.astype(float), np.zeros(len(values))])
