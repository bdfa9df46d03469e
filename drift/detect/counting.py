"""Exact tails of a count under a day effect: beta-binomial, where a normal on the arcsine scale would be too rough.

Source: Johnson, Kemp & Kotz 2005, ch. 6; the mid-p value, Lancaster 1961.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

# beyond this many expected or seen events the arcsine's normal is as good
LARGE = 300


def arcsine(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Anscombe's arcsine of a share; its sampling variance is 1/(4n) whatever the share."""
    return np.arcsin(np.sqrt(np.clip((k + 0.375) / (n + 0.75), 0.0, 1.0)))


def share(y: np.ndarray) -> np.ndarray:
    """The share whose arcsine is y."""
    return np.sin(np.clip(y, 0.0, np.pi / 2)) ** 2


def tails(k: int, n: int, p: float, variance: float) -> tuple[float, float]:
    """Mid-p values (upper, lower) of seeing k of n when the day's share is Beta with mean p and, on the arcsine scale,
    variance `variance`: that Beta has concentration 1/(4·variance) − 1, whatever p is."""
    if p > 0.5:
        lower, upper = tails(n - k, n, 1.0 - p, variance)
        return upper, lower
    concentration = max(1.0 / (4.0 * max(variance, 1e-12)) - 1.0, 1.0)
    p = min(max(p, 1e-12), 1 - 1e-12)
    a, b = p * concentration, (1.0 - p) * concentration
    reach = int(min(n, max(k, p * n) + 60 + 12 * np.sqrt(n * p * (1 + n / concentration)) + 4 * k))
    i = np.arange(reach + 1)
    log = (
        gammaln(n + 1) - gammaln(i + 1) - gammaln(n - i + 1)
        + gammaln(i + a) + gammaln(n - i + b) - gammaln(n + a + b)
        + gammaln(a + b) - gammaln(a) - gammaln(b)
    )  # fmt: skip
    mass = np.exp(log)
    half = 0.5 * mass[k]
    lower = mass[:k].sum() + half
    return max(mass[k + 1 :].sum() + half, 1e-300), max(lower, 1e-300)
