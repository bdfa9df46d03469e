"""The night's budget of false alarms over everything that is compared.

Sources: Holm 1979; Genovese, Roeder & Wasserman 2006 (weights).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from drift.profiles import OVERALL

OVERALL_SHARE = 0.8


def weights(units: Sequence[tuple[str, tuple[str, str], float]]) -> np.ndarray:
    """Share of the budget of every (metric, segment, weight): overall and segments apart, each metric alike, then by weight."""
    overall = np.array([segment[0] == OVERALL for _, segment, _ in units], bool)
    share = 1.0 if overall.all() else OVERALL_SHARE
    totals: Counter[tuple[str, tuple[str, str]]] = Counter()
    for name, segment, weight in units:
        totals[name, segment] += weight
    count = {own: sum((segment[0] == OVERALL) == own for _, segment in totals) for own in (True, False)}
    return np.array(
        [
            (share if own else 1 - share) / count[bool(own)] * weight / totals[name, segment]
            for (name, segment, weight), own in zip(units, overall, strict=True)
        ]
    )


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
