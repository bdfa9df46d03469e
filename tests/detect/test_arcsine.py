"""The arcsine of a share: one variance for every share, and a way back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from drift.detect.statistics.arcsine import arcsine, share


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_its_sampling_variance_is_a_quarter_of_one_over_n_whatever_the_share(p):
    n = 400
    k = np.arange(n + 1)
    weight, y = stats.binom.pmf(k, n, p), arcsine(k, np.full(n + 1, n))
    mean = weight @ y
    assert weight @ (y - mean) ** 2 == pytest.approx(1 / (4 * n), rel=0.02)


def test_a_day_without_events_or_without_traces_still_has_a_value():
    y = arcsine(np.array([0.0, 50.0, 0.0]), np.array([50.0, 50.0, 0.0]))
    assert np.isfinite(y).all() and y[0] < y[2] < y[1] and y[0] + y[1] == pytest.approx(np.pi / 2)


def test_what_lies_beyond_all_or_nothing_is_all_or_nothing():
    assert share(np.array([-0.2, 0.0, np.pi / 4, np.pi / 2, 2.0])) == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])
