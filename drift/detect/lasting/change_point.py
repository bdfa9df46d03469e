"""Since when: the day on which the level of a daily series changed, and how sure that is.

For each possible first changed day c the model is y_d = µ + δ·1[d ≥ c] + u_d + e_d with day effects u ~ τ²·AR(1)(φ) and
known sampling variances of e; weekends may have a level of their own. µ is integrated out under a flat prior, δ under
N(0, g²), and τ, φ and g over grids, so that the posterior of c widens where ordinary days vary and follow one another. With
V = τ² R(φ) + diag(s²) and P as in REML,

    a_c = h_cᵀ P y      b_c = h_cᵀ P h_c      log L(c) = −½ (log|V| + log 1ᵀV⁻¹1 + yᵀPy + log(1 + g² b_c) − a_c² / (b_c + g⁻²))

Use it on a series in which a change was found; it assumes one lasting change, and says where, not whether.

Sources: Chernoff & Zacks 1964; Smith 1975 (Bayesian single change point); Patterson & Thompson 1971 (REML).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

_RATIO = np.concatenate([[0.0], np.geomspace(0.12, 30.0, 11)])
_PHI = np.array([0.0, 0.3, 0.6])
_PHI_PRIOR = np.array([0.45, 0.35, 0.2])
# variance of a weekend's own level, in units of an ordinary day's
_WEEKEND = (0.0, 1.0, 6.0)
# size of a change in units of an ordinary day's spread
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
    values: np.ndarray,
    variances: np.ndarray | float = 0.0,
    days: np.ndarray | None = None,
    *,
    weekend: np.ndarray | None = None,
    last: int | None = None,
    confidence: float = 0.95,
) -> ChangePoint:
    """Posterior of the first changed day.

    values: (T,) one a day, NaN where unknown. variances: sampling variance of each, (T,) or one for all. days: (T,) day
    numbers, where days are missing from the series; by default one after the other. weekend: (T,) which days are of a weekend,
    and so may have a level of their own; by default none. last: the change is among the last
    `last` days, such as the window in which it was found; by default anywhere.
    Raises ValueError with fewer than four known days.
    """
    values = np.asarray(values, float)
    variances = np.broadcast_to(np.asarray(variances, float), values.shape)
    number = np.arange(len(values)) if days is None else np.asarray(days)
    known = np.flatnonzero(np.isfinite(values) & np.isfinite(variances))
    if len(known) < 4:
        raise ValueError(f"a change point needs at least 4 known days, got {len(known)}")
    y, s2, number = values[known], variances[known], number[known]
    unit = _spread(y)
    off = np.zeros(len(known)) if weekend is None else np.asarray(weekend, float)[known]
    log, change, square = _posterior((y - np.median(y)) / unit, np.maximum(s2 / unit**2, 1e-6), number, off)
    if last is not None:
        log[: max(0, len(log) - last)] = -np.inf
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    # the first changed day is unknown where the days before it are: it is then the first known one
    probability = np.zeros(len(values))
    probability[known[1:]] = weight
    order = np.argsort(-weight, kind="stable")
    kept = known[1:][order[: int(np.searchsorted(np.cumsum(weight[order]), confidence)) + 1]]
    mean = float(weight @ change)
    error = float(np.sqrt(max(weight @ square - mean**2, 0.0)))
    first = int(np.argmax(probability))
    return ChangePoint(first, int(kept.min()), int(kept.max()), probability, mean * unit, error * unit)


def since(
    values: np.ndarray, variances: np.ndarray, days: Sequence[date], last: int | None = None
) -> tuple[date, date, date] | None:
    """First changed day of a series in dates, with its interval; None where the series is too short. See `locate`."""
    if np.isfinite(values).sum() < 4:
        return None
    number, weekend = (np.array([f(day) for day in days]) for f in (date.toordinal, lambda day: day.weekday() >= 5))
    found = locate(values, variances, number, weekend=weekend, last=last)
    return days[found.index], days[found.low], days[found.high]


def _spread(y: np.ndarray) -> float:
    """Standard deviation of an ordinary day, from the differences of neighbours, which a single step hardly touches."""
    steps = np.abs(np.diff(y))
    return float(np.median(steps) / (0.6745 * np.sqrt(2))) or float(y.std()) or 1.0


def _posterior(
    y: np.ndarray, s2: np.ndarray, number: np.ndarray, weekend: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each first changed day 1 … T − 1: log posterior, mean and mean square of the change, all (T − 1,)."""
    days = len(y)
    steps = (np.arange(days) >= np.arange(1, days)[:, None]).astype(float)
    covariance, base, log_prior = _covariances(s2, number, weekend)
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, np.column_stack([y, np.ones(days), steps.T]))
    one = white[:, :, 1]
    oo = (one**2).sum(1)
    # the level µ is taken out of the values and of the steps
    rest = white - one[:, :, None] * np.einsum("kt,ktj->kj", one, white)[:, None, :] / oo[:, None, None]
    yw, h = rest[:, :, 0], rest[:, :, 2:]
    a, b = np.einsum("ktj,kt->kj", h, yw), np.maximum((h * h).sum(1), 1e-12)
    log_det = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(1)
    common = 2 * log_prior - log_det - np.log(oo) - (yw * yw).sum(1)
    # (sizes, covariances, days)
    g2 = (_SIZES[:, None] ** 2 * base)[:, :, None]
    precision = b + 1 / g2
    log = 0.5 * (common[:, None] - np.log1p(g2 * b) + a * a / precision)
    weight = np.exp(log - log.max())
    total = np.maximum(weight.sum((0, 1)), 1e-300)
    change = (weight * a / precision).sum((0, 1)) / total
    square = (weight * ((a / precision) ** 2 + 1 / precision)).sum((0, 1)) / total
    return np.log(total), change, square


def _covariances(s2: np.ndarray, number: np.ndarray, weekend: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariances (K, T, T) of the days over the grid, the variance of an ordinary day in each (K,), and the log prior (K,)."""
    days, sampling = len(s2), float(np.median(s2))
    gap = np.abs(number[:, None] - number)
    both = np.outer(weekend, weekend)
    levels = _WEEKEND if weekend.any() and not weekend.all() else _WEEKEND[:1]
    # a series without sampling error still has the spread of its days
    tau2 = _RATIO**2 * max(sampling, 0.02)
    found, base, prior = [], [], []
    for phi, p in zip(_PHI, _PHI_PRIOR, strict=True):
        shape = phi**gap if phi else np.eye(days)
        for t in tau2:
            for level in levels:
                found.append(t * shape + level * (t + sampling) * both)
                base.append(t + sampling)
                prior.append(np.log(p))
    return np.array(found) + np.diag(s2), np.array(base), np.array(prior)
