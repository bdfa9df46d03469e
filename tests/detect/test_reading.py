"""A change on a statistic's scale, in the words and units of its metric."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drift import findings, metrics
from drift.config import Config
from drift.detect.reading import RATE_ALWAYS_MATTERS, SHAPE_MATTERS, matters, read, reason
from drift.detect.settings import Settings
from drift.detect.statistics.arcsine import arcsine
from drift.detect.statistics.statistic import Statistic

SETTINGS = Settings.of(Config())


def series(metric: str, scale: str, today: float, **rest) -> Statistic:
    """Two days, of which the last is at `today` on the scale."""
    y = np.array([0.0, today])
    n = np.full(2, 100.0)
    return Statistic(
        metric=metrics.lookup(metric),
        segment=("all", ""),
        name="level",
        scale=scale,
        y=y,
        mix=np.zeros(2),
        n=n,
        variance=1.0,
        typical=0.1,
        weight=1.0,
        **rest,
    )


def share(metric: str, k: int, n: int) -> Statistic:
    counts = np.array([0.0, k]), np.array([1.0, n])
    y = float(arcsine(*counts)[-1])
    return series(metric, "share", y, events=counts[0], size=counts[1], expected=np.zeros(2))


def test_a_change_of_logarithms_is_a_factor_and_its_interval_is_in_the_unit():
    r = read(series("latency_s", "log", np.log(3.0)), np.log(1.5), 0.1, 4.0, SETTINGS)
    assert (r.unit, r.value_to, r.matters) == ("s", pytest.approx(3.0), 0.05)
    assert r.value_from == pytest.approx(2.0) and r.effect == pytest.approx(0.5)
    assert (r.low, r.high) == (pytest.approx(2 * (1.5 * np.exp(-0.196) - 1)), pytest.approx(2 * (1.5 * np.exp(0.196) - 1)))


def test_a_factor_that_no_number_can_hold_is_large_and_not_infinite():
    r = read(series("latency_s", "log", np.log(3.0)), 1.0, 1000.0, 0.0, SETTINGS)
    assert np.isfinite(r.high)


def test_a_change_of_a_score_is_absolute():
    r = read(series("score.judge", "linear", 0.75), -0.05, 0.01, -5.0, SETTINGS)
    assert (r.value_from, r.value_to, r.effect) == (pytest.approx(0.80), 0.75, -0.05)
    assert (r.low, r.high, r.matters) == (pytest.approx(-0.0696), pytest.approx(-0.0304), 0.02)


def test_a_share_is_told_as_it_was_counted_and_its_change_in_points():
    s = share("refusal", 60, 1000)
    change = float(arcsine(np.array([60.0]), np.array([1000.0]))[0] - np.arcsin(np.sqrt(0.02)))
    r = read(s, change, 0.005, 8.0, SETTINGS)
    assert r.value_to == 0.06 and r.value_from == pytest.approx(0.02)
    assert r.effect == pytest.approx(0.04) and r.low < r.effect < r.high


def test_of_a_rate_a_tenth_of_itself_matters_and_two_points_always():
    assert read(share("refusal", 10, 1000), 0.0, 0.01, 0.0, SETTINGS).matters == 0.003
    assert read(share("refusal", 100, 1000), 0.0, 0.01, 0.0, SETTINGS).matters == pytest.approx(0.01, rel=0.01)
    assert read(share("refusal", 500, 1000), 0.0, 0.01, 0.0, SETTINGS).matters == RATE_ALWAYS_MATTERS == 0.02
    # of the share of a label just what the catalogue says
    assert read(share("finish_reason", 500, 1000), 0.0, 0.01, 0.0, SETTINGS).matters == 0.005


def test_a_tail_is_told_as_the_quantile_and_not_as_its_distance_from_the_median():
    s = replace(series("latency_s", "quantile", 1.2), quantile=np.log([4.0, 6.0]))
    r = read(s, np.log(1.5), 0.05, 6.0, SETTINGS)
    assert (r.value_from, r.value_to, r.effect) == (pytest.approx(4.0), pytest.approx(6.0), pytest.approx(0.5))


def test_a_low_tail_moves_against_the_share_below_it():
    counts = {"events": np.array([50.0, 50.0, 90.0]), "size": np.full(3, 1000.0), "expected": np.full(3, 0.05)}
    three = Statistic(
        metric=metrics.lookup("latency_s"),
        segment=("all", ""),
        name="low tail",
        scale="quantile",
        y=np.zeros(3),
        mix=np.zeros(3),
        n=np.full(3, 1000.0),
        variance=0.25,
        typical=0.1,
        weight=0.06,
        quantile=np.log([0.4, 0.4, 0.3]),
        **counts,
    )
    r = read(three, 0.08, 0.016, 5.0, SETTINGS)
    assert (r.value_from, r.value_to, r.effect) == (pytest.approx(0.4), pytest.approx(0.3), pytest.approx(-0.25))
    assert r.value_from + r.low < r.value_to < r.value_from + r.high < r.value_from


def test_a_shape_has_an_effect_that_does_not_grow_with_the_traffic():
    def effect(n: float, distance: float) -> float:
        s = series("latency_s", "shape", np.log(1 + distance), size=np.full(2, n), degrees=11)
        r = read(s, np.log(1 + distance), 0.1, 5.0, SETTINGS)
        assert (r.unit, r.value_from, r.matters) == ("χ²/df", pytest.approx(1.0), SHAPE_MATTERS)
        return r.effect

    assert effect(1000.0, 1.0) == pytest.approx(effect(4000.0, 4.0)) == pytest.approx(np.sqrt(11 / 1000))


def test_the_reason_says_which_of_the_conditions_failed():
    assert reason(True, 0.001, 5.0, True, 0.01) == "the metric's data failed a check, so it does not alarm"
    assert "within what ordinary days do (z +1.2; q 0.4 is above the budget of 0.01)" in reason(False, 0.4, 1.2, True, 0.01)
    assert "smaller than the smallest change that matters" in reason(False, 0.001, 5.0, False, 0.01)
    assert "within the budget of 0.01" in reason(False, 0.001, 5.0, True, 0.01)


def whole(name: str, statistic: str, scale: str, y, **rest) -> Statistic:
    """A series of several days."""
    y = np.asarray(y, float)
    mix, n = rest.pop("mix", np.zeros_like(y)), rest.pop("n", np.full_like(y, 1000.0))
    return Statistic(metrics.lookup(name), ("all", ""), statistic, scale, y, mix, n, 1.0, 0.03, 1.0, **rest)


@pytest.mark.parametrize("degrees", [3, 7, 11])
def test_a_shape_is_as_large_as_its_own_degrees_of_freedom_say(degrees: int):
    # a χ² of 40 over its degrees of freedom, from 1 on an ordinary day, on 500 traces
    today, change = np.log(40 / degrees), np.log(40 / degrees)
    s = whole("latency_s", "shape", "shape", [0.0, 0.0, today], size=np.full(3, 500.0), degrees=degrees)
    assert read(s, change, 0.1, 5.0, SETTINGS).effect == pytest.approx(np.sqrt((40 - degrees) / 500))


def test_days_together_are_told_by_their_mean_weighted_by_traces():
    y = np.log([100.0, 100.0, 200.0, 400.0])
    s = whole("latency_s", "level", "log", y, n=np.array([10.0, 10.0, 30.0, 10.0]))
    alone, both = (read(s, np.log(2), 0.1, 5.0, SETTINGS, days) for days in (1, 2))
    assert (alone.value_from, alone.value_to) == pytest.approx((200, 400))
    assert both.value_to == pytest.approx(200 ** (3 / 4) * 400 ** (1 / 4)) and both.value_from == pytest.approx(
        both.value_to / 2
    )
    unknown = whole("latency_s", "level", "log", [*y[:3], np.nan, y[3]])
    assert read(unknown, 0.0, 0.1, 0.0, SETTINGS, 2).value_to == pytest.approx(400), "a day without values takes no part"


def test_what_matters_is_configured_or_the_catalogues_and_of_a_frequent_rate_a_part_of_it():
    refusal, settings = metrics.lookup("refusal"), Settings.of(Config.of({"metrics": {"refusal": {"matters": 0.01}}}))
    assert matters(refusal, SETTINGS) == refusal.matters and matters(refusal, settings) == 0.01
    assert matters(refusal, settings, 0.15) == pytest.approx(0.015) and matters(refusal, settings, 0.5) == 0.02
    assert matters(metrics.lookup("latency_s"), SETTINGS, 0.15) == metrics.lookup("latency_s").matters


def test_which_way_is_worse_is_known_of_levels_and_upper_ends_alone():
    latency, relevance, length = (metrics.lookup(name) for name in ("latency_s", "answer_relevance", "output_words"))
    assert [findings.direction(latency.worse, s, 1.0) for s in ("level", "tail", "far tail", "low tail", "shape")] == [
        "worse"
    ] * 3 + ["changed"] * 2
    assert (
        findings.direction(relevance.worse, "level", 1.0) == "better"
        and findings.direction(relevance.worse, "level", -1.0) == "worse"
    )
    assert findings.direction(length.worse, "level", 1.0) == "changed" == findings.direction(latency.worse, "level", 0.0)
