"""The night's budget."""

from __future__ import annotations

import numpy as np
import pytest

from drift.detect.budget import holm


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
