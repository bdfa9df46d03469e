"""What a number does beyond its level: tails and shape of the day's histogram, around the day's own median."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import polygamma

from drift.detect.statistics import arcsine, newcomers
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import (
    CELL_PRIOR,
    TYPICAL_LEVEL,
    TYPICAL_LOGIT,
    TYPICAL_SHAPE,
    Groups,
    Statistic,
    history_of,
    parts_of,
    prior,
)
from drift.profiles import bins

TAIL = 0.05
# how a number's budget is shared by its statistics
LEVEL_WEIGHT, TAIL_WEIGHT, LOW_TAIL_WEIGHT, SHAPE_WEIGHT = 0.8, 0.1, 0.06, 0.04
# how much a shape differs between ordinary days is not known from fewer
SHAPE_DAYS = 7
SHAPE_BINS = 12
# of n traces, √n · this at one value outweigh the sampling error of a bin when they jump
_ATOM = 0.5


def beyond_level(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    """Tails and shape around the day's own median, so that they do not repeat the level."""
    metric, segment, history = panel.metrics[j], panel.segments[i], history_of(known)
    if history.sum() < SHAPE_DAYS:
        return
    first, counts = panel.histogram(i, j)
    width = counts.shape[1]
    edges = bins.edges(metric, np.arange(first, first + width + 1))
    counts = np.nan_to_num(counts)
    expected = _expected_histogram(panel, i, j, groups, first, counts, history)
    base = counts[history].sum(0)
    # quantiles of a handful of values (steps, documents found) jump from one to the next
    if (base > 0).sum() < 5 or base.max() > 0.1 * base.sum():
        return
    cdf_base, cdf, cdf_expected = (_cdf(c) for c in (base[None], counts, expected))
    median = _quantile(edges, cdf_base, 0.5)[0]
    centre, centre_expected = _quantile(edges, cdf, 0.5), _quantile(edges, cdf_expected, 0.5)
    size = np.where(known, panel.n[:, i, j], 0.0)
    yield from _upper_tail(metric, segment, edges, cdf_base, cdf, cdf_expected, size)
    if _largest_atom(base) > _ATOM / np.sqrt(size[history].mean()):
        return
    yield from _lower_tail(metric, segment, edges, cdf_base, cdf, cdf_expected, size, history)
    yield from _shape(metric, segment, edges, cdf_base, cdf, cdf_expected, centre, centre_expected, median, size, history)


def _largest_atom(base: np.ndarray) -> float:
    """How much of the baseline the bin that stands out most has more than the mean of its neighbours: values that many traces
    share, such as a limit. Seen from a median that moves they jump from place to place."""
    share = np.pad(base / base.sum(), 1)
    return float((share[1:-1] - (share[:-2] + share[2:]) / 2).max())


def _upper_tail(metric, segment, edges, cdf_base, cdf, cdf_expected, size) -> Iterator[Statistic]:
    """The p95 over the median (on the scale: their difference)."""
    (low,), (median,), (high,) = (_quantile(edges, cdf_base, q) for q in (TAIL, 0.5, 1 - TAIL))
    if high == median:
        return
    tail, middle = _density(edges, cdf_base, 1 - TAIL, 0.02), _density(edges, cdf_base, 0.5, 0.05)
    # variance of a difference of two sample quantiles (Serfling 1980, §2.3)
    variance = TAIL * (1 - TAIL) / tail**2 + 0.25 / middle**2 - 2 * 0.5 * TAIL / (tail * middle)
    reach = _quantile(edges, cdf, 1 - TAIL)
    usual = _quantile(edges, cdf_expected, 1 - TAIL) - _quantile(edges, cdf_expected, 0.5)
    mix = usual - (high - median)
    y = np.where(size > 0, reach - _quantile(edges, cdf, 0.5) - mix, np.nan)
    yield Statistic(
        metric, segment, "tail", "quantile", y, mix, size, variance, TYPICAL_LEVEL, TAIL_WEIGHT, quantile=reach,
    )  # fmt: skip


def _lower_tail(metric, segment, edges, cdf_base, cdf, cdf_expected, size, history) -> Iterator[Statistic]:
    """Share of traces as far below the day's median as a twentieth of the baseline's is: a count, exact where it is small."""
    (low,), (median,) = (_quantile(edges, cdf_base, q) for q in (TAIL, 0.5))
    if low == median:
        return
    seen = _below(edges, cdf, _quantile(edges, cdf, 0.5) + low - median)
    usual = _below(edges, cdf_expected, _quantile(edges, cdf_expected, 0.5) + low - median)
    # moving the threshold with the day's median changes the variance of the share beyond it
    r = _density(edges, cdf_base, TAIL, 0.02) / _density(edges, cdf_base, 0.5, 0.05)
    effective = size / max(0.5, 1 + (r * r / 4 - r * TAIL) / (TAIL * (1 - TAIL)))
    mean = float((usual * size)[history].sum() / max(size[history].sum(), 1))
    mix = np.arcsin(np.sqrt(np.clip(usual, 0, 1))) - np.arcsin(np.sqrt(mean))
    y = np.where(size > 0, arcsine.arcsine(seen * effective, effective), np.nan)
    yield Statistic(
        metric, segment, "low tail", "quantile", y - mix, mix, effective, 0.25, TYPICAL_LOGIT * float(np.sqrt(TAIL)),
        LOW_TAIL_WEIGHT, events=np.round(seen * effective), size=np.round(effective), expected=usual,
        quantile=_quantile(edges, cdf, TAIL),
    )  # fmt: skip


def _shape(metric, segment, edges, cdf_base, cdf, cdf_expected, centre, centre_expected, median, size, history):
    """Distance of the day's centred histogram to the baseline's: χ² over bins of equal baseline mass, on a log scale."""
    inner = [_quantile(edges, cdf_base, q)[0] - median for q in np.arange(1, SHAPE_BINS) / SHAPE_BINS]
    inner = np.unique(inner)
    if len(inner) < 4:
        return
    places = np.column_stack([np.zeros(len(size)), *(_below(edges, cdf, centre + x) for x in inner), np.ones(len(size))])
    usual = np.column_stack(
        [np.zeros(len(size)), *(_below(edges, cdf_expected, centre_expected + x) for x in inner), np.ones(len(size))]
    )
    seen, usual = np.diff(places, axis=1), np.maximum(np.diff(usual, axis=1), 1e-6)
    # the days' own average, not the pooled histogram: centring each day by its own median blurs the pooled one
    drawn = size[history, None]
    usual = usual * ((seen[history] * drawn).sum(0) / np.maximum((usual[history] * drawn).sum(0), 1e-300))
    # a bin that is all but empty (values that repeat) must not outweigh the others by one trace
    usual = np.maximum(usual, 0.2 / SHAPE_BINS)
    degrees = len(inner) - 1
    distance = (size[:, None] * (seen - usual) ** 2 / usual).sum(1) / degrees
    days = history.sum()
    # a baseline day has a share in the baseline it is compared with, today has none
    distance = distance / np.where(np.arange(len(size)) < len(size) - 1, 1 - 1 / days, 1 + 1 / days)
    y = np.where(size > 0, np.log(np.maximum(distance, 1e-3)), np.nan)
    yield Statistic(
        metric, segment, "shape", "shape", y, np.zeros_like(y), np.where(size > 0, 1.0, 0.0),
        float(polygamma(1, degrees / 2)), TYPICAL_SHAPE, SHAPE_WEIGHT, size=size, one_sided=True,
    )  # fmt: skip


def _expected_histogram(panel, i, j, groups, first, counts, history) -> np.ndarray:
    """Histogram that each day's mix of cells explains, (T, bins)."""
    n = parts_of(panel, panel.n, i, j, groups)
    width = counts.shape[1]
    parts = np.zeros((len(groups) + 1, width))
    for c, row in ((c, row) for c, rows in enumerate(groups) for row in rows):
        start, own = panel.histogram(row, j)
        parts[c, start - first : start - first + own.shape[1]] += np.nan_to_num(own)[history].sum(0)
    base = counts[history].sum(0)
    parts[-1] = np.maximum(base - parts[:-1].sum(0), 0)
    whole, like = base / max(base.sum(), 1), newcomers.of_cells(panel, groups, n, history)
    size = parts.sum(1, keepdims=True)
    target = like @ ((parts + CELL_PRIOR * whole) / (size + CELL_PRIOR)) + (1 - like.sum(1, keepdims=True)) * whole
    weight = prior(n, like)[:, None]
    return n @ ((parts + weight * target) / (size + weight))


def _cdf(counts: np.ndarray) -> np.ndarray:
    """Cumulative shares at the bin edges, (T, bins + 1)."""
    total = np.maximum(counts.sum(1, keepdims=True), 1e-300)
    return np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, 1) / total], axis=1)


def _quantile(edges: np.ndarray, cdf: np.ndarray, q: float) -> np.ndarray:
    """Quantile of each row by linear interpolation within its bin, (T,)."""
    place = np.clip((cdf < q).sum(1) - 1, 0, len(edges) - 2)
    rows = np.arange(len(cdf))
    low, high = cdf[rows, place], cdf[rows, place + 1]
    inside = np.where(high > low, (q - low) / np.maximum(high - low, 1e-300), 0.5)
    return edges[place] + np.clip(inside, 0, 1) * (edges[place + 1] - edges[place])


def _below(edges: np.ndarray, cdf: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share of each row below its own place `at` (T,)."""
    place = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    rows = np.arange(len(cdf))
    inside = np.clip((at - edges[place]) / (edges[place + 1] - edges[place]), 0, 1)
    return cdf[rows, place] + inside * (cdf[rows, place + 1] - cdf[rows, place])


def _density(edges: np.ndarray, cdf: np.ndarray, q: float, half: float) -> float:
    """Density at the quantile q, from the mass between the quantiles q ± half."""
    (low,), (high,) = _quantile(edges, cdf, q - half), _quantile(edges, cdf, q + half)
    return 2 * half / max(high - low, 1e-9)
