"""From a panel to comparable series: a few statistics of each metric and segment, each with a known sampling variance.

Every statistic is standardised for the mix of segments: from a day's value what its mix of cells explains, at the cells'
baseline values, is taken out, so that what is left and tested is what changed within cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import polygamma

from drift.detect import cells, counting, likeness, random_effects
from drift.detect.panel import Panel, Segment
from drift.detect.strata import DEPLOYED
from drift.metrics import DECISIONS, Metric
from drift.profiles import CELL, OTHER, OVERALL, bins

# each cell of traffic as rows of the panel
Groups = Sequence[Sequence[int]]
# by day, the series (metric, dimension, value) that are not compared with it
Excluded = Mapping[date, Collection[tuple[str, str, str]]]

LABELS = 12
TAIL = 0.05
# how a number's budget is shared by its statistics
LEVEL_WEIGHT, TAIL_WEIGHT, LOW_TAIL_WEIGHT, SHAPE_WEIGHT = 0.8, 0.1, 0.06, 0.04
# how much a shape differs between ordinary days is not known from fewer
SHAPE_DAYS = 7
SHAPE_BINS = 12
# of n traces, √n · this at one value outweigh the sampling error of a bin when they jump
_ATOM = 0.5
# a cell's baseline mean is drawn toward the segment's as if by this many traces
_CELL_PRIOR = 20.0
# the √ρ that is typical of a kind of statistic: day effects of some per cent of the spread within a day
_TYPICAL_LEVEL, _TYPICAL_LOGIT, _TYPICAL_TRAFFIC, _TYPICAL_SHAPE = 0.035, 0.12, 0.08, 0.3


@dataclass(frozen=True)
class Statistic:
    """One series of a night; arrays are (T,), today last.

    y: standardised value on the scale on which it is compared. raw: the same before standardisation. mix: raw − y.
    n: effective traces. variance: of one trace on the scale. events: counts behind a share, for exact tails.
    expected: the share that the day's mix explains. quantile: the day's quantile behind a tail. scale: how to read y.
    """

    metric: Metric
    segment: Segment
    name: str
    scale: str
    y: np.ndarray
    mix: np.ndarray
    n: np.ndarray
    variance: float
    typical: float
    weight: float
    events: np.ndarray | None = None
    size: np.ndarray | None = None
    expected: np.ndarray | None = None
    quantile: np.ndarray | None = None
    one_sided: bool = False

    @property
    def raw(self) -> np.ndarray:
        return self.y + self.mix


def of(
    panel: Panel, min_traces: int, excluded: Excluded, segments: Sequence[Segment] | None = None
) -> list[Statistic]:
    """All statistics of a panel's segments (by default all): overall in full, the other segments by level and shares.

    A series is compared with all days of the panel that are known and not excluded; a segment's days of fewer than
    `min_traces` are unknown.
    """
    out: list[Statistic] = []
    measures = {"number": _number, "rate": _rate, "label": _label, "count": _count}
    for i, segment in enumerate(panel.segments):
        if segment[0] == CELL or segment[1] == OTHER or segments is not None and segment not in segments:
            continue
        groups = cells.of(panel, segment)
        for j, metric in enumerate(panel.metrics):
            if metric.kind not in measures or metric.name == segment[0]:
                continue
            n = panel.n[:, i, j]
            if not n[-1] > 0 or (segment[0] != OVERALL and n[-1] < min_traces):
                continue
            smallest = 1 if segment[0] == OVERALL else min_traces
            known = np.isfinite(n) & (n >= smallest) & ~_left_out(panel, metric.name, segment, excluded)
            if known[:-1].sum() < 2:
                continue
            out.extend(measures[metric.kind](panel, i, j, groups, known))
    return out


def stacked(kinds: Sequence[Statistic]) -> random_effects.Series:
    """The statistics as series of the model, each counting as evidence for itself."""
    return random_effects.Series(
        np.array([s.y for s in kinds]),
        np.array([s.n for s in kinds]),
        np.array([s.variance for s in kinds]),
        np.array([max(s.typical, 1e-4) for s in kinds]),
        np.array([f"{s.metric.kind} {s.name.partition(':')[0]}" for s in kinds]),
        np.ones(len(kinds)),
    )


def _left_out(panel: Panel, metric: str, segment: Segment, excluded: Excluded) -> np.ndarray:
    """Days (T,) that are no baseline for the series: what happened overall happened in every segment."""
    keys = {(metric, *segment), (metric, OVERALL, "")}
    return np.array([not keys.isdisjoint(excluded.get(day, ())) for day in panel.days[:-1]] + [False])


def _parts(panel: Panel, values: np.ndarray, i: int, j: int, groups: Groups) -> np.ndarray:
    """The segment's values split by cell, the remainder last: (T, C + 1). A day's unknown cell is in the remainder."""
    whole = np.nan_to_num(values[:, i, j])
    parts = [np.nan_to_num(values[:, rows, j]).sum(1) for rows in groups]
    return np.column_stack([*parts, whole - sum(parts, np.zeros(len(whole)))])


def _standard(n: np.ndarray, total: np.ndarray, history: np.ndarray, like: np.ndarray) -> tuple[np.ndarray, float]:
    """What each day's mix explains: Σ_c n_dc m_c / n_d, and the baseline's mean m̄; m_c are the cells' baseline means.

    n, total: (T, C). like: (C, C), see `likeness`. Returns (T,) and a number.
    """
    base_n, base = n[history].sum(0), total[history].sum(0)
    mean = base.sum() / max(base_n.sum(), 1e-300)
    cell = (base + _CELL_PRIOR * mean) / (base_n + _CELL_PRIOR)
    target = like @ cell + (1 - like.sum(1)) * mean
    cell = (base + _CELL_PRIOR * target) / (base_n + _CELL_PRIOR)
    day = n.sum(1)
    return np.where(day > 0, n @ cell / np.maximum(day, 1e-300), mean), mean


def _history(known: np.ndarray) -> np.ndarray:
    history = known.copy()
    history[-1] = False
    return history


def _number(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    metric, segment, history = panel.metrics[j], panel.segments[i], _history(known)
    n, total, squares = (_parts(panel, v, i, j, groups) for v in (panel.n, panel.sum, panel.squares))
    explained, mean = _standard(n, total, history, likeness.of_cells(panel, groups, n, history))
    size = n.sum(1)
    y = np.where(known, total.sum(1) / np.maximum(size, 1), np.nan)
    mix = explained - mean
    within = squares - np.where(n > 0, total**2 / np.maximum(n, 1e-300), 0.0)
    variance = within[history].sum() / max(size[history].sum() - 1, 1)
    # a constant has no sampling error; the width of a bin is then what can be told apart
    resolution = _resolution(metric, mean)
    variance = max(variance, resolution**2 / 12)
    overall = segment[0] == OVERALL
    yield Statistic(
        metric, segment, "level", "log" if metric.scale == "log" else "linear", y - mix, mix, np.where(known, size, 0.0),
        variance, _TYPICAL_LEVEL, LEVEL_WEIGHT if overall else 1.0,
    )  # fmt: skip
    if overall:
        yield from _distribution(panel, i, j, groups, known)


def _resolution(metric: Metric, level: float) -> float:
    if metric.scale == "log":
        return bins.LOG_WIDTH
    if metric.scale == "bounded":
        return (metric.high - metric.low) / bins.BOUNDED_BINS
    return bins.SIGNED_WIDTH * float(np.hypot(level, bins.SIGNED_UNIT))


def _distribution(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    """Tails and shape around the day's own median, so that they do not repeat the level."""
    metric, segment, history = panel.metrics[j], panel.segments[i], _history(known)
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
        metric, segment, "tail", "quantile", y, mix, size, variance, _TYPICAL_LEVEL, TAIL_WEIGHT, quantile=reach,
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
    y = np.where(size > 0, counting.arcsine(seen * effective, effective), np.nan)
    yield Statistic(
        metric, segment, "low tail", "quantile", y - mix, mix, effective, 0.25, _TYPICAL_LOGIT * float(np.sqrt(TAIL)),
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
        float(polygamma(1, degrees / 2)), _TYPICAL_SHAPE, SHAPE_WEIGHT, size=size, one_sided=True,
    )  # fmt: skip


def _expected_histogram(panel, i, j, groups, first, counts, history) -> np.ndarray:
    """Histogram that each day's mix of cells explains, (T, bins)."""
    n = _parts(panel, panel.n, i, j, groups)
    width = counts.shape[1]
    parts = np.zeros((len(groups) + 1, width))
    for c, row in ((c, row) for c, rows in enumerate(groups) for row in rows):
        start, own = panel.histogram(row, j)
        parts[c, start - first : start - first + own.shape[1]] += np.nan_to_num(own)[history].sum(0)
    base = counts[history].sum(0)
    parts[-1] = np.maximum(base - parts[:-1].sum(0), 0)
    whole, like = base / max(base.sum(), 1), likeness.of_cells(panel, groups, n, history)
    size = parts.sum(1, keepdims=True)
    target = like @ ((parts + _CELL_PRIOR * whole) / (size + _CELL_PRIOR)) + (1 - like.sum(1, keepdims=True)) * whole
    return n @ ((parts + _CELL_PRIOR * target) / (size + _CELL_PRIOR))


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


def _share(metric, segment, name, k, n, known, history, like, weight) -> Statistic | None:
    """k, n: events and traces by cell, (T, C). like: see `likeness`."""
    explained, mean = _standard(n, k, history, like)
    size, events = n.sum(1), k.sum(1)
    mean = (events[history].sum() + 0.5) / (size[history].sum() + 1)
    explained = np.clip(explained, 0.25 * mean, 1 - 0.25 * (1 - mean))
    mix = np.arcsin(np.sqrt(explained)) - np.arcsin(np.sqrt(mean))
    y = np.where(known, counting.arcsine(events, size), np.nan)
    return Statistic(
        metric, segment, name, "share", y - mix, mix, np.where(known, size, 0.0), 0.25,
        _TYPICAL_LOGIT * float(np.sqrt(mean * (1 - mean))), weight, events=events, size=size, expected=explained,
    )  # fmt: skip


def _rate(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    k, n = (_parts(panel, v, i, j, groups) for v in (panel.total, panel.n))
    history = _history(known)
    like = likeness.of_cells(panel, groups, n, history)
    yield _share(panel.metrics[j], panel.segments[i], "level", k, n, known, history, like, 1.0)


def _label(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    metric, segment, history = panel.metrics[j], panel.segments[i], _history(known)
    if metric.name in panel.dimensions:
        groups = []  # the mix is not explained by itself
    names, counts = panel.labels(i, j)
    counts = np.nan_to_num(counts)
    n = _parts(panel, panel.n, i, j, groups)
    like = likeness.of_cells(panel, groups, n, history)
    share = np.maximum(counts[history].sum(0) / max(counts[history].sum(), 1), counts[-1] / max(counts[-1].sum(), 1))
    kept = [c for c in np.argsort(-share, kind="stable")[:LABELS] if share[c] > 2e-4]
    if len(kept) > 2 and len(kept) == len(names):
        # the shares add up to one: the largest follows from the others
        kept = kept[1:]
    elif len(kept) == 2 == len(names):
        kept = kept[1:]
    if metric.name in {*panel.dimensions, *DEPLOYED}:
        routine = cells.no_news(counts[known])
        kept = [c for c in kept if not routine[c]]
    by_group = [[_by_name(panel, row, j) for row in rows] for rows in groups]
    for c in kept:
        parts = [sum((row.get(names[c], 0.0) for row in rows), np.zeros(len(n))) for rows in by_group]
        k = np.column_stack([*parts, counts[:, c] - sum(parts, np.zeros(len(n)))])
        # what somebody decided needs no budget: it never alarms
        weight = 0.0 if metric.name in DECISIONS else 1.0 / len(kept)
        yield _share(metric, segment, f"share:{names[c]}", k, n, known, history, like, weight)


def _by_name(panel: Panel, i: int, j: int) -> dict[str, np.ndarray]:
    """Counts (T,) of each label."""
    names, counts = panel.labels(i, j)
    return dict(zip(names, np.nan_to_num(counts).T, strict=True))


def _count(panel: Panel, i: int, j: int, groups: Groups, known: np.ndarray) -> Iterator[Statistic]:
    metric, segment = panel.metrics[j], panel.segments[i]
    if segment[0] != OVERALL:
        return  # that a segment has more of the traffic is what the mix says
    total = panel.total[:, i, j]
    known = known & (total > 0)
    if not known[-1] or known[:-1].sum() < 2:
        return
    y = np.where(known, np.log(np.where(known, total, 1.0)), np.nan)
    # no sampling error but that of counting
    n = np.where(known, np.where(metric.name in ("volume", "users"), total, panel.n[:, i, j]), 0.0)
    yield Statistic(metric, segment, "level", "log", y, np.zeros_like(y), n, 1.0, _TYPICAL_TRAFFIC, 1.0)
