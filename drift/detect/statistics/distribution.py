"""What a number does beyond its level: tails and shape of the day's histogram, around the day's own median."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma

from drift.detect.statistics import arcsine
from drift.detect.statistics.panel import Panel, Segment
from drift.detect.statistics.split import Split
from drift.detect.statistics.statistic import (
    CELL_PRIOR,
    TYPICAL_LEVEL,
    TYPICAL_LOGIT,
    TYPICAL_SHAPE,
    Scale,
    Statistic,
    history_of,
    prior,
)
from drift.findings import StatisticName
from drift.metrics import Metric
from drift.profiles import bins
from drift.profiles.quantiles import cumulative, quantile

TAIL, FAR_TAIL = 0.05, 0.01
# how a number's budget is shared by its statistics
LEVEL_WEIGHT, TAIL_WEIGHT, LOW_TAIL_WEIGHT, SHAPE_WEIGHT = 0.8, 0.1, 0.06, 0.04
# of the tail's part, where the far tail is followed
FAR_TAIL_WEIGHT = 0.04
# how much a shape differs between ordinary days is not known from fewer
SHAPE_DAYS = 7
SHAPE_BINS = 12
# the share expected below the low tail's threshold that is no longer a tail's, in times of it
_LEAVES_THE_TAIL = 4.0
# of n traces, √n · this at one value outweigh the sampling error of a bin when they jump
_ATOM = 0.5


@dataclass(frozen=True)
class _Days:
    """The days' histograms of one metric in one segment, on its scale.

    edges: (bins + 1,). base, cdf, expected: cumulative shares at the edges of the baseline together, (1, bins + 1), of each day and of
    what its mix explains, (T, bins + 1). middle, centre, centre_expected: their means. size: (T,) effective traces. traces: (T,) all.
    history: (T,) the baseline.
    """

    metric: Metric
    segment: Segment
    edges: np.ndarray
    base: np.ndarray
    cdf: np.ndarray
    expected: np.ndarray
    middle: float
    centre: np.ndarray
    centre_expected: np.ndarray
    size: np.ndarray
    traces: np.ndarray
    history: np.ndarray


def beyond_level(panel: Panel, j: int, split: Split, known: np.ndarray, deff: np.ndarray) -> Iterator[Statistic]:
    """Tails and shape around the day's own middle, so that they do not repeat the level.

    The middle is the mean. Where a metric is of two parts (two prices, two lengths), the median is at
    the edge of one of them, jumps to the other when the parts' shares move by a few traces, and all would be seen from there.
    deff: (T,) traces that count as one, as the level's do.
    """
    i = split.row
    metric, segment, history = panel.metrics[j], panel.segments[i], history_of(known)
    if history.sum() < SHAPE_DAYS:
        return
    first, counts = panel.histogram(i, j)
    width = counts.shape[1]
    edges = bins.edges(metric, np.arange(first, first + width + 1))
    counts = np.nan_to_num(counts)
    expected = _expected_histogram(panel, j, split, first, counts, history)
    base = counts[history].sum(0)
    # quantiles of a handful of values (steps, documents found) jump from one to the next
    if (base > 0).sum() < 5 or base.max() > 0.1 * base.sum():
        return
    cdf_base, cdf, cdf_expected = (cumulative(c) for c in (base[None], counts, expected))
    middle = _mean(edges, cdf_base)[0]
    centre, centre_expected = _mean(edges, cdf), _mean(edges, cdf_expected)
    traces = np.where(known, panel.n[:, i, j], 0.0)
    # a day without any has no traces that could count as one
    size = np.divide(traces, deff, out=np.zeros(len(traces)), where=deff > 0)
    days = _Days(
        metric=metric,
        segment=segment,
        edges=edges,
        base=cdf_base,
        cdf=cdf,
        expected=cdf_expected,
        middle=middle,
        centre=centre,
        centre_expected=centre_expected,
        size=size,
        traces=traces,
        history=history,
    )
    # what the slowest hundredth waits is what is complained of
    far = list(_far_tail(days)) if metric.tail and metric.unit == "s" else []
    yield from _upper_tail(days, TAIL_WEIGHT - sum(each.weight for each in far))
    yield from far
    if _largest_atom(base) > _ATOM / np.sqrt(size[history].mean()):
        return
    yield from _lower_tail(days)
    yield from _shape(days)


def _largest_atom(base: np.ndarray) -> float:
    """How much of the baseline the bin that stands out most has more than the mean of its neighbours: values that many traces
    share, such as a limit. Seen from a median that moves they jump from place to place."""
    share = np.pad(base / base.sum(), 1)
    return float((share[1:-1] - (share[:-2] + share[2:]) / 2).max())


def _upper_tail(d: _Days, weight: float) -> Iterator[Statistic]:
    """The p95 over the mean (on the scale: their difference)."""
    (high,) = quantile(d.edges, d.base, 1 - TAIL)
    if high <= d.middle:
        return
    reach = quantile(d.edges, d.cdf, 1 - TAIL)
    usual = quantile(d.edges, d.expected, 1 - TAIL) - d.centre_expected
    mix = usual - (high - d.middle)
    yield Statistic(
        metric=d.metric,
        segment=d.segment,
        name=StatisticName.TAIL,
        scale=Scale.QUANTILE,
        y=np.where(d.size > 0, reach - d.centre - mix, np.nan),
        mix=mix,
        n=d.size,
        variance=_beyond_mean(d.edges, d.base[0], high, d.middle),
        typical=TYPICAL_LEVEL,
        weight=weight,
        size=d.traces,
        quantile=reach,
    )


def _beyond_mean(edges: np.ndarray, cdf: np.ndarray, high: float, mean: float) -> float:
    """Variance of one trace in the p95 less the mean: the average over the traces of (p − 1{x < q})/f(q) − (x − µ) (Bahadur 1966)."""
    mass, at = np.diff(cdf), (edges[:-1] + edges[1:]) / 2 - mean
    f = _density(edges, cdf[None], 1 - TAIL, 0.02)
    below = np.clip((high - edges[:-1]) / np.diff(edges), 0, 1)
    together = -(mass * at * below).sum() / f
    return float(max(TAIL * (1 - TAIL) / f**2 + (mass * at**2).sum() - 2 * together, 1e-12))


def _far_tail(d: _Days) -> Iterator[Statistic]:
    """Share of traces as far above the day's mean as a hundredth of the baseline's is; told as the p99."""
    (high,) = quantile(d.edges, d.base, 1 - FAR_TAIL)
    if high <= d.middle:
        return
    seen = 1 - _below(d.edges, d.cdf, d.centre + high - d.middle)
    usual = 1 - _below(d.edges, d.expected, d.centre_expected + high - d.middle)
    yield from _tail_share(d, StatisticName.FAR_TAIL, 1 - FAR_TAIL, high, seen, usual, FAR_TAIL_WEIGHT)


def _lower_tail(d: _Days) -> Iterator[Statistic]:
    """Share of traces as far below the day's mean as a twentieth of the baseline's is."""
    (low,) = quantile(d.edges, d.base, TAIL)
    if low >= d.middle:
        return
    seen = _below(d.edges, d.cdf, d.centre + low - d.middle)
    usual = _below(d.edges, d.expected, d.centre_expected + low - d.middle)
    yield from _tail_share(d, StatisticName.LOW_TAIL, TAIL, low, seen, usual, LOW_TAIL_WEIGHT)


def _tail_share(
    d: _Days, name: StatisticName, q: float, threshold: float, seen: np.ndarray, usual: np.ndarray, weight: float
) -> Iterator[Statistic]:
    """Share of traces beyond the baseline's quantile q, at `threshold`, that moves with the day's mean: a count, exact where it is small.
    seen, usual: (T,) of each day, and what its mix explains."""
    tail = min(q, 1 - q)
    # where values are few and far apart at the low end, the threshold moves past one of them as the mean does, and what is expected
    # below it jumps between nothing and much: such a day says nothing of the tail
    there = (d.size > 0) & (usual > tail / _LEAVES_THE_TAIL) & (usual < tail * _LEAVES_THE_TAIL)
    if not there[-1] or (there & d.history).sum() < SHAPE_DAYS:
        return
    size = np.where(there, d.size, 0.0)
    effective = size / max(0.5, _moving_threshold(d.edges, d.base[0], q, threshold, d.middle))
    mean = float((usual * size)[d.history].sum() / max(size[d.history].sum(), 1))
    mix = np.arcsin(np.sqrt(np.clip(usual, 0, 1))) - np.arcsin(np.sqrt(mean))
    y = np.where(there, arcsine.arcsine(seen * effective, effective), np.nan)
    yield Statistic(
        metric=d.metric,
        segment=d.segment,
        name=name,
        scale=Scale.QUANTILE,
        y=y - mix,
        mix=mix,
        n=effective,
        variance=0.25,
        typical=TYPICAL_LOGIT * float(np.sqrt(tail)),
        weight=weight,
        events=np.round(seen * effective),
        size=np.round(effective),
        expected=usual,
        quantile=quantile(d.edges, d.cdf, q),
    )


def _moving_threshold(edges: np.ndarray, cdf: np.ndarray, q: float, low: float, mean: float) -> float:
    """By how much the variance of the share below a threshold, and so of that above it, grows when the threshold, the quantile q, moves with
    the day's mean.

    The share is 1{x < c} + f(c)(x − µ) on average over the traces, of variance p(1−p) + f²σ² + 2f·E[(x − µ) 1{x < c}].
    """
    mass, at = np.diff(cdf), (edges[:-1] + edges[1:]) / 2 - mean
    f = _density(edges, cdf[None], q, 0.4 * min(q, 1 - q))
    below = np.clip((low - edges[:-1]) / np.diff(edges), 0, 1)
    return float(1 + (f * f * (mass * at**2).sum() + 2 * f * (mass * at * below).sum()) / (q * (1 - q)))


def _shape(d: _Days) -> Iterator[Statistic]:
    """Distance of the day's centred histogram to the baseline's: χ² over bins of equal baseline mass, on a log scale."""
    q = np.arange(1, SHAPE_BINS) / SHAPE_BINS
    inner = np.unique(quantile(d.edges, np.broadcast_to(d.base, (len(q), d.base.shape[1])), q) - d.middle)
    if len(inner) < 4:
        return
    degrees = len(inner) - 1
    # of two narrow parts the mean moves by more than their width when their shares do, and the median jumps: a day is laid on the
    # baseline where it fits best
    median, median_expected = quantile(d.edges, d.cdf, 0.5), quantile(d.edges, d.expected, 0.5)
    stays = np.full(len(d.size), d.middle)
    laid = [
        _chi_squared(d, d.centre, d.centre_expected, inner),
        _chi_squared(d, median, median_expected, inner + (d.middle - quantile(d.edges, d.base, 0.5)[0])),
        _chi_squared(d, stays, stays, inner),
    ]
    days = d.history.sum()
    # a baseline day has a share in the baseline it is compared with, today has none
    own = np.where(np.arange(len(d.size)) < len(d.size) - 1, 1 - 1 / days, 1 + 1 / days)
    distance = np.min(laid, axis=0) / degrees / own
    y = np.where(d.size > 0, np.log(np.maximum(distance, 1e-3)), np.nan)
    yield Statistic(
        metric=d.metric,
        segment=d.segment,
        name=StatisticName.SHAPE,
        scale=Scale.SHAPE,
        y=y,
        mix=np.zeros_like(y),
        n=np.where(d.size > 0, 1.0, 0.0),
        variance=float(polygamma(1, degrees / 2)),
        typical=TYPICAL_SHAPE,
        weight=SHAPE_WEIGHT,
        size=d.size,
        one_sided=True,
        degrees=degrees,
    )


def _chi_squared(d: _Days, on: np.ndarray, on_expected: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """χ² of each day's histogram with its bins' edges at `inner` from its own `on`, (T,)."""
    seen = _between(d.edges, d.cdf, on[:, None] + inner)
    usual = np.maximum(_between(d.edges, d.expected, on_expected[:, None] + inner), 1e-6)
    # the days' own average, not the pooled histogram: laying each day by its own middle blurs the pooled one
    drawn = d.size[d.history, None]
    usual = usual * ((seen[d.history] * drawn).sum(0) / np.maximum((usual[d.history] * drawn).sum(0), 1e-300))
    # a bin that is all but empty (values that repeat) must not outweigh the others by one trace
    usual = np.maximum(usual, 0.2 / SHAPE_BINS)
    return (d.size[:, None] * (seen - usual) ** 2 / usual).sum(1)


def _expected_histogram(panel: Panel, j: int, split: Split, first: int, counts: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Histogram that each day's mix of cells explains, (T, bins)."""
    n, width = split.of("n", j), counts.shape[1]
    parts = np.zeros((len(split.groups) + 1, width))
    rows = [row for group in split.groups for row in group]
    group = np.repeat(np.arange(len(split.groups)), [len(group) for group in split.groups])
    np.add.at(parts, group, panel.histograms(rows, j, history, first, width))
    base = counts[history].sum(0)
    parts[-1] = np.maximum(base - parts[:-1].sum(0), 0)
    whole, like = base / max(base.sum(), 1), split.like(n, history)
    size = parts.sum(1, keepdims=True)
    target = like @ ((parts + CELL_PRIOR * whole) / (size + CELL_PRIOR)) + (1 - like.sum(1, keepdims=True)) * whole
    weight = prior(n, like)[:, None]
    return n @ ((parts + weight * target) / (size + weight))


def _mean(edges: np.ndarray, cdf: np.ndarray) -> np.ndarray:
    """Mean of each row, from the middles of the bins, (T,)."""
    return np.diff(cdf, axis=1) @ ((edges[:-1] + edges[1:]) / 2)


def _between(edges: np.ndarray, cdf: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share of each row between its own places `at` (T, K), and below the first and above the last: (T, K + 1)."""
    return np.diff(_below(edges, cdf, at), axis=1, prepend=0.0, append=1.0)


def _below(edges: np.ndarray, cdf: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share of each row below its own places `at`, (T,) or (T, K)."""
    place = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    rows = np.arange(len(cdf)).reshape(-1, *(1,) * (at.ndim - 1))
    low, width = cdf[rows, place], edges[place + 1] - edges[place]
    return low + np.clip((at - edges[place]) / width, 0, 1) * (cdf[rows, place + 1] - low)


def _density(edges: np.ndarray, cdf: np.ndarray, q: float, half: float) -> float:
    """Density at the quantile q, from the mass between the quantiles q ± half."""
    (low,), (high,) = quantile(edges, cdf, q - half), quantile(edges, cdf, q + half)
    return 2 * half / max(high - low, 1e-9)
