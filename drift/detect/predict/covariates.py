"""Cost and latency at given sizes: what a day costs depends on how long its inputs and answers are; take that out.

Days whose answers are long are days that cost more, so most of the day-to-day variation of the cost says nothing about
prices. The level of a cost or latency is regressed on the levels of the inputs' and outputs' sizes over the baseline days,
and today's residual is held against the residuals (a t test with the regression's degrees of freedom): a change of price or
speed shows long before the level alone would show it, and a change of length is not mistaken for one.

Sources: Cook & Weisberg 1982 (prediction error of a regression); the analysis of covariance, Fisher 1932.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtr

MOST_PREDICTORS = 3
# a size is a predictor when it explains this share of what is left; by chance 28 days do that once in 3,000
_EXPLAINS = 0.4
_SPARE_DAYS = 10


@dataclass(frozen=True)
class Residual:
    """Today's distance from the regression. z: normal score of the t; predictors: rows of x that were used."""

    z: float
    change: float
    error: float
    predictors: tuple[int, ...]


def residual(y: np.ndarray, x: np.ndarray) -> Residual | None:
    """Regress y (T,) on the rows of x (P, T) that explain it over the baseline days; today is the last.

    Days unknown in y or in a used predictor are left out. None where no predictor explains enough, where
    today is unknown, or where too few days are left.
    """
    used: list[int] = []
    while len(used) < MOST_PREDICTORS:
        best = max(((_partial(y, x, used, j), j) for j in range(len(x)) if j not in used), default=(0.0, -1))
        if best[0] < _EXPLAINS:
            break
        used.append(best[1])
    days = np.isfinite(y) & np.isfinite(x[used]).all(0)
    if not used or not days[-1] or days.sum() - 1 < len(used) + _SPARE_DAYS:
        return None
    base = days.copy()
    base[-1] = False
    centre = x[used][:, base].mean(1)
    design = np.column_stack([np.ones(base.sum()), (x[used][:, base] - centre[:, None]).T])
    today = np.concatenate([[1.0], x[used, -1] - centre])
    coefficients, *_ = np.linalg.lstsq(design, y[base], rcond=None)
    left = y[base] - design @ coefficients
    freedom = len(left) - design.shape[1]
    leverage = float(today @ np.linalg.pinv(design.T @ design) @ today)
    error = float(np.sqrt(max(left @ left / freedom, 1e-24) * (1 + leverage)))
    change = float(y[-1] - today @ coefficients)
    tail = max(float(stdtr(freedom, -abs(change) / error)), 1e-300)
    return Residual(float(-np.sign(change) * ndtri(tail)), change, error, tuple(used))


def _partial(y: np.ndarray, x: np.ndarray, used: list[int], j: int) -> float:
    """Share of what the used predictors leave of y that predictor j explains, over the baseline days."""
    base = np.isfinite(y) & np.isfinite(x[[*used, j]]).all(0)
    base[-1] = False
    if base.sum() < len(used) + 2 + _SPARE_DAYS:
        return 0.0
    design = np.column_stack([np.ones(base.sum()), x[used][:, base].T]) if used else np.ones((base.sum(), 1))
    of_y, of_x = (v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (y[base], x[j, base]))
    scale = float((of_y @ of_y) * (of_x @ of_x))
    # a predictor that the used ones determine has nothing left but rounding
    if of_x @ of_x < 1e-9 * max(float(np.var(x[j, base])) * base.sum(), 1e-300):
        return 0.0
    return float(of_y @ of_x) ** 2 / scale if scale > 0 else 0.0
