"""A score that is 0 or 1 is judged by its counts, as a rate is, and stays well-defined where it is something else one day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from drift import metrics, profiles
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.detect import DayProfile, Finding, night
from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.results.daily import daily_metrics

START = date(2026, 3, 2)
CONFIG = Config()
SETTINGS = Settings.of(CONFIG)


def day(number: int, values: list[float]) -> DayProfile:
    when = START + timedelta(days=number)
    table = pa.table({"trace_id": [f"{number}-{i}" for i in range(len(values))], "score.correct": np.array(values, float)})
    return DayProfile(when, profiles.build(table, CONFIG, when))


def failures(number: int, failed: int, n: int) -> DayProfile:
    return day(number, [0.0] * failed + [1.0] * (n - failed))


def level(history: list[DayProfile], today: DayProfile) -> Finding:
    (found,) = [
        f for f in night(history, today, SETTINGS) if (f.metric, f.statistic, f.test) == ("score.correct", "level", "night")
    ]
    return found


@pytest.mark.parametrize(
    ("before", "days", "today"),
    [
        ((0, 40), 28, (1, 40)),
        ((0, 15), 20, (1, 15)),
        ((1, 100), 23, (3, 100)),
        ((0, 100), 28, (2, 100)),
        ((0, 500), 10, (1, 500)),
    ],
)
def test_a_first_failure_claims_no_more_than_its_counts_can_show(before, days, today):
    history = [failures(d, before[0] if d == 0 else 0, before[1]) for d in range(days)]
    found = level(history, failures(len(history), *today))
    table = [[today[0], today[1] - today[0]], [sum(before[:1]), before[1] * len(history) - before[0]]]
    exact = stats.fisher_exact(table)[1]
    assert found.p >= exact / 5
    assert exact < 0.002 or not found.alarm


def test_a_score_that_breaks_alarms():
    history = [failures(d, 0, 40) for d in range(28)]
    found = level(history, failures(28, 12, 40))
    assert found.alarm and found.value_to == pytest.approx(0.7, abs=0.02) and found.unit == "share"


def test_ordinary_days_of_a_score_that_seldom_fails_are_quiet():
    rng = np.random.default_rng(4)
    days = [failures(d, int(rng.binomial(60, 0.01)), 60) for d in range(60)]
    assert not any(f.alarm for t in range(28, 60) for f in night(days[t - 28 : t], days[t], SETTINGS))


def test_a_score_that_is_a_half_one_day_is_a_number_over_the_days_that_have_it():
    history = [failures(d, 1, 40) for d in range(20)]
    half = day(20, [1.0] * 30 + [0.5] * 8 + [0.0] * 2)
    for days, kind in (
        ([*history], "rate"),
        ([*history, half], "number"),
        ([half], "number"),
        ([day(21, [3.0] * 9)], "number"),
    ):
        panel = Panel(days)
        assert panel.metrics[panel.column["score.correct"]].kind == kind
    assert level(history, half).value_to == pytest.approx(34 / 40)
    # the day after, the half has not gone: a number still; once it is out of the window, a rate again
    assert level([*history[1:], half], failures(21, 1, 40)).value_to == pytest.approx(39 / 40, abs=0.01)


@pytest.mark.parametrize("values", [[0.999, 1.0], [0.001, 0.0], [-1.0, 1.0], [0.5, 0.5], [2.0, 2.0]])
def test_what_is_nearly_or_otherwise_two_valued_is_a_number(values):
    panel = Panel([day(0, values * 20)])
    assert panel.metrics[panel.column["score.correct"]].kind == "number"


def test_the_day_in_the_tables_is_the_share_whatever_the_score_is_over_its_past():
    (row,) = [r for r in daily_metrics(failures(0, 10, 40).table, []) if (r.metric, r.dimension) == ("score.correct", "all")]
    assert row.level == pytest.approx(0.75)
    assert metrics.lookup("score.correct").kind == "number"


def test_two_sides_are_compared_as_rates():
    a = pd.DataFrame({"score.correct": [1.0] * 40, "score.judge": np.linspace(0, 1, 40)})
    b = pd.DataFrame({"score.correct": [1.0] * 39 + [0.0], "score.judge": np.linspace(0, 1, 40)})
    found = {row.metric: row for row in compare_rows(a, b, CONFIG).rows}
    assert found["score.correct"].unit == "share" and found["score.judge"].unit == "score"
    assert found["score.correct"].p > 0.05
