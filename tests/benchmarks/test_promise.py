"""The gate on what drift promises lets this detector pass and none that alarms too readily or promises too much."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import promise
from promise import Count, Outcome, faults

from drift.detect.predict import today


def _nights() -> list[str]:
    return faults({"small": promise.run("small", range(2000, 2003), 14, 0, 0)})


@pytest.mark.slow
def test_ordinary_nights_pass():
    assert _nights() == []


def test_a_detector_whose_p_are_halved_fails(monkeypatch: pytest.MonkeyPatch):
    right = today._two_sided
    monkeypatch.setattr(today, "_two_sided", lambda *given: 0.5 * right(*given))
    assert any("p of at most 0.05" in line for line in _nights())


@pytest.mark.parametrize(("told", "fails"), [(80, True), (90, False), (99, True)])
def test_a_promise_of_nine_in_ten_is_held_between_85_and_95_in_a_hundred(told: int, fails: bool):
    outcome = Outcome(told={("refusal", "the whole", "one night"): Count(5 * told, 500)})
    assert bool(faults({"small": outcome})) == fails


def test_a_world_fails_by_the_lower_bound_of_its_interval_and_only_by_that():
    assert faults({"small": Outcome(alarms=Count(12, 500))}) == []
    assert faults({"small": Outcome(alarms=Count(16, 500))}) != []
    assert faults({"t(4) days": Outcome(alarms=Count(30, 500))}) == []
