"""A run of a golden set beside the runs before it: the same questions each time, so only the answers can differ.

Of each example the mean over its k answers is compared with its own mean over the earlier runs; the mean of these differences is what
changed. Runs are the replicates: how far a run ordinarily is from the others is in the error, beside what sampling alone makes (a run's
answers waver), so a provider whose days differ is no alarm. A rate of which hardly anything was seen is held, too, against the exact
law of its count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from drift import metrics
from drift.compare.rows import on_scale, typed
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.findings import Direction, StatisticName, direction
from drift.golden.run import AGREEMENT, EXAMPLE, EXPECTED
from drift.metrics import Metric

# runs of the past below which a change is provisional, and nothing is said below two
FEWEST, _LEAST = 7, 2
# part of a rate's binomial variance that a run's error has at the least; beyond it the runs themselves tell how far they lie apart
_FLOOR = 0.25
# what of an answer can change where the questions cannot; each part of a budget is the metric's weight
FOLLOWED = (
    EXPECTED, "refusal", "json_valid", "empty", "truncated", "declined", "output_language", "output_characters", "repetition",
    AGREEMENT, "latency_s", "cost_usd", "reference_similarity", "answer_relevance",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One metric of a run beside the runs before. value_from, value_to: levels on the metric's scale, of all examples together; low, high:
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


def changes(today: pd.DataFrame, past: Sequence[pd.DataFrame], settings: Settings, budget: float) -> list[Change]:
    """Every followed metric of a run against the runs before, changed ones first; nothing with fewer than two runs before.

    Each table has one row an answer, with `example_id`.
    """
    if len(past) < _LEAST:
        return []
    found = [found for name in FOLLOWED if (found := _change(name, today, past, settings)) is not None]
    weights = {each.metric: metrics.lookup(each.metric).weight for each in found}
    total = sum(weights.values())
    out = []
    # Holm's procedure, weighted: the chance of any false alarm in a run is the budget
    left, highest = total, 0.0
    for each in sorted(found, key=lambda each: each.p / weights[each.metric]):
        highest = max(highest, min(1.0, each.p * left / weights[each.metric]))
        left -= weights[each.metric]
        out.append(_judged(each, highest, budget))
    return sorted(out, key=lambda each: (not each.changed, each.q))


def _judged(each: Change, q: float, budget: float) -> Change:
    changed = q <= budget and abs(each.effect) >= each.margin
    return Change(**{**vars(each), "q": q, "changed": changed})


def _change(name: str, today: pd.DataFrame, past: Sequence[pd.DataFrame], settings: Settings) -> Change | None:
    runs = [*past, today]
    if name in settings.disabled or not all(name in run and run[name].notna().any() for run in runs):
        return None
    metric = metrics.lookup(name)
    if metric.kind == "label":
        metric, runs = _commonest(metric, runs)
    metric = typed(metric, today, past[0])
    values, spread = _by_example(metric, runs)
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


def _by_example(metric: Metric, runs: Sequence[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
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
    """The level of the past, the standard error of today's distance from it, and p.

    values: (runs, examples), today last. The error is the larger of how far runs lie apart (t, with a degree of freedom a run less one)
    and of what wavering answers alone make.
    """
    past = values[:-1]
    own = np.nanmean(past, 0)
    level = float(np.nanmean(own))
    n = len(past)
    # each run's distance from the mean of all past runs, example by example, so that a run that lacks some is not another level
    distances = np.nanmean(past - own, 1)
    apart = float(np.nansum((distances - distances.mean()) ** 2) / (n - 1))
    wavering = float(np.sum(spread)) / len(spread) ** 2
    error = float(np.sqrt(max(apart, wavering) * (1 + 1 / n)))
    change = _distance(values)
    if metric.kind == "rate":
        seen = [_counts(metric, run) for run in runs]
        p = _of_counts(seen)
        floor = float(np.sqrt(_least_variance(seen) * (1 + 1 / n)))
        error = max(error, floor)
        p = max(p, float(2 * stats.t.sf(abs(change) / error, n - 1)))
        return level, error, min(1.0, p)
    if error == 0:
        return level, 0.0, 1.0 if change == 0 else 0.0
    return level, error, float(2 * stats.t.sf(abs(change) / error, n - 1))


def _distance(values: np.ndarray) -> float:
    """How far the last run is from the mean of the others, over the examples that it has."""
    return float(np.nanmean(values[-1] - np.nanmean(values[:-1], 0)))


def _counts(metric: Metric, run: pd.DataFrame) -> tuple[int, int]:
    x = run[metric.name].to_numpy(float)
    return int((x > 0.5).sum()), int(np.isfinite(x).sum())


def _of_counts(seen: Sequence[tuple[int, int]]) -> float:
    """Mid-p of today's count given all runs' (the past's and today's answers are as likely to be those that were seen), two-sided."""
    (k, n), total, answers = seen[-1], sum(k for k, _ in seen), sum(n for _, n in seen)
    law = stats.hypergeom(answers, total, n)
    half = 0.5 * law.pmf(k)
    return float(min(1.0, 2 * min(law.sf(k) + half, law.cdf(k - 1) + half)))


def _least_variance(seen: Sequence[tuple[int, int]]) -> float:
    """What an answer more than was seen in the past would make of a run's variance: a rate of 0 is not known to be 0."""
    past = seen[:-1]
    answers, events = sum(n for _, n in past), sum(k for k, _ in past)
    p = (min(events, answers - events) + 1) / (answers + 2)
    return p * (1 - p) / max(1, past[-1][1]) * _FLOOR
