"""log Σ exp, beside scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from drift.detect.predict.log_sum import log_sum_exp


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0, 1e4])
@pytest.mark.parametrize(("shape", "axis"), [((7,), -1), ((1, 25), 1), ((30, 18, 51), 1), ((30, 18, 51), 2)])
def test_it_has_the_bits_of_scipys(shape, axis, scale):
    a = np.random.default_rng(0).normal(size=shape) * scale
    assert (log_sum_exp(a, axis) == logsumexp(a, axis=axis)).all()
    assert (log_sum_exp(a, axis, keepdims=True) == logsumexp(a, axis=axis, keepdims=True)).all()


def test_the_largest_may_be_there_several_times():
    a = np.array([[0.0, 0.0, -1.0], [5.0, 5.0, 5.0]])
    assert (log_sum_exp(a) == logsumexp(a, axis=1)).all()
    assert log_sum_exp(a)[1] == pytest.approx(5 + np.log(3))
