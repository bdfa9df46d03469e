"""How often each key occurs."""

from __future__ import annotations

import numpy as np


def count(keys: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Different keys (of 0 to size − 1), ascending, and how often each occurs."""
    # sorting keys is slower than counting them all, unless most of those that can be do not occur
    if size > 20 * len(keys) + 1_000_000:
        return np.unique(keys, return_counts=True)
    counts = np.bincount(keys, minlength=size)
    seen = np.flatnonzero(counts)
    return seen, counts[seen]
