"""The same questions on many nights; the whole table is `benchmarks/golden.py`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drift.compare.gate import gate
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.detect.settings import Settings
from drift.golden import power
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


def with_category(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        category=np.where(frame["example_id"] < 40, "orders", np.where(frame["example_id"] < 95, "returns", "rare"))
    )


def test_a_change_of_one_category_is_seen_there():
    """A tenth of the examples refuse half of the time: 5 % of all answers."""
    rng = np.random.default_rng(7)
    seen = []
    for _ in range(10):
        past, today = [with_category(run(rng)) for _ in range(14)], with_category(run(rng))
        hit = (today["category"] == "orders") & (rng.random(len(today)) < 0.25)
        today.loc[hit, "refusal"] = 1.0
        seen.append({(each.metric, each.value) for each in changes(today, past, SETTINGS, 0.01, ["category"]) if each.changed})
    assert sum(("refusal", "orders") in each for each in seen) >= 9
    assert not any(value in ("returns", "rare") for each in seen for _, value in each)


def test_segments_share_the_one_budget():
    rng = np.random.default_rng(8)
    past = [with_category(run(rng)) for _ in range(14)]
    alarms = sum(
        any(each.changed for each in changes(with_category(run(rng)), past, SETTINGS, 0.01, ["category"])) for _ in range(60)
    )
    assert alarms <= 3


def test_an_example_that_is_new_is_nothing_to_compare_with():
    rng = np.random.default_rng(9)
    past, today = [each[each["example_id"] < 60] for each in (run(rng) for _ in range(10))], run(rng)
    today.loc[today["example_id"] >= 60, "refusal"] = 1.0
    assert not any(each.changed for each in changes(today, past, SETTINGS, 0.01))


def test_a_night_sees_what_it_says_that_it_can():
    """The smallest changes that 14 runs say are seen in nine of ten nights, 30 times."""
    rng = np.random.default_rng(10)
    seen = {"refusal": 0, "output_characters": 0, "json_valid": 0}
    for _ in range(30):
        past = [run(rng) for _ in range(14)]
        size = {each.metric: each.size for each in power.of_a_night(past, SETTINGS, 0.01)}
        nights = {
            "refusal": {"refusal": 0.02 + size["refusal"] * 0.98},
            "output_characters": {"length": 1 - size["output_characters"]},
            "json_valid": {"valid": 0.99 * (1 - size["json_valid"])},
        }
        for metric, change in nights.items():
            seen[metric] += metric in {e.metric for e in changes(run(rng, **change), past, SETTINGS, 0.01) if e.changed}
    # two and a half standard errors around 0.9
    assert min(seen.values()) >= 23 and sum(seen.values()) <= 88


def test_the_gate_stops_as_often_as_it_says_of_a_rate():
    """The last run stays the same whatever comes: to draw it anew said too large a change, which was stopped in 96 of 100."""
    rng = np.random.default_rng(11)
    often = []
    for _ in range(20):
        own = run(rng)
        (size,) = (each.size for each in power.told(own, Config.of({})) if each.metric == "refusal")
        stopped = [
            any(
                row.metric == "refusal"
                for row in gate(compare_rows(own, run(rng, 0.02 + size * 0.98), pair_on="example_id")).failed
            )
            for _ in range(6)
        ]
        often.append(np.mean(stopped))
    assert 0.8 <= np.mean(often) <= 0.95
