"""Traffic that grows and knowledge that ages are expected to; what is told is the departure."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from drift.detect.statistics import course

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(57)]
BEFORE = np.arange(57) < 56


def growing(weekly: float, spread: float = 0.05, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weekend = np.array([-0.5 if day.weekday() > 4 else 0.0 for day in DAYS])
    return 7 + np.log1p(weekly) * np.arange(57) / 7 + weekend + spread * rng.standard_normal(57)


def slope(y: np.ndarray) -> float:
    """What the lifted series still grows by in a week, whole weeks apart."""
    return float(np.median(y[49:56] - y[7:14])) / 6


def test_steady_growth_is_taken_out_and_today_stays_as_it_is():
    y = growing(0.03)
    lifted = course.without_growth(y, DAYS, BEFORE)
    assert slope(y) == pytest.approx(0.03, abs=0.01) and slope(lifted) == pytest.approx(0, abs=0.005)
    assert lifted[-1] == y[-1]


def test_a_series_that_does_not_grow_is_left_alone_and_so_is_a_short_one():
    flat = [growing(0.0, seed=seed) for seed in range(40)]
    assert np.mean([np.array_equal(course.without_growth(y, DAYS, BEFORE), y) for y in flat]) >= 0.9
    assert np.array_equal(course.without_growth(growing(0.1), DAYS, np.arange(57) < 20), growing(0.1))


def test_a_campaign_of_some_days_does_not_bend_the_slope():
    y = growing(0.03)
    y[40:43] += 0.7
    assert slope(course.without_growth(y, DAYS, BEFORE)) == pytest.approx(0, abs=0.006)


def ageing(every: int = 28, now: float | None = None) -> np.ndarray:
    """Log age in days of what is refreshed every so many days."""
    age = 5.0 + np.arange(57) % every
    if now is not None:
        age[-1] = now
    return np.log(age)


def departure(y: np.ndarray) -> float:
    lifted, _ = course.without_ageing(y, DAYS, BEFORE, 1.0, np.full(57, 1e-4), np.ones(57))
    assert lifted[-1] == y[-1]
    return float(lifted[-1] - np.nanmedian(lifted[:-1]))


def test_ageing_by_a_day_a_day_and_a_refresh_are_no_departure():
    assert course.ages(ageing(), DAYS, BEFORE, 1.0)
    assert departure(ageing()) == pytest.approx(0, abs=1e-4) and departure(ageing(now=6.0)) == pytest.approx(0, abs=1e-4)


def test_an_age_that_jumps_is_a_departure_and_stays_one():
    y = ageing(60)
    y[54:] = np.log(np.exp(y[54:]) + 20)
    known = BEFORE & (np.arange(57) != 54) & (np.arange(57) != 55)
    lifted, _ = course.without_ageing(y, DAYS, known, 1.0, np.full(57, 1e-4), np.ones(57))
    assert lifted[-1] - np.median(lifted[known][1:]) == pytest.approx(np.log(81 / 61), abs=1e-4)


def test_a_refresh_that_is_overdue_is_a_departure():
    late = np.log(5.0 + np.r_[np.arange(10), np.arange(10), np.arange(37)])
    assert departure(late) == pytest.approx(np.log(41 / 14), abs=1e-4)


def test_what_is_refreshed_every_night_does_not_age():
    rng = np.random.default_rng(3)
    assert not course.ages(np.log(24 + rng.standard_normal(57)), DAYS, BEFORE, 24.0)


def test_a_departure_has_the_error_of_both_of_its_days_which_is_larger_after_a_refresh():
    y = ageing()
    own = 0.01 / np.exp(y)
    _, error = course.without_ageing(y, DAYS, BEFORE, 1.0, own, np.ones(57))
    assert error[29] == pytest.approx(own[29] + own[28] * (5 / 6) ** 2, rel=1e-4)
    assert error[29] > 3 * error[26], "young documents differ by more, relative to their age"


def test_a_dip_within_a_days_own_error_is_no_refresh_after_which_the_next_would_be_overdue():
    y = np.log(5.0 + np.arange(57))
    y[12] = y[11] - 0.01
    lifted, _ = course.without_ageing(y, DAYS, BEFORE, 1.0, np.full(57, 0.01**2), np.ones(57))
    assert lifted[-1] - np.nanmedian(lifted[:-1]) == pytest.approx(0, abs=0.01)
    lifted, _ = course.without_ageing(y, DAYS, BEFORE, 1.0, np.full(57, 1e-8), np.ones(57))
    assert lifted[-1] - lifted[1] > 1, "of days that are known well it is one, and long overdue"


def hours(refreshed: int, day: int, requests: int, rng: np.random.Generator) -> np.ndarray:
    """The ages in hours at which a day's requests find an index that was built at three in the morning."""
    return 24.0 * (day - refreshed) + rng.uniform(0.05, 21, requests)


def test_the_day_after_a_refresh_is_no_departure_though_the_first_ages_are_all_different():
    rng = np.random.default_rng(8)
    days = [np.log(hours(28 * (n // 28) + 27 if n % 28 == 27 else 28 * (n // 28) - 1, n, 250, rng)) for n in range(57)]
    y, spread = np.array([each.mean() for each in days]), np.array([each.var() for each in days])
    lifted, error = course.without_ageing(y, DAYS, BEFORE, 24.0, spread, np.full(57, 250.0))
    assert 55 % 28 == 27, "the last day is the one after a refresh"
    assert abs(lifted[-1] - np.nanmedian(lifted)) < 2.5 * np.sqrt(error[-1]) and error[-1] < 0.15**2
    # a week later a tenth of a day is seen
    assert error[35] < 0.01**2
