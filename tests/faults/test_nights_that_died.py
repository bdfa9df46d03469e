"""A night that died before it told what it found: the next one tells it, once, whatever has become of its day since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from nights import day as night
from nights import finding
from nights import write as write_night

from drift import alerts, metrics
from drift.alerts.sinks import Webhook
from drift.config import Config
from drift.night import run
from drift.results import Results, watch
from faults.traffic import CONFIG, NIGHTS, day, rows, write

BAD, NEXT = day(NIGHTS), day(NIGHTS + 1)
_METRICS = ("volume", "latency_s", "output_characters")
_FEW = "".join(f'[metrics."{name}"]\nenabled = false\n' for name in metrics.CATALOGUE if name not in _METRICS)
_SETTINGS = (
    CONFIG.replace("lookback_days = 0", "lookback_days = 1") + "[report]\nenabled = false\n[alerts]\ndigest = false\n" + _FEW
)


class Killed(BaseException):
    """The process is no more: nothing catches this."""


@pytest.fixture
def config(drift, place, monkeypatch) -> Config:
    """Nights were told until the day before a bad one, of which nothing lasts."""
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    Path("drift.toml").write_text(_SETTINGS)
    write(BAD, _bad())
    write(NEXT)
    config = Config.load()
    tables = Results.of(config)
    watch.beat(tables.database, day(NIGHTS - 1))
    tables.close()
    return config


def _bad() -> list[dict]:
    return rows(BAD, output="No.", latency_s=30.0)


def _dies(monkeypatch, where: object, name: str, config: Config) -> None:
    works = getattr(where, name)

    def killed(*given, **named):
        # the day before it is looked at again first
        if BAD in given:
            raise Killed
        return works(*given, **named)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(where, name, killed)
        run.run_night(config, BAD)


def _told(place) -> list[tuple[str, str]]:
    return [(post["day"], one["event"]) for post in place.posts for one in post["incidents"]]


@pytest.mark.parametrize(
    ("where", "name"),
    [(run, "detect_day"), (alerts, "deliver")],
    ids=["before its tables were written", "after its tables were written"],
)
def test_what_it_found_is_told_by_the_next_night_once(config, place, monkeypatch, where, name):
    _dies(monkeypatch, where, name, config)
    assert place.posts == []
    for _ in range(2):
        run.run_night(config, NEXT)
        assert _told(place) == [(str(BAD), "opened")]


def test_it_is_told_as_it_was_measured_where_the_store_has_deleted_it_since(config, place, monkeypatch):
    _dies(monkeypatch, run, "detect_day", config)
    write(BAD, _bad()[:20])
    run.run_night(config, NEXT)
    assert _told(place) == [(str(BAD), "opened")]


def test_a_day_that_could_not_be_compared_tells_what_its_late_rows_show(config, place):
    write(BAD, [])
    run.run_night(config, BAD)
    write(BAD, _bad())
    run.run_night(config, NEXT)
    assert [post["status"] for post in place.posts] == ["failed", "drift"]
    assert _told(place) == [(str(BAD), "opened")]


def test_late_rows_of_a_night_that_came_to_its_end_are_told_by_no_message_of_their_own(config, place):
    write(BAD)
    run.run_night(config, BAD)
    write(BAD, [*rows(BAD), *({**row, "trace_id": row["trace_id"] + "-late"} for row in _bad())])
    run.run_night(config, NEXT)
    assert _told(place) == []


def test_a_night_owes_what_it_found_until_it_comes_to_its_end(results):
    first, second = night(0), night(1)
    write_night(results, first, [finding(first)])
    assert not watch.owes(results.database, first), "it was filled in before any night was told"
    watch.beat(results.database, first)
    assert not watch.owes(results.database, first)
    assert watch.owes(results.database, second), "it was begun, and has no tables"
    write_night(results, second, [finding(second)])
    assert watch.owes(results.database, second), "it has tables, and told nobody"
    watch.beat(results.database, second)
    assert not watch.owes(results.database, second)


def test_what_is_owed_is_posted_with_what_a_later_night_tells_and_once(results, place):
    sink = Webhook(place.url)
    write_night(results, night(0), [finding(night(0))])
    assert alerts.deliver(results, [sink], night(0), later=True) == [] and place.posts == []
    for number in (1, 2):
        write_night(results, night(number), [finding(night(number), change=0)])
        alerts.deliver(results, [sink], night(number))
    assert _told(place) == [(str(night(0)), "opened")]


def test_what_a_backfill_held_back_is_not_owed(results, place):
    sink = Webhook(place.url)
    watch.beat(results.database, night(0) - timedelta(days=1))
    write_night(results, night(0), [finding(night(0))])
    alerts.deliver(results, [sink], night(0), hold=True)
    alerts.deliver(results, [sink], night(0), later=True)
    write_night(results, night(1))
    alerts.deliver(results, [sink], night(1))
    assert place.posts == []
