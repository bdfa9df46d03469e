"""Looking back over days that are over: what changed is found in its place, on its day; an unchanged month says nothing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.lasting.lookback import beginnings, look_back
from drift.detect.settings import Settings
from drift.profiles.day import DayProfile

CONFIG = Config.of({"store": {"type": "demo"}, "segments": {"dimensions": ["name"]}})
SETTINGS = Settings.of(CONFIG)
START = date(2026, 3, 2)


def month(seed: int, change=lambda d: (0.0, 0.0), days: int = 30) -> list[DayProfile]:
    """Days of 600 traces of two endpoints; change: by day what is added to the refusals of one and to the log length of both."""
    rng = np.random.default_rng(seed)
    out = []
    for d in range(days):
        n = 600
        name = rng.choice(["billing", "search"], n)
        refusals, length = change(d)
        rate = 0.04 + refusals * (name == "billing")
        out.append(
            pa.table(
                {
                    "trace_id": [f"{d}-{i}" for i in range(n)],
                    "timestamp": pa.array([0] * n, pa.timestamp("us", tz="UTC")),
                    "name": name,
                    "refusal": (rng.random(n) < rate).astype(float),
                    "output_characters": np.exp(
                        5 + length + 0.02 * rng.standard_normal() + 0.5 * rng.standard_normal(n)
                    ).round(),
                    "latency_s": np.exp(0.04 * rng.standard_normal() + 0.4 * rng.standard_normal(n)),
                }
            )
        )
    return [
        DayProfile(START + timedelta(days=d), profiles.build(t, CONFIG, START + timedelta(days=d))) for d, t in enumerate(out)
    ]


def test_two_changes_are_two_beginnings_each_in_its_place_with_its_numbers():
    found = look_back(month(1, lambda d: (0.12 * (d >= 24), -0.25 * (d >= 15))), SETTINGS)
    first, second = beginnings(found.changes)
    assert first[0].metric == "output_characters"
    assert abs((first[0].first - (START + timedelta(days=15))).days) <= 1
    assert first[0].effect == pytest.approx(np.expm1(-0.25), abs=0.04)
    assert {(c.metric, c.dimension, c.value) for c in second} >= {("refusal", "name", "billing")}
    assert ("refusal", "search") not in {(c.metric, c.value) for c in second}
    refusal = next(c for c in second if c.value == "billing")
    assert (refusal.value_from, refusal.value_to) == (pytest.approx(0.04, abs=0.01), pytest.approx(0.16, abs=0.03))
    assert refusal.last is None


def test_what_came_and_went_has_an_end():
    found = look_back(month(2, lambda d: (0.0, -0.4 * (10 <= d < 15))), SETTINGS)
    (change,) = [c for c in found.changes if c.metric == "output_characters" and c.dimension == "all"]
    assert change.first == START + timedelta(days=10)
    assert change.last is not None
    assert abs((change.last - (START + timedelta(days=14))).days) <= 1


def test_unchanged_months_say_nothing_and_what_they_could_have_seen():
    said = [look_back(month(seed), SETTINGS) for seed in range(10, 16)]
    assert sum(bool(found.changes) for found in said) == 0
    visible = {(v.metric, v.dimension, v.value): v for v in said[0].visible}
    whole, part = visible["refusal", "all", ""], visible["refusal", "name", "billing"]
    assert 0.01 < whole.change < part.change < 0.1


def test_a_change_that_was_found_is_no_noise_in_which_a_smaller_one_would_hide():
    """Seen: refusals of billing found at +7.9 points on three days, and below it "smaller than +8.5 points could not have been seen"."""
    changed = look_back(month(10, lambda d: (0.1 * (d >= 27), 0.0)), SETTINGS)
    (found,) = [c for c in changed.changes if (c.metric, c.value) == ("refusal", "billing")]
    quiet, seen = (
        next(v for v in each.visible if (v.metric, v.value) == ("refusal", "billing"))
        for each in (look_back(month(10), SETTINGS), changed)
    )
    assert seen.change < found.value_to - found.value_from
    assert seen.change == pytest.approx(quiet.change, rel=0.25)


def test_too_few_days_are_no_history():
    assert look_back(month(3, days=4), SETTINGS).series == 0
