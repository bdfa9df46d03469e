"""Today, and the last days together, against the days before: where, how sure, since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.predict.calibration import Tail
from drift.detect.predict.today import Predicted, against_baseline
from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)
CONFIG = Config.of({"segments": {"dimensions": ["name"]}})
SETTINGS = Settings.of(CONFIG)
DAYS, N = 29, 1200
WINDOWS = [1, 3, 7]


@lru_cache(maxsize=256)
def day(number: int, length: float = 1.0, refusal: float = 0.04) -> DayProfile:
    rng = np.random.default_rng([5, number])
    table = pa.table(
        {
            "name": rng.choice(["chat", "docs"], N),
            "output_characters": length * np.exp(rng.normal(6.0 + 0.02 * rng.standard_normal(), 0.6, N)),
            "latency_s": np.exp(rng.normal(0.03 * rng.standard_normal(), 0.5, N)),
            "refusal": (rng.random(N) < refusal * np.exp(0.1 * rng.standard_normal())).astype(float),
        }
    )
    when = FIRST + timedelta(days=number)
    return DayProfile(when, profiles.build(table, CONFIG, when))


def predicted(course: Callable[[int], DayProfile] = day, days: int = DAYS, **rest) -> Predicted:
    return against_baseline(Panel([course(number) for number in range(days)]), SETTINGS, {}, WINDOWS, **rest)


def place(found: Predicted, metric: str, statistic: str = "level", value: str = "") -> int:
    (at,) = [i for i, s in enumerate(found.kinds) if (s.metric.name, s.name, s.segment[1]) == (metric, statistic, value)]
    return at


def test_an_ordinary_day_is_within_its_prediction():
    found = predicted()
    assert found.p.shape == found.z.shape == (len(found.kinds), len(WINDOWS))
    assert np.abs(found.z[:, 0]).max() < 3.5 and found.p.min() > 1e-3
    assert found.overall.sum() > 5 and not found.overall[place(found, "refusal", value="chat")]


def test_a_day_of_shorter_answers_is_seen_that_day_in_that_metric_with_its_size():
    found = predicted(lambda number: day(number, length=0.8 if number == DAYS - 1 else 1.0))
    at = place(found, "output_characters")
    assert found.p[at, 0] < 1e-5 and found.change[at, 0] == pytest.approx(np.log(0.8), abs=0.05)
    # no more certain than sampling and what ordinary days differ by allow
    assert np.hypot(0.6 / np.sqrt(N), 0.01) < found.error[at, 0] < 0.06
    assert np.abs(found.z[place(found, "refusal"), 0]) < 3.5


def test_what_lasts_a_week_is_surest_in_the_week_together():
    found = predicted(lambda number: day(number, length=0.93 if number >= DAYS - 7 else 1.0))
    z = found.z[place(found, "output_characters")]
    assert z[2] < -4 and np.abs(z[:2]).max() < 2
    assert found.change[place(found, "output_characters"), 2] == pytest.approx(np.log(0.93), abs=0.03)


def test_a_finding_has_the_day_of_the_change_and_is_provisional_where_the_history_is_short():
    found = predicted(lambda number: day(number, refusal=0.12 if number >= DAYS - 3 else 0.04))
    one = found.finding(place(found, "refusal"), WINDOWS.index(3), "slow", 0.001, SETTINGS, ())
    assert one.alarm and one.since == FIRST + timedelta(days=DAYS - 3) and one.since_low <= one.since <= one.since_high
    assert (one.direction, one.test, one.n, one.baseline_days, one.provisional) == ("worse", "slow", N, DAYS - 1, False)
    assert one.p == found.p[place(found, "refusal"), WINDOWS.index(3)] < 1e-6
    few = predicted(lambda number: day(number, refusal=0.2 if number == 5 else 0.04), days=6)
    assert few.finding(place(few, "refusal"), 0, "night", 0.001, SETTINGS, ()).provisional


@pytest.mark.parametrize(("q", "warned"), [(0.02, ()), (0.001, ("refusal",))], ids=["beyond the budget", "doubtful data"])
def test_what_is_not_sure_enough_is_no_alarm_and_has_no_first_day(q, warned):
    found = predicted(lambda number: day(number, refusal=0.12 if number == DAYS - 1 else 0.04))
    one = found.finding(place(found, "refusal"), 0, "night", q, SETTINGS, warned)
    assert not one.alarm and one.since is None


def test_a_metric_that_gets_worse_upward_alarms_there_first():
    ordinary = Tail()
    found = predicted(tail=ordinary)
    at = place(found, "latency_s")
    z = float(found.z[at, 0])
    up, down = (float(ordinary.upper(np.array([each]))[0]) for each in (z, -z))
    assert found.p[at, 0] == pytest.approx(min(1.0, up / 0.8, down / 0.2))


def test_a_handful_of_events_has_the_exact_tail_of_its_count():
    found = predicted(lambda number: day(number, refusal=0.02 if number == DAYS - 1 else 0.0))
    at = place(found, "refusal")
    events = found.kinds[at].counts()[0]
    assert events[:-1].sum() == 0 and events[-1] > 10
    assert found.p[at, 0] < 1e-6 and np.isfinite(found.z[at]).all()


def test_the_tail_of_ordinary_days_is_that_of_the_whole_traffic():
    known = Tail(((1.0, 1.0, 4.0),))
    found = predicted(tail=known)
    assert found.tail == known and found.overall.all()


def test_where_there_is_nothing_to_compare_there_are_no_rows():
    found = predicted(days=2)
    assert found.kinds == [] and found.z.shape == found.p.shape == (0, len(WINDOWS)) and found.overall.shape == (0,)


def toxic(number: int, bad: int) -> DayProfile:
    """400 answers, of which some are as bad as can be and the others are as ever."""
    rng = np.random.default_rng([9, number])
    table = pa.table({"toxicity": np.concatenate([np.clip(rng.normal(0.004, 0.002, 400 - bad), 0, 1), np.full(bad, 0.95)])})
    when = FIRST + timedelta(days=number)
    return DayProfile(when, profiles.build(table, CONFIG, when))


def test_three_bad_answers_of_yesterday_are_no_change_that_lasts_and_thirty_are():
    three = predicted(lambda number: toxic(number, 3 if number == DAYS - 2 else 0))
    thirty = predicted(lambda number: toxic(number, 30 if number >= DAYS - 3 else 0))
    column = WINDOWS.index(3)
    assert three.p[place(three, "toxicity"), column] > 0.001
    assert thirty.p[place(thirty, "toxicity"), column] < 0.0001
