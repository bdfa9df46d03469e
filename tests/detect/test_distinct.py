"""Which segments are compared by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.detect import budget, judge
from drift.detect.settings import Settings
from drift.detect.statistics.distinct import places
from drift.detect.statistics.panel import Panel
from drift.profiles.day import DayProfile

CONFIG = Config()
SETTINGS = Settings.of(CONFIG)
FIRST = date(2026, 3, 2)


def _day(number: int, models: dict[str, str], prompt: str = "unknown", slower: float = 1.0) -> DayProfile:
    """A day of two endpoints of 300 requests; models: the model of each; slower: factor of chat's latency."""
    rng = np.random.default_rng(number)
    name = np.repeat(["chat", "search"], 300)
    latency = np.exp(0.5 * rng.standard_normal(600) + 0.03 * rng.standard_normal())
    table = pa.table(
        {
            "trace_id": np.arange(600).astype(str),
            "name": name,
            "model": np.array([models[each] for each in name]),
            "prompt": np.full(600, prompt),
            "latency_s": np.where(name == "chat", latency * slower, latency),
        }
    )
    day = FIRST + timedelta(days=number)
    return DayProfile(day, profiles.build(table, CONFIG, day))


ONE, OWN = {"chat": "a", "search": "a"}, {"chat": "a", "search": "b"}


def _repeats(days: list[DayProfile]) -> dict[tuple[str, str], tuple[str, str] | None]:
    return {segment: place.repeats for (metric, segment), place in places(Panel(days)).items() if metric == "latency_s"}


def test_a_prompt_without_a_name_and_the_only_model_repeat_the_whole():
    found = _repeats([_day(i, ONE) for i in range(4)])
    assert found["prompt", "unknown"] == ("all", "") == found["model", "a"]
    assert found["name", "chat"] is None and found["name", "search"] is None


def test_a_model_that_serves_one_endpoint_repeats_it():
    found = _repeats([_day(i, OWN) for i in range(4)])
    assert (found["model", "a"], found["model", "b"]) == (("name", "chat"), ("name", "search"))


def test_traffic_that_has_just_come_apart_is_no_longer_the_same():
    found = _repeats([*(_day(i, ONE) for i in range(4)), _day(4, OWN)])
    assert found["model", "a"] is None


def test_what_is_repeated_has_the_answer_of_what_it_repeats_and_costs_nothing():
    # the same endpoints, with and without dimensions that say the same thing again
    history = [_day(i, OWN) for i in range(14)]
    today = _day(14, OWN, slower=1.35)
    found = {(f.dimension, f.value): f for f in judge(history, today, SETTINGS).findings
             if (f.metric, f.statistic, f.test) == ("latency_s", "level", "night")}  # fmt: skip
    assert found["model", "a"].q == found["name", "chat"].q
    alone = Config(segments={"dimensions": ["name"]})
    plain = [
        DayProfile(d.day, profiles.build(_rows(i, 1.35 if i == 14 else 1.0), alone, d.day))
        for i, d in enumerate([*history, today])
    ]
    without = {(f.dimension, f.value): f for f in judge(plain[:-1], plain[-1], Settings.of(alone)).findings
               if (f.metric, f.statistic, f.test) == ("latency_s", "level", "night")}  # fmt: skip
    # the mix of the two more dimensions is compared as well; the endpoint loses no more than by that
    assert found["name", "chat"].q < 3 * without["name", "chat"].q


def _rows(number: int, slower: float) -> pa.Table:
    rng = np.random.default_rng(number)
    name = np.repeat(["chat", "search"], 300)
    latency = np.exp(0.5 * rng.standard_normal(600) + 0.03 * rng.standard_normal())
    return pa.table(
        {"trace_id": np.arange(600).astype(str), "name": name, "latency_s": np.where(name == "chat", latency * slower, latency)}
    )


def test_the_budget_is_divided_by_weight_and_traffic_and_is_all_spent():
    from drift import metrics
    from drift.detect.statistics.distinct import Place

    refusal, opening = metrics.lookup("refusal"), metrics.lookup("opening")
    units = [
        budget.Unit(refusal, Place(("all", "")), "level", 1.0),
        budget.Unit(refusal, Place(("name", "chat"), 0.75), "level", 1.0),
        budget.Unit(refusal, Place(("name", "search"), 0.25), "level", 1.0),
        budget.Unit(refusal, Place(("model", "a"), 0.75, ("name", "chat")), "level", 1.0),
        budget.Unit(opening, Place(("all", "")), "share:sure", 0.5),
        budget.Unit(opening, Place(("all", "")), "share:other", 0.5),
    ]
    share = budget.weights(units, SETTINGS)
    assert share.sum() == 1.0
    assert share[3] == 0 and share[0] == share[1] + share[2] and share[1] == 3 * share[2]
    assert share[:4].sum() == 8 * share[4:].sum()
    heavy = Config(metrics={"opening": {"weight": 4.0}})
    assert budget.weights(units, Settings.of(heavy))[4:].sum() == 0.5
