"""The tail that all comparisons share, the night's budget, and exact tails of small counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from drift.detect.counting import arcsine, share, tails
from drift.detect.pooled import Tail, fit_tail, holm

FAR = np.array([4.0])


def test_normal_days_keep_the_normal_tail():
    tail = fit_tail(np.random.default_rng(0).standard_normal((28, 30)))
    assert stats.norm.sf(4.3) < tail.upper(FAR)[0] < stats.norm.sf(3.7)


def test_heavy_days_get_a_heavy_tail():
    tail = fit_tail(stats.t.rvs(4, size=(28, 60), random_state=1) / np.sqrt(2))
    assert tail.upper(FAR)[0] > 10 * stats.norm.sf(4.0)


def test_few_columns_leave_the_tail_in_doubt_and_copies_of_them_do_not_settle_it():
    z = np.random.default_rng(3).standard_normal((28, 60))
    few, copies, many = (fit_tail(x).upper(FAR)[0] for x in (z[:, :3], np.repeat(z[:, :3], 20, axis=1), z))
    assert many < 0.5 * few
    assert copies > 0.8 * few


def test_the_tail_is_symmetric_and_falls():
    tail = Tail(((0.7, 1.0, np.inf), (0.3, 1.1, 5.0)))
    z = np.linspace(-4, 4, 9)
    np.testing.assert_allclose(tail.upper(z) + tail.upper(-z), 1.0)
    assert (np.diff(tail.upper(z)) < 0).all()


def test_holm_with_equal_weights_is_holm():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03]), np.ones(3)), [0.03, 0.06, 0.06])


def test_holm_spends_the_budget_by_weight():
    p = np.array([0.008, 0.008])
    q = holm(p, np.array([0.9, 0.1]))
    assert q[0] == pytest.approx(0.008 / 0.9)
    assert q[1] == pytest.approx(max(0.008 / 0.9, 0.008 / 0.1 * 0.1))
    assert holm(np.array([0.5]), np.array([0.0]))[0] == 1.0


def test_holm_keeps_the_chance_of_any_false_alarm():
    p = np.random.default_rng(3).random((4000, 12))
    weight = np.arange(1.0, 13)
    any_alarm = np.mean([holm(row, weight).min() <= 0.05 for row in p])
    assert any_alarm == pytest.approx(0.05, abs=0.012)


def test_without_day_effects_a_count_is_binomial():
    for k, n, p in [(3, 100, 0.02), (0, 50, 0.1), (60, 500, 0.1)]:
        upper, lower = tails(k, n, p, 1e-9)
        half = 0.5 * stats.binom.pmf(k, n, p)
        assert upper == pytest.approx(stats.binom.sf(k, n, p) + half, rel=1e-3)
        assert lower == pytest.approx(stats.binom.cdf(k - 1, n, p) + half, rel=1e-3)


def test_day_effects_widen_a_count_as_the_beta_binomial_does():
    variance = 0.002
    concentration = 1 / (4 * variance) - 1
    expected = stats.betabinom(500, 0.05 * concentration, 0.95 * concentration)
    upper, _ = tails(60, 500, 0.05, variance)
    assert upper == pytest.approx(expected.sf(60) + 0.5 * expected.pmf(60), rel=1e-6)
    assert tails(440, 500, 0.95, variance)[1] == pytest.approx(upper)


def test_the_arcsine_and_back():
    np.testing.assert_allclose(share(arcsine(np.array([500.0]), np.array([10_000.0]))), 0.05, atol=1e-4)
