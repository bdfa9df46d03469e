"""A rule in drift.toml means what it says, and a wrong one says what is wrong with it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect import night, rule, rules
from drift.detect.settings import Settings
from drift.errors import ConfigError
from drift.profiles.day import DayProfile

DAY = date(2026, 3, 2)


def profile(day=DAY, n=1000, ttft=1.0, refused=20, ok=True, **more):
    rng = np.random.default_rng(day.toordinal())
    columns = {
        "model": ["gpt-4o"] * (n // 2) + ["haiku 3"] * (n - n // 2),
        "name": ["chat", "search"] * (n // 2),
        "ttft_s": ttft * np.exp(0.5 * rng.standard_normal(n)),
        "refusal": (np.arange(n) < refused).astype(float),
        "error_type": np.where(np.arange(n) < 30, "timeout", "none"),
        "cost_usd": np.full(n, 0.02),
        "index_age_hours": np.full(n, 30.0),
        "retrieval_top_score": rng.normal(-2, 0.1, n),
        **more,
    }
    config = Config.of({"segments": {"dimensions": ["name", "model"]}})
    return DayProfile(day, profiles.build(pa.table({k: pa.array(v) for k, v in columns.items()}), config, day), ok)


@pytest.fixture(scope="module")
def today():
    return profile()


def judged(text, today, baseline=()):
    config = Config.of({"segments": {"dimensions": ["name", "model"]}, "rules": {"mine": text}})
    (finding,) = rules.evaluate(today, baseline, Settings.of(config))
    return finding


def test_a_rule_on_a_total_that_nobody_knows_is_not_judged():
    half = np.where(np.arange(1000) < 500, np.nan, 0.02)
    unpriced = {"cost_usd": half, "input_tokens": np.full(1000, 100.0)}
    for text in ("total_cost > 1 USD", "total_cost < 15 USD"):
        assert not judged(text, profile(**unpriced)).alarm
    # and an unpriced day is no part of what a baseline's total is
    baseline = [profile(DAY - timedelta(days=2)), profile(DAY - timedelta(days=1), **unpriced)]
    assert not judged("total_cost > 1.5 × baseline", profile(), baseline).alarm
    assert judged("total_cost > 0.9 × baseline", profile(), baseline).alarm


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        ("ttft_p95 > 2 s", True),  # exp(0.5 × 1.645) = 2.28
        ("ttft_p95 > 2500 ms", False),
        ("ttft_p50 < 1.2", True),
        ("ttft_s_p95 > 0.03 min", True),
        ("refusal > 1.9 %", True),
        ("refusal > 2 %", False),
        ("refusal >= 0.02", True),
        ("refusal ≥ 2%", True),
        ("index_age > 24 h", True),
        ("index_age > 2 d", False),
        ("cost_per_request > 0.05", False),
        ("cost_per_request > $0.01", True),
        ("total_cost > 15 USD", True),
        ("volume < 2_000", True),
        ("error_type:timeout > 2 %", True),
        ("timeout > 4 %", False),
        ("retrieval_top_score < -1.5", True),
        ("refusal > 3 % where model = gpt-4o", True),
        ('refusal > 0 % where model = "haiku 3"', False),
        ("refusal > 3 % where model = gpt-4o and name = chat", True),
        ("volume >= 500 where name = search and model = 'haiku 3'", False),
        ("volume >= 250 where name = search and model = 'haiku 3'", True),
    ],
)
def test_a_rule_holds_or_not(text, alarm, today):
    finding = judged(text, today)
    assert finding.alarm is alarm, finding.reason
    assert finding.test == "rule" and text in finding.reason


def test_relative_rules_use_the_ordinary_days(today):
    before = [profile(DAY - timedelta(days=k), refused=12) for k in range(1, 8)]
    broken = profile(DAY - timedelta(days=8), refused=900, ok=False)
    for limit in ("1.5 × baseline", "1.5x baseline", "baseline * 1.5", "baseline + 0.7 %"):
        finding = judged(f"refusal > {limit}", today, [*before, broken])
        assert finding.alarm, finding.reason
        assert finding.value_from == pytest.approx(0.018 if "+" not in limit else 0.019) and finding.value_to == pytest.approx(
            0.02
        )
        assert finding.baseline_days == 7
    assert not judged("refusal > 1.7 × baseline", today, before).alarm
    assert not judged("volume < 0.5 × baseline", today, before).alarm  # a day of 1,000 like the others, not one of 7,000


def test_without_baseline_or_data_nothing_alarms(today):
    assert "no baseline yet" in judged("refusal > 1.5 × baseline", today).reason
    missing = judged("tool_failure > 2 %", today)
    assert not missing.alarm and "no data today" in missing.reason and missing.value_to is None


def test_the_finding_says_where(today):
    finding = judged("refusal > 3 % where model = gpt-4o", today)
    assert (finding.dimension, finding.value, finding.n) == ("model", "gpt-4o", 500)
    assert finding.value_to == pytest.approx(0.04)


@pytest.mark.parametrize("q", [1, 5, 50, 95, 99])
def test_quantiles_are_right_to_a_bin(q, today):
    rng = np.random.default_rng(DAY.toordinal())
    x = np.exp(0.5 * rng.standard_normal(1000))
    slow = rule.parse("r", f"ttft_p{q} > 1 s")
    assert rules.measure(slow, [today.table], ())[0] == pytest.approx(np.quantile(x, q / 100), rel=0.03)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refusel > 2 %", ["'refusel'", "refusal"]),
        ("refusal > 2", ["2 is no share", "2 %"]),
        ("refusal > 150 %", ["150 % is no share"]),
        ("refusal", ["the end", ">="]),
        ("refusal > ", ["the end", "baseline"]),
        ("refusal == 2 %", ["'='"]),
        ("ttft_p95 > 2 USD", ["'USD'", "ms, s"]),
        ("cost > 2 s", ["'s'", "USD"]),
        ("refusal_p95 > 2 %", ["no p95"]),
        ("finish_reason > 2 %", ["finish_reason:other"]),
        ("input_embedding > 2", ["vector"]),
        ("refusal > 2 % where region = eu", ["'region'", "name, model"]),
        ("refusal > 2 % where model gpt", ["`=`", "'gpt'"]),
        ("refusal > 2 % and more", ["'and'"]),
        ("refusal > __import__('os')", ["baseline"]),
        ("refusal > (1 + 1) %", ["'(1'"]),
        ("refusal > 1e999999999", ["is no share"]),
        ("", ["begins with a metric"]),
    ],
)
def test_a_wrong_rule_says_what_is_wrong(text, said):
    config = Config.of({"segments": {"dimensions": ["name", "model"]}, "rules": {"mine": text}})
    with pytest.raises(ConfigError) as error:
        rule.parse_all(Settings.of(config))
    message = str(error.value)
    assert message.startswith("rules.mine: ") and "\n" not in message
    for part in said:
        assert part in message


@pytest.mark.parametrize("earlier", [0, 1, 3])
def test_a_rule_holds_from_the_first_night_on(today, earlier):
    config = Config.of({"segments": {"dimensions": ["name", "model"]}, "rules": {"slow": "ttft_p95 > 0.1 s"}})
    history = [profile(DAY - timedelta(days=k + 1), ok=k == 0) for k in range(earlier)]
    first = night(history, today, Settings.of(config))[0]
    assert first.alarm and first.statistic == "rule:slow", "a limit needs no days before"


def test_a_finding_has_the_limit_and_what_was_seen_and_says_the_baseline(today):
    before = [profile(DAY - timedelta(days=1), refused=12)]
    fixed, relative = judged("ttft_p95 > 0.1 s", today), judged("refusal > 1.5 × baseline", today, before)
    assert fixed.value_from == pytest.approx(0.1) and fixed.effect == pytest.approx(fixed.value_to / 0.1 - 1)
    assert relative.value_from == pytest.approx(0.018) and "where the baseline is 1.2 %" in relative.reason
