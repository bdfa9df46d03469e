"""The day against the days before it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

from drift import detect as detection
from drift import metrics
from drift.config import Config
from drift.errors import CheckFailed
from drift.findings import Direction, Finding, FindingTest, StatisticName
from drift.lake import Lake
from drift.night import baseline, ruler, season, spend
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile

log = logging.getLogger(__name__)


def detect_day(config: Config, day: date) -> None:
    """Compare the day's profile with the days before it and store the findings.

    Raises CheckFailed where the day failed a critical check: it is never compared.
    """
    lake = Lake(config.lake.url)
    facts = baseline.facts(lake, day)
    if not facts["ok"]:
        for kind in ("findings", "drill"):
            lake.delete(kind, day)
        raise CheckFailed(f"{day} is not fit to compare: {facts['reason']}")
    today = DayProfile(day, baseline.profile_of(lake, day))
    history, incidents = baseline.history(config, lake, day), baseline.known_incidents(config, day)
    pinned = baseline.pinned(config, lake, day, history, incidents)
    if said := ruler.said(config, lake, today, history):
        log.warning("%s: %s", day, said)
    judged = season.judge(
        baseline.comparable_with(lake, today, history),
        today,
        config,
        pinned=baseline.comparable_with(lake, today, pinned),
        excluded=baseline.excluded(config, incidents),
        warned=frozenset(facts["warned"]),
        told=baseline.told(incidents),
    )
    findings = [*judged.findings, *spend.findings(config, lake, day)]
    if facts.get("too_few"):
        usual = median([baseline.size(baseline.facts(lake, past.day)) for past in history[-config.baseline.min_days :]])
        findings = _size_alone(findings, day, facts, usual)
    # a night that compares its size alone would have told of nothing else
    lake.write("drill", day, detection.visible_to_table([] if facts.get("too_few") else judged.drill()))
    lake.write("findings", day, detection.to_table(findings), {"ruler": said})


def _size_alone(findings: Sequence[Finding], day: date, facts: Mapping[str, Any], usual: float) -> list[Finding]:
    """What is said of a day with far too few traces: its size, which is news whatever the budget, and the rules. It may not have
    been pulled whole, so what its traces are like is compared with nothing. usual: the traces of the days before.
    """
    reason = f"{facts['too_few']}; nothing else is compared until three nights had that size, or it is accepted"
    known = (
        each
        for each in findings
        if (each.metric, each.dimension, each.test) == ("volume", OVERALL, FindingTest.NIGHT) and each.z is not None
    )
    volume = next(known, None) or _size(day, baseline.size(facts), usual)
    ruled = [each for each in findings if each.test == FindingTest.RULE]
    return [replace(volume, alarm=True, reason=reason, direction=Direction.CHANGED, since=day), *ruled]


def _size(day: date, traces: int, usual: float) -> Finding:
    """The day's size beside those before, where too few days are known to be compared with."""
    metric = metrics.lookup("volume")
    return Finding(
        day=day,
        metric=metric.name,
        dimension=OVERALL,
        value="",
        statistic=StatisticName.LEVEL,
        test=FindingTest.NIGHT,
        unit=metric.unit,
        reason="",
        value_from=usual,
        value_to=float(traces),
        effect=traces / usual - 1,
        matters=metric.matters,
        n=traces,
    )
