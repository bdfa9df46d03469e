"""Creeping metrics of a deployment: `drift.detect.lasting.cusum` over the profiles of the last 90 days, as findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np

from drift.detect import budget
from drift.detect.lasting import cusum
from drift.detect.predict.stack import stacked
from drift.detect.reading import read
from drift.detect.settings import Settings
from drift.detect.statistics.design_effect import HABITS
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.findings import Finding, FindingTest, direction, is_level
from drift.profiles import OVERALL

_WEEK = 7
# how far beyond the weeks before a level must have crept, in their standard deviations, and the weeks that a first guess of it counts for
_BEYOND, _WEEKS = 3.0, 3


def creeping(
    panel: Panel,
    found: Sequence[Statistic],
    settings: Settings,
    warned: Collection[str] = (),
    told: Mapping[tuple[str, str, str], date] = MappingProxyType({}),
) -> list[Finding]:
    """One finding a statistic of the whole traffic, test "slow", for levels and shares.

    panel: at least 42 days, today last, else there are none; of more than `cusum.HISTORY` the last. found: the panel's statistics. A
    day left out of one is stepped over, so an incident that was found does not creep. told: the last day on which a series
    (metric, dimension, value) was told to have moved slowly; its sums start again there.
    """
    kinds = [s for s in found if _followed(s)]
    if not kinds:
        return []
    day = np.array(panel.days)
    y = np.array([np.where(day > told.get((s.metric.name, *s.segment), date.min), s.y, np.nan) for s in kinds])
    per_year = budget.CREEP * settings.budget * cusum.DAYS_A_YEAR
    result = cusum.creep(replace(stacked(kinds), y=y), panel.days, per_year)
    if result is None:
        return []
    q = result.q(settings.budget)
    return [_finding(s, i, result, float(q[i]), panel, settings, warned) for i, s in enumerate(kinds)]


def _followed(s: Statistic) -> bool:
    return s.segment[0] == OVERALL and is_level(s.name) and s.metric.name not in HABITS


def _finding(
    s: Statistic, i: int, result: cusum.SlowResult, q: float, panel: Panel, settings: Settings, warned: Collection[str]
) -> Finding:
    start = min(int(result.since[i]), len(panel) - 1)
    change, error, weeks = _change(s.y, start)
    last = len(panel) - max(start, len(panel) - _WEEK)
    reading = read(s, change, error, float(result.direction[i] * result.statistic[i]), settings, last)
    large = abs(reading.effect) >= reading.matters
    beyond = abs(change) > _BEYOND * weeks
    alarm = bool(result.alarm[i] and large and beyond and s.metric.name not in warned)
    total, limit = result.statistic[i], result.threshold
    if s.metric.name in warned:
        reason = "the metric's data failed a check, so it cannot alarm"
    elif alarm:
        reason = f"creeping: the daily surprises of one sign add up to {total:.1f}, beyond {limit:.1f}"
    elif result.alarm[i] and not beyond:
        reason = f"creeping (sum {total:.1f} beyond {limit:.1f}), but no further than weeks before differ from each other"
    elif result.alarm[i]:
        reason = f"creeping (sum {total:.1f} beyond {limit:.1f}), but by less than the smallest change that matters"
    else:
        reason = f"no creep: the daily surprises add up to {total:.1f}, within {limit:.1f}"
    since = panel.days[start] if alarm else None
    return Finding(
        day=panel.days[-1],
        metric=s.metric.name,
        dimension=s.segment[0],
        value=s.segment[1],
        statistic=s.name,
        test=FindingTest.SLOW,
        unit=reading.unit,
        reason=reason,
        value_from=reading.value_from,
        value_to=reading.value_to,
        low=reading.low,
        high=reading.high,
        effect=reading.effect,
        matters=reading.matters,
        q=q,
        alarm=alarm,
        direction=direction(s.metric.worse, s.name, change),
        n=int(s.traces[-1]),
        baseline_days=int((s.n[:-1] > 0).sum()),
        since=since,
        since_low=since,
        since_high=since,
        mix_part=reading.mix_part,
        within_part=reading.effect,
    )


def _change(y: np.ndarray, start: int) -> tuple[float, float, float]:
    """Last week (of the run, if it is shorter) against the days before the run; its standard error were the days independent, and as
    the weeks before differ.

    A level that wanders for weeks and comes back leaves its daily surprises of one sign, too; its weeks differ by more than their days
    say. Independent days, but of twice the variance, count as three weeks of evidence.
    """
    before, after = y[:start][np.isfinite(y[:start])], y[max(start, len(y) - _WEEK) :]
    after = after[np.isfinite(after)]
    if len(before) < 2 or not len(after):
        return 0.0, 0.0, 0.0
    spread = float(before.std(ddof=1))
    error = spread * float(np.sqrt(1 / len(before) + 1 / len(after)))
    means = before[len(before) % _WEEK :].reshape(-1, _WEEK).mean(1)
    variance = (
        (2 * _WEEKS * spread**2 / _WEEK + ((means - means.mean()) ** 2).sum()) / (_WEEKS + len(means) - 1)
        if len(means)
        else 2 * spread**2 / _WEEK
    )
    weeks = float(np.sqrt(variance * (_WEEK / len(after) + 1 / max(len(means), 1))))
    return float(after.mean() - before.mean()), error, weeks
