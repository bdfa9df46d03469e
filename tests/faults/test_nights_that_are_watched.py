"""The monitor is monitored: a night that is missing, late, unfinished, damaged or half of what it was is told, with what to do."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from drift.alerts import heartbeat
from drift.config import Config
from drift.night import pulse
from drift.results import Results, frames
from faults.traffic import NIGHTS, day, rows, write

TABLES = "sqlite:///drift-data/drift.db"


def lapses(number: int, hour: int = 12, nights: int = NIGHTS):
    """What is said at that hour of the morning after a night."""
    now = datetime.combine(day(number + 1), time(hour), UTC)
    return pulse.lapses(Config.load("drift.toml"), nights, now)


def execute(statement: str, *values: object) -> None:
    with sqlite3.connect("drift-data/drift.db") as connection:
        connection.execute(statement, values)


def test_of_nights_that_ran_nothing_is_said(drift):
    assert lapses(NIGHTS - 1) == []


def test_nights_that_never_ran_are_named_with_the_command_that_makes_up_for_them(drift):
    for number in (NIGHTS, NIGHTS + 1, NIGHTS + 2):
        write(day(number))
    drift("run", "--day", day(NIGHTS + 2))
    (lapse,) = [each for each in lapses(NIGHTS + 2) if each.kind == pulse.Kind.MISSING]
    assert lapse.what == f"the nights of {day(NIGHTS)} to {day(NIGHTS + 1)} never ran"
    assert lapse.remedy == f"drift backfill --from {day(NIGHTS)} --to {day(NIGHTS + 2)}"
    assert drift(*lapse.remedy.split()[1:])[0] == 0
    # made up for by this machine's clock, which is weeks later
    assert [each.kind for each in lapses(NIGHTS + 2)] == ["late"]


def test_last_night_is_missing_only_when_it_should_have_ended(drift):
    assert lapses(NIGHTS, hour=6) == []
    assert [each.what for each in lapses(NIGHTS, hour=8)] == [f"the night of {day(NIGHTS)} never ran"]


def test_a_night_that_failed_is_told_until_it_is_made_up_for(drift):
    write(day(NIGHTS), [])
    drift("run", "--day", day(NIGHTS))
    (lapse,) = lapses(NIGHTS)
    assert lapse.kind == "failed" and "0 traces" in lapse.what
    write(day(NIGHTS))
    drift(*lapse.remedy.split()[1:])
    assert [each.kind for each in lapses(NIGHTS)] == ["late"]


@pytest.mark.parametrize("statement", ["UPDATE runs SET traces = 59 WHERE day = ?", "DELETE FROM runs WHERE day = ?"])
def test_a_night_whose_tables_are_not_those_of_its_lake_was_not_finished(drift, statement):
    execute(statement, str(day(3)))
    (lapse,) = lapses(NIGHTS - 1)
    assert lapse.day == day(3)
    drift(*lapse.remedy.split()[1:])
    assert lapses(NIGHTS - 1) == []


def test_a_damaged_night_is_told(drift):
    next(Path(f"drift-data/lake/profiles/day={day(2)}").glob("*.parquet")).write_bytes(b"x")
    (lapse,) = lapses(NIGHTS - 1)
    assert (lapse.day, lapse.kind, lapse.remedy) == (day(2), "damaged", "drift repair")
    drift("repair")
    assert lapses(NIGHTS - 1) == []


def test_a_night_that_ended_hours_late_is_told_and_one_that_ended_in_time_is_not(drift):
    results = Results(TABLES)
    heartbeat.beat(results, day(NIGHTS - 1), {})
    results.close()
    ended = datetime.combine(day(NIGHTS), time(1), UTC)
    execute("UPDATE heartbeats SET finished_at = ?", str((ended + timedelta(hours=6)).replace(tzinfo=None)))
    assert lapses(NIGHTS - 1) == []
    execute("UPDATE heartbeats SET finished_at = ?", str((ended + timedelta(hours=9)).replace(tzinfo=None)))
    (lapse,) = lapses(NIGHTS - 1)
    assert lapse.what == f"the night of {day(NIGHTS - 1)} ended 9 h after it could begin"


def test_a_night_that_measured_half_of_what_it_used_to_is_told(drift):
    for number in range(NIGHTS, NIGHTS + 3):
        execute(
            "INSERT INTO runs (day, status, traces, comparisons, alarms, baseline_days, min_days, reason, config, version) "
            "SELECT ?, status, traces, comparisons, alarms, baseline_days, min_days, reason, config, version FROM runs WHERE day = ?",
            str(day(number)), str(day(NIGHTS - 1)),
        )  # fmt: skip
    execute("UPDATE runs SET comparisons = 100")
    execute("UPDATE runs SET comparisons = 40 WHERE day = ?", str(day(NIGHTS + 2)))
    less = [each for each in lapses(NIGHTS + 2) if each.kind == "less"]
    assert [each.what for each in less] == [f"{day(NIGHTS + 2)} made 40 comparisons, the nights before it 100"]
    assert all(each.kind != "less" for each in lapses(NIGHTS + 1))


def test_the_command_exits_with_1_where_something_is_wrong(drift):
    code, shown, _ = drift("doctor", "--nights", "--last", "5d")
    assert code == 1 and "never ran" in shown and "→ drift backfill" in shown


def test_each_night_says_once_that_it_ended(drift, place, monkeypatch):
    monkeypatch.setenv("DRIFT_HEARTBEAT_URL", place.url)
    write(day(NIGHTS), rows(day(NIGHTS)))
    drift("run", "--day", day(NIGHTS))
    first = frames.heartbeats(TABLES)
    drift("run", "--day", day(NIGHTS))
    assert first["day"].dt.date.tolist() == [day(NIGHTS)]
    assert frames.heartbeats(TABLES).equals(first) and place.asked == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/secret-key", "file:///etc/passwd?secret-key", "http://[secret-key"])
def test_a_switch_out_of_reach_fails_no_night_and_its_address_is_not_told(drift, monkeypatch, caplog, url):
    monkeypatch.setenv("DRIFT_HEARTBEAT_URL", url)
    write(day(NIGHTS))
    code, shown, told = drift("run", "--day", day(NIGHTS))
    assert code == 0 and "secret-key" not in shown + told + caplog.text
    assert "DRIFT_HEARTBEAT_URL" in caplog.text
