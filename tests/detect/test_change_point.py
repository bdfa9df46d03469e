"""Since when: the day, and how sure."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from drift.detect.lasting.change_point import locate, since
from drift.detect.predict.ordinary import Series

DAYS = [date(2026, 3, 1) + timedelta(days=k) for k in range(60)]


def found_in(y, variances=1e-6, **how):
    return locate(Series.alone(y, variances), DAYS[: len(y)], **how)


def series(rng, before=28, after=7, change=4.0, phi=0.4, sampling=0.7, degrees=None):
    """Day effects AR(1) of unit spread, sampling error, and a step of `change` daily standard deviations."""
    days = before + after
    z = rng.standard_normal(days) if degrees is None else rng.standard_t(degrees, days) / np.sqrt(degrees / (degrees - 2))
    u = z.copy()
    for d in range(1, days):
        u[d] = phi * u[d - 1] + np.sqrt(1 - phi**2) * z[d]
    y = u + sampling * rng.standard_normal(days)
    y[before:] += change * np.hypot(1, sampling)
    return y


@pytest.mark.parametrize(("phi", "after", "degrees"), [(0.0, 3, None), (0.4, 7, None), (0.4, 14, None), (0.4, 7, 4)])
def test_found_within_a_day_and_covered(phi, after, degrees):
    rng = np.random.default_rng([1, after])
    found = [found_in(series(rng, after=after, phi=phi, degrees=degrees), 0.49) for _ in range(80)]
    assert np.mean([abs(c.index - 28) <= 1 for c in found]) >= 0.9
    assert np.mean([c.low <= 28 <= c.high for c in found]) >= 0.93
    assert np.mean([c.change - 2 * c.error <= 4 * np.hypot(1, 0.7) <= c.change + 2 * c.error for c in found]) >= 0.85


def test_an_uncertain_day_has_a_wide_interval():
    rng = np.random.default_rng(2)
    wide = np.mean([c.high - c.low for c in (found_in(series(rng, change=1.5), 0.49) for _ in range(30))])
    narrow = np.mean([c.high - c.low for c in (found_in(series(rng, change=8.0), 0.49) for _ in range(30))])
    assert narrow < 1 < 10 < wide


def test_golden_day_on_a_constant_series():
    found = found_in([0.0] * 20 + [1.0] * 5)
    assert (found.index, found.low, found.high) == (20, 20, 20)
    assert found.change == pytest.approx(1.0, abs=0.05)


def test_missing_days_are_stepped_over():
    y = np.r_[np.zeros(15), np.full(6, 5.0)] + np.random.default_rng(3).normal(0, 0.3, 21)
    y[[3, 14, 15]] = np.nan
    found = found_in(y, 0.01)
    assert 14 <= found.index <= 16
    assert found.probability[[3, 14, 15]].sum() == 0 and found.probability.sum() == pytest.approx(1)


def test_only_the_last_days_are_asked_about():
    y = np.r_[np.zeros(10), np.full(20, 4.0), np.full(4, 6.0)] + np.random.default_rng(4).normal(0, 0.3, 34)
    assert found_in(y, 0.01).index == 10
    assert found_in(y, 0.01, last=14).index == 30


def test_days_with_little_traffic_count_little():
    rng = np.random.default_rng(5)
    y, s2 = rng.normal(0, 0.1, 30), np.full(30, 0.01)
    y[20:] += 1.0
    y[10], s2[10] = 3.0, 4.0
    assert found_in(y, s2).index == 20


def test_in_dates():
    y = np.random.default_rng(6).normal(0, 0.1, 30)
    y[24:] += 1
    assert since(Series.alone(y, 0.01), DAYS[:30]) == (date(2026, 3, 25),) * 3
    assert since(Series.alone(y[:3], 0.01), DAYS[:3]) is None


def test_too_short():
    with pytest.raises(ValueError, match="at least 4"):
        found_in([1.0, np.nan, 2.0, 3.0])
