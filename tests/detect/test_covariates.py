"""Cost at given sizes: a price shows, a length does not."""

from __future__ import annotations

import numpy as np

from drift.detect.predict.covariates import residual


def days(seed: int, price: float = 0.0, longer: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = 0.05 * rng.standard_normal((3, 29))
    sizes[:, -1] += longer
    cost = 0.6 * sizes[0] + 0.4 * sizes[1] + 0.002 * rng.standard_normal(29)
    cost[-1] += price
    return cost, sizes


def test_a_price_that_the_level_cannot_see_is_seen_at_given_sizes():
    cost, sizes = days(0, price=0.02)
    assert abs(cost[-1] - cost[:-1].mean()) / cost[:-1].std() < 2
    found = residual(cost, sizes)
    assert set(found.predictors) == {0, 1}
    assert found.z > 5
    assert abs(found.change - 0.02) < 2 * found.error


def test_longer_answers_are_no_change_of_price():
    assert abs(residual(*days(1, longer=0.3)).z) < 2.5


def test_ordinary_days_have_standard_normal_scores():
    found = [residual(*days(seed)) for seed in range(300)]
    z = np.array([f.z for f in found if f is not None])
    assert len(z) > 290
    assert abs(z.mean()) < 0.2
    assert 0.88 < z.std() < 1.12


def test_sizes_that_explain_nothing_are_not_used():
    rng = np.random.default_rng(2)
    assert residual(rng.standard_normal(29), rng.standard_normal((4, 29))) is None
    cost, sizes = days(0)
    cost[-1] = np.nan
    assert residual(cost, sizes) is None
    assert residual(cost, sizes[:0]) is None
