"""Any night under any plan of faults, from one seed: the tables and the lake are those of undisturbed nights, and all was told once."""

from __future__ import annotations

import logging

import pytest

from faults.sim.__main__ import told
from faults.sim.mutants import MUTANTS
from faults.sim.plan import plan
from faults.sim.simulate import simulate

# each was wrong once
FOUND = {
    "a folder was lost with the power, for only what is in it was synced": 14,
    "late rows of the day before a night that never ran": 28,
    "a clock a year ahead left rows of metrics of a day without a trace": 526,
    "a night died, and the next one made its day and told nothing of it": 297,
    "a digest that was taken had another key when it was told again": 632,
    "a dimension was added, and a clock that is behind or a night that is made up for made an earlier day": 196,
    "a dimension was added, and the day before was being deleted": 872,
}
# the first seed that catches each mutant
CAUGHT = {"manifest before parts": 19, "sent before it is posted": 8}


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def holds(seed: int) -> None:
    outcome = simulate(plan(seed))
    assert not outcome.wrong, f"make drift-sim SEED={seed}\n{told(outcome)}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", FOUND.values(), ids=FOUND)
def test_what_was_wrong_once(seed):
    holds(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_seed(seed):
    holds(seed)


def test_a_seed_is_the_same_plan_each_time_and_a_smaller_one_is_smaller():
    assert plan(4711) == plan(4711) != plan(4712)
    several = next(found for found in map(plan, range(100)) if len(found.faults) > 1)
    assert {len(smaller.faults) for smaller in several.smaller()} <= {len(several.faults) - 1, len(several.faults)}


@pytest.mark.slow
def test_a_seed_ends_the_same_each_time():
    first, again = (simulate(plan(14)) for _ in range(2))
    assert (first.fired, first.said, first.wrong) == (again.fired, again.said, again.wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", CAUGHT)
def test_a_drift_that_is_wrong_on_purpose_is_caught(name):
    """By one of the thousand seeds that `make test-faults` lives; without the mutation that seed is right."""
    with MUTANTS[name]():
        assert simulate(plan(CAUGHT[name])).wrong
    holds(CAUGHT[name])
