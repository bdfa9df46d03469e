"""Exact beta_binomial_tails of small counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from drift.detect.predict.counts import beta_binomial_tails
from drift.detect.statistics.arcsine import arcsine, share


def test_without_day_effects_a_count_is_binomial():
    for k, n, p in [(3, 100, 0.02), (0, 50, 0.1), (60, 500, 0.1)]:
        upper, lower = beta_binomial_tails(k, n, p, 1e-9)
        half = 0.5 * stats.binom.pmf(k, n, p)
        assert upper == pytest.approx(stats.binom.sf(k, n, p) + half, rel=1e-3)
        assert lower == pytest.approx(stats.binom.cdf(k - 1, n, p) + half, rel=1e-3)


def test_day_effects_widen_a_count_as_the_beta_binomial_does():
    variance = 0.002
    concentration = 1 / (4 * variance) - 1
    expected = stats.betabinom(500, 0.05 * concentration, 0.95 * concentration)
    upper, _ = beta_binomial_tails(60, 500, 0.05, variance)
    assert upper == pytest.approx(expected.sf(60) + 0.5 * expected.pmf(60), rel=1e-6)
    assert beta_binomial_tails(440, 500, 0.95, variance)[1] == pytest.approx(upper)


def test_the_arcsine_and_back():
    np.testing.assert_allclose(share(arcsine(np.array([500.0]), np.array([10_000.0]))), 0.05, atol=1e-4)
