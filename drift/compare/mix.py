"""How much of an overall change is the traffic mix, and how much changed within the segments: exact, segment by segment.

    M = Σ_s w_s m_s        ΔM = Σ_s Δw_s (m̄_s − M̄)  +  Σ_s w̄_s Δm_s
                                mix                      within

with w the segments' shares of the traffic, m their means, Δ after − before and a bar for the average of the two. The
average weights make both parts symmetric in before and after, and leave no interaction term; because Σ Δw_s = 0, any
constant may be taken from m̄_s, and the average of the overall means M̄ makes a segment's mix part what a reader expects:
growth of a segment that is above average raises the overall mean. For two factors this is the Shapley value of the mix and
of the means.

A segment that appears or vanishes has no change within itself: all it does is mix.

Sources: Kitagawa 1955 (JASA 50); Das Gupta 1993; Shapley 1953.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Decomposition:
    """An overall change and its parts; `change == mix + within` holds to the last bit.

    before, after: overall mean (or rate). segments: their names. share_before, share_after: (S,) shares of the traffic.
    mean_before, mean_after: (S,), NaN where the segment has no traffic. mix_parts, within_parts: (S,), which add up to
    `mix` and `within`.
    """

    before: float
    after: float
    change: float
    mix: float
    within: float
    segments: tuple[str, ...]
    share_before: np.ndarray
    share_after: np.ndarray
    mean_before: np.ndarray
    mean_after: np.ndarray
    mix_parts: np.ndarray
    within_parts: np.ndarray


def decompose(
    n_before: np.ndarray,
    total_before: np.ndarray,
    n_after: np.ndarray,
    total_after: np.ndarray,
    segments: tuple[str, ...] | None = None,
) -> Decomposition:
    """Split the change of Σ total / Σ n over a partition.

    n_…: (S,) traces of each segment; total_…: (S,) the sum of the metric over them (for a rate the events; for a number on
    a log scale the sum of logarithms, and the change is then one of logarithms).
    Raises ValueError where shapes differ, a count is negative or a side has no traffic.
    """
    n0, x0, n1, x1 = (np.asarray(v, float) for v in (n_before, total_before, n_after, total_after))
    if not (n0.shape == x0.shape == n1.shape == x1.shape) or n0.ndim != 1:
        raise ValueError(f"four arrays of one shape (S,) are needed, got {n0.shape}, {x0.shape}, {n1.shape}, {x1.shape}")
    if (n0 < 0).any() or (n1 < 0).any():
        raise ValueError("a segment's count is negative")
    if not (n0.sum() > 0 and n1.sum() > 0):
        raise ValueError("both sides need traffic")
    names = tuple(segments) if segments is not None else tuple(map(str, range(len(n0))))
    w0, w1 = n0 / n0.sum(), n1 / n1.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        m0, m1 = np.where(n0 > 0, x0 / n0, np.nan), np.where(n1 > 0, x1 / n1, np.nan)
    before, after = math.fsum(x0[n0 > 0]) / n0.sum(), math.fsum(x1[n1 > 0]) / n1.sum()
    start, end = _filled(m0, m1), _filled(m1, m0)
    within_parts = (w0 + w1) / 2 * (end - start)
    mix_parts = (w1 - w0) * ((start + end) / 2 - (before + after) / 2)
    within = math.fsum(within_parts)
    mix = math.fsum(mix_parts)
    # the sum as floating point makes it, so that a reader who adds the two parts gets the change
    return Decomposition(
        before=before,
        after=after,
        change=mix + within,
        mix=mix,
        within=within,
        segments=names,
        share_before=w0,
        share_after=w1,
        mean_before=m0,
        mean_after=m1,
        mix_parts=mix_parts,
        within_parts=within_parts,
    )


def _filled(mean: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Means, with the other side's where there is no traffic, and 0 where neither side has any."""
    return np.nan_to_num(np.where(np.isnan(mean), other, mean))
