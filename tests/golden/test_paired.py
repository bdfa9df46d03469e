"""The same questions on many nights; the whole table is `benchmarks/golden.py`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drift.config import Config
from drift.detect.settings import Settings
from drift.golden.paired import changes

SETTINGS = Settings.of(Config.of({}))


def run(rng, refusal: float = 0.02, length: float = 1.0, valid: float = 0.99, examples: int = 100) -> pd.DataFrame:
    example = np.repeat(np.arange(examples), 3)
    n = len(example)
    return pd.DataFrame(
        {
            "example_id": example,
            "refusal": (rng.random(n) < refusal).astype(float),
            "json_valid": (rng.random(n) < valid).astype(float),
            "output_characters": length * np.exp(5 + example / examples + rng.normal(0, 0.2, n)),
        }
    )


def told(rng, past: int = 14, **change: float) -> set[str]:
    return {
        each.metric for each in changes(run(rng, **change), [run(rng) for _ in range(past)], SETTINGS, 0.01) if each.changed
    }


@pytest.mark.parametrize(
    ("change", "metric"),
    [({"refusal": 0.1}, "refusal"), ({"length": 0.9}, "output_characters"), ({"valid": 0.89}, "json_valid")],
)
def test_a_change_is_seen_on_its_first_night(change, metric):
    rng = np.random.default_rng(1)
    seen = [told(rng, **change) for _ in range(12)]
    assert sum(metric in each for each in seen) >= 11
    assert not any(each - {metric} for each in seen)


def test_unchanged_nights_are_quiet():
    rng = np.random.default_rng(2)
    assert sum(bool(told(rng)) for _ in range(40)) <= 1


def test_a_provider_whose_days_differ_is_no_alarm():
    """Lengths go up and down by 5 % from day to day: 5 % is then no news, though the answers of one day alone would show it."""
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(20):
        runs = [run(rng, length=float(np.exp(rng.normal(0, 0.05)))) for _ in range(15)]
        alarms += any(each.changed for each in changes(runs[-1], runs[:-1], SETTINGS, 0.01))
    assert alarms <= 2


def test_an_example_that_a_run_lacks_is_no_other_level():
    rng = np.random.default_rng(4)
    past = [run(rng) for _ in range(10)]
    without = run(rng)
    assert not any(each.changed for each in changes(without[without["example_id"] < 60], past, SETTINGS, 0.01))


def test_a_rate_that_was_never_seen_is_not_known_to_be_0():
    rng = np.random.default_rng(5)
    past = [run(rng, refusal=0.0) for _ in range(14)]
    once = run(rng, refusal=0.0)
    once.loc[0, "refusal"] = 1.0
    assert not any(each.changed for each in changes(once, past, SETTINGS, 0.01))


def test_one_run_before_is_nothing_to_compare_with():
    rng = np.random.default_rng(6)
    assert changes(run(rng), [run(rng)], SETTINGS, 0.01) == []
