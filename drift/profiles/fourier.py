"""Random Fourier features: a vector's day as a point, so that distances of days are distances of distributions.

The mean of the features over a day is its kernel mean embedding under a Gaussian kernel; the squared distance of two such
means is the squared maximum mean discrepancy (MMD) of the two days. Means add, so the MMD of any two windows comes from
their profiles. Sources: Rahimi & Recht 2007; Gretton et al. 2012.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

FEATURES = 256
# unit vectors lie at most 2 apart, unrelated texts about 1.3: one kernel sees clusters, the other the whole
BANDWIDTHS = (0.5, 1.0)
_SEED = 20260301


def rff(x: np.ndarray) -> np.ndarray:
    """Features of unit vectors: (n, d) → float32 (n, 256), each row of length 1; for ever the same for the same d."""
    angle = np.asarray(x, np.float32) @ _frequencies(x.shape[1])
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1) * np.float32(np.sqrt(2 / FEATURES))


@lru_cache(maxsize=4)
def _frequencies(dimension: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64([_SEED, dimension]))
    drawn = rng.standard_normal((dimension, FEATURES // 2))
    scale = np.repeat(BANDWIDTHS, FEATURES // 2 // len(BANDWIDTHS))
    return (drawn / scale).astype(np.float32)
