"""The model of an ordinary day, against the textbook formula and against simulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from drift.detect.predict import ordinary
from drift.detect.predict.ordinary import RATIO, Prior, Series, covariances, last_days, single_days
from drift.detect.predict.random_effects import ask

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(29)]


def simulate(count: int, seed: int = 0, phi: float = 0.3, ratio: float = 1.0, weekend: float = 1.0) -> Series:
    """Series with AR(1) day effects of `ratio` times the sampling error, and a weekend effect."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, 60))
    u = z.copy()
    for t in range(1, 60):
        u[:, t] = phi * u[:, t - 1] + np.sqrt(1 - phi**2) * z[:, t]
    is_weekend = np.array([day.weekday() >= 5 for day in DAYS])
    n = np.where(is_weekend, 750.0, 1000.0)
    y = ratio * (u[:, -29:] + weekend * is_weekend) / np.sqrt(1000) + rng.standard_normal((count, 29)) / np.sqrt(n)
    return Series(
        y, np.broadcast_to(n, y.shape), np.ones(count), np.full(count, 0.035), np.full(count, "level"), np.ones(count)
    )


def test_one_point_of_the_grid_is_generalised_least_squares(monkeypatch):
    """With the variance parameters known, the answer is the prediction of y_T from the other days by the normal equations."""
    shape, ratio = covariances(DAYS)[8], RATIO[30]
    monkeypatch.setattr(ordinary, "covariances", lambda days: shape[None])
    monkeypatch.setattr(ordinary, "RATIO", np.array([ratio, ratio]))
    series = simulate(1)
    verdicts = ask(series, DAYS, np.vstack([last_days(29, [1, 3]), single_days(29)[:1]]), Prior(np.ones(1)))
    average = series.n[0].mean()
    v = ratio**2 * shape / average + np.diag(1 / series.n[0])
    for column, h in enumerate([np.eye(29)[28], np.arange(29) >= 26, np.eye(29)[0]]):
        x = np.column_stack([np.ones(29), h])
        covariance = np.linalg.inv(x.T @ np.linalg.solve(v, x))
        estimate = covariance @ x.T @ np.linalg.solve(v, series.y[0])
        assert verdicts.change[0, column] == pytest.approx(estimate[1], rel=1e-6)
        assert verdicts.error[0, column] == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-6)


@pytest.mark.parametrize(("phi", "ratio"), [(0.0, 0.0), (0.3, 0.5), (0.3, 3.0)])
def test_ordinary_days_have_uniform_p_values(phi, ratio):
    verdicts = ask(simulate(200, seed=3, phi=phi, ratio=ratio), DAYS, np.vstack([last_days(29, [1]), single_days(29)]))
    p = np.minimum(1, 2 * np.minimum(verdicts.up, verdicts.down))
    assert np.mean(p[:, 1:] < 0.05) == pytest.approx(0.05, abs=0.012)
    assert np.mean(p[:, 1:] < 0.01) == pytest.approx(0.01, abs=0.006)
    assert np.mean(p[:, 0] < 0.05) == pytest.approx(0.05, abs=0.035)


def test_the_interval_covers_a_planted_change():
    series = simulate(200, seed=5, ratio=2.0)
    series.y[:, -1] += 0.3
    verdicts = ask(series, DAYS, last_days(29, [1]))
    covered = np.abs(verdicts.change[:, 0] - 0.3) < 1.96 * verdicts.error[:, 0]
    assert covered.mean() == pytest.approx(0.95, abs=0.03)


def test_the_change_asked_about_does_not_widen_its_own_prediction():
    small, huge = simulate(20, seed=1), simulate(20, seed=1)
    small.y[:, -1] += 0.5
    huge.y[:, -1] += 50.0
    a, b = (ask(s, DAYS, last_days(29, [1])) for s in (small, huge))
    np.testing.assert_allclose(a.error, b.error, rtol=1e-6)
    assert (b.z > 30).all()


def test_an_unknown_day_counts_for_nothing():
    known, holed = simulate(5, seed=2), simulate(5, seed=2)
    holed.y[:, 10] = np.nan
    far = simulate(5, seed=2)
    far.y[:, 10] = 1e6
    n = far.n.copy()
    n[:, 10] = 0
    a = ask(holed, DAYS, last_days(29, [1]))
    b = ask(replace(far, n=n), DAYS, last_days(29, [1]))
    np.testing.assert_allclose(a.z, b.z)
    assert not np.allclose(a.z, ask(known, DAYS, last_days(29, [1])).z)


def test_units_do_not_matter():
    one, thousand = simulate(10, seed=4), simulate(10, seed=4)
    thousand = replace(thousand, y=thousand.y * 1000 + 5, variance=thousand.variance * 1e6)
    a, b = (ask(s, DAYS, last_days(29, [1, 7])) for s in (one, thousand))
    np.testing.assert_allclose(a.z, b.z, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(a.change * 1000, b.change, rtol=1e-5, atol=1e-4)


def test_series_of_a_kind_share_how_much_their_days_differ():
    """Fifteen thin series without day effects let each of them speak clearer than alone; copies of one do not."""
    thin = replace(simulate(15, seed=2, ratio=0.0, weekend=0.0), typical=np.full(15, 0.05))
    copies = replace(thin, y=np.repeat(thin.y[:1], 15, axis=0), evidence=np.full(15, 1 / 15))
    alone = thin.take(np.arange(15) == 0)
    together, copied, single = (float(ask(s, DAYS, last_days(29, [1])).error[0, 0]) for s in (thin, copies, alone))
    # 0.0316 is the sampling error alone
    assert together - 0.0316 < 0.5 * (single - 0.0316)
    assert copied == pytest.approx(single, rel=0.03)
