"""The day against the days before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from drift import detect as detection
from drift.config import Config
from drift.errors import CheckFailed
from drift.findings import Finding
from drift.lake import Lake
from drift.night import baseline
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile


def detect_day(config: Config, day: date) -> None:
    """Compare the day's profile with the days before it and store the findings.

    Raises CheckFailed where the day failed a critical check: it is never compared.
    """
    lake = Lake(config.lake.url)
    facts = baseline.facts(lake, day)
    if not facts["ok"]:
        lake.delete("findings", day)
        raise CheckFailed(f"{day} is not fit to compare: {facts['reason']}")
    today = DayProfile(day, baseline.profile_of(lake, day))
    history, incidents = baseline.history(config, lake, day), baseline.known_incidents(config, day)
    pinned = baseline.pinned(config, lake, day, history, incidents)
    findings = detection.night(
        baseline.comparable_with(today, history),
        today,
        config,
        pinned=baseline.comparable_with(today, pinned),
        excluded=baseline.excluded(config, incidents),
        warned=frozenset(facts["warned"]),
    )
    if facts.get("too_few"):
        findings = _size_alone(findings, facts["too_few"])
    lake.write("findings", day, detection.to_table(findings))


def _size_alone(findings: Iterable[Finding], too_few: str) -> list[Finding]:
    """What is said of a day with far too few traces: its size, which is news whatever the budget, and the rules. It may not have
    been pulled whole, so what its traces are like is compared with nothing."""
    reason = f"{too_few}; nothing else is compared until three nights had that size, or it is accepted"
    return [
        finding if finding.test == "rule" else replace(finding, alarm=True, reason=reason, direction="changed", since=finding.day)
        for finding in findings
        if finding.test == "rule" or (finding.metric, finding.dimension, finding.test) == ("volume", OVERALL, "night")
    ]
