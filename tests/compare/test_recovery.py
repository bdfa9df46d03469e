"""Whether a fix is proved."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.compare.recovery import Fix, recovery, share_of_risk
from drift.config import Config
from drift.errors import DataError
from drift.profiles.day import DayProfile

CONFIG = Config.of({"store": {"type": "demo"}, "segments": {"dimensions": ["name"]}})
FIRST = date(2026, 3, 2)
ERROR = ("error", ("all", ""), "level")


def days(count: int, rate: float, first: int = 0, n: int = 800, latency: float = 1.0) -> list[DayProfile]:
    """Days of two endpoints, whose errors differ from day to day."""
    out = []
    for number in range(first, first + count):
        rng = np.random.default_rng([number, round(rate * 1000)])
        own = rate * np.exp(0.1 * rng.standard_normal())
        rows = {
            "trace_id": np.arange(n).astype(str),
            "name": rng.choice(["chat", "search"], n),
            "error": (rng.random(n) < own) * 1.0,
            "latency_s": latency * np.exp(0.02 * rng.standard_normal() + 0.5 * rng.standard_normal(n)),
        }
        day = FIRST + timedelta(days=number)
        out.append(DayProfile(day, profiles.build(pa.table(rows), CONFIG, day)))
    return out


def test_a_level_that_is_back_is_proved_and_one_that_is_half_way_is_not():
    before, change = days(21, 0.02), (0.02, 0.12)
    assert recovery(before, days(2, 0.02, 26), ERROR, change, CONFIG).answer == Fix.PROVED
    half = recovery(before, days(2, 0.075, 26), ERROR, change, CONFIG)
    assert half.answer != Fix.PROVED
    assert half.low < 0.5 < half.high
    still = recovery(before, days(2, 0.12, 26), ERROR, change, CONFIG)
    assert still.answer == Fix.NOT_FIXED
    assert still.ordinary == pytest.approx(0.02, abs=0.004) and still.now == pytest.approx(0.12, abs=0.02)


def test_too_little_traffic_shows_nothing_and_says_how_many_nights_it_takes():
    few = recovery(days(21, 0.02, n=100), days(1, 0.02, 26, n=100), ERROR, (0.02, 0.07), CONFIG)
    assert few.answer == Fix.NOT_YET
    assert few.needed is not None and few.needed > 1


def test_a_number_is_judged_in_a_segment_on_its_own_scale():
    series = ("latency_s", ("name", "chat"), "level")
    back = recovery(days(14, 0.02), days(2, 0.02, 20), series, (1.0, 1.4), CONFIG)
    assert back.answer == Fix.PROVED and back.unit == "s"
    assert recovery(days(14, 0.02), days(2, 0.02, 20, latency=1.3), series, (1.0, 1.4), CONFIG).answer == Fix.NOT_FIXED


def test_overshooting_is_no_fix():
    series = ("latency_s", ("all", ""), "level")
    assert recovery(days(14, 0.02), days(2, 0.02, 20, latency=0.6), series, (1.0, 1.4), CONFIG).answer != Fix.PROVED


def test_all_mornings_together_risk_no_more_than_one_look():
    assert sum(share_of_risk(night) for night in range(1, 10_000)) <= 1


@pytest.mark.parametrize(
    ("series", "change", "margin", "says"),
    [
        (("error", ("all", ""), "shape"), (0.02, 0.12), 0.5, "its shape moved"),
        (("refusal", ("all", ""), "level"), (0.02, 0.12), 0.5, "not measured"),
        (ERROR, (0.02, 0.02), 0.5, "no change that a fix could undo"),
        (ERROR, (0.02, 0.12), 1.0, "above 0 and below 1"),
    ],
)
def test_what_cannot_be_judged_is_said(series, change, margin, says):
    with pytest.raises(DataError, match=says):
        recovery(days(3, 0.02), days(1, 0.02, 5), series, change, CONFIG, margin)
