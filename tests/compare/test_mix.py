"""A change of the whole is split into what the mix did and what the segments did, and the parts add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.compare import mix

COUNTS = st.lists(st.tuples(*(st.integers(0, 10_000),) * 2), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(COUNTS, st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 1.0, 1e6]))
def test_parts_add_up_to_the_change(counts, seed, unit):
    n0, n1 = np.array(counts, float).T + np.array([[0.0], [0.0]])
    n0[0], n1[-1] = n0[0] + 1, n1[-1] + 1
    rng = np.random.default_rng(seed)
    x0, x1 = (n * unit * rng.normal(1, 3, len(n)) for n in (n0, n1))
    split = mix.decompose(n0, x0, n1, x1)
    scale = unit * 10
    assert split.mix + split.within == split.change
    assert split.change == pytest.approx(x1.sum() / n1.sum() - x0.sum() / n0.sum(), abs=1e-12 * scale)
    assert split.mix_parts.sum() == pytest.approx(split.mix, abs=1e-12 * scale)
    assert split.within_parts.sum() == pytest.approx(split.within, abs=1e-12 * scale)


def test_traffic_that_moves_to_a_slower_model_is_all_mix():
    split = mix.decompose([80, 20], [80 * 1.0, 20 * 3.0], [50, 50], [50 * 1.0, 50 * 3.0], ("fast", "slow"))
    assert split.change == pytest.approx(0.6)
    assert split.mix == pytest.approx(0.6)
    assert split.within == 0
    assert split.mix_parts == pytest.approx([0.3 * 0.7, 0.3 * 1.3])  # both moved the mean up


def test_one_segment_that_gets_worse_is_named():
    split = mix.decompose([80, 20], [8, 2], [80, 20], [8, 10], ("a", "b"))
    assert split.mix == 0


def test_paradox_every_segment_better_the_whole_worse():
    split = mix.decompose([90, 10], [90 * 0.1, 10 * 0.5], [10, 90], [10 * 0.08, 90 * 0.45])
    assert split.change > 0 > split.within


def test_a_segment_that_appears_or_vanishes_is_mix():
    split = mix.decompose([100, 0, 50], [10, 0, 5], [100, 50, 0], [10, 25, 0], ("old", "new", "gone"))
    assert split.within == 0
    assert split.mix == pytest.approx(split.change) == pytest.approx(35 / 150 - 0.1)
    assert np.isnan(split.mean_before[1])


def test_direction_is_symmetric():
    forward = mix.decompose([3, 7], [1, 6], [6, 4], [5, 1])
    backward = mix.decompose([6, 4], [5, 1], [3, 7], [1, 6])
    assert forward.mix == pytest.approx(-backward.mix) and forward.within == pytest.approx(-backward.within)


@pytest.mark.parametrize("n1", [[0, 0], [1, -1], [1, 2, 3]])
def test_what_cannot_be_split_is_refused(n1):
    with pytest.raises(ValueError):
        mix.decompose([1, 1], [1, 1], n1, [1] * len(n1))
