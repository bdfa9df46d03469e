"""How often each key occurs."""

from __future__ import annotations

import numpy as np


def count(keys: np.ndarray, size: int, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Different keys (of 0 to size − 1), ascending, and how often each occurs, or what its whole weights add up to."""
    # sorting keys is slower than counting them all, unless most of those that can be do not occur
    if size > 20 * len(keys) + 1_000_000:
        seen, own = np.unique(keys, return_inverse=True)
        return seen, np.bincount(own, weights, len(seen)).astype(np.int64)
    counts = np.bincount(keys, weights, size)
    seen = np.flatnonzero(counts)
    return seen, counts[seen].astype(np.int64)
