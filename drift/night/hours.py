"""The hours since a deployment against the same hours of earlier days: a look on the same day. It writes no night and tells nobody."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from drift import features, metrics, profiles
from drift.compare.since import between, measured, without_meaning
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night import baseline, preflight, season
from drift.profiles import comparable
from drift.profiles.day import DayProfile
from drift.results import Results, Run
from drift.results.account import NightAccount, tell

_LONGEST = timedelta(hours=24)
_SHORTEST = timedelta(minutes=10)


def judge(config: Config, since: datetime, until: datetime | None = None) -> NightAccount:
    """What the hours from `since` to `until` (default: now) would say as a night of their own.

    They are compared with the same hours of the days whose feature rows are still stored; topics and meaning, which take the whole day's
    sample, are not. Raises ConfigError where the hours are no ten minutes or more than a day, DataError where they have no traces.
    """
    preflight.names(config)
    start, end = (config.utc(moment) for moment in (since, until or datetime.now(UTC)))
    if not _SHORTEST <= end - start <= _LONGEST:
        raise ConfigError(f"{start:%F %H:%M} to {end:%F %H:%M} UTC: give at least ten minutes and at most 24 hours")
    config, rows = without_meaning(config), measured(config, start, end)
    if not rows.num_rows:
        raise DataError(f"the store has no traces from {start:%F %H:%M} to {end:%F %H:%M} UTC")
    day = start.astimezone(config.zone).date()
    lake = Lake(config.lake.url)
    past = list(_earlier(config, lake, day, start, end))
    today = _profile(config, day, rows, past)
    # a day's bridge is of the whole day, and these are hours of it
    past = [replace(each, table=comparable(each.table, today.table)) for each in past]
    incidents = baseline.known_incidents(config, day)
    judged = season.judge(past, today, config, excluded=baseline.excluded(config, incidents))
    run = Run(rows.num_rows, len(past), config.baseline.min_days)
    with tempfile.TemporaryDirectory() as folder:
        results = Results(f"sqlite:///{Path(folder) / 'hours.db'}")
        try:
            results.write_night(day, run, findings=judged.findings, drill=judged.drill())
            return tell(results, day)
        finally:
            results.close()


def _earlier(config: Config, lake: Lake, day: date, start: datetime, end: datetime) -> Iterator[DayProfile]:
    """The same hours of the days whose rows are stored, oldest first; days that failed their checks are left out."""
    fit = [each for each in lake.days("features") if each < day and _is_fit(lake, each) and each not in config.baseline.exclude]
    for each in fit[-config.baseline.days :]:
        back = day - each
        hours = [
            between(table, start - back, end - back)
            for there in (each, each + timedelta(days=1))
            if there < day and (table := lake.read("features", there)) is not None
        ]
        rows = pa.concat_tables(hours, promote_options="permissive")
        if rows.num_rows:
            yield _profile(config, each, rows, ())


def _is_fit(lake: Lake, day: date) -> bool:
    return lake.committed("profiles", day) and bool(baseline.facts(lake, day)["ok"])


def _profile(config: Config, day: date, rows: pa.Table, past: list[DayProfile] | tuple[()]) -> DayProfile:
    rows = features.finish(rows, config, features.json_endpoints_of(each.table for each in past))
    vectors = [name for name in rows.column_names if (known := metrics.find(name)) is not None and known.kind == "vector"]
    return DayProfile(day, profiles.build(rows.drop_columns(vectors), config, day))
