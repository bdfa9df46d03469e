"""A typo in a date or a wrong clock: a day that is not over is refused, and one that was run by an older drift rules nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from nights import day as night
from nights import finding
from nights import write as write_night

from drift.config import Config
from drift.errors import DataError
from drift.night import schedule
from drift.results import Run, frames
from faults.traffic import NIGHTS, day, write

NEXT_YEAR = date.today() + timedelta(days=365)


@pytest.mark.parametrize("arguments", [("run", "--day", NEXT_YEAR), ("backfill", "--from", day(NIGHTS), "--to", NEXT_YEAR)])
def test_a_future_day_is_refused_and_nothing_is_written(drift, arguments):
    code, _, told = drift(*arguments)
    assert code == 1 and f"{NEXT_YEAR} is not over" in told
    _, shown, _ = drift("show")
    assert str(day(NIGHTS - 1)) in shown
    assert frames.runs("sqlite:///drift-data/drift.db")["day"].max().date() == day(NIGHTS - 1)


def test_a_day_without_a_trace_is_a_failed_night_and_no_fall_to_0(drift):
    write(day(NIGHTS), [])
    assert drift("run", "--day", day(NIGHTS))[0] == 1
    stored = "sqlite:///drift-data/drift.db"
    assert frames.runs(stored).set_index("day")["status"][str(day(NIGHTS))] == "failed"
    assert frames.daily_metrics(stored, day(NIGHTS)).empty


def test_a_day_ends_in_the_configured_zone():
    config = Config.of({"timezone": "America/Los_Angeles", "store": {"type": "files", "path": "x"}})
    schedule.refuse_unfinished(config, date(2026, 11, 9), now=datetime(2026, 11, 10, 8, tzinfo=UTC))
    with pytest.raises(DataError, match="2026-11-09 is not over: it is 2026-11-09 23:59 in America/Los_Angeles"):
        schedule.refuse_unfinished(config, date(2026, 11, 9), now=datetime(2026, 11, 10, 7, 59, tzinfo=UTC))


def test_people_decide_as_of_the_last_compared_night(results):
    write_night(results, night(0))
    write_night(results, night(1), [finding(night(1))])
    results.write_night(NEXT_YEAR, Run(traces=0, baseline_days=0, failed=True, reason="no traces"))
    (found,) = results.incidents()
    results.decide(found.id, "ack")
    write_night(results, night(2), [finding(night(2))])
    (line,) = [line for line in results.incidents()[0].days if line.day == night(2)]
    assert line.silent
    results.decide(found.id, "accept")
    assert results.incidents()[0].accepted == night(2)
