"""Which day a run is about: the parameter, the partition key, the interval, in this order, and never the logical date."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from drift.config import Config
from drift.errors import ConfigError
from drift.night import schedule

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "partition_key", "interval_start", "zone", "day"),
    [
        ({"day": "2026-11-01"}, "2026-11-02", START, UTC, date(2026, 11, 1)),
        ({"day": None}, "2026-11-02", START, UTC, date(2026, 11, 2)),
        ({}, "2026-11-02T00:00:00", START, UTC, date(2026, 11, 2)),
        ({}, None, START, UTC, date(2026, 11, 19)),
        ({}, None, START, BERLIN, date(2026, 11, 20)),
        ({}, "", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), BERLIN, date(2026, 3, 29)),
    ],
)
def test_the_day_of_a_run(params, partition_key, interval_start, zone, day):
    assert schedule.resolve_day(params, partition_key, interval_start, zone) == day


def test_a_run_without_any_of_them_says_what_to_give():
    with pytest.raises(ConfigError, match="--conf"):
        schedule.resolve_day({}, None, None, UTC)


@pytest.mark.parametrize("given", ["yesterday", "2026-13-01", "<!channel>"])
def test_a_day_that_is_none(given):
    with pytest.raises(ConfigError, match="params.day.*YYYY-MM-DD"):
        schedule.resolve_day({"day": given}, None, START, UTC)


def test_days_before_are_pulled_again_if_they_were_pulled_once():
    config = Config.of({"pull": {"lookback_days": 2}})
    day = date(2026, 11, 20)
    assert schedule.days_to_pull(config, day, {date(2026, 11, 19)}) == [date(2026, 11, 19), day]
    assert schedule.days_to_pull(config, day, set()) == [day]
    assert schedule.days_to_pull(config, day, {date(2026, 11, 19)}, backfill=True) == [day]


def test_every_shard_of_every_day_is_a_piece():
    config = Config.of({"pull": {"shards": 3}})
    found = schedule.pieces(config, [date(2026, 11, 19), date(2026, 11, 20)])
    assert len(found) == 6
    assert {(piece.day, piece.shard) for piece in found} == {(f"2026-11-{d}", s) for d in (19, 20) for s in range(3)}


def test_a_day_is_settled_after_its_end_in_its_own_zone():
    config = Config.of({"timezone": "Europe/Berlin", "pull": {"settle_minutes": 90}})
    assert schedule.ready_at(config, date(2026, 10, 25)) == datetime(2026, 10, 26, 0, 30, tzinfo=UTC)


def test_the_logical_dates_of_the_nights_before():
    config = Config.of({"timezone": "Europe/Berlin"})
    assert schedule.midnights(config, date(2026, 10, 26), 2) == [
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 23, 22, tzinfo=UTC),
    ]
