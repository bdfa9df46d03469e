"""One night from profiles: what alarms, what does not, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pytest

from drift import detect, profiles
from drift.config import Config
from drift.detect import night
from drift.detect.settings import Settings
from drift.findings import Finding
from drift.profiles.day import DayProfile

START = date(2026, 3, 2)
CONFIG = Config()
SETTINGS = Settings.of(CONFIG)


def features(day: int, seed: int = 0, n: int = 1500, **change) -> pa.Table:
    """Two endpoints, one of which refuses more and answers longer; day effects of 3 %."""
    rng = np.random.default_rng([seed, day])
    share = change.get("share", 0.4) + 0.02 * rng.standard_normal()
    search = rng.random(n) < share
    length = np.exp(6 + 0.7 * search + 0.8 * rng.standard_normal(n) + 0.03 * rng.standard_normal())
    usual = np.where(search, 0.06 * change.get("search_refusal", 1.0), 0.02)
    refusal = usual * np.exp(0.1 * rng.standard_normal()) * change.get("refusal", 1.0)
    judge = 0.7 + 0.1 * rng.standard_normal(n) + 0.004 * rng.standard_normal()
    latency = np.exp(0.5 * rng.standard_normal(n) + 0.05 * rng.standard_normal())
    slow = latency > np.quantile(latency, 0.93)
    table = {
        "trace_id": [f"{day}-{i}" for i in range(n)],
        "name": np.where(search, "search", "chat"),
        "output_characters": length * change.get("length", 1.0),
        "refusal": (rng.random(n) < refusal).astype(float),
        "score.judge": judge * change.get("rescale", 1.0),
        "latency_s": np.where(slow, latency * change.get("tail", 1.0), latency),
        "finish_reason": np.where(rng.random(n) < change.get("cut", 0.03), "length", "stop"),
        "pii": (np.arange(n) < change.get("leaks", 0)).astype(float),
    }
    if change.get("only") is not None:
        table = {name: table[name] for name in ("trace_id", "name", *change["only"])}
    return pa.table(table)


@lru_cache(maxsize=512)
def _profile(day: int, seed: int, n: int, changes: tuple) -> DayProfile:
    when = START + timedelta(days=day)
    return DayProfile(when, profiles.build(features(day, seed, n, **dict(changes)), CONFIG, when))


def profile(day: int, seed: int = 0, n: int = 1500, **change) -> DayProfile:
    return _profile(day, seed, n, tuple(sorted(change.items())))


def history(days: int = 28, **rest) -> list[DayProfile]:
    return [profile(day, **rest) for day in range(days)]


def alarms(findings: list[Finding]) -> set[str]:
    return {f.metric for f in findings if f.alarm}


def one(findings: list[Finding], metric: str, statistic: str = "level", test: str = "night", value: str = "") -> Finding:
    (found,) = [f for f in findings if (f.metric, f.statistic, f.test, f.value) == (metric, statistic, test, value)]
    return found


def test_ordinary_nights_are_quiet():
    assert not any(alarms(night(history(seed=seed), profile(28, seed=seed), SETTINGS)) for seed in range(5))


@pytest.mark.parametrize(
    ("change", "metric"),
    [
        ({"refusal": 3.0}, "refusal"),
        ({"length": 0.75}, "output_characters"),
        ({"cut": 0.08}, "finish_reason"),
        ({"rescale": 20.0}, "score.judge"),
        ({"share": 0.7}, "name"),
        ({"tail": 2.0}, "latency_s"),
        ({"leaks": 6}, "pii"),
    ],
)
def test_a_change_alarms_in_its_metric_alone(change, metric):
    assert alarms(night(history(), profile(28, **change), SETTINGS)) == {metric}


@lru_cache(maxsize=64)
def limited(day: int) -> DayProfile:
    """20,000 latencies of which some per cent are at the smallest value that the metric tells apart."""
    rng = np.random.default_rng([6, day])
    latency = np.maximum((1 + rng.pareto(1.3, 20_000)) * np.exp(0.03 * rng.standard_normal()), 1.0)
    when = START + timedelta(days=day)
    return DayProfile(when, profiles.build(pa.table({"latency_s": latency}), CONFIG, when))


def test_a_limit_that_many_values_share_is_no_change_of_shape_when_the_level_moves():
    days = [limited(day) for day in range(36)]
    assert [f.statistic for t in range(28, 36) for f in night(days[t - 28 : t], days[t], SETTINGS) if f.alarm] == []


def test_a_finding_says_what_changed_and_by_how_much():
    f = one(night(history(), profile(28, length=0.75), SETTINGS), "output_characters")
    assert f.alarm and f.unit == "characters" and f.since == f.day == START + timedelta(days=28)
    assert f.value_to / f.value_from == pytest.approx(0.75, abs=0.08)
    assert f.value_from + f.low < f.value_to < f.value_from + f.high
    assert f.effect == pytest.approx(-0.25, abs=0.08)
    assert f.q >= f.p and f.z < -4 and "within the budget" in f.reason
    assert (f.n, f.baseline_days, f.provisional) == (1500, 28, False)


def test_a_shift_of_traffic_blames_the_traffic_and_splits_the_change_exactly():
    findings = night(history(), profile(28, share=0.6), SETTINGS)
    assert alarms(findings) == {"name"}
    f = one(findings, "output_characters")
    raw = np.log(f.value_to) - np.log(f.value_from) + np.log1p(f.mix_part)
    assert np.log1p(f.mix_part) + np.log1p(f.within_part) == pytest.approx(raw)
    assert f.mix_part == pytest.approx(np.exp(0.2 * 0.7) - 1, abs=0.05)


def test_findings_come_for_every_comparison_and_survive_a_table():
    findings = night(history(), profile(28), SETTINGS)
    assert {f.value for f in findings if f.dimension == "name"} == {"chat", "search"}
    assert {f.statistic for f in findings if f.metric == "latency_s"} == {"level", "tail", "far tail", "low tail", "shape"}
    assert detect.from_table(detect.to_table(findings)) == findings
    assert all(f.reason for f in findings)


def test_a_small_change_that_lasts_is_found_by_the_last_days_together():
    days = [profile(day, length=0.87 if day >= 23 else 1.0) for day in range(28)]
    f = one(night(days, profile(28, length=0.87), SETTINGS), "output_characters", test="slow")
    assert f.alarm
    assert f.since_low <= START + timedelta(days=23) <= f.since_high + timedelta(days=2)


def test_a_change_of_one_segment_that_no_single_night_shows_is_found_by_its_last_days_together():
    days = [*history(n=800, seed=4), *(profile(day, n=800, seed=4, search_refusal=2.2) for day in range(28, 35))]
    assert not alarms(night(days[:28], days[28], SETTINGS))
    findings = night(days[:34], days[34], SETTINGS)
    assert not any(f.alarm for f in findings if f.metric == "refusal" and f.test == "night")
    lasting = one(findings, "refusal", test="slow", value="search")
    assert lasting.alarm and lasting.direction == "worse"


def test_the_last_week_of_a_version_is_not_held_against_the_few_hours_of_the_day_it_came():
    def of_version(day: int) -> DayProfile:
        table, n = features(day), 1500
        # it came on an evening, when answers are slow, to a few requests; since then it has as many as the version before it
        new = np.arange(n) < (0 if day < 26 else 100 if day == 26 else 700)
        latency = np.where(new & (day == 26), 2.2, 1.0) * table.column("latency_s").to_numpy()
        table = table.set_column(table.column_names.index("latency_s"), "latency_s", pa.array(latency))
        table = table.append_column("model", pa.array(np.where(new, "new", "old")))
        when = START + timedelta(days=day)
        return DayProfile(when, profiles.build(table, CONFIG, when))

    findings = night([of_version(day) for day in range(33)], of_version(33), SETTINGS)
    assert [(f.metric, f.test) for f in findings if f.alarm and f.value == "new" and f.metric == "latency_s"] == []


def test_a_rolling_baseline_swallows_a_change_and_a_pinned_one_does_not():
    swallowed = [profile(day, length=0.85) for day in range(30, 58)]
    today = profile(58, length=0.85)
    assert not alarms(night(swallowed, today, SETTINGS))
    findings = night(swallowed, today, SETTINGS, pinned=history())
    assert {(f.metric, f.test) for f in findings if f.alarm} == {("output_characters", "pinned")}


def test_how_a_month_grew_is_not_expected_to_go_on_for_the_months_after_it():
    pinned = [profile(day, n=int(1000 * 1.05 ** (day / 7))) for day in range(28)]
    lately = [profile(day, n=1216) for day in range(60, 88)]
    findings = night(lately, profile(88, n=1216), SETTINGS, pinned=pinned)
    assert any(f.test == "pinned" for f in findings) and alarms(findings) == set()


def in_vain(day: int, n: int) -> DayProfile:
    """1,500 requests, of which so many failed and were paid in vain."""
    when = START + timedelta(days=day)
    table = features(day).append_column("vain_cost_usd", pa.array(np.where(np.arange(1500) < n, 0.01, 0.0)))
    return DayProfile(when, profiles.build(table, CONFIG, when))


def test_a_sum_that_a_few_requests_make_shows_no_more_than_a_few_can():
    few = np.random.default_rng(3).poisson(12, 28)
    days = [in_vain(day, int(n)) for day, n in enumerate(few)]
    low, high, loud = (one(night(days, in_vain(28, n), SETTINGS), "vain_cost_usd") for n in (4, 21, 60))
    # Poisson: 4 where 12 are usual has p = 0.0076, which is z = -2.4; 21 or more have 0.012
    assert -2.6 < low.z < -1.5 and not low.alarm
    assert 1.2 < high.z < 2.4 and not high.alarm
    assert loud.z > 4.5 and loud.alarm


def paid(day: int, prices: np.ndarray) -> DayProfile:
    """1,500 requests, of which some failed and were paid in vain, at these prices."""
    when = START + timedelta(days=day)
    cost = np.zeros(1500)
    cost[: len(prices)] = prices
    return DayProfile(when, profiles.build(features(day).append_column("vain_cost_usd", pa.array(cost)), CONFIG, when))


def test_a_day_on_which_only_a_cheap_request_failed_is_within_what_a_few_of_all_prices_can():
    rng = np.random.default_rng(5)
    dear = np.maximum(rng.poisson(3, 28), 1)
    days = [paid(day, np.r_[0.0002, np.full(n, 0.01)]) for day, n in enumerate(dear)]
    cheap = one(night(days, paid(28, np.array([0.0002])), SETTINGS), "vain_cost_usd")
    # Poisson: none where three are usual has p = 0.05
    assert cheap.z > -2 and not cheap.alarm


def test_three_cases_after_weeks_of_none_are_news():
    days = [profile(day, n=5000, only=("pii",)) for day in range(28)]
    assert alarms(night(days, profile(28, n=5000, only=("pii",), leaks=3), SETTINGS)) == set()
    watched = Config(metrics={"pii": {"matters": 0.0004}})
    assert alarms(night(days, profile(28, n=5000, only=("pii",), leaks=3), Settings.of(watched))) == {"pii"}
    assert alarms(night(days, profile(28, n=5000, only=("pii",), leaks=1), Settings.of(watched))) == set()


def test_a_change_smaller_than_matters_does_not_alarm_and_says_why():
    config = Config(metrics={"output_characters": {"matters": 0.5}})
    f = one(night(history(), profile(28, length=0.7), Settings.of(config)), "output_characters")
    assert not f.alarm and f.q < 0.01
    assert "smaller than the smallest change that matters" in f.reason


def test_days_of_an_incident_are_no_baseline():
    broken = {day: profile(day, refusal=6.0) for day in range(24, 28)}
    days = [broken.get(day, profile(day)) for day in range(28)]
    key = frozenset({("refusal", "all", "")})
    excluded = {START + timedelta(days=day): key for day in broken}
    today = profile(28, refusal=3.0)
    assert "refusal" in alarms(night(days, today, SETTINGS, excluded=excluded))
    assert one(night(days, today, SETTINGS, excluded=excluded), "refusal").baseline_days == 24
    assert one(night(days, today, SETTINGS), "refusal").baseline_days == 28


def test_unfit_and_holiday_and_later_days_are_left_out():
    days = history()
    days[5] = replace(days[5], ok=False)
    config = Config(baseline={"exclude": [START + timedelta(days=6)]})
    findings = night([*days, profile(40)], profile(28), Settings.of(config))
    assert {f.baseline_days for f in findings if f.dimension == "all"} == {26}


def test_missing_days_are_unknown_and_not_zero():
    days = [d for i, d in enumerate(history()) if i not in (3, 17, 27)]
    findings = night(days, profile(28), SETTINGS)
    assert not alarms(findings)
    assert one(findings, "volume").baseline_days == 25


def test_a_short_baseline_is_provisional_and_one_day_is_none():
    assert all(f.provisional for f in night(history(5), profile(28), SETTINGS))
    assert all(f.p is None and "no baseline" in f.reason for f in night(history(1), profile(28), SETTINGS))
    assert not alarms(night([], profile(28), SETTINGS))


def test_a_metric_that_appears_is_named_and_one_that_stopped_arriving_alarms():
    without = ("output_characters", "refusal")
    appeared = night([profile(day, only=without) for day in range(28)], profile(28), SETTINGS)
    assert "no baseline" in one(appeared, "score.judge").reason
    vanished = night(history(), profile(28, only=without), SETTINGS)
    assert "no values today" in one(vanished, "score.judge").reason
    assert not alarms(appeared)
    assert alarms(vanished) == {"score.judge"}


def test_what_went_with_a_retired_endpoint_did_not_stop_arriving():
    def day(number: int, search: int, known: bool = True) -> DayProfile:
        n, when = 1000, START + timedelta(days=number)
        name = ["search"] * search + ["chat"] * (n - search)
        tool = [0.0 if known else None] * search + [None] * (n - search)
        table = pa.table({"trace_id": [f"{i}" for i in range(n)], "name": name, "tool_failure": pa.array(tool, pa.float64())})
        return DayProfile(when, profiles.build(table, CONFIG, when))

    before = [day(number, 300 + number) for number in range(20)]
    stopped = lambda today: [f.metric for f in night(before, today, SETTINGS) if f.test == "arrival"]  # noqa: E731
    assert stopped(day(20, 0)) == [] and stopped(day(20, 310, known=False)) == ["tool_failure"]


def test_a_tool_that_is_hardly_called_any_more_is_told_of_its_calls_and_not_of_what_it_gives():
    def day(number: int, route: int, shown: bool = True) -> DayProfile:
        n, when = 1000, START + timedelta(days=number)
        called = [1.0] * route + [0.0] * (n - route)
        empty = [0.0 if shown else None] * route + [None] * (n - route)
        table = pa.table(
            {
                "trace_id": [f"{i}" for i in range(n)],
                "tool_called.route": called,
                "tool_empty.route": pa.array(empty, pa.float64()),
            }
        )
        return DayProfile(when, profiles.build(table, CONFIG, when))  # fmt: skip

    before = [day(number, 300 + number) for number in range(20)]
    alarmed = lambda today: {f.metric for f in night(before, today, SETTINGS) if f.alarm}  # noqa: E731
    assert alarmed(day(20, 10)) == {"tool_called.route"}
    # the tool is called as ever, and what it gives is recorded no more
    assert alarmed(day(20, 310, shown=False)) == {"tool_empty.route"}


def test_of_a_score_that_stopped_arriving_the_score_is_told_and_not_what_is_read_from_it():
    def day(number: int, known: bool = True) -> DayProfile:
        n, when = 1000, START + timedelta(days=number)
        said = pa.array(["resolved" if known else None] * n, pa.string())
        done = pa.array([1.0 if known else None] * n, pa.float64())
        table = pa.table({"trace_id": [f"{i}" for i in range(n)], "score_label.resolution": said, "task_completed": done})
        return DayProfile(when, profiles.build(table, CONFIG, when))

    found = {f.metric: f for f in night([day(n) for n in range(20)], day(20, known=False), SETTINGS) if f.test == "arrival"}
    assert found["score_label.resolution"].alarm and not found["task_completed"].alarm


def test_small_segments_are_not_tested_and_small_days_are():
    findings = night(history(n=90), profile(28, n=90), SETTINGS)
    assert not {f.value for f in findings if f.dimension == "name"} & {"search"}
    assert one(findings, "refusal").n == 90


def test_a_metric_whose_data_failed_a_check_does_not_alarm():
    findings = night(history(), profile(28, length=0.6), SETTINGS, warned={"output_characters"})
    assert not alarms(findings)
    assert "failed a check" in one(findings, "output_characters").reason


def test_half_the_traffic_is_news():
    findings = night(history(), profile(28, n=700), SETTINGS)
    assert "volume" in alarms(findings)
    assert one(findings, "volume").effect == pytest.approx(-0.53, abs=0.05)


def test_a_new_segment_is_traffic_mix():
    def with_model(day: DayProfile, table: pa.Table, names: np.ndarray) -> DayProfile:
        return DayProfile(day.day, profiles.build(table.append_column("model", pa.array(names)), CONFIG, day.day))

    days = [with_model(profile(d), features(d), np.full(1500, "old")) for d in range(28)]
    half = np.where(np.arange(1500) % 2, "old", "new")
    findings = night(days, with_model(profile(28), features(28), half), SETTINGS)
    assert alarms(findings) == {"model"}
    assert one(findings, "model", "share:new").value_from < 0.01


@pytest.mark.parametrize("seed", range(6))
def test_odd_days_give_finite_numbers(seed):
    """Tiny days, constants, huge and absent values, labels that come and go: an answer for each, and never NaN."""
    rng = np.random.default_rng(seed)

    def odd(day: int) -> DayProfile:
        n = int(rng.integers(1, 120))
        table = pa.table(
            {
                "trace_id": [str(i) for i in range(n)],
                "user": rng.choice(["a", "b"], n),
                "name": rng.choice(["x", "y", "z | w", None], n),
                "latency_s": np.full(n, 2.0),
                "cost_usd": np.where(rng.random(n) < 0.5, 0.0, 1e9),
                "score.judge": np.where(rng.random(n) < 0.9, np.nan, -1e6),
                "groundedness": np.full(n, np.nan) if rng.random() < 0.5 else np.ones(n),
                "refusal": np.zeros(n),
                "error": np.ones(n),
                "opening": rng.choice([f"label {rng.integers(9)}", "the"], n),
            }
        )
        when = START + timedelta(days=day)
        return DayProfile(when, profiles.build(table, CONFIG, when))

    days = [odd(day) for day in range(0, 40, int(rng.integers(1, 3)))]
    findings = night(days, odd(41), SETTINGS)
    assert findings
    for f in findings:
        numbers = [x for x in (f.value_from, f.value_to, f.low, f.high, f.effect, f.z, f.p, f.q) if x is not None]
        assert np.isfinite(numbers).all(), f


def _mean(days: list[DayProfile], metric: str) -> float:
    """The mean level of days, geometric as the metric's scale has it."""
    rows = [row for day in days for row in day.table.to_pylist() if (row["metric"], row["dimension"]) == (metric, "all")]
    return float(np.exp(sum(row["sum"] for row in rows) / sum(row["n"] for row in rows)))


@pytest.mark.parametrize("seed", [0, 3, 8])
def test_a_lasting_change_is_told_as_the_mean_before_and_the_mean_of_the_days_since(seed: int):
    before = history(seed=seed)
    since = [profile(28 + k, seed=seed, length=0.85) for k in range(6)]
    # today alone is far from the days that changed: it is not what was compared
    today = profile(34, seed=seed, length=0.92)
    told = one(night([*before, *since], today, SETTINGS), "output_characters", test="slow")
    assert told.value_from == pytest.approx(_mean(before, "output_characters"), rel=0.03)
    assert told.value_to == pytest.approx(_mean([*since, today][-7:], "output_characters"), rel=0.03)
    assert told.low < told.value_to - told.value_from < told.high
    assert told.effect == pytest.approx(told.value_to / told.value_from - 1)


def test_a_share_that_lasts_is_told_by_the_days_together():
    since = [profile(28 + k, refusal=1.6) for k in range(5)]
    told = one(night([*history(), *since], profile(33, refusal=1.2), SETTINGS), "refusal", test="slow")
    rows = [row for day in since for row in day.table.to_pylist() if (row["metric"], row["dimension"]) == ("refusal", "all")]
    seen = [row["total"] / row["n"] for row in rows]
    assert told.alarm and min(seen) * 0.9 < told.value_to < max(seen)


def two_prices(number: int, dear: float) -> DayProfile:
    """2,000 requests to a cheap and a dear model, two orders of magnitude apart, about half each."""
    rng = np.random.default_rng([8, number])
    cost = np.where(np.arange(2000) < dear * 2000, 2e-2, 2e-4) * np.exp(0.1 * rng.standard_normal(2000))
    when = START + timedelta(days=number)
    return DayProfile(when, profiles.build(pa.table({"cost_usd": cost}), CONFIG, when))


def test_a_median_that_jumps_from_one_price_to_the_other_is_no_change_of_shape():
    days = [two_prices(number, 0.497 - 0.004 * (number % 2)) for number in range(28)]
    findings = night(days, two_prices(28, 0.506), SETTINGS)
    assert not {f.statistic for f in findings if f.alarm} & {"shape", "low tail"}
