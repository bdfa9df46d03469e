"""What all comparisons of a night share: the tail of their z, and the night's budget.

Sources: the pooled tail is our own (see docs/statistics.md), averaged as in Hoeting, Madigan, Raftery & Volinsky 1999; Holm 1979 and Genovese, Roeder & Wasserman 2006 (weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

_DEGREES = np.array([3.0, 4.0, 5.0, 6.0, 8.0, 11.0, 16.0, 22.0, 30.0, np.inf])
_SCALES = np.linspace(0.6, 1.6, 41)
# before the days are seen: normal as likely as not; if not, the heavier a tail the rarer
_PRIOR = np.append(np.full(len(_DEGREES) - 1, 0.5 / (len(_DEGREES) - 1)), 0.5) * np.exp(-8.0 / _DEGREES)
_NEGLIGIBLE = 1e-6
_STILL, _COLUMNS = 0.5, 10


@dataclass(frozen=True)
class Tail:
    """Mixture of Student t to which the leave-one-day-out z belong: of the tails that are possible, (weight, scale, degrees)."""

    parts: tuple[tuple[float, float, float], ...] = ((1.0, 1.0, np.inf),)

    def upper(self, z: np.ndarray) -> np.ndarray:
        """P(Z ≥ z), same shape."""
        z = np.asarray(z, float)
        return np.sum([w * _upper(z / scale, degrees) for w, scale, degrees in self.parts], axis=0)


def fit_tail(z: np.ndarray) -> Tail:
    """The tail of pooled leave-one-day-out z, shape (days, series), NaN left out.

    Series of a day move together, so the likelihood is raised to the share of independent columns. What alarms lies further
    out than what 28 days can show, so the tails that the days leave possible are averaged by their posterior weight, and none
    is picked (Hoeting et al. 1999).
    """
    # the same rare count day after day is no normal z, and says nothing about the tail of those that are
    z = z[:, np.isfinite(z).all(0) & (z.std(0) > _STILL)]
    if z.shape[1] == 0 or len(z) < 5:
        return Tail()
    # columns that differ in width are no heavy tail
    width = z.std(0)
    z = z / width
    # the model's own width is 1, and a few columns are no reason to doubt it
    width = max(1.0, 1.0 + (float(np.median(width)) - 1.0) * z.shape[1] / (z.shape[1] + _COLUMNS))
    independent = _independent_columns(z) / z.shape[1]
    flat = z.ravel()
    values, scales = np.empty(len(_DEGREES)), np.ones(len(_DEGREES))
    for i, degrees in enumerate(_DEGREES):
        log = _log_density(flat / _SCALES[:, None], degrees).sum(1) - len(flat) * np.log(_SCALES)
        # scale is believed to be near 1, where the model puts it
        value = independent * log - 0.5 * (np.log(_SCALES) / 0.1) ** 2
        values[i] = value.max()
        if np.isfinite(degrees):
            scales[i] = _SCALES[value.argmax()]
    weight = _PRIOR * np.exp(values - values.max())
    weight /= weight.sum()
    parts = zip(weight, width * scales, _DEGREES, strict=True)
    return Tail(tuple((float(w), float(s), float(d)) for w, s, d in parts if w > _NEGLIGIBLE))


def _upper(z: np.ndarray, degrees: float) -> np.ndarray:
    return stats.norm.sf(z) if np.isinf(degrees) else stats.t.sf(z, degrees)


def _log_density(x: np.ndarray, degrees: float) -> np.ndarray:
    """Log density of a standard t (normal for infinite degrees), same shape."""
    if np.isinf(degrees):
        return -0.5 * x * x - 0.5 * np.log(2 * np.pi)
    constant = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - 0.5 * np.log(np.pi * degrees)
    return constant - 0.5 * (degrees + 1) * np.log1p(x * x / degrees)


def _independent_columns(z: np.ndarray) -> float:
    """Effective number of independent columns of z² (its participation ratio)."""
    r = np.corrcoef(z, rowvar=False) if z.shape[1] > 1 else np.ones((1, 1))
    r = np.nan_to_num(r)
    excess = max(0.0, float((r**2).sum() - len(r)) - len(r) * (len(r) - 1) / max(1, len(z) - 1))
    return len(r) ** 2 / (len(r) + excess)


def holm(p: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Adjusted p-values of the weighted Holm procedure, same shape as p (1-d); weights need not sum to 1.

    Rejecting where the result is at most α keeps the chance of any false alarm at or below α under every dependence.
    """
    share = weight / weight.sum() if weight.sum() > 0 else weight
    ratio = np.where(share > 0, p / np.maximum(share, 1e-300), np.inf)
    order = np.argsort(ratio, kind="stable")
    remaining = 1.0 - np.concatenate([[0.0], np.cumsum(share[order])[:-1]])
    adjusted = np.maximum.accumulate(np.minimum(ratio[order], 1e300) * np.maximum(remaining, 0.0))
    out = np.empty_like(ratio)
    out[order] = np.minimum(adjusted, 1.0)
    return out
