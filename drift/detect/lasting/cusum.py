"""Creeping change, which a baseline that rolls along with it swallows: CUSUM of the daily z, with a promised run length.

When to use it rather than its siblings: a step is found as well, or sooner, by the last k days against those before
(`night`, tests "slow" and "pinned"); a change of a little every day is found by the CUSUM, because each day is compared with
the prediction from all days before it, and the small surprises of one sign add up.

    z_t = (y_t − ŷ_t) / sd(y_t − ŷ_t)      ŷ_t the prediction of the model of an ordinary day from the days before t
    S⁺_t = max(0, S⁺_{t−1} + z_t − k)      S⁻_t = max(0, S⁻_{t−1} − z_t − k)      alarm: max(S⁺, S⁻) > h

On ordinary days the z are independent and standard normal whatever the level is, because the level is predicted and not
plugged in (recursive residuals); h follows from the number of series, so that a deployment has at most the promised number of
false alarms a year. Nothing is kept from night to night: the last `HISTORY` days are replayed.

Sources: Page 1954; Siegmund 1985 (run length); Brown, Durbin & Evans 1975 (recursive residuals); Hawkins 1987 (self-starting
CUSUM); Lu & Reynolds 2001 (residuals of autocorrelated series).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.special import ndtr

from drift.detect.predict.ordinary import ALONE, PHI, RATIO, USUAL, Course, Series, Shapes, courses, covariances, solve, trend
from drift.detect.predict.random_effects import signed

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
# a day beyond this says no more than that it was out of the ordinary: one bad day is no creep
_CLIP = 3.0
# a level that wanders for weeks and comes back leaves surprises of one sign, too; of two or three months of days it can be told
_CORRELATIONS = np.append(PHI, 0.85)
_PRIOR = replace(ALONE, shapes=Shapes(np.array([0.4, 0.38, 0.2, 0.02]), USUAL.weekend, USUAL.weekday).joint)
# weight beside the most likely point below which one is left out
_NEGLIGIBLE = 0.01


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


def creep(series: Series, days: Sequence[date], per_year: float = PER_YEAR) -> SlowResult | None:
    """CUSUM of daily series, from their values on the scale on which they are compared.

    days: the T days, today last; of more than `HISTORY` the last. None with fewer than `BURN_IN` + 14 days.
    """
    if len(days) > HISTORY:
        series, days = series.since(len(days) - HISTORY), list(days)[-HISTORY:]
    if len(days) < BURN_IN + 14:
        return None
    return cusum(innovations(series, days).T, per_year)


def innovations(series: Series, days: Sequence[date]) -> np.ndarray:
    """Each day's distance to its prediction from the days before it, in standard deviations, (S, T).

    NaN for unknown days and in the first `BURN_IN`. How much ordinary days differ is integrated over the model's grid, with a
    linear trend taken out, so that the creep that is looked for is not mistaken for it; each series for itself, for where many creep together
    what they share is the creep.
    """
    line = trend(days)
    shapes, log_prior = covariances(days, _CORRELATIONS), _PRIOR.log(series)
    known = np.isfinite(series.y) & (series.n > 0)
    out = np.full(series.y.shape, np.nan)
    for course in courses(series):
        if (course.w > 0).sum() < BURN_IN:
            continue
        weight = _posterior(course, shapes, line, log_prior[course.rows])
        up, down = (np.zeros(course.y.shape) for _ in range(2))
        for point in np.flatnonzero((weight > _NEGLIGIBLE).any(0)):
            shape, ratio = divmod(int(point), len(RATIO))
            z = _recursive(course.y, course.w, RATIO[ratio] ** 2 * shapes[shape])
            up, down = up + weight[:, [point]] * ndtr(-z), down + weight[:, [point]] * ndtr(z)
        out[course.rows] = signed(up, down)
    out[~known] = np.nan
    out[:, :BURN_IN] = np.nan
    return out


def _posterior(course: Course, shapes: np.ndarray, line: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
    """Posterior of the points of shapes × ratios for each series of the course, (G, points). log_prior: (G, shapes, ratios)."""
    solved = solve(shapes, course, line)
    a, b = solved.asked()
    # the trend is profiled out as the level is
    log = log_prior + solved.likelihood() + (0.5 * a * a / b - 0.5 * np.log(b))[..., 0]
    log = log.reshape(len(log), -1)
    weight = np.exp(log - log.max(1, keepdims=True))
    weight = np.where(weight > _NEGLIGIBLE, weight, 0.0)
    return weight / weight.sum(1, keepdims=True)


def _recursive(y: np.ndarray, w: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Recursive residuals (G, T) of weighted days y (G, T) whose day effects have this covariance: the level comes from before."""
    lower = np.linalg.cholesky(covariance * np.outer(w, w) + np.eye(len(w)))
    white = solve_triangular(lower, np.column_stack([w, y.T]), lower=True, check_finite=False)
    one, values = white[:, 0], white[:, 1:]
    weight = np.concatenate([[0.0], np.cumsum(one**2)[:-1]])
    total = np.vstack([np.zeros(values.shape[1]), np.cumsum(one[:, None] * values, axis=0)[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (values - one[:, None] * total / weight[:, None]) / np.sqrt(1 + one[:, None] ** 2 / weight[:, None])
    residual[0] = 0.0
    return residual.T
