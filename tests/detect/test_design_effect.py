"""Requests of one conversation count as fewer, by as much as they resemble each other; strangers, and daily guests, do not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)
PAIRS = ["pairs", "pair_sum", "pair_products"]
CONFIG = Config.of({"segments": {"dimensions": []}})


def conversations(seed: int, alike: float, size: float = 4.0, n: int = 1200, guests: bool = False) -> pa.Table:
    """A day in conversations of `size` requests on average, whose values and outcomes are alike with this correlation."""
    rng = np.random.default_rng(seed)
    sizes = np.full(6, n // 6) if guests else rng.geometric(1 / size, int(n / size))
    of = np.repeat(np.arange(len(sizes)), sizes)
    own = (np.random.default_rng(1) if guests else rng).standard_normal(len(sizes))[of]
    failing = rng.random(len(sizes)) < 0.05
    joined = rng.random(len(of)) < alike
    return pa.table(
        {
            "trace_id": [f"{seed}-{i}" for i in range(len(of))],
            "user" if guests else "session_id": [f"{of_}" if guests else f"{seed}-{of_}" for of_ in of],
            "output_characters": np.exp(6 + 0.5 * (np.sqrt(alike) * own + np.sqrt(1 - alike) * rng.standard_normal(len(of)))),
            "refusal": np.where(joined, failing[of], rng.random(len(of)) < 0.05).astype(float),
        }
    )


def followed(days: int, strip: bool = False, **law) -> dict[str, Statistic]:
    """The levels of so many days by metric."""
    tables = [profiles.build(conversations(seed, **law), CONFIG, FIRST + timedelta(days=seed)) for seed in range(days)]
    panel = Panel(
        [
            DayProfile(FIRST + timedelta(days=number), table.drop_columns(PAIRS) if strip else table)
            for number, table in enumerate(tables)
        ]
    )
    return {s.metric.name: s for s in statistics.of(panel, 1, {}) if s.name == "level"}


@pytest.mark.parametrize("metric", ["output_characters", "refusal"])
def test_a_days_effective_number_says_how_far_days_of_conversations_lie_apart(metric):
    found = followed(60, alike=0.5)[metric]
    # nothing but sampling moves these days
    spread = found.y.var(ddof=1)
    assert spread == pytest.approx((found.variance / found.n).mean(), rel=0.35)
    assert spread > 2 * (found.variance / found.traces).mean()


def test_strangers_in_conversations_count_in_full():
    found = followed(30, alike=0.0)["output_characters"]
    np.testing.assert_allclose(found.n, found.traces, rtol=0.03)


def test_guests_who_come_every_day_are_no_draw():
    found = followed(30, alike=0.5, guests=True)["output_characters"]
    # by their pairs alone 200 requests of a guest would count as two
    assert (found.n > 0.3 * found.traces).all()


def test_a_day_without_pairs_in_its_profile_counts_in_full():
    found = followed(10, strip=True, alike=0.5)["output_characters"]
    np.testing.assert_array_equal(found.n, found.traces)


def test_what_a_few_users_bring_along_counts_as_so_many_users_however_often_they_came_before():
    """Ten users, each with a language of its own for weeks: another ten would have others."""

    def day(number: int) -> DayProfile:
        user = np.repeat(np.arange(10), 100)
        table = pa.table({"user": [f"u{each}" for each in user], "input_language": np.where(user < 2, "de", "en").tolist()})
        when = FIRST + timedelta(days=number)
        return DayProfile(when, profiles.build(table, CONFIG, when))

    found = [s for s in statistics.of(Panel([day(number) for number in range(20)]), 1, {}) if s.metric.name == "input_language"]
    assert found and all(5 < s.n[-1] < 20 for s in found)
