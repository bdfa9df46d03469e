"""How far out ordinary days reach: the tail of z, learnt from the baseline days of all metrics together.

Day effects can be heavy-tailed, sampling error is not. With λ the share of day effects in a prediction's variance,

    z = s (√λ t_ν + √(1−λ) N)        t_ν of unit variance, s near 1

t_ν is a normal whose variance (ν−2)/χ²_ν is drawn each day, so z is a mixture of normals whose variances are λ(ν−2)/χ²_ν + 1 − λ;
over k days together the variances are averaged, most of it the largest of them (one big jump: Embrechts, Klüppelberg & Mikosch
1997, §8.3). What alarms lies further out than what 28 days can show, so no ν is picked: those that the days leave possible are
averaged by their posterior weight (Hoeting, Madigan, Raftery & Volinsky 1999). Each series has a width s of its own, integrated
over its prior: a series with one day far out is wide by its standard deviation and narrow by its other days, and just that tells
a heavy tail from a wide series.

See docs/statistics.md, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import gammaincinv, ndtr

from drift.detect.predict.log_sum import log_sum_exp

# heavy, heavier than normal, normal, and how likely each is before the days are seen: what lies between them 28 days cannot
# tell from the normal, and to leave it possible costs power on ordinary days (python benchmarks/detector.py)
_DEGREES = np.array([4.0, 8.0, np.inf])
_PRIOR = np.array([0.002, 0.02, 0.978])
# widths of a series around the model's own, and how far they are believed to be from it
_WIDTHS, _SPREAD = np.geomspace(0.45, 1.9, 17), 0.25
# quantiles of the day's variance at which the mixture is summed up, dense where the variance is large
_STEPS = np.concatenate([np.geomspace(1e-9, 0.01, 22), np.linspace(0.01, 1.0, 13)[1:]])
_NEGLIGIBLE = 1e-5
_STILL, _COLUMNS = 0.5, 10


@dataclass(frozen=True)
class Tail:
    """The tails that are possible: (weight, scale, degrees of freedom of the day effects) of each."""

    parts: tuple[tuple[float, float, float], ...] = ((1.0, 1.0, np.inf),)

    def upper(self, z: np.ndarray, share: np.ndarray | float = 1.0, days: int = 1) -> np.ndarray:
        """P(Z ≥ z), same shape. share: λ, broadcast against z. days: how many independent day effects z averages."""
        z, share = np.broadcast_arrays(np.asarray(z, float), np.asarray(share, float))
        out = np.zeros(z.shape)
        for weight, scale, degrees in self.parts:
            for mass, variance in zip(*_variances(degrees, days), strict=True):
                out += weight * mass * ndtr(-z / (scale * np.sqrt(share * variance + 1 - share)))
        return out


@cache
def _variances(degrees: float, days: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and variances, of mean 1, of the normals whose mixture is the mean of `days` t of unit variance."""
    if np.isinf(degrees):
        return np.ones(1), np.ones(1)
    mass = np.diff(_STEPS, prepend=0.0)
    middle = np.concatenate([_STEPS[:1] / 2, np.sqrt(_STEPS[:-1] * _STEPS[1:])])
    largest = (degrees - 2) / (2 * gammaincinv(degrees / 2, -np.expm1(np.log1p(-middle) / days)))
    return mass, largest / days + 1 - float(mass @ largest) / days


def fit(z: np.ndarray, share: np.ndarray) -> Tail:
    """The tail of leave-one-day-out z, shape (days, series), NaN left out; share: (series,) λ of each.

    Series of a day move together, so the likelihood is raised to the share of independent columns.
    """
    # the same rare count day after day is no normal z, and says nothing about the tail of those that are
    told = np.isfinite(z).all(0) & (z.std(0) > _STILL)
    z, share = z[:, told], share[told]
    if z.shape[1] == 0 or len(z) < 5:
        return Tail(tuple((float(w), 1.0, float(d)) for w, d in zip(_PRIOR, _DEGREES, strict=True)))
    deviation = z.std(0)
    # the model's own width is 1, and a few columns are no reason to doubt it
    width = max(1.0, 1.0 + (float(np.median(deviation)) - 1.0) * z.shape[1] / (z.shape[1] + _COLUMNS))
    independent = independent_columns(z / deviation) / z.shape[1]
    prior = -0.5 * (np.log(_WIDTHS) / _SPREAD) ** 2
    prior -= log_sum_exp(prior)
    evidence, scales = np.empty(len(_DEGREES)), np.full(len(_DEGREES), width)
    for i, degrees in enumerate(_DEGREES):
        joint = _log_likelihood(z, share, degrees) + prior
        evidence[i] = independent * log_sum_exp(joint).sum()
        if np.isfinite(degrees):
            posterior = np.exp(joint - log_sum_exp(joint, keepdims=True))
            scales[i] = np.median(posterior @ _WIDTHS)
    weight = _PRIOR * np.exp(evidence - evidence.max())
    weight /= weight.sum()
    parts = zip(weight, scales, _DEGREES, strict=True)
    return Tail(tuple((float(w), float(s), float(d)) for w, s, d in parts if w > _NEGLIGIBLE))


def _log_likelihood(z: np.ndarray, share: np.ndarray, degrees: float) -> np.ndarray:
    """Log likelihood of each series under each width, (series, widths)."""
    mass, variance = (x[:, None, None] for x in _variances(degrees))
    variance = share * variance + 1 - share
    weight, square = mass / np.sqrt(2 * np.pi * variance), -0.5 * z**2 / variance
    log = [np.log((weight * np.exp(square / width**2)).sum(0) / width + 1e-300).sum(0) for width in _WIDTHS]
    return np.stack(log, axis=1)


def independent_columns(z: np.ndarray) -> float:
    """Effective number of independent columns of z² (its participation ratio)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.nan_to_num(np.corrcoef(z, rowvar=False) if z.shape[1] > 1 else np.ones((1, 1)))
    excess = max(0.0, float((r**2).sum() - len(r)) - len(r) * (len(r) - 1) / max(1, len(z) - 1))
    return len(r) ** 2 / (len(r) + excess)
