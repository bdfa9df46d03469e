"""The scale on which shares are compared: their sampling error there is the same for every share. Source: Anscombe 1948."""

from __future__ import annotations

import numpy as np


def arcsine(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Anscombe's arcsine of a share; its sampling variance is 1/(4n) whatever the share."""
    return np.arcsin(np.sqrt(np.clip((k + 0.375) / (n + 0.75), 0.0, 1.0)))


def share(y: np.ndarray | float) -> np.ndarray:
    """The share whose arcsine is y."""
    return np.sin(np.clip(y, 0.0, np.pi / 2)) ** 2
