"""Creeping change, which a baseline that rolls along with it swallows: CUSUM of the daily z, with a promised run length.

When to use it rather than its siblings: a step is found as well, or sooner, by the last k days against those before
(`night`, tests "slow" and "pinned"); a change of a little every day is found by the CUSUM, because each day is compared with
the prediction from all days before it, and the small surprises of one sign add up.

    z_t = (y_t − ŷ_t) / sd(y_t − ŷ_t)      ŷ_t the prediction from the days before t: AR(1), weekends, sampling error
    S⁺_t = max(0, S⁺_{t−1} + z_t − k)      S⁻_t = max(0, S⁻_{t−1} − z_t − k)      alarm: max(S⁺, S⁻) > h

On ordinary days the z are independent and standard normal whatever the level is, because the level is predicted and not
plugged in (recursive residuals); h follows from the number of series, so that a deployment has at most the promised number of
false alarms a year. Nothing is kept from night to night: the last `HISTORY` days are replayed.

Sources: Page 1954; Siegmund 1985 (run length); Brown, Durbin & Evans 1975 (recursive residuals); Hawkins 1987 (self-starting
CUSUM); Lu & Reynolds 2001 (residuals of autocorrelated series).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq

# half the daily surprise that is looked for, in standard deviations
REFERENCE = 0.4
# false alarms a year where nobody says how many; a night asks for its part of the budget, about as many
PER_YEAR = 0.5
# days replayed, and the first of them, which only make the first prediction
HISTORY = 90
BURN_IN = 28
DAYS_A_YEAR = 365.25
# Siegmund's correction for the overshoot of the boundary
_OVERSHOOT = 1.166
_RATIO = np.concatenate([[0.0], np.geomspace(0.15, 40.0, 14)])
_PHI = (0.0, 0.3, 0.5, 0.7)
_PHI_PRIOR = (0.35, 0.35, 0.22, 0.08)
_WEEKEND = (0.0, 1.0, 8.0)
# a day beyond this says no more than that it was out of the ordinary: one bad day is no creep
_CLIP = 3.0


@dataclass(frozen=True)
class SlowResult:
    """CUSUM of S series over T days, the last one today.

    up, down: (T, S). threshold: h. since: (S,) position of the first day of the present run, T where there is none.
    """

    up: np.ndarray
    down: np.ndarray
    threshold: float
    reference: float
    since: np.ndarray

    @property
    def statistic(self) -> np.ndarray:
        """(S,) the larger of today's two sums."""
        return np.maximum(self.up[-1], self.down[-1])

    @property
    def direction(self) -> np.ndarray:
        """(S,) 1 where the level rises, −1 where it falls."""
        return np.where(self.up[-1] >= self.down[-1], 1, -1)

    @property
    def alarm(self) -> np.ndarray:
        """(S,) whether today's sum is beyond the threshold."""
        return self.statistic > self.threshold

    def q(self, budget: float) -> np.ndarray:
        """(S,) `budget` at the threshold, and less or more as the sum's own tail exp(−2k·S) has it."""
        return np.minimum(1.0, budget * np.exp(-2 * self.reference * (self.statistic - self.threshold)))


def threshold(series: int, per_year: float = PER_YEAR, reference: float = REFERENCE) -> float:
    """The h at which `series` two-sided CUSUMs of independent z together have `per_year` false alarms a year.

    Dependent series have fewer. Siegmund 1985: a one-sided run lasts (e^{2kb} − 2kb − 1) / 2k² days on average, b = h + 1.166.
    """
    length = 2 * max(series, 1) * DAYS_A_YEAR / per_year

    def excess(b: float) -> float:
        x = 2 * reference * b
        return (np.expm1(x) - x) / (2 * reference**2) - length

    return float(brentq(excess, 1e-6, 400.0 / (2 * reference))) - _OVERSHOOT


def cusum(z: np.ndarray, per_year: float = PER_YEAR, reference: float = REFERENCE) -> SlowResult:
    """Two-sided CUSUM of daily z, (T, S): days by series, NaN where a series was not measured (its sums then stay)."""
    z = np.atleast_2d(np.asarray(z, float))
    known = np.isfinite(z)
    z = np.clip(np.where(known, z, 0.0), -_CLIP, _CLIP)
    days, series = z.shape
    up, down = np.zeros((days + 1, series)), np.zeros((days + 1, series))
    start = np.zeros((2, series), np.int64)
    for t in range(days):
        step = np.where(known[t], reference, 0.0)
        for side, (total, sign) in enumerate(((up, 1.0), (down, -1.0))):
            total[t + 1] = np.maximum(0.0, total[t] + sign * z[t] - step)
            start[side] = np.where(total[t + 1] > 0, start[side], t + 1)
    since = np.where(up[-1] >= down[-1], start[0], start[1])
    return SlowResult(up[1:], down[1:], threshold(series, per_year, reference), reference, since)


def creep(
    y: np.ndarray, n: np.ndarray, variance: np.ndarray, days: Sequence[date], per_year: float = PER_YEAR
) -> SlowResult | None:
    """CUSUM of S daily series, from their values.

    y: (S, T) on the scale on which they are compared, NaN where unknown. n: (S, T) traces; variance: (S,) of one trace.
    days: the T days, today last. None with fewer than `BURN_IN` + 14 days.
    """
    y, n = (np.asarray(v, float)[:, -HISTORY:] for v in (y, n))
    days = list(days)[-HISTORY:]
    if len(days) < BURN_IN + 14:
        return None
    return cusum(innovations(y, n, np.asarray(variance, float), days).T, per_year)


def innovations(y: np.ndarray, n: np.ndarray, variance: np.ndarray, days: Sequence[date]) -> np.ndarray:
    """Each day's distance to its prediction from the days before it, in standard deviations, (S, T).

    NaN for unknown days and in the first `BURN_IN`. How much ordinary days differ is the most likely value over a grid, with a
    linear trend taken out, so that the creep that is looked for is not mistaken for it.
    """
    number = np.array([day.toordinal() for day in days])
    weekend = np.array([day.weekday() >= 5 for day in days], float)
    gap = np.abs(number[:, None] - number)
    shapes = [(phi**gap if phi else np.eye(len(days))) + w * np.outer(weekend, weekend) for phi in _PHI for w in _WEEKEND]
    prior = np.log(np.repeat(_PHI_PRIOR, len(_WEEKEND)))
    known = np.isfinite(y) & (n > 0)
    average = np.where(known, n, 0.0).sum(1) / np.maximum(known.sum(1), 1)
    relative = np.where(known, np.round(np.log2(np.maximum(n, 1e-9) / np.maximum(average, 1e-9)[:, None]) * 6) / 6, -99.0)
    out = np.full(y.shape, np.nan)
    _, group = np.unique(relative, axis=0, return_inverse=True)
    for g in range(int(group.max()) + 1 if len(y) else 0):
        rows = np.flatnonzero(group.ravel() == g)
        used = np.flatnonzero(known[rows[0]])
        if len(used) < BURN_IN:
            continue
        noise = 2.0 ** -relative[rows[0], used]
        scaled = y[np.ix_(rows, used)] / np.sqrt(variance[rows] / average[rows])[:, None]
        own = [shape[np.ix_(used, used)] for shape in shapes]
        out[np.ix_(rows, used)] = _predict(scaled, noise, own, prior, (number[used] - number[0]).astype(float))
    out[:, :BURN_IN] = np.nan
    return out


def _predict(y: np.ndarray, noise: np.ndarray, shapes: Sequence[np.ndarray], prior: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Innovations (S, T) under the most likely covariance ratio²·shape + diag(noise) of each series; all days known."""
    rows, days = y.shape
    best, out = np.full(rows, -np.inf), np.zeros(y.shape)
    trend = np.column_stack([np.ones(days), (time - time.mean()) / time.std()])
    for shape, log_prior in zip(shapes, prior, strict=True):
        for ratio in _RATIO:
            lower = np.linalg.cholesky(ratio**2 * shape + np.diag(noise))
            white = solve_triangular(lower, np.column_stack([y.T, trend]), lower=True, check_finite=False)
            values, columns = white[:, :rows], white[:, rows:]
            q, r = np.linalg.qr(columns)
            rest = (values**2).sum(0) - ((q.T @ values) ** 2).sum(0)
            log = -np.log(np.diag(lower)).sum() - np.log(np.abs(np.diag(r))).sum() - 0.5 * rest + log_prior
            better = log > best
            if better.any():
                best[better] = log[better]
                out[better] = _recursive(values[:, better], columns[:, 0]).T
    return out


def _recursive(values: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Recursive residuals (T, S) of whitened values (T, S) on the whitened constant (T,): the level comes from before."""
    weight = np.concatenate([[0.0], np.cumsum(one**2)[:-1]])
    total = np.vstack([np.zeros(values.shape[1]), np.cumsum(one[:, None] * values, axis=0)[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (values - one[:, None] * total / weight[:, None]) / np.sqrt(1 + one[:, None] ** 2 / weight[:, None])
    residual[0] = 0.0
    return residual
