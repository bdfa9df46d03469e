"""The day against the days before it."""

from __future__ import annotations

from datetime import date

from drift import detect as detection
from drift.config import Config
from drift.errors import CheckFailed
from drift.lake import Lake
from drift.night import baseline
from drift.profiles.day import DayProfile


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
    judged = detection.judge(
        baseline.comparable_with(today, history),
        today,
        config,
        pinned=baseline.comparable_with(today, pinned),
        excluded=baseline.excluded(config, incidents),
        warned=frozenset(facts["warned"]),
    )
    lake.write("drill", day, detection.visible_to_table(judged.drill()))
    lake.write("findings", day, detection.to_table(judged.findings))
