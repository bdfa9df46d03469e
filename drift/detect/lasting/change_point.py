"""Since when: the day on which the level of a daily series changed, and how sure that is.

For each possible first changed day c the model of an ordinary day (`drift.detect.predict.ordinary`) has a step, y_d = µ + δ·1[d ≥ c] + …
µ is integrated out under a flat prior, δ under N(0, g²), and the model's parameters and g over grids, so that the posterior of c widens
where ordinary days vary and follow one another. With a, b and the likelihood of the model for h_c = 1[d ≥ c],

    log L(c) = log L − ½ (log(1 + g² b) − a² / (b + g⁻²))

Use it on a series in which a change was found; it assumes one lasting change, and says where, not whether.

Sources: Chernoff & Zacks 1964; Smith 1975 (Bayesian single change point); Patterson & Thompson 1971 (REML).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from drift.detect.predict.ordinary import ALONE, RATIO, Course, Prior, Series, courses, covariances, last_days, solve

# size of a change in standard deviations of an ordinary day
_SIZES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


@dataclass(frozen=True)
class ChangePoint:
    """`index`: first changed day (position in the series), low and high: its 95 % credible interval, both included.

    probability: (T,) posterior of each day to be the first changed one. change, error: size of the change, averaged over the
    posterior, and its standard deviation.
    """

    index: int
    low: int
    high: int
    probability: np.ndarray
    change: float
    error: float


def locate(
    series: Series, days: Sequence[date], prior: Prior = ALONE, *, last: int | None = None, confidence: float = 0.95
) -> ChangePoint:
    """Posterior of the first changed day of one series, shape (1, T), over `days` (T,).

    prior: what the night's series share, or those like it. last: the change is among the last `last` known days, such as the window in
    which it was found; by default anywhere. Raises ValueError with fewer than four known days.
    """
    known = np.flatnonzero(np.isfinite(series.y[0]) & (series.n[0] > 0))
    if len(known) < 4:
        raise ValueError(f"a change point needs at least 4 known days, got {len(known)}")
    (course,) = courses(series)
    # the first changed day is unknown where the days before it are: it is then the first known one
    steps = last_days(len(days), (len(days) - known[1:]).tolist())
    log, change, square = _posterior(course, days, steps, prior, prior.log(series)[0])
    if last is not None:
        log[: max(0, len(log) - last)] = -np.inf
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    probability = np.zeros(len(days))
    probability[known[1:]] = weight
    order = np.argsort(-weight, kind="stable")
    kept = known[1:][order[: int(np.searchsorted(np.cumsum(weight[order]), confidence)) + 1]]
    mean = float(weight @ change)
    error = float(np.sqrt(max(weight @ square - mean**2, 0.0)))
    first, unit = int(np.argmax(probability)), float(course.unit[0])
    return ChangePoint(first, int(kept.min()), int(kept.max()), probability, mean * unit, error * unit)


def since(
    series: Series, days: Sequence[date], prior: Prior = ALONE, last: int | None = None
) -> tuple[date, date, date] | None:
    """First changed day of one series in dates, with its interval; None where the series is too short. See `locate`."""
    if (np.isfinite(series.y[0]) & (series.n[0] > 0)).sum() < 4:
        return None
    found = locate(series, days, prior, last=last)
    return days[found.index], days[found.low], days[found.high]


def _posterior(
    course: Course, days: Sequence[date], steps: np.ndarray, prior: Prior, log_prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each step (H, T): log posterior, mean and mean square of the change, all (H,). log_prior: (possible shapes, ratios)."""
    logs, means, spreads = [], [], []
    # (sizes, ratios, 1): variance of the change, an ordinary day's being that of its effect and of its sampling error
    g2 = (_SIZES[:, None] ** 2 * (RATIO**2 + 1))[:, :, None]
    solved = solve(covariances(days)[prior.possible], course, steps)
    (asked,), every_b = solved.asked()
    for a, b, own in zip(asked, every_b, solved.likelihood()[0] + log_prior, strict=True):
        precision = b + 1 / g2
        logs.append(own[:, None] - 0.5 * (np.log1p(g2 * b) - a * a / precision))
        means.append(a / precision)
        spreads.append(1 / precision)
    log = np.array(logs)
    weight = np.exp(log - log.max())
    total = np.maximum(weight.sum((0, 1, 2)), 1e-300)
    change = (weight * means).sum((0, 1, 2)) / total
    square = (weight * (np.square(means) + spreads)).sum((0, 1, 2)) / total
    return np.log(total), change, square
