"""What creeps, as a finding: when it is one, since when, and in which words it is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.lasting.creep import creeping
from drift.detect.settings import Settings
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.findings import Finding
from drift.profiles.day import DayProfile

FIRST = date(2026, 1, 5)
DAYS, BEGIN, N = 70, 35, 800


def latencies(course: Callable[[int], float], days: int = DAYS) -> list[DayProfile]:
    """Days of latencies around exp(course of the day), each with a day effect of 2 %."""
    found = []
    for number in range(days):
        rng = np.random.default_rng([7, number])
        table = pa.table({"latency_s": np.exp(rng.normal(course(number) + 0.02 * rng.standard_normal(), 0.5, N))})
        day = FIRST + timedelta(days=number)
        found.append(DayProfile(day, profiles.build(table, Config.of({}), day)))
    return found


def finding(course: Callable[[int], float], warned: tuple[str, ...] = (), told: int | None = None, **given) -> Finding:
    settings, panel = Settings.of(Config.of(given)), Panel(latencies(course))
    days = {} if told is None else {("latency_s", "all", ""): FIRST + timedelta(days=told)}
    found = creeping(panel, statistics.of(panel, 50, {}), settings, warned, days)
    (one,) = [each for each in found if each.metric == "latency_s"]
    return one


def slower(number: int) -> float:
    """From the 35th day on 0.3 % slower every day, 11 % in the end."""
    return 0.003 * max(0, number - BEGIN)


def test_a_creep_for_the_worse_is_an_alarm_with_its_first_day_and_its_size():
    found = finding(slower)
    assert found.alarm and (found.test, found.statistic, found.direction) == ("slow", "level", "worse")
    assert abs((found.since - FIRST).days - BEGIN) <= 10
    assert found.effect == pytest.approx(0.095, abs=0.04) and found.q <= 0.01
    assert (found.n, found.baseline_days) == (N, DAYS - 1)


def test_a_creep_the_other_way_is_for_the_better():
    found = finding(lambda number: -slower(number))
    assert found.alarm and found.direction == "better" and found.effect < 0


def test_what_was_told_is_where_a_further_creep_starts_from():
    fast = lambda number: 3 * slower(number)  # noqa: E731
    assert finding(fast, told=10).alarm, "told before it began"
    assert not finding(fast, told=60).alarm, "and nothing more is known than was told"


def test_a_creep_that_is_smaller_than_what_matters_is_told_as_that():
    found = finding(slower, metrics={"latency_s": {"matters": 0.5}})
    assert not found.alarm and found.since is None and found.reason.endswith("by less than the smallest change that matters")


def test_a_metric_whose_data_failed_a_check_does_not_creep():
    found = finding(slower, warned=("latency_s",))
    assert not found.alarm and found.since is None and "failed a check" in found.reason


def test_ordinary_days_do_not_creep():
    found = finding(lambda number: 0.0)
    assert not found.alarm and found.reason.startswith("no creep") and found.since is None


def test_tails_and_segments_are_not_followed_for_weeks():
    panel = Panel(latencies(slower))
    kinds = statistics.of(panel, 50, {})
    assert {s.name for s in kinds if s.metric.name == "latency_s"} > {"level"}
    assert {(f.statistic, f.dimension) for f in creeping(panel, kinds, Settings.of(Config()))} == {("level", "all")}


def test_six_weeks_are_needed():
    days = latencies(slower, 42)
    for known, expected in ((41, False), (42, True)):
        panel = Panel(days[:known])
        assert bool(creeping(panel, statistics.of(panel, 50, {}), Settings.of(Config()))) == expected


def test_a_level_that_wanders_for_weeks_and_is_no_further_than_before_does_not_creep():
    wandering = finding(lambda number: 0.06 * np.sin(2 * np.pi * number / 28 - 1))
    assert not wandering.alarm
    assert finding(lambda number: slower(number) * 2).alarm
