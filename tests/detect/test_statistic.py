"""What the mix of cells explains of a day."""

from __future__ import annotations

import numpy as np
import pytest

from drift import metrics
from drift.detect.statistics.statistic import CELL_PRIOR, Statistic, history_of, standard

MANY = 1e9


def test_a_day_is_explained_by_its_mix_at_the_cells_baseline_means():
    # two cells with means of 10 and 20; the last day has three quarters of the second
    n = np.array([[50.0, 50.0], [50.0, 50.0], [25.0, 75.0]]) * MANY
    total = n * np.array([10.0, 20.0])
    total[-1] *= 3  # what today's cells have is no baseline
    explained, mean = standard(n, total, np.array([True, True, False]), np.zeros((2, 2)))
    assert mean == pytest.approx(15.0) and explained == pytest.approx([15.0, 15.0, 17.5])


def test_a_cell_of_few_traces_is_drawn_toward_the_mean_as_if_by_twenty():
    n = np.array([[980.0, 20.0], [0.0, 1.0]])
    total = np.array([[980.0 * 1.0, 20.0 * 3.0], [0.0, 0.0]])
    explained, mean = standard(n, total, np.array([True, False]), np.zeros((2, 2)))
    assert mean == pytest.approx(1.04) and CELL_PRIOR == 20.0
    assert explained[1] == pytest.approx((20 * 3.0 + 20 * 1.04) / 40)


def test_a_new_cell_is_taken_for_those_it_is_like():
    n, total = np.array([[100.0, 0.0], [0.0, 100.0]]), np.array([[700.0, 0.0], [0.0, 900.0]])
    history = np.array([True, False])
    like = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert standard(n, total, history, like)[0][1] == pytest.approx(7.0)


def test_today_is_never_a_day_of_its_own_baseline():
    known = np.array([True, False, True])
    assert history_of(known).tolist() == [True, False, False] and known.tolist() == [True, False, True]


def test_only_a_share_has_counts():
    zeros = np.zeros(3)
    level = Statistic(
        metric=metrics.lookup("latency_s"),
        segment=("all", ""),
        name="level",
        scale="log",
        y=zeros,
        mix=zeros,
        n=zeros,
        variance=1.0,
        typical=0.1,
        weight=1.0,
    )
    with pytest.raises(ValueError, match="latency_s level: no share"):
        level.counts()
