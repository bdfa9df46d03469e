"""Exact tails of a count under a day effect: beta-binomial, where a normal on the arcsine scale would be too rough.

Source: Johnson, Kemp & Kotz 2005, ch. 6; the mid-p value, Lancaster 1961.
"""

from __future__ import annotations

import numpy as np


def arcsine(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Anscombe's arcsine of a share; its sampling variance is 1/(4n) whatever the share."""
    return np.arcsin(np.sqrt(np.clip((k + 0.375) / (n + 0.75), 0.0, 1.0)))


def share(y: np.ndarray) -> np.ndarray:
    """The share whose arcsine is y."""
    return np.sin(np.clip(y, 0.0, np.pi / 2)) ** 2


