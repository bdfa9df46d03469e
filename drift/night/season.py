"""A night by the calendar: an ordinary day is compared with ordinary days, an announced one with its like.

How many come, who they are and what they ask is different on a holiday, and nobody asks why. So on such a day traffic and questions are
compared with earlier days of its kind, where enough of them are known, and with nothing else; what the application does for those who
came is judged as ever, within what their mix predicts. Days of the calendar are no baseline for ordinary ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from drift import calendar, metrics
from drift import detect as detection
from drift.config import Config
from drift.detect.statistics.statistic import Excluded
from drift.findings import Finding, FindingTest, Visible
from drift.profiles.day import DayProfile

# days of a kind that show what they are like
ENOUGH = 4
_FOLLOW = frozenset({"output_embedding", "output_topic", "output_language"})
_COMPARISONS = frozenset({FindingTest.NIGHT, FindingTest.SLOW, FindingTest.PINNED})


@dataclass(frozen=True)
class Judged:
    """A night's findings, alarms first. held: metrics that were not compared with ordinary days, because of what the day is."""

    findings: list[Finding]
    ordinary: detection.Judged
    held: frozenset[str] = frozenset()

    def drill(self) -> list[Visible]:
        """What the night would have told; nothing is promised of what was held."""
        return [row for row in self.ordinary.drill() if row.metric not in self.held]


def judge(
    history: Sequence[DayProfile],
    today: DayProfile,
    config: Config,
    pinned: Sequence[DayProfile] = (),
    excluded: Excluded = MappingProxyType({}),
    warned: Collection[str] = (),
    told: Mapping[tuple[str, str, str], date] = MappingProxyType({}),
) -> Judged:
    """Every comparison of the night, as `detect.judge` has it, by the days of `[calendar]`."""
    of = {each.day: calendar.special(config, each.day) for each in (*history, *pinned, today)}
    ordinary, kept = ([each for each in days if of[each.day] is None] for days in (history, pinned))
    if len(ordinary) < config.baseline.min_days:
        ordinary = list(history)
    settings = detection.Settings.of(config)
    found = detection.judge(ordinary, today, settings, pinned=kept, excluded=excluded, warned=warned, told=told)
    own = of[today.day]
    if own is None:
        return Judged(found.findings, found)
    alike = [each for each in history if (its := of[each.day]) is not None and its.kind == own.kind]
    held = frozenset(f.metric for f in found.findings if follows_traffic(f.metric))
    rest = [f for f in found.findings if f.metric not in held or f.test not in _COMPARISONS]
    if len(alike) < ENOUGH:
        reason = f"{own.name}: no ordinary day, and only {len(alike)} earlier ones of its kind to compare with"
        apart = [_unjudged(f, reason) for f in found.findings if f.metric in held and f.test in _COMPARISONS]
    else:
        like = detection.judge(alike, today, settings, pinned=[], excluded=excluded, warned=warned).findings
        # few days of a kind tell what lasts no better than today alone
        apart = [f for f in like if f.metric in held and f.test == FindingTest.NIGHT]
    findings = sorted([*rest, *apart], key=lambda f: (not f.alarm, 1.0 if f.p is None else f.p))
    return Judged(findings, found, held)


def follows_traffic(name: str) -> bool:
    """Whether a metric is of how many come, who they are or what they ask, or follows it directly."""
    metric = metrics.find(name)
    return name in _FOLLOW or metric is not None and (metric.side in ("traffic", "input") or metric.kind == "count")


def _unjudged(finding: Finding, reason: str) -> Finding:
    return replace(finding, alarm=False, reason=reason, since=None, since_low=None, since_high=None)
