"""Versions that live for a day: neither that they come and go nor what they are like may hide or make a change."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect import night
from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistics import cells
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 1)
N, DAYS = 1500, 29
CONFIG = Config.of({})
SETTINGS = Settings.of(CONFIG)


def history(seed: int, version: str = "prompt", days_each: int = 1, last: float = 1.0) -> list[DayProfile]:
    """Days that differ as ordinary days do; `version` is a new value every `days_each` days; the last day's answers are longer."""
    found = []
    for d in range(DAYS):
        rng = np.random.default_rng([seed, d])
        day = FIRST + timedelta(days=d)
        columns = {"name": rng.choice(["chat", "docs"], N), "prompt": ["v"] * N} | {version: [f"v{d // days_each}"] * N}
        length = np.exp(5 + 0.05 * rng.standard_normal() + rng.standard_normal(N)) * (last if d == DAYS - 1 else 1.0)
        latency = np.exp(0.06 * rng.standard_normal() + rng.standard_normal(N))
        refused = (rng.random(N) < 0.05 * np.exp(0.15 * rng.standard_normal())).astype(float)
        table = pa.table(
            {
                "trace_id": [f"{d}-{i}" for i in range(N)],
                **columns,
                "output_characters": length,
                "latency_s": latency,
                "refusal": refused,
            }
        )
        found.append(DayProfile(day, profiles.build(table, CONFIG, day)))
    return found


def alarms(days: list[DayProfile]) -> set[str]:
    return {finding.metric for finding in night(days[:-1], days[-1], SETTINGS) if finding.alarm}


@pytest.mark.parametrize("version", ["prompt", "name", "release"])
def test_an_ordinary_night_of_a_team_that_deploys_daily_has_no_alarm(version):
    assert [alarms(history(seed, version)) for seed in range(4)] == [set()] * 4


def test_a_change_on_the_day_of_a_daily_deployment_is_found():
    assert "output_characters" in alarms(history(0, last=1.5))


def test_versions_that_live_for_a_week_stay_apart_and_those_of_a_day_are_one():
    weekly, daily = (Panel(history(1, days_each=each)) for each in (7, 1))
    assert all(len(rows) == 1 for rows in cells.of(weekly, ("all", "")))
    assert sorted(len(rows) for rows in cells.of(daily, ("all", ""))) == [DAYS, DAYS]


def test_the_first_new_version_in_a_month_is_news_and_the_daily_one_is_not():
    stable = np.zeros((29, 2))
    stable[:28, 0] = stable[28, 1] = 100
    daily = np.eye(29) * 100
    assert not cells.no_news(stable).any()
    assert cells.no_news(daily)[[1, 14, 28]].all()
