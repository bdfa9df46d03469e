"""A statistic's change in the words of its metric."""

from __future__ import annotations

import numpy as np
import pytest

from drift import metrics
from drift.config import Config
from drift.detect.reading import matters, read
from drift.detect.statistics.statistic import Statistic


def series(name: str, statistic: str, scale: str, y, **rest) -> Statistic:
    y = np.asarray(y, float)
    mix, n = rest.pop("mix", np.zeros_like(y)), rest.pop("n", np.full_like(y, 1000.0))
    return Statistic(metrics.lookup(name), ("all", ""), statistic, scale, y, mix, n, 1.0, 0.03, 1.0, **rest)


@pytest.mark.parametrize("degrees", [3, 7, 11])
def test_a_shape_is_as_large_as_its_own_degrees_of_freedom_say(degrees: int):
    # a χ² of 40 over its degrees of freedom, from 1 on an ordinary day, on 500 traces
    today, change = np.log(40 / degrees), np.log(40 / degrees)
    s = series("latency_s", "shape", "shape", [0.0, 0.0, today], size=np.full(3, 500.0), degrees=degrees)
    assert read(s, change, 0.1, 5.0, Config()).effect == pytest.approx(np.sqrt((40 - degrees) / 500))


def test_days_together_are_told_by_their_mean_weighted_by_traces():
    y = np.log([100.0, 100.0, 200.0, 400.0])
    s = series("latency_s", "level", "log", y, n=np.array([10.0, 10.0, 30.0, 10.0]))
    alone, both = (read(s, np.log(2), 0.1, 5.0, Config(), days) for days in (1, 2))
    assert (alone.value_from, alone.value_to) == pytest.approx((200, 400))
    assert both.value_to == pytest.approx(200 ** (3 / 4) * 400 ** (1 / 4)) and both.value_from == pytest.approx(both.value_to / 2)
    unknown = series("latency_s", "level", "log", [*y[:3], np.nan, y[3]])
    assert read(unknown, 0.0, 0.1, 0.0, Config(), 2).value_to == pytest.approx(400), "a day without values takes no part"


def test_what_matters_is_configured_or_the_catalogues_and_of_a_frequent_rate_a_part_of_it():
    refusal, config = metrics.lookup("refusal"), Config.of({"metrics": {"refusal": {"matters": 0.01}}})
    assert matters(refusal, Config()) == refusal.matters and matters(refusal, config) == 0.01
    assert matters(refusal, config, 0.15) == pytest.approx(0.015) and matters(refusal, config, 0.5) == 0.02
    assert matters(metrics.lookup("latency_s"), Config(), 0.15) == metrics.lookup("latency_s").matters


def test_which_way_is_worse_is_known_of_levels_and_upper_ends_alone():
    latency, relevance, length = (metrics.lookup(name) for name in ("latency_s", "answer_relevance", "output_words"))
    assert [metrics.direction(latency, s, 1.0) for s in ("level", "mean", "tail", "low tail", "shape")] == ["worse"] * 3 + ["changed"] * 2
    assert metrics.direction(relevance, "level", 1.0) == "better" and metrics.direction(relevance, "level", -1.0) == "worse"
    assert metrics.direction(length, "level", 1.0) == "changed" == metrics.direction(latency, "level", 0.0)
