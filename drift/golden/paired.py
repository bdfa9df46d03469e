"""A run of a golden set beside the runs before it: the same questions each time, so only the answers can differ.

Of each example the mean over its k answers is compared with its own mean over the earlier runs; the mean of these differences is what
changed. Runs are the replicates: how far a run ordinarily is from the others is in the error, beside what sampling alone makes (a run's
answers waver), so a provider whose days differ is no alarm. A rate of which hardly anything was seen is held, too, against the exact
law of its count.

The examples' own fields (category, difficulty) are segments: each metric is looked into within them, for a part of the budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from drift import metrics
from drift.compare.rows import on_scale, typed
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.findings import Direction, StatisticName, direction
from drift.golden.answers import AGREEMENT, EXAMPLE, EXPECTED, REWORDED
from drift.metrics import Metric

# runs of the past below which a change is provisional, and nothing is said below two
FEWEST, _LEAST = 7, 2
# part of a rate's binomial variance that a run's error has at the least; beyond it the runs themselves tell how far they lie apart
_FLOOR = 0.25
# what of an answer can change where the questions cannot; each part of a budget is the metric's weight
FOLLOWED = (
    EXPECTED, "refusal", "json_valid", "empty", "truncated", "declined", "output_language", "output_characters", "repetition",
    AGREEMENT, REWORDED, "latency_s", "cost_usd", "reference_similarity", "answer_relevance",
)  # fmt: skip


# the segments' part of the budget, and the fewest examples of one; of a field the values with the most examples are looked into
_WITHIN, _EXAMPLES, _VALUES = 0.25, 10, 6


@dataclass(frozen=True)
class Change:
    """One metric of a run beside the runs before, of all examples or of those with a value of a field (dimension, value; else empty). value_from, value_to: levels on the metric's scale, of all examples together; low, high:
    95 % interval of the change on that scale; effect and margin in the terms of `Metric.matters`; p is two-sided, q adjusted for all
    metrics; changed: q within the set's budget, and the change large enough to matter."""

    metric: str
    value_from: float
    value_to: float
    low: float
    high: float
    effect: float
    margin: float
    p: float
    q: float
    changed: bool
    direction: Direction
    runs: int
    dimension: str = ""
    value: str = ""


def changes(
    today: pd.DataFrame, past: Sequence[pd.DataFrame], settings: Settings, budget: float, fields: Sequence[str] = ()
) -> list[Change]:
    """Every followed metric of a run against the runs before, of all examples and within the values of `fields`; changed ones first, all
    examples before their parts. Nothing with fewer than two runs before.

    Each table has one row an answer, with `example_id`.
    """
    if len(past) < _LEAST:
        return []
    # an example that is new has nothing to be compared with
    today = today[today[EXAMPLE].isin(set().union(*(run[EXAMPLE] for run in past)))]
    found = [found for name in FOLLOWED if (found := _change(name, today, past, settings)) is not None]
    within = [
        replace(part, dimension=dimension, value=value)
        for dimension, value, own, before in _segments(today, past, fields)
        for name in FOLLOWED
        if (part := _change(name, own, before, settings)) is not None
    ]
    out = []
    # Holm's procedure, weighted: the chance of any false alarm in a run is the budget
    weighted = [*zip(found, _weights(found, 1.0 - _WITHIN * bool(within)), strict=True)]
    weighted += zip(within, _weights(within, _WITHIN), strict=True)
    left, highest = 1.0, 0.0
    for each, weight in sorted(weighted, key=lambda pair: pair[0].p / pair[1]):
        highest = max(highest, min(1.0, each.p * left / weight))
        left -= weight
        out.append(_judged(each, highest, budget))
    return sorted(out, key=lambda each: (not each.changed, each.dimension != "", each.q))


def _weights(found: Sequence[Change], part: float) -> list[float]:
    """The metrics' weights, which add up to `part`."""
    own = [metrics.lookup(each.metric).weight for each in found]
    return [part * each / sum(own) for each in own]


def _segments(
    today: pd.DataFrame, past: Sequence[pd.DataFrame], fields: Sequence[str]
) -> Iterator[tuple[str, str, pd.DataFrame, list[pd.DataFrame]]]:
    """The answers of today and of the past to the examples that have a value of a field now; of runs that have any."""
    for field in fields:
        known = today.dropna(subset=[field]).groupby(field)[EXAMPLE].nunique()
        enough = sorted(known[known >= _EXAMPLES].items(), key=lambda pair: (-pair[1], str(pair[0])))
        # a field of one value is all examples once more
        for value, _ in enough[:_VALUES] if len(known) > 1 else ():
            ids = set(today.loc[today[field] == value, EXAMPLE])
            before = [part for run in past if len(part := run[run[EXAMPLE].isin(ids)])]
            if len(before) >= _LEAST:
                yield field, str(value), today[today[EXAMPLE].isin(ids)], before


def _judged(each: Change, q: float, budget: float) -> Change:
    return replace(each, q=q, changed=q <= budget and abs(each.effect) >= each.margin)


def _change(name: str, today: pd.DataFrame, past: Sequence[pd.DataFrame], settings: Settings) -> Change | None:
    runs = [*past, today]
    if name in settings.disabled or not all(name in run and run[name].notna().any() for run in runs):
        return None
    metric = metrics.lookup(name)
    if metric.kind == "label":
        metric, runs = _commonest(metric, runs)
    metric = typed(metric, today, past[0])
    values, spread = by_example(metric, runs)
    known = np.isfinite(values[:-1]).any(0)
    values, spread = values[:, known], spread[known]
    if not np.isfinite(values[-1]).any():
        return None
    level, error, p = _test(metric, values, spread, runs)
    change = _distance(values)
    now = level + change
    degrees = len(past) - 1
    half = float(stats.t.ppf(0.975, degrees)) * error
    effect = float(np.expm1(change)) if metric.relative else change
    margin, toward = matters(metric, settings, level), direction(metric.worse, StatisticName.LEVEL, change)
    return Change(name, level, now, change - half, change + half, effect, margin, p, 1.0, False, toward, len(past))


def _commonest(metric: Metric, runs: Sequence[pd.DataFrame]) -> tuple[Metric, list[pd.DataFrame]]:
    """A label as the share of its commonest value."""
    usual = pd.concat([run[metric.name] for run in runs[:-1]]).dropna().mode().iloc[0]
    rate = Metric(
        metric.name, "rate", metric.side, "share", metric.doc, matters=metric.matters, scale="bounded", weight=metric.weight
    )
    return rate, [
        run.assign(**{metric.name: (run[metric.name] == usual).where(run[metric.name].notna()).astype(float)}) for run in runs
    ]


def by_example(metric: Metric, runs: Sequence[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Means over the answers, (runs, examples), and the variance of such a mean as the answers' wavering makes it, (examples,)."""
    ids = [run[EXAMPLE].to_numpy() for run in runs]
    examples, codes = np.unique(np.concatenate(ids), return_inverse=True)
    places = np.split(codes, np.cumsum([len(each) for each in ids])[:-1])
    means, spread = [], []
    for run, place in zip(runs, places, strict=True):
        x = on_scale(metric, run[metric.name])
        place, x = place[np.isfinite(x)], x[np.isfinite(x)]
        n, total, squares = (np.bincount(place, w, len(examples)) for w in (np.ones(len(x)), x, x * x))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total / n
            within = np.maximum(squares - n * mean**2, 0.0) / (n - 1) / n
        means.append(mean)
        spread.append(np.where(n > 1, within, np.nan))
    known = np.isfinite(spread)
    return np.array(means), np.where(known, spread, 0.0).sum(0) / np.maximum(known.sum(0), 1)


def _test(metric: Metric, values: np.ndarray, spread: np.ndarray, runs: Sequence[pd.DataFrame]) -> tuple[float, float, float]:
    """The level of the past, the standard error of today's distance from it, and p. values: (runs, examples), today last."""
    past, change = values[:-1], _distance(values)
    level, n = float(np.nanmean(np.nanmean(past, 0))), len(past)
    if metric.kind == "rate":
        seen = np.array([counts(metric, run) for run in runs])
        error = error_of(past, spread, seen[:-1])
        p = float(of_counts(seen[-1, 0], seen[-1, 1], seen[:-1]))
        return level, error, min(1.0, max(p, float(2 * stats.t.sf(abs(change) / error, n - 1))))
    error = error_of(past, spread)
    if error == 0:
        return level, 0.0, 1.0 if change == 0 else 0.0
    return level, error, float(2 * stats.t.sf(abs(change) / error, n - 1))


def error_of(past: np.ndarray, spread: np.ndarray, seen: np.ndarray | None = None) -> float:
    """The standard error of a run's distance from the runs before it: the larger of how far those lie apart (t, with a degree of freedom a run
    less one) and of what wavering answers alone make, and of a rate of what it has at the least.

    past: (runs, examples) and spread: (examples,) as `by_example` has them; seen: of a rate its counts in the past, (runs, 2).
    """
    n = len(past)
    # each run's distance from the mean of all past runs, example by example, so that a run that lacks some is not another level
    distances = np.nanmean(past - np.nanmean(past, 0), 1)
    apart = float(np.nansum((distances - distances.mean()) ** 2) / (n - 1))
    wavering = float(np.sum(spread)) / len(spread) ** 2
    least = _least_variance(seen) if seen is not None else 0.0
    return float(np.sqrt(max(apart, wavering, least) * (1 + 1 / n)))


def _distance(values: np.ndarray) -> float:
    """How far the last run is from the mean of the others, over the examples that it has."""
    return float(np.nanmean(values[-1] - np.nanmean(values[:-1], 0)))


def counts(metric: Metric, run: pd.DataFrame) -> tuple[int, int]:
    """Of a rate, how many answers have it and of how many that is known."""
    x = run[metric.name].to_numpy(float)
    return int((x > 0.5).sum()), int(np.isfinite(x).sum())


def of_counts(k: np.ndarray | int, n: int, past: np.ndarray) -> np.ndarray:
    """Mid-p of a count given all runs' (the past's and today's answers are as likely to be those that were seen), two-sided.

    k: of n answers today, any shape; past: (runs, 2).
    """
    total, answers = past[:, 0].sum() + k, past[:, 1].sum() + n
    half = 0.5 * stats.hypergeom.pmf(k, answers, total, n)
    above, below = (stats.hypergeom.sf(k, answers, total, n), stats.hypergeom.cdf(np.subtract(k, 1), answers, total, n))
    return np.minimum(1.0, 2 * np.minimum(above + half, below + half))


def _least_variance(past: np.ndarray) -> float:
    """What an answer more than was seen in the past would make of a run's variance: a rate of 0 is not known to be 0."""
    events, answers = past.sum(0)
    p = (min(events, answers - events) + 1) / (answers + 2)
    return float(p * (1 - p) / max(1, past[-1][1]) * _FLOOR)
