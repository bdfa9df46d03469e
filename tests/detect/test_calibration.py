"""The tail that all comparisons of a night share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from drift.detect.predict import calibration
from drift.detect.predict.calibration import Tail

FAR = np.array([4.0])


def _heavy(days: int, series: int, seed: int, degrees: int = 4) -> np.ndarray:
    return stats.t.rvs(degrees, size=(days, series), random_state=seed) / np.sqrt(degrees / (degrees - 2))


def _far(z: np.ndarray, share: float = 1.0) -> float:
    return calibration.fit(z, np.full(z.shape[1], share)).upper(FAR)[0]


def test_normal_days_keep_the_normal_tail():
    assert stats.norm.sf(4.3) < _far(np.random.default_rng(0).standard_normal((28, 60))) < stats.norm.sf(3.7)


def test_heavy_days_get_a_heavy_tail():
    assert _far(_heavy(28, 60, 1)) > 10 * stats.norm.sf(4.0)


def test_heavy_days_are_seen_though_each_series_is_as_wide_as_its_own_worst_day_makes_it():
    normal = np.random.default_rng(5).standard_normal((28, 40))
    heavy = _heavy(28, 40, 5)
    assert _far(heavy / heavy.std(0)) > 5 * _far(normal / normal.std(0))


def test_where_sampling_error_is_all_the_same_days_show_nothing_of_the_day_effects():
    z = np.random.default_rng(1).standard_normal((28, 60))
    # normal z of series without day effects leave every tail as likely as before
    unseen, seen = (calibration.fit(z, np.full(60, share)) for share in (0.0, 1.0))
    assert unseen.upper(FAR, 1.0)[0] > 1.5 * seen.upper(FAR, 1.0)[0]
    assert unseen.upper(FAR, 0.0)[0] < 2 * stats.norm.sf(4.0)


def test_few_columns_leave_the_tail_in_doubt_and_copies_of_them_do_not_settle_it():
    z = np.random.default_rng(3).standard_normal((28, 60))
    few, copies, many = (_far(x) for x in (z[:, :3], np.repeat(z[:, :3], 20, axis=1), z))
    assert many < 0.85 * few
    assert copies > 0.9 * few


def test_days_too_few_to_tell_leave_the_tail_as_open_as_before():
    few = np.random.default_rng(0).standard_normal((3, 10))
    assert _far(few) > 1.5 * stats.norm.sf(4.0)


@pytest.mark.parametrize("degrees", [3, 4, 8, 30])
def test_the_mixture_is_the_t_of_unit_variance(degrees):
    z = np.array([0.5, 2.0, 4.0, 7.0])
    expected = stats.t.sf(z * np.sqrt(degrees / (degrees - 2)), degrees)
    np.testing.assert_allclose(Tail(((1.0, 1.0, degrees),)).upper(z), expected, rtol=0.16)


def test_days_together_reach_as_far_as_the_mean_of_so_many_t():
    mean = _heavy(7, 400_000, 2).sum(0) / np.sqrt(7)
    for z in (2.0, 3.0, 4.0):
        assert Tail(((1.0, 1.0, 4.0),)).upper(np.array([z]), days=7)[0] == pytest.approx((mean > z).mean(), rel=0.3)


def test_the_tail_is_symmetric_and_falls():
    mixed = Tail(((0.7, 1.0, np.inf), (0.3, 1.1, 5.0)))
    z = np.linspace(-4, 4, 9)
    np.testing.assert_allclose(mixed.upper(z, 0.6) + mixed.upper(-z, 0.6), 1.0)
    assert (np.diff(mixed.upper(z, 0.6)) < 0).all()
