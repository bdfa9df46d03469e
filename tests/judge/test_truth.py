"""What people would find, from a few labels and a judge's many verdicts; the whole table is `benchmarks/truth.py`."""

from __future__ import annotations

import numpy as np
import pytest

from drift.judge.truth import Labels, errors, truth

NIGHTS = 27 * 20


def flipped(rng, n: int, rate: float, by: float) -> tuple[np.ndarray, np.ndarray]:
    fails = (rng.random(n) < rate).astype(float)
    return fails, np.where(rng.random(n) < by, 1 - fails, fails)


def draws(rate: float, by: float, labels: int, times: int = 300):
    rng = np.random.default_rng(5)
    for _ in range(times):
        fails, says = flipped(rng, 10 * labels, rate, by)
        earlier = Labels.of(*flipped(rng, NIGHTS, rate, by))
        yield truth(Labels.of(fails[:labels], says[:labels]), says, earlier=earlier), truth(Labels.of(fails[:labels]), says)


def test_without_a_judge_the_interval_is_wilsons():
    found = truth(Labels.of(np.array([1.0] * 3 + [0.0] * 17)), np.zeros(0))
    assert (found.rate, found.low, found.high) == pytest.approx((0.15, 0.0524, 0.3604), abs=1e-3)
    assert found.worth == pytest.approx(20, rel=1e-3)
    assert found.judged == 0


@pytest.mark.parametrize(("rate", "narrower"), [(0.05, 0.9), (0.2, 0.75), (0.5, 0.75)])
@pytest.mark.parametrize("labels", [20, 140])
def test_a_good_judge_makes_the_interval_narrower_and_it_still_covers(rate, narrower, labels):
    found = list(draws(rate, 0.1, labels))
    held = np.mean([with_judge.low <= rate <= with_judge.high for with_judge, _ in found])
    widths = [np.mean([each.high - each.low for each in kind]) for kind in zip(*found, strict=True)]
    # three standard errors of 300 draws below 0.95
    assert held >= 0.912
    assert widths[0] <= (narrower + 0.02) * widths[1]


def test_a_judge_that_knows_nothing_costs_nothing():
    found = list(draws(0.2, 0.5, 20))
    widths = [np.mean([each.high - each.low for each in kind]) for kind in zip(*found, strict=True)]
    assert widths[0] <= 1.05 * widths[1]


def test_a_judge_that_turned_over_moves_no_estimate():
    rng = np.random.default_rng(6)
    rates = []
    for _ in range(300):
        fails, says = flipped(rng, 1400, 0.2, 0.9)
        rates.append(truth(Labels.of(fails[:140], says[:140]), says, earlier=Labels.of(*flipped(rng, NIGHTS, 0.2, 0.1))).rate)
    assert np.mean(rates) == pytest.approx(0.2, abs=0.02)


def test_labels_that_were_offered_unevenly_are_weighed():
    """Nine of ten offered labels are of what the judge calls a failure; unweighed, the rate would be three times as high."""
    rng = np.random.default_rng(7)
    rates, held = [], []
    for _ in range(300):
        fails, says = flipped(rng, 2000, 0.1, 0.2)
        weight = np.where(says == 1, np.sum(says == 1) / 36, np.sum(says == 0) / 4)
        rows = np.concatenate([rng.choice(np.flatnonzero(says == verdict), n, False) for verdict, n in ((1, 36), (0, 4))])
        found = truth(
            Labels.of(fails[rows], says[rows], weight[rows]), says, earlier=Labels.of(*flipped(rng, NIGHTS, 0.1, 0.2))
        )
        rates.append(found.rate)
        held.append(found.low <= 0.1 <= found.high)
    assert np.mean(rates) == pytest.approx(0.1, abs=0.01)
    assert np.mean(held) >= 0.9


def test_verdicts_that_are_unknown_are_none():
    fails = np.array([1.0, 0.0] * 10)
    found = truth(Labels.of(fails, np.full(20, np.nan)), np.full(200, np.nan))
    assert (found.judged, found.rate) == (0, pytest.approx(0.5, abs=1e-6))


def test_no_labels_say_nothing():
    assert truth(Labels.of(np.zeros(0)), np.ones(100)) is None


def test_the_judges_own_errors():
    fails = np.array([1.0] * 100 + [0.0] * 100)
    says = np.array([1.0] * 80 + [0.0] * 20 + [1.0] * 3 + [0.0] * 97)
    known = errors(Labels.of(fails, says))
    assert (known.finds, known.false, known.n) == (pytest.approx(0.8, abs=0.01), pytest.approx(0.03, abs=0.01), 200)


@pytest.mark.parametrize("fails", [0.0, 1.0])
def test_labels_that_all_say_the_same_leave_an_interval(fails):
    found = truth(Labels.of(np.full(20, fails), np.full(20, fails)), np.full(200, fails))
    assert 0.0 <= found.low < found.high <= 1.0
    assert found.low == 0.0 if fails == 0 else found.high == 1.0
