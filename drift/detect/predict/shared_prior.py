"""What a night learns of ordinary days before it looks at any one series: the prior that all its series share (empirical Bayes).

Sources: Morris 1983 (empirical Bayes); Searle, Casella & McCulloch 1992, ch. 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from drift.detect.predict.log_sum import log_sum_exp
from drift.detect.predict.ordinary import SHIFTS, USUAL, Prior, Series, Shapes, Solution, densities, last_days

_SPREADS = (0.4, 0.6, 0.8, 1.1)
DOUBT = 0.7
# share of series without any day effect, and its log prior
_NONE = {0.02: -0.5, 0.2: -1.2, 0.6: -2.3}
_ROUNDS = 3
# the first guess of the shapes' prior counts as so many series
_GUESS = 5.0


def shared_prior(
    series: Series, days: Sequence[date], doubt: float = DOUBT, usual: Shapes = USUAL, solution: Solution | None = None
) -> Prior:
    """The prior under which the series' baselines are most likely, drawn toward a weak first guess.

    Today is left out of the likelihood, however far off it is. doubt: how far, on the log scale, a kind may be from its guess.
    usual: how likely the shapes are before the days are seen; one that cannot be is not learnt either. solution: of these series, its
    first mark today alone.
    """
    prior = Prior(usual.joint)
    if not len(series.y):
        return prior
    possible = prior.possible
    log = _without_today(solution or Solution.of(series, days, last_days(len(days), [1]), possible))
    around = densities(series, _SPREADS)
    base = usual.phi, usual.weekend, usual.weekday
    for _ in range(_ROUNDS if len(possible) > 1 else 1):
        with_shapes = log_sum_exp(log + np.log(prior.shapes[possible])[:, None], axis=1)
        prior = _fit_ratios(with_shapes, series, prior, doubt, around)
        if len(possible) == 1:
            break
        ratios = prior.log_ratios(series, around[_SPREADS.index(prior.spread)])
        joint = log_sum_exp(log + ratios[:, None, :]) + np.log(prior.shapes[possible])
        share = np.zeros(len(prior.shapes))
        share[possible] = series.evidence @ np.exp(joint - log_sum_exp(joint, keepdims=True))
        share = share.reshape([len(m) for m in base])
        sums = share.sum((1, 2)), share.sum((0, 2)), share.sum((0, 1))
        learnt = ((m * _GUESS + c) / (_GUESS + series.evidence.sum()) for m, c in zip(base, sums, strict=True))
        prior = replace(prior, shapes=Shapes(*learnt).joint)
    return prior


def _fit_ratios(log: np.ndarray, series: Series, prior: Prior, doubt: float, around: np.ndarray) -> Prior:
    """Spread and share without day effects by maximum posterior on a grid, of each kind's shift the posterior; log is (S, R).

    around: `densities` of the spreads."""
    likelihood = np.exp(log - log.max(1, keepdims=True))
    kinds, kind = np.unique(series.kind, return_inverse=True)
    # (spreads, 1, S, shifts): likelihood under each shift, were there a day effect
    some = (around @ likelihood[:, 1:, None])[:, None, :, :, 0]
    none = np.array(list(_NONE))[:, None, None]
    fit = np.log(none * likelihood[:, :1] + (1 - none) * some + 1e-300)
    each = fit.shape[0] * fit.shape[1]
    # the series of a kind together, (spreads, nones, kinds, shifts)
    place = (np.arange(each)[:, None] * len(kinds) + kind)[:, :, None] * len(SHIFTS) + np.arange(len(SHIFTS))
    log_fit = np.bincount(place.ravel(), (series.evidence[:, None] * fit).ravel(), each * len(kinds) * len(SHIFTS))
    by_kind = log_fit.reshape(*fit.shape[:2], len(kinds), len(SHIFTS)) - 0.5 * (SHIFTS / doubt) ** 2
    whole = log_sum_exp(by_kind, keepdims=True)
    far = 2 * np.log(np.array(_SPREADS) / 0.7) ** 2
    value = whole[..., 0].sum(-1) + np.array(list(_NONE.values())) - far[:, None]
    best, share = np.unravel_index(np.argmax(value), value.shape)
    shifts = dict(zip(kinds.tolist(), np.exp(by_kind[best, share] - whole[best, share]), strict=True))
    return Prior(prior.shapes, shifts, _SPREADS[best], list(_NONE)[share])


def _without_today(solution: Solution) -> np.ndarray:
    """REML log likelihood of the baseline, today apart: (S, possible shapes, R)."""
    out = solution.log.copy()
    for part in solution.parts:
        a, b = part.asked(slice(1))
        out[part.course.rows] += (0.5 / b * a * a - 0.5 * np.log(b))[..., 0]
    return out
