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
import pyarrow as pa
import pyarrow.compute as pc

from drift.profiles import OVERALL

REST = "(rest)"


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

    def largest(self, count: int = 3) -> list[tuple[str, float]]:
        """The segments that contribute most to the change within, with their parts, largest first."""
        order = np.argsort(-np.abs(self.within_parts), kind="stable")[:count]
        return [(self.segments[i], float(self.within_parts[i])) for i in order if self.within_parts[i] != 0]


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
    return Decomposition(before, after, mix + within, mix, within, names, w0, w1, m0, m1, mix_parts, within_parts)


def of_profiles(before: pa.Table, after: pa.Table, metric: str, dimension: str, label: str | None = None) -> Decomposition:
    """Split a metric's change between two profiles (schema `drift.profiles.SCHEMA`) over a dimension.

    For a number the change is on the metric's scale (logarithms for `log`); for a rate in shares; for a label metric name the
    `label` whose share is meant. What no segment covers is the segment "(rest)". Raises ValueError where a side has no rows.
    """
    sides = [_segments(table, metric, dimension, label) for table in (before, after)]
    names = sorted({name for side in sides for name in side} - {REST}) + [REST]
    arrays = [np.array([side.get(name, (0.0, 0.0))[k] for name in names]) for side in sides for k in (0, 1)]
    kept = (arrays[0] > 0) | (arrays[2] > 0)
    return decompose(*(a[kept] for a in arrays), tuple(n for n, k in zip(names, kept, strict=True) if k))


def _filled(mean: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Means, with the other side's where there is no traffic, and 0 where neither side has any."""
    return np.nan_to_num(np.where(np.isnan(mean), other, mean))


def _segments(table: pa.Table, metric: str, dimension: str, label: str | None) -> dict[str, tuple[float, float]]:
    own = table.filter(pc.and_(pc.equal(table["metric"], metric), pc.is_in(table["dimension"], pa.array([dimension, OVERALL]))))
    found: dict[str, tuple[float, float]] = {}
    whole = (0.0, 0.0)
    for row in own.select(["dimension", "value", "n", "sum", "labels", "counts"]).to_pylist():
        if label is None:
            total = row["sum"] or 0.0
        else:
            total = float(dict(zip(row["labels"] or [], row["counts"] or [], strict=True)).get(label, 0))
        if row["dimension"] == OVERALL:
            whole = (float(row["n"]), total)
        else:
            found[row["value"]] = (float(row["n"]), total)
    left = whole[0] - sum(n for n, _ in found.values())
    if left > 0:
        found[REST] = (left, whole[1] - math.fsum(total for _, total in found.values()))
    return found
