"""From a panel to comparable series: a few statistics of each metric and segment, each with a known sampling variance.

Every statistic is standardised for the mix of segments: from a day's value what its mix of cells explains, at the cells'
baseline values, is taken out, so that what is left and tested is what changed within cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from drift.detect.statistics import arcsine, cells, course
from drift.detect.statistics.design_effect import DesignEffect
from drift.detect.statistics.distribution import LEVEL_WEIGHT, beyond_level
from drift.detect.statistics.panel import Panel, Segment
from drift.detect.statistics.split import Split
from drift.detect.statistics.statistic import (
    BY_CHANCE,
    TYPICAL_LEVEL,
    TYPICAL_LOGIT,
    TYPICAL_TRAFFIC,
    Excluded,
    Scale,
    Statistic,
    history_of,
    standard,
)
from drift.findings import StatisticName, share_of
from drift.metrics import Metric
from drift.profiles import CELL, OTHER, OVERALL, bins
from drift.profiles.dimensions import DEPLOYED

_BY_MINUTE = frozenset({"busiest_requests", "busiest_calls", "busiest_tokens", "minute_calls", "minute_tokens"})
# what grows with the traffic; ages, with a day in their unit
GROWING = frozenset({"volume", "users", "total_cost_usd", "vain_cost_usd"} | _BY_MINUTE)
_A_DAY = {"document_age_days": 1.0, "index_age_hours": 24.0}
# what the clock moves: a version that comes or goes in the middle of a day has other hours than its other days, and the same index as the rest
_BY_THE_CLOCK = frozenset({"index_age_hours"})
LABELS = 12
# answers come in the language of the question
_FOLLOWS = {"output_language": "input_language"}
# how far shares of a label among answers and questions may lie apart where one follows the other
_ALIKE = 1.5
# of one trace on the arcsine's scale
_OF_A_SHARE = 0.25
# events a day, with fewer of which the arcsine hardly varies
_RARE = 10.0


def of(panel: Panel, min_traces: int, excluded: Excluded, segments: Sequence[Segment] | None = None) -> list[Statistic]:
    """All statistics of a panel's segments (by default all): overall in full, the other segments by level and shares.

    A series is compared with all days of the panel that are known and not excluded; a segment's days of fewer than
    `min_traces` are unknown.
    """
    out: list[Statistic] = []
    measures = {"number": _number, "rate": _rate, "label": _label, "count": _count}
    design = DesignEffect.of(panel, excluded)
    for i, segment in enumerate(panel.segments):
        if segment[0] == CELL or segment[1] == OTHER or segments is not None and segment not in segments:
            continue
        split = Split(panel, segment)
        for j, metric in enumerate(panel.metrics):
            if metric.kind not in measures or metric.name == segment[0]:
                continue
            if metric.name in _BY_THE_CLOCK and segment[0] in DEPLOYED:
                continue
            n = panel.n[:, i, j]
            if not n[-1] > 0 or (segment[0] != OVERALL and n[-1] < min_traces):
                continue
            smallest = 1 if segment[0] == OVERALL else min_traces
            known = np.isfinite(n) & (n >= smallest) & ~_left_out(panel, metric.name, segment, excluded)
            if known[:-1].sum() < 2:
                continue
            out.extend(measures[metric.kind](panel, j, split, known, design))
    return out


def _ages(panel: Panel, i: int, name: str, history: np.ndarray) -> bool:
    """Whether an age rises by a day a day, in the segment or overall: a segment of a few days has seen no refresh yet."""
    j = panel.column.get(name)
    if j is None:
        return False
    known = np.append(np.ones(len(panel) - 1, bool), False)
    with np.errstate(invalid="ignore", divide="ignore"):
        own, whole = (np.where(panel.n[:, s, j] > 0, panel.sum[:, s, j] / panel.n[:, s, j], np.nan) for s in (i, 0))
    return course.ages(own, panel.days, history, _A_DAY[name]) or course.ages(whole, panel.days, known, _A_DAY[name])


def _left_out(panel: Panel, metric: str, segment: Segment, excluded: Excluded) -> np.ndarray:
    """Days (T,) that are no baseline for the series: what happened overall happened in every segment."""
    keys = {(metric, *segment), (metric, OVERALL, "")}
    if not excluded:
        return np.zeros(len(panel), bool)
    return np.array([not keys.isdisjoint(excluded.get(day, ())) for day in panel.days[:-1]] + [False])


def _number(panel: Panel, j: int, split: Split, known: np.ndarray, design: DesignEffect) -> Iterator[Statistic]:
    i = split.row
    metric, segment, history = panel.metrics[j], panel.segments[i], history_of(known)
    n, total, squares = (split.of(field, j) for field in ("n", "sum", "squares"))
    explained, mean = standard(n, total, history, split.like(n, history))
    size = n.sum(1)
    y = np.where(known, total.sum(1) / np.maximum(size, 1), np.nan)
    mix = explained - mean
    within = squares - np.where(n > 0, total**2 / np.maximum(n, 1e-300), 0.0)
    variance = within[history].sum() / max(size[history].sum() - 1, 1)
    # a constant has no sampling error; the width of a bin is then what can be told apart
    resolution = _resolution(metric, mean)
    variance = max(variance, resolution**2 / 12)
    overall = segment[0] == OVERALL
    ageing = metric.name in _A_DAY and _ages(panel, i, metric.name, history)
    freedom = np.maximum(size - (n > 0).sum(1), 1)
    own = np.maximum(within.sum(1) / freedom, resolution**2 / 12)
    weight = np.ones(len(y))
    # a trace or two beyond all that the baseline has shown move a mean, and its spread with it; a change of all of them does not
    beyond = np.maximum(own / (1 + BY_CHANCE * np.sqrt(2 / freedom)) / variance, 1.0)
    weight[-1] = 1 / beyond[-1]
    if ageing:
        # versions follow each other as days do: their mix would explain the ageing
        mix, traces = np.zeros(len(y)), np.maximum(size, 1)
        y, error = course.without_ageing(y, panel.days, history, _A_DAY[metric.name], own, traces)
        weight = variance / traces / error
    effective = weight * design.effective(i, j, size, y - mix, variance, history)
    yield Statistic(
        metric=metric,
        segment=segment,
        name=StatisticName.LEVEL,
        scale=Scale.LOG if metric.scale == "log" else Scale.LINEAR,
        y=y - mix,
        mix=mix,
        n=np.where(known, effective, 0.0),
        variance=variance,
        typical=TYPICAL_LEVEL,
        weight=LEVEL_WEIGHT if overall else 1.0,
        size=np.where(known, size, 0.0),
        # today's is in its weight
        rough=np.where(np.arange(len(y)) < len(y) - 1, variance * (beyond - 1) / np.maximum(size, 1), 0.0),
    )
    if overall and not ageing:
        yield from beyond_level(panel, j, split, known, size / np.maximum(effective, 1e-300))


def _resolution(metric: Metric, level: float) -> float:
    if metric.scale == "log":
        return bins.LOG_WIDTH
    if metric.scale == "bounded":
        return (metric.high - metric.low) / bins.BOUNDED_BINS
    return bins.SIGNED_WIDTH * float(np.hypot(level, bins.SIGNED_UNIT))


def _share(
    metric: Metric,
    segment: Segment,
    name: str,
    k: np.ndarray,
    n: np.ndarray,
    known: np.ndarray,
    history: np.ndarray,
    like: np.ndarray,
    weight: float,
    effective: Callable[[np.ndarray, np.ndarray, float, bool], np.ndarray],
) -> Statistic:
    """k, n: events and traces by cell, (T, C). like: see `likeness`. effective: the effective number of so many traces of a series, of
    the variance of one within its cell, and whether events are rare."""
    explained, mean = standard(n, k, history, like)
    size, events = n.sum(1), k.sum(1)
    mean = (events[history].sum() + 0.5) / (size[history].sum() + 1)
    explained = np.clip(explained, 0.25 * mean, 1 - 0.25 * (1 - mean))
    mix = np.arcsin(np.sqrt(explained)) - np.arcsin(np.sqrt(mean))
    y = np.where(known, arcsine.arcsine(events, size), np.nan)
    rare = min(mean, 1 - mean) * size[history].mean() < _RARE
    within = _OF_A_SHARE * _within_cells(k[history].sum(0), n[history].sum(0))
    return Statistic(
        metric=metric,
        segment=segment,
        name=name,
        scale=Scale.SHARE,
        y=y - mix,
        mix=mix,
        n=np.where(known, effective(size, y - mix, within, rare), 0.0),
        variance=_OF_A_SHARE,
        typical=TYPICAL_LOGIT * float(np.sqrt(mean * (1 - mean))),
        weight=weight,
        events=events,
        size=size,
        expected=explained,
    )


def _within_cells(k: np.ndarray, n: np.ndarray) -> float:
    """How much of a share's variance p(1 − p) is within cells, k and n (C,) events and traces of each: the rest is their mix's."""
    share, whole = k / np.maximum(n, 1.0), k.sum() / max(n.sum(), 1.0)
    return float((n * share * (1 - share)).sum() / max(n.sum() * whole * (1 - whole), 1e-300)) if 0 < whole < 1 else 1.0


def _effective(
    design: DesignEffect, i: int, j: int, history: np.ndarray
) -> Callable[[np.ndarray, np.ndarray, float, bool], np.ndarray]:
    return lambda size, y, within, rare: design.effective(i, j, size, y, within, history, rare=rare)


def _rate(panel: Panel, j: int, split: Split, known: np.ndarray, design: DesignEffect) -> Iterator[Statistic]:
    i, k, n = split.row, split.of("total", j), split.of("n", j)
    history = history_of(known)
    if panel.metrics[j].name == "stale_documents" and _ages(panel, i, "document_age_days", history):
        return  # how many are older than the limit follows from the age, which is told itself
    like = split.like(n, history)
    yield _share(
        metric=panel.metrics[j],
        segment=panel.segments[i],
        name=StatisticName.LEVEL,
        k=k,
        n=n,
        known=known,
        history=history,
        like=like,
        weight=1.0,
        effective=_effective(design, i, j, history),
    )


def _label(panel: Panel, j: int, split: Split, known: np.ndarray, design: DesignEffect) -> Iterator[Statistic]:
    i = split.row
    metric, segment, history = panel.metrics[j], panel.segments[i], history_of(known)
    if metric.name in panel.dimensions:
        split = Split(panel, segment, [])  # the mix is not explained by itself
    names, counts = panel.labels(i, j)
    counts = np.nan_to_num(counts)
    n = split.of("n", j)
    like = split.like(n, history)
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
    by_cell = split.labels(j) if kept else {}
    for c in kept:
        parts = by_cell.get(names[c], np.zeros((len(n), n.shape[1] - 1)))
        k = np.column_stack([parts, counts[:, c] - parts.sum(1)])
        found = _share(
            metric=metric,
            segment=segment,
            name=share_of(names[c]),
            k=k,
            n=n,
            known=known,
            history=history,
            like=like,
            weight=1.0 / len(kept),
            effective=_effective(design, i, j, history),
        )
        asked = panel.column.get(_FOLLOWS.get(metric.name, ""))
        yield found if asked is None else _beside(found, panel, i, asked, names[c], history)


def _beside(found: Statistic, panel: Panel, i: int, j: int, label: str, history: np.ndarray) -> Statistic:
    """The share of an answer's label without what the questions' share of the same label explains, as the mix is taken out."""
    names, counts = panel.labels(i, j)
    if label not in names:
        return found
    counts = np.nan_to_num(counts)
    size = counts.sum(1)
    asked = np.where(size > 0, arcsine.arcsine(counts[:, list(names).index(label)], size), np.nan)
    if found.expected is None or not np.isfinite(asked[history]).any():
        return found
    answered, of_questions = (float(np.nanmean(arcsine.share(x[history]))) for x in (found.raw, asked))
    if not 1 / _ALIKE <= answered / max(of_questions, 1e-9) <= _ALIKE:
        return found  # what an endpoint answers in one language, or as JSON, does not follow the questions
    moved = np.nan_to_num(asked - np.nanmean(asked[history]) - found.mix)
    expected = arcsine.share(np.arcsin(np.sqrt(np.clip(found.expected, 0.0, 1.0))) + moved)
    return replace(found, y=found.y - moved, mix=found.mix + moved, expected=expected)


def _count(panel: Panel, j: int, split: Split, known: np.ndarray, design: DesignEffect) -> Iterator[Statistic]:
    i, metric = split.row, panel.metrics[j]
    segment = panel.segments[i]
    if segment[0] != OVERALL:
        return  # that a segment has more of the traffic is what the mix says
    total = panel.total[:, i, j]
    known = known & (total > 0)
    if not known[-1] or known[:-1].sum() < 2:
        return
    y = np.where(known, np.log(np.where(known, total, 1.0)), np.nan)
    if metric.name in GROWING:
        y = course.without_growth(y, panel.days, history_of(known))
    # no sampling error but that of counting
    size = np.where(known, np.where(metric.name == "users", total, panel.n[:, i, j]), 0.0)
    n = (
        design.effective(i, j, size, y, 1.0, history_of(known))
        if metric.name == "volume"
        else _behind(panel, i, j, size, known)
    )
    yield Statistic(
        metric=metric,
        segment=segment,
        name=StatisticName.LEVEL,
        scale=Scale.LOG,
        y=y,
        mix=np.zeros_like(y),
        n=n,
        variance=1.0,
        typical=TYPICAL_TRAFFIC,
        weight=1.0,
        size=size,
    )


def _behind(panel: Panel, i: int, j: int, size: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of how many requests (T,) a day's sum is, as far as its error goes: Σx/w with w = Σx²/Σx, for the sum of a random number of requests
    varies as w times a Poisson count (compound Poisson; Bohm and Zech 2014). w is the day's own or the baseline's, whichever is larger: a
    day with one cheap request does not show how heavy the others could have been. And no more than is usual for a day of that size: a
    high day is no surer for being high. `size` where some day was profiled before the squares were kept."""
    total, squares, history = panel.total[:, i, j], panel.squares[:, i, j], history_of(known)
    if not (squares[known] > 0).all():
        return size
    usual = squares[history].sum() / total[history].sum()
    own = np.where(known, squares, 1.0) / np.where(known, total, 1.0)
    expected = total[history].sum() / usual / size[history].sum() * size
    return np.where(known, np.minimum(total / np.maximum(own, usual), expected), 0.0)
