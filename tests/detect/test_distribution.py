"""Tails and shape: they do not repeat the level, and their sampling error is the known one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from drift import profiles
from drift.config import Config
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)
CONFIG = Config.of({"segments": {"dimensions": []}})
N, DAYS = 4000, 15
SPREAD = 0.5
Draw = Callable[[np.random.Generator, int], np.ndarray]


def ordinary(rng: np.random.Generator, day: int) -> np.ndarray:
    return np.exp(rng.normal(1.0, SPREAD, N))


def followed(draw: Draw, days: int = DAYS) -> dict[str, Statistic]:
    table = [pa.table({"latency_s": draw(np.random.default_rng([4, day]), day)}) for day in range(days)]
    when = [FIRST + timedelta(days=day) for day in range(days)]
    panel = Panel([DayProfile(day, profiles.build(each, CONFIG, day)) for day, each in zip(when, table, strict=True)])
    return {s.name: s for s in statistics.of(panel, 1, {}) if s.metric.name == "latency_s"}


def today(change: Callable[[np.random.Generator, np.ndarray], np.ndarray]) -> Draw:
    """Ordinary days, the last of which is changed."""
    return lambda rng, day: change(rng, ordinary(rng, day)) if day == DAYS - 1 else ordinary(rng, day)


def z(s: Statistic) -> float:
    """How far today is from the mean of the days before, in standard deviations of these."""
    return float((s.y[-1] - s.y[:-1].mean()) / s.y[:-1].std(ddof=1))


def test_the_tail_is_the_distance_from_the_mean_to_the_p95_with_the_error_of_both():
    tail = followed(ordinary)["tail"]
    assert tail.raw.mean() == pytest.approx(SPREAD * stats.norm.ppf(0.95), rel=0.03)
    # of a normal a sample quantile and the mean have the covariance σ²/n, whichever quantile it is
    expected = 0.0475 / (stats.norm.pdf(stats.norm.ppf(0.95)) / SPREAD) ** 2 - SPREAD**2
    assert tail.variance == pytest.approx(expected, rel=0.15)
    assert tail.y.std(ddof=1) == pytest.approx(np.sqrt(tail.variance / N), rel=0.6)


def test_the_low_tail_is_a_count_of_about_a_twentieth():
    events, size, _ = followed(ordinary)["low tail"].counts()
    assert (events / size).mean() == pytest.approx(0.05, rel=0.1)


def test_an_ordinary_day_is_as_far_from_the_others_as_its_degrees_of_freedom_say():
    shape = followed(ordinary, days=29)["shape"]
    assert shape.one_sided and np.exp(shape.y[:-1]).mean() == pytest.approx(1.0, abs=0.2)
    assert shape.y.std(ddof=1) == pytest.approx(np.sqrt(shape.variance), rel=0.4)


def test_a_day_that_is_slower_as_a_whole_changes_its_level_alone():
    found = followed(today(lambda rng, x: 2 * x))
    assert z(found["level"]) > 20
    assert all(abs(z(found[name])) < 3.5 for name in ("tail", "far tail", "low tail", "shape"))


def test_slow_answers_that_get_slower_change_the_tail():
    found = followed(today(lambda rng, x: np.where(x > np.quantile(x, 0.93), 2 * x, x)))
    assert z(found["tail"]) > 8 and abs(z(found["low tail"])) < 3.5


def test_a_hundredth_that_hangs_changes_the_far_tail():
    found = followed(today(lambda rng, x: np.where(rng.random(N) < 0.012, 12 * x, x)))
    assert z(found["far tail"]) > 4.5 > 3.5 > abs(z(found["tail"]))
    events, size, _ = found["far tail"].counts()
    assert (events / size)[:-1].mean() == pytest.approx(0.01, rel=0.15)


def test_two_kinds_of_traffic_where_there_was_one_change_the_shape():
    found = followed(today(lambda rng, x: x * np.where(rng.random(N) < 0.5, 0.6, 1.7)))
    assert z(found["shape"]) > 5


def test_less_than_a_week_and_a_handful_of_values_have_a_level_alone():
    assert set(followed(ordinary, days=7)) == {"level"} and set(followed(ordinary, days=8)) > {"level"}
    assert set(followed(lambda rng, day: rng.choice([1.0, 2.0, 4.0, 8.0], N))) == {"level"}


def test_what_a_number_is_asked_shares_one_budget():
    assert sum(s.weight for s in followed(ordinary).values()) == pytest.approx(1.0)


def test_today_is_not_further_out_than_the_days_that_it_is_compared_with_are_from_themselves():
    def shape(seed: int) -> np.ndarray:
        return np.exp(followed(lambda rng, day: ordinary(np.random.default_rng([seed, day]), day), days=8)["shape"].y)

    found = np.array([shape(seed) for seed in range(60)])
    assert found[:, -1].mean() == pytest.approx(found[:, :-1].mean(), rel=0.15)


def test_a_day_without_any_value_is_no_day_and_no_warning(recwarn):
    def draw(rng: np.random.Generator, day: int) -> pa.Array | np.ndarray:
        return pa.nulls(N, pa.float64()) if day == 4 else ordinary(rng, day)

    found = followed(draw)
    assert {s.n[4] for s in found.values()} == {0.0}
    assert all(np.isnan(s.y[4]) and np.isfinite(np.delete(s.y, 4)).all() for s in found.values())
    assert [str(each.message) for each in recwarn] == []
