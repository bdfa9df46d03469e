"""A creep is found, at a promised number of false alarms."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.lasting import cusum
from drift.detect.lasting.creep import creeping
from drift.detect.predict.ordinary import Series
from drift.detect.settings import Settings
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.findings import Finding
from drift.profiles.day import DayProfile

DAYS = [date(2026, 1, 5) + timedelta(days=k) for k in range(cusum.HISTORY)]
N = 5000


def deployment(rng, series=10, phi=0.4, tau=1.2, degrees=None):
    """Ordinary days: AR(1) day effects of `tau` sampling errors, weekends half a day effect higher, fewer traces on them."""
    shape = (series, len(DAYS) + 30)
    z = rng.standard_normal(shape) if degrees is None else rng.standard_t(degrees, shape) / np.sqrt(degrees / (degrees - 2))
    for t in range(1, shape[1]):
        z[:, t] = phi * z[:, t - 1] + np.sqrt(1 - phi**2) * z[:, t]
    weekend = np.array([day.weekday() >= 5 for day in DAYS])
    n = np.where(weekend, 0.75 * N, N) * np.ones((series, 1))
    y = (z[:, 30:] + 0.5 * weekend) * tau / np.sqrt(N) + rng.standard_normal((series, len(DAYS))) / np.sqrt(n)
    return Series(y, n, np.ones(series), np.full(series, 0.035), np.full(series, "level"), np.ones(series)), np.hypot(
        tau, 1
    ) / np.sqrt(N)


def test_the_run_length_is_the_promised_one():
    rng = np.random.default_rng(1)
    h = cusum.threshold(1, per_year=2.0, reference=0.5)  # shorter runs, so that they can be counted
    z = rng.standard_normal((20_000, 20))
    alarms = 0
    # a run starts from 0 again after each alarm
    for s in range(20):
        a = b = 0.0
        for t in range(20_000):
            a, b = max(0.0, a + z[t, s] - 0.5), max(0.0, b - z[t, s] - 0.5)
            if max(a, b) > h:
                alarms, a, b = alarms + 1, 0.0, 0.0
    years = 20 * 20_000 / 365.25
    assert 1.6 < alarms / years < 2.4
    once = cusum.cusum(z[:50], reference=0.5)
    assert once.up[0] == pytest.approx(np.maximum(0.0, z[0] - 0.5))


@pytest.mark.slow
@pytest.mark.parametrize(("phi", "tau", "degrees"), [(0.0, 0.0, None), (0.4, 1.2, None), (0.4, 1.2, 4)])
def test_ordinary_deployments_keep_quiet(phi, tau, degrees):
    rng = np.random.default_rng([2, int(10 * phi)])
    alarms = nights = 0
    for _ in range(25):
        result = cusum.creep(deployment(rng, phi=phi, tau=tau, degrees=degrees)[0], DAYS)
        beyond = (np.maximum(result.up, result.down) > result.threshold)[cusum.BURN_IN :]
        alarms += int((beyond[1:] & ~beyond[:-1]).sum())
        nights += len(beyond)
    assert alarms / nights * 365 <= 1.8  # one a year is promised; 25 deployments × 62 nights are 4 years


def test_a_level_that_wanders_for_weeks_and_comes_back_is_hardly_ever_a_creep():
    rng = np.random.default_rng(6)
    wandering = [cusum.creep(deployment(rng, phi=0.84, tau=3.0)[0], DAYS) for _ in range(12)]
    alarmed = sum((np.maximum(each.up, each.down) > each.threshold).any(0).sum() for each in wandering)
    # with correlations of at most 0.6 in the grid it was 39 of these 120 series
    assert alarmed <= 12


def test_a_creep_is_found_and_its_begin_is_near():
    rng = np.random.default_rng(3)
    days, unit = deployment(rng, series=20)
    days.y[:, -40:] += 3 * unit * np.arange(1, 41) / 40
    result = cusum.creep(days, DAYS)
    assert result.alarm.mean() >= 0.85 and (result.direction == 1)[result.alarm].all()
    assert np.median(result.since[result.alarm]) == pytest.approx(len(DAYS) - 40, abs=15)
    assert (result.q(0.01)[result.alarm] < 0.01).all() and (result.q(0.01)[~result.alarm] >= 0.01).all()


def test_more_series_need_more_evidence():
    assert cusum.threshold(1) < cusum.threshold(10) < cusum.threshold(1000)
    assert cusum.threshold(10, per_year=1.0) < cusum.threshold(10, per_year=0.1)


def test_one_wild_day_is_no_creep():
    z = np.zeros((60, 1))
    z[30] = 50.0
    result = cusum.cusum(z)
    assert np.maximum(result.up, result.down).max() < result.threshold and result.since[0] == 60


def test_unknown_days_neither_add_nor_forget():
    z = np.ones((60, 1)) * 0.6
    gaps = z.copy()
    gaps[20:30] = np.nan
    assert cusum.cusum(gaps).up[-1, 0] == pytest.approx(cusum.cusum(z[10:]).up[-1, 0])


def test_a_short_history_is_not_judged():
    days, _ = deployment(np.random.default_rng(4), series=2)
    assert cusum.creep(days.until(40), DAYS[:40]) is None


def test_findings_from_profiles():
    rng = np.random.default_rng(5)
    config = Config.of({"segments": {"dimensions": []}})
    history = []
    for k, day in enumerate(DAYS[:70]):
        level = 0.02 * rng.standard_normal() - 0.003 * max(0, k - 35)
        features = pa.table(
            {"output_characters": np.exp(rng.normal(6 + level, 0.6, 800)), "refusal": (rng.random(800) < 0.04).astype(float)}
        )
        history.append(DayProfile(day, profiles.build(features, config, day)))
    found = {f.metric: f for f in _creeping(history, Settings.of(config))}
    length = found["output_characters"]
    assert length.alarm and length.test == "slow" and "creeping" in length.reason and length.effect < -0.05
    assert abs((length.since - DAYS[35]).days) <= 15
    assert not found["refusal"].alarm and "no creep" in found["refusal"].reason
    assert _creeping(history[:31], Settings.of(config)) == []


def _creeping(days: list[DayProfile], settings: Settings) -> list[Finding]:
    panel = Panel(days)
    return creeping(panel, statistics.of(panel, settings.min_traces, {}), settings)
