"""By the calendar: holidays are compared with holidays, and are no baseline for ordinary days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import calendar, profiles
from drift.config import Config
from drift.errors import ConfigError
from drift.night import preflight, season
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)
QUIET = (10, 17, 24, 31)


def config(*numbers: int, **rest) -> Config:
    """Named days of one kind, by their number."""
    events = [{"name": "closed", "first": FIRST + timedelta(days=number)} for number in numbers]
    return Config.of({"segments": {"dimensions": []}, "calendar": {"events": events, **rest}})


def history(days: int, quiet: tuple[int, ...], errors: float = 0.01) -> list[DayProfile]:
    """Days of 1,000 requests, of 300 on quiet ones; on the last, so many fail."""
    out = []
    for number in range(days):
        rng = np.random.default_rng(number)
        n = rng.poisson(300 if number in quiet else 1000)
        failing = errors if number == days - 1 else 0.01
        table = pa.table(
            {
                "trace_id": [f"{number}-{i}" for i in range(n)],
                "error": (rng.random(n) < failing).astype(float),
                "output_characters": np.exp(6 + 0.5 * rng.standard_normal(n)),
            }
        )
        day = FIRST + timedelta(days=number)
        out.append(DayProfile(day, profiles.build(table, config(), day)))
    return out


def alarms(days: list[DayProfile], settings: Config) -> set[str]:
    return {f.metric for f in season.judge(days[:-1], days[-1], settings).findings if f.alarm}


def test_a_quiet_day_is_news_unless_it_was_announced():
    days = history(36, (35,))
    assert alarms(days, config()) == {"volume"}
    found = season.judge(days[:-1], days[-1], config(35))
    (volume,) = [f for f in found.findings if (f.metric, f.test) == ("volume", "night")]
    assert not volume.alarm and volume.reason == "closed: no ordinary day, and only 0 earlier ones of its kind to compare with"
    assert "volume" not in {row.metric for row in found.drill()}, "nothing is promised of what was not judged"


def test_what_goes_wrong_on_an_announced_day_is_told_as_ever():
    assert alarms(history(36, (35,), errors=0.2), config(35)) == {"error"}


def test_an_announced_day_is_compared_with_its_like_where_enough_of_them_are_known():
    settings = config(*QUIET, 38)
    assert alarms(history(39, (*QUIET, 38)), settings) == set()
    assert alarms(history(39, QUIET), settings) == {"volume"}, "three times as many as on other such days"


def test_announced_days_are_no_baseline_for_ordinary_ones():
    half = history(39, (*QUIET, 36, 37))
    half.append(history(40, (39,))[-1])
    assert alarms(half, config(*QUIET, 36, 37)) == {"volume"}, "a quiet day that nobody announced"


def test_what_a_day_is():
    given = Config.of(
        {"calendar": {"month_end_days": 2, "events": [{"name": "sale", "first": "2026-04-29", "last": "2026-04-30"}]}}
    )
    found = [calendar.special(given, date(2026, month, day)) for month, day in ((4, 28), (4, 29), (4, 30), (5, 30), (6, 1))]
    assert [each and each.kind for each in found] == [None, "sale", "sale", "month end", None]


def test_a_countrys_holidays():
    pytest.importorskip("holidays")
    german = Config.of({"calendar": {"country": "DE", "subdivision": "BY"}})
    assert calendar.special(german, date(2026, 4, 6)) == calendar.Special("public holiday", "Easter Monday")
    assert calendar.special(german, date(2026, 4, 7)) is None
    with pytest.raises(ConfigError, match="calendar.country XX"):
        preflight.names(Config.of({"calendar": {"country": "XX"}}))


def test_an_event_that_ends_before_it_begins_is_told():
    with pytest.raises(ConfigError, match="calendar.events.0: the last day is before the first"):
        Config.of({"calendar": {"events": [{"name": "sale", "first": "2026-04-02", "last": "2026-04-01"}]}})
