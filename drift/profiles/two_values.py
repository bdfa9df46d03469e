"""A score that is only ever 0 or 1 is a rate.

Its profile is a number's, which holds all that a rate needs: the mean is the share, the sum the count. So nothing is lost on the
day on which it first is 0.5: over days that have it, the score is a number again. A number that never varied has no variance to
judge a first failure by; a rate has the exact tails of its counts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drift.metrics import Metric
from drift.profiles import bins

_FAMILIES = ("score.", "judge.")


def may_be_rate(metric: Metric) -> bool:
    """Whether the metric is a score, of the store's or of the judge's, whose values decide what it is."""
    return metric.kind == "number" and metric.name.startswith(_FAMILIES)


def as_rate(metric: Metric) -> Metric:
    """The score as a rate."""
    return replace(metric, kind="rate", unit="share", scale="bounded", low=0.0, high=1.0)


def all_zero_or_one(values: np.ndarray) -> bool:
    """Whether there are values, and all of them are 0 or 1; NaN are no values."""
    known = values[np.isfinite(values)]
    return bool(len(known)) and bool(((known == 0) | (known == 1)).all())


def days_of_zero_and_one(metric: Metric, total: np.ndarray, squares: np.ndarray, used: np.ndarray) -> bool:
    """The same of days' profiles: sums of the values and of their squares, (days,), and the bins that are used on any of them."""
    there = np.isfinite(total)
    allowed = bins.index(metric, np.array([0.0, 1.0]))
    return (
        bool(there.any())
        and bool(np.isin(used, allowed).all())
        and np.allclose(total[there], squares[there], rtol=1e-9, atol=1e-9)
    )
