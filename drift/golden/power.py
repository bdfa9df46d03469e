"""What a golden set can show: the smallest change that a gate against the last run stops with a chance of 0.9, from that run itself.

A change is taken to fall on all examples alike. Of a rate each example's own chance is drawn towards the run's by as much as examples
resemble each other (a beta-binomial law by moments), and runs are drawn from it; of a number the answers' wavering within examples gives
the error of a difference of two runs. How far two runs lie apart beyond that is not known from one run and not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from drift import metrics
from drift.compare.rows import compare_rows, on_scale, typed
from drift.config import Config
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.golden.run import EXAMPLE, EXPECTED
from drift.metrics import Metric
from drift.text import wording

CHANCE = 0.9
# a change of length stops a gate too, by as much as matters: with the same questions it is the model's
MARGINS: Mapping[str, float] = {"output_characters": 0.02}
_TOLD = (EXPECTED, "refusal", "json_valid", "output_characters", "latency_s")
_DRAWS, _STEPS = 1000, 18


@dataclass(frozen=True)
class Power:
    """The smallest change of a metric that is stopped with a chance of 0.9, in the terms of `Metric.matters`; its level now."""

    metric: str
    level: float
    size: float


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
            out.append(found)
    return out


def _of_rate(metric: Metric, last: pd.DataFrame, needed: float, settings: Settings, rng: np.random.Generator) -> Power | None:
    groups = last.groupby(EXAMPLE)[metric.name]
    k, n = groups.sum().to_numpy(float), groups.count().to_numpy(int)
    k, n = k[n > 0], n[n > 0]
    if not len(n) or n.sum() < 2:
        return None
    level = (k.sum() + 0.5) / (n.sum() + 1)
    own = _chances(k, n, level)
    up = metric.worse != "down"

    def stopped(size: float) -> float:
        after = own + size * (1 - own) if up else own - size * own
        a, b = rng.binomial(n, own, (_DRAWS, len(n))) / n, rng.binomial(n, np.clip(after, 0, 1), (_DRAWS, len(n))) / n
        d = b - a
        error = d.std(1, ddof=1) / np.sqrt(len(n))
        with np.errstate(divide="ignore", invalid="ignore"):
            p = 2 * stats.t.sf(np.abs(d.mean(1)) / error, len(n) - 1)
        margin = matters(metric, settings, float(level))
        return float(np.mean((p <= needed) & (np.abs(d.mean(1)) >= margin)))

    size = _smallest(stopped, 1.0)
    return None if size is None else Power(metric.name, float(k.sum() / n.sum()), size)


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
    degrees = len(n) - 1
    limit = float(stats.t.isf(needed / 2, degrees))
    margin = matters(metric, settings)
    shorter = metric.worse == "either"

    def stopped(size: float) -> float:
        change = abs(np.log1p(-size if shorter else size)) if metric.relative else size
        least = abs(np.log1p(-margin if shorter else margin)) if metric.relative else margin
        seen = float(stats.nct.sf(limit, degrees, change / error))
        return min(seen, float(stats.norm.sf((least - change) / error)))

    size = _smallest(stopped, 0.95 if shorter else 10.0)
    level = float(groups.mean().mean())
    return None if size is None else Power(metric.name, float(np.exp(level)) if metric.relative else level, size)


def _smallest(stopped: Callable[[float], float], most: float) -> float | None:
    """The size at which the chance is 0.9, by halving; None where not even the largest is stopped so often."""
    if stopped(most) < CHANCE:
        return None
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if stopped(middle) >= CHANCE else (middle, high)
    return high


def sentence(power: Power) -> str:
    """`a rise of refusal from 2.0 % to 10.4 % is stopped in 9 of 10; less is not`."""
    metric = metrics.lookup(power.metric)
    if metric.kind == "rate":
        to = power.level + (power.size * (1 - power.level) if metric.worse != "down" else -power.size * power.level)
        move = "rise" if metric.worse != "down" else "fall"
        return f"a {move} of {power.metric} from {wording.percent(power.level, 1)} to {wording.percent(to, 1)} is stopped in 9 of 10; less is not"
    how = "shorter answers" if power.metric == "output_characters" else f"a rise of {power.metric}"
    return (
        f"{how} by {wording.percent(power.size)} are stopped in 9 of 10; less is not"
        if "answers" in how
        else f"{how} by {wording.percent(power.size)} is stopped in 9 of 10; less is not"
    )
