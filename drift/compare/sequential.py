"""A bound on a difference that holds however often one looks.

Two bounds share the level. One asks with an end in view: up to the amount of data at which an effect of the size that is asked about
is told with a chance of 0.9, the sum of what was seen crosses a constant only as often as a Brownian motion does, which the reflection
principle gives exactly. The other has no end: an asymptotic confidence sequence from a normal mixture, one-sided: Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas 2021, "Time-uniform central limit theory and asymptotic confidence sequences", arXiv:2103.06476; its boundary is
Howard, Ramdas, McAuliffe and Sekhon 2021, https://doi.org/10.1214/20-AOS1991, eq. 3.7. The library of these authors, confseq, has no
wheel and does not build without a C++ tool chain and Boost.

Both are bounds of large numbers: sums of so many requests that they are normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from scipy import stats

# the level's part for the bound with an end in view; the rest is for whatever comes later
_WITH_AN_END = 0.8
# a mixture is narrowest, as a multiple of the standard error, at about seven times its own variance
_NARROWEST = 7.0
_CHANCE = float(stats.norm.ppf(0.9))
LEVEL = 0.05


class State(StrEnum):
    """What is known of a candidate and one metric."""

    NOT_WORSE = "not worse"
    WORSE = "worse"
    OPEN = "open"


def reach(error: np.ndarray | float, effect: float, level: float) -> np.ndarray:
    """How far the true difference may lie above (or below) the estimate, at `level` for all looks together.

    error: the estimate's standard error at each look. effect: the difference that is to be told with as little data as can be.
    """
    error = np.asarray(error, float)
    information = 1 / np.square(error)
    constant = float(stats.norm.isf(_WITH_AN_END * level / 2))
    end = ((constant + _CHANCE) / effect) ** 2
    ended = np.where(information <= end, constant * np.sqrt(end) / information, np.inf)
    return np.minimum(ended, _endless(error, information, end / _NARROWEST, (1 - _WITH_AN_END) * level))


def _endless(error: np.ndarray, information: np.ndarray, own: float, level: float) -> np.ndarray:
    """The mixture's bound; own: the information at which its variance is as large as the estimate's."""
    ratio = information / own
    return error * np.sqrt(2 * (1 + 1 / ratio) * np.log1p(np.sqrt(ratio + 1) / (2 * level)))


def rate_error(events: np.ndarray | float, traces: Sequence[np.ndarray | int]) -> np.ndarray:
    """The least standard error that a difference of two rates may have: that of two sides with one rate and an event more than was
    seen. Without it a rate of which nothing was seen yet would be certain."""
    n = sum(np.asarray(each, float) for each in traces)
    p = (np.asarray(events) + 1) / (n + 2)
    return np.sqrt(p * (1 - p) * sum(1 / np.asarray(each, float) for each in traces))


def bounds(
    change: np.ndarray | float, error: np.ndarray | float, margin: float, share: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most that a candidate is worse by; change: how much worse it is, in the terms of `margin`.

    The least is at `share` of 5 % (the metric's part where several could stop a candidate) and asked at twice the margin, the most at
    5 % and asked at the margin: a candidate that is worse by the margin in any one metric is let through in one of twenty runs at most.
    """
    least = np.asarray(change) - reach(error, 2 * margin, LEVEL * share)
    most = np.asarray(change) + reach(error, margin, LEVEL)
    return least, most


def state(least: float, most: float, margin: float) -> State:
    """Not worse by the margin, worse, or open. A difference that is certain but smaller than the margin is not worse."""
    if most < margin:
        return State.NOT_WORSE
    return State.WORSE if least > 0 else State.OPEN
