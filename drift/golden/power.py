"""What a golden set can show: the smallest change that a gate against the last run stops, or that a night sees, with a chance of 0.9, from the
runs themselves.

A change is taken to fall on all examples alike. Of a rate each example's own chance is drawn towards the run's by as much as examples
resemble each other (a beta-binomial law by moments), and the next run is drawn from it; of a number the answers' wavering within examples
gives the error of a difference of two runs. How far two runs lie apart beyond that is not known from one run and not in it; a night has it
from the runs before.

The runs that are there stay as they are: a gate is against this last run, with what it has by chance. Its own rate is not known but by that run
(a beta law after Jeffreys), so each draw of the next run has a rate of its own; to draw the last run anew as well would say too large a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from drift import metrics
from drift.compare.rows import compare_rows, on_scale, typed
from drift.config import Config
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.golden.answers import EXAMPLE, EXPECTED
from drift.golden.paired import FEWEST, FOLLOWED, by_example, counts, error_of, of_counts
from drift.metrics import Metric
from drift.text import wording

CHANCE = 0.9
# a change of length stops a gate too, by as much as matters: with the same questions it is the model's
MARGINS: Mapping[str, float] = {"output_characters": 0.02}
_TOLD = (EXPECTED, "refusal", "json_valid", "output_characters", "latency_s")
_DRAWS, _STEPS = 1000, 18


@dataclass(frozen=True)
class Power:
    """The smallest change of a metric that is stopped, or seen, with a chance of 0.9, in the terms of `Metric.matters`; its level now. examples,
    times: what the set is."""

    metric: str
    level: float
    size: float
    examples: int = 0
    times: int = 0


def told(last: pd.DataFrame, config: Config, rng: np.random.Generator | None = None) -> list[Power]:
    """Of the metrics that the run has: a rise of what is worse when it rises, a fall of what is worse when it falls, and shorter answers."""
    rng = rng or np.random.default_rng(0)
    settings, out = Settings.of(config), []
    seen = compare_rows(last, last, config, pair_on=EXAMPLE).rows
    for name in _TOLD:
        rows = [row for row in seen if row.metric == name]
        if not rows:
            continue
        metric = typed(metrics.lookup(name), last, last)
        # Benjamini and Hochberg ask so much of a metric that changes alone
        needed = settings.budget / len({row.metric for row in seen}) / len(rows)
        found = (_of_rate if metric.kind == "rate" else _of_number)(metric, last, needed, settings, rng)
        if found is not None:
            examples, times = _size_of(last)
            out.append(replace(found, examples=examples, times=times))
    return out


def _size_of(run: pd.DataFrame) -> tuple[int, int]:
    """The examples of a run, and how often each was asked."""
    answers = run.groupby(EXAMPLE).size()
    return len(answers), int(answers.max())


def _of_rate(metric: Metric, last: pd.DataFrame, needed: float, settings: Settings, rng: np.random.Generator) -> Power | None:
    groups = last.groupby(EXAMPLE)[metric.name]
    k, n = groups.sum().to_numpy(float), groups.count().to_numpy(int)
    k, n = k[n > 0], n[n > 0]
    if not len(n) or n.sum() < 2:
        return None
    level = (k.sum() + 0.5) / (n.sum() + 1)
    own = _draws_of(k, n, level, rng)
    up = metric.worse != "down"
    margin = matters(metric, settings, float(level))

    def stopped(size: float) -> float:
        d = rng.binomial(n, _changed(own, size, up)) / n - k / n
        error = d.std(1, ddof=1) / np.sqrt(len(n))
        with np.errstate(divide="ignore", invalid="ignore"):
            p = 2 * stats.t.sf(np.abs(d.mean(1)) / error, len(n) - 1)
        return float(np.mean((p <= needed) & (np.abs(d.mean(1)) >= margin)))

    size = _smallest(stopped, 1.0)
    return None if size is None else Power(metric.name, float(k.sum() / n.sum()), size)


def _draws_of(k: np.ndarray, n: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    """The examples' own chances, shape (draws, examples): around a level that is itself known only by so many answers."""
    own = _chances(k, n, level)
    levels = rng.beta(k.sum() + 0.5, (n - k).sum() + 0.5, (_DRAWS, 1))
    return np.asarray(np.clip(own * levels / own.mean(), 0, 1))


def _changed(own: np.ndarray, size: float, up: bool) -> np.ndarray:
    return np.clip(own + size * (1 - own) if up else own - size * own, 0, 1)


def _chances(k: np.ndarray, n: np.ndarray, level: float) -> np.ndarray:
    """Each example's chance, between its own share and the run's."""
    times = n.mean()
    if times <= 1:
        return np.full(len(n), level)
    spread = float(np.var(k / n))
    alone = level * (1 - level) / times
    resemble = float(np.clip((spread - alone) / (level * (1 - level) - alone), 0.0, 0.999))
    weight = n * resemble / (1 - resemble + n * resemble)
    return np.asarray(weight * k / n + (1 - weight) * level)


def _of_number(metric: Metric, last: pd.DataFrame, needed: float, settings: Settings, _: np.random.Generator) -> Power | None:
    groups = pd.Series(on_scale(metric, last[metric.name])).groupby(last[EXAMPLE].to_numpy())
    n, within = groups.count(), groups.var()
    if not np.isfinite(within).any():
        return None
    error = float(np.sqrt(2 * within.mean() / n.mean() / len(n)))
    size = _of_error(metric, error, len(n) - 1, needed, settings)
    level = float(groups.mean().mean())
    return None if size is None else Power(metric.name, float(np.exp(level)) if metric.relative else level, size)


def _of_error(metric: Metric, error: float, degrees: int, needed: float, settings: Settings) -> float | None:
    """The smallest change of a number that is found where a difference has that standard error; without one any that matters is."""
    if error == 0:
        return matters(metric, settings)
    limit = float(stats.t.isf(needed / 2, degrees))
    margin = matters(metric, settings)
    shorter = metric.worse == "either"

    def found(size: float) -> float:
        change = abs(np.log1p(-size if shorter else size)) if metric.relative else size
        least = abs(np.log1p(-margin if shorter else margin)) if metric.relative else margin
        seen = float(stats.nct.sf(limit, degrees, change / error))
        return min(seen, float(stats.norm.sf((least - change) / error)))

    return _smallest(found, 0.95 if shorter else 10.0)


def of_a_night(runs: Sequence[pd.DataFrame], settings: Settings, budget: float) -> list[Power]:
    """The same of a night that is compared with these runs, newest last (`drift.golden.paired`). Nothing of fewer than `FEWEST` runs, of which
    how far they lie apart is hardly known."""
    rng, out = np.random.default_rng(0), []
    if len(runs) < FEWEST:
        return []
    there = [
        name for name in FOLLOWED if name not in settings.disabled and all(name in r and r[name].notna().any() for r in runs)
    ]
    total = sum(metrics.lookup(name).weight for name in there)
    for name in (name for name in _TOLD if name in there):
        metric = typed(metrics.lookup(name), runs[-1], runs[0])
        needed = budget * metric.weight / total
        size = (_seen_of_rate if metric.kind == "rate" else _seen_of_number)(metric, runs, needed, settings, rng)
        if size is not None:
            level = float(np.nanmean(np.nanmean(by_example(metric, runs)[0], 0)))
            out.append(Power(name, metric.level(level), size, *_size_of(runs[-1])))
    return out


def _seen_of_rate(
    metric: Metric, runs: Sequence[pd.DataFrame], needed: float, settings: Settings, rng: np.random.Generator
) -> float | None:
    values, spread = by_example(metric, runs)
    past = np.array([counts(metric, run) for run in runs])
    error, degrees = error_of(values, spread, past), len(runs) - 1
    groups = pd.concat([run[[EXAMPLE, metric.name]] for run in runs]).groupby(EXAMPLE)[metric.name]
    k, n = groups.sum().to_numpy(float), groups.count().to_numpy(int)
    level = (k.sum() + 0.5) / (n.sum() + 1)
    own, before = _draws_of(k, n, level, rng), np.nanmean(np.nanmean(values, 0))
    # as many answers as on the last night
    times = np.maximum(1, np.round(n / n.sum() * past[-1, 1])).astype(int)
    margin, up = matters(metric, settings, float(level)), metric.worse != "down"

    def seen(size: float) -> float:
        drawn = rng.binomial(times, _changed(own, size, up))
        change = (drawn / times).mean(1) - before
        # few different counts, each of which takes its time
        found, places = np.unique(drawn.sum(1), return_inverse=True)
        of_count = of_counts(found, int(times.sum()), past)[places]
        p = np.maximum(of_count, 2 * stats.t.sf(np.abs(change) / error, degrees))
        return float(np.mean((p <= needed) & (np.abs(change) >= margin)))

    return _smallest(seen, 1.0)


def _seen_of_number(
    metric: Metric, runs: Sequence[pd.DataFrame], needed: float, settings: Settings, _: np.random.Generator
) -> float | None:
    error, degrees = error_of(*by_example(metric, runs)), len(runs) - 1
    return _of_error(metric, error, degrees, needed, settings)


def _smallest(stopped: Callable[[float], float], most: float) -> float | None:
    """The size at which the chance is 0.9, by halving; None where not even the largest is stopped so often."""
    if stopped(most) < CHANCE:
        return None
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if stopped(middle) >= CHANCE else (middle, high)
    return high


def sentence(power: Power, found: str = "stopped in 9 of 10") -> str:
    """`a rise of refusal from 2.0 % to 10.4 % is stopped in 9 of 10; less is not`."""
    metric = metrics.lookup(power.metric)
    if metric.kind == "rate":
        to = power.level + (power.size * (1 - power.level) if metric.worse != "down" else -power.size * power.level)
        move = "rise" if metric.worse != "down" else "fall"
        return f"a {move} of {power.metric} from {wording.percent(power.level, 1)} to {wording.percent(to, 1)} is {found}; less is not"
    size = wording.percent(power.size)
    if power.metric == "output_characters":
        return f"shorter answers by {size} are {found}; less is not"
    return f"a rise of {power.metric} by {size} is {found}; less is not"
