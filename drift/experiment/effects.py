"""What a change is made of: paired differences between answers to the same calls, and what is left over.

Under "nothing was exchanged that matters" the answers to one call are exchangeable, however different calls are from each other: which of
them came from which side may be permuted within each call (Fisher 1935; Good 2005, ch. 3). That is the test; its p-value is right for rare
refusals, too. Intervals are those of the mean of the calls' differences (t, a degree of freedom a call less one).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

_DRAWS, _AT_ONCE = 5000, 500
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effect:
    """A difference on the metric's scale: estimate, its standard error, its interval (95 %), a two-sided p-value and the number of calls."""

    estimate: float
    error: float
    low: float
    high: float
    p: float
    calls: int

    def interval(self, confidence: float) -> tuple[float, float]:
        half = _t(confidence, self.calls) * self.error
        return self.estimate - half, self.estimate + half


def paired(before: np.ndarray, after: np.ndarray, rate: bool, rng: np.random.Generator) -> Effect | None:
    """The mean over calls of (mean of the answers after − mean of those before).

    before, after: values on the metric's scale, (calls, times asked) each, NaN where there is none; calls without both are left out. rate: values
    are 0 or 1; then the error is never less than what one event more would make. None with fewer than two calls.
    """
    known = np.isfinite(before).any(1) & np.isfinite(after).any(1)
    before, after = before[known], after[known]
    if len(before) < 2:
        return None
    differences = np.nanmean(after, 1) - np.nanmean(before, 1)
    estimate = float(differences.mean())
    error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    if rate:
        error = max(error, 1.5 / len(differences))
    half = _t(_CONFIDENCE, len(differences)) * error
    return Effect(estimate, error, estimate - half, estimate + half, _permuted(before, after, rng), len(differences))


def rest(whole: tuple[float, float], *parts: Effect) -> Effect:
    """What parts leave of a whole (estimate, standard error); p by the normal law, for nothing here is paired."""
    estimate = whole[0] - sum(part.estimate for part in parts)
    error = float(np.hypot.reduce([whole[1], *(part.error for part in parts)]))
    calls = min(part.calls for part in parts)
    half = _t(_CONFIDENCE, calls) * error
    p = float(2 * stats.norm.sf(abs(estimate) / error)) if error else 1.0
    return Effect(estimate, error, estimate - half, estimate + half, p, calls)


def difference(then: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """The difference of two sides' means and its standard error; values of different requests, (n,) each, NaN left out."""
    then, now = then[np.isfinite(then)], now[np.isfinite(now)]
    if min(len(then), len(now)) < 2:
        return np.nan, np.nan
    return float(now.mean() - then.mean()), float(np.hypot(stats.sem(then), stats.sem(now)))


def noise(first: np.ndarray, second: np.ndarray) -> float | None:
    """How far two answers to one call lie apart when nothing was exchanged: the standard deviation of one answer, of numbers; of a rate
    the share of calls whose two answers differ. (calls,) each; None where no call was asked twice."""
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        return None
    apart = (second - first)[known]
    if set(np.unique(np.concatenate([first[known], second[known]]))) <= {0.0, 1.0}:
        return float(np.mean(apart != 0))
    return float(np.sqrt(np.mean(apart**2) / 2))


def _permuted(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> float:
    """Two-sided p of the mean difference under permutations within each call."""
    values = np.concatenate([before, after], 1)
    known = np.isfinite(values)
    # a call whose answers are all alike gives 0 however they are permuted
    moves = np.nanmax(values, 1) > np.nanmin(values, 1)
    n = len(values)
    if not moves.any():
        return 1.0
    values, known = values[moves], known[moves]
    mine = np.concatenate([np.zeros(before.shape[1], bool), np.ones(after.shape[1], bool)])
    filled = np.where(known, values, 0.0)
    take, total, own = known.sum(1), filled.sum(1), (known & mine).sum(1)

    def mean_difference(chosen: np.ndarray) -> np.ndarray:
        """chosen: the sums over the answers that are called `after`; (…, calls)."""
        return np.asarray((chosen / own - (total - chosen) / (take - own)).sum(-1) / n)

    seen = abs(float(mean_difference((filled * mine).sum(1))))
    count = 0
    for _ in range(0, _DRAWS, _AT_ONCE):
        # the unknown come last in every order
        order = np.argsort(np.where(known, rng.random((_AT_ONCE, *values.shape)), 2.0), -1)
        ranked = np.take_along_axis(np.broadcast_to(filled, order.shape), order, -1)
        first = np.arange(values.shape[1]) < own[:, None]
        count += int((np.abs(mean_difference((ranked * first).sum(-1))) >= seen - 1e-12).sum())
    return (count + 1) / (_DRAWS + 1)


def _t(confidence: float, calls: int) -> float:
    return float(stats.t.ppf(0.5 + confidence / 2, max(calls - 1, 1)))
