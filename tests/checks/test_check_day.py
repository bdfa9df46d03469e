"""A day that is fit passes; one that is not says which expectation failed, with its numbers, and keeps no value of a trace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import checks, metrics
from drift.config import Config
from drift.profiles import SCHEMA
from drift.profiles.day import DayProfile

DAY = date(2026, 11, 12)
START = datetime(2026, 11, 12, tzinfo=UTC)
WINDOW = (START, START + timedelta(days=1))
CONFIG = Config.of({})


def _features(n: int = 400, **columns) -> pa.Table:
    rng = np.random.default_rng(3)
    table = {
        "trace_id": [f"secret-{i}" for i in range(n)],
        "timestamp": pa.array([START + timedelta(seconds=60 * i) for i in range(n)], pa.timestamp("us", tz="UTC")),
        "name": ["billing-chat"] * n,
        "latency_s": rng.lognormal(0, 0.5, n),
        "refusal": (rng.random(n) < 0.1).astype(float),
        "ttft_s": pa.array(rng.lognormal(0, 0.5, n), mask=rng.random(n) < 0.1),
        "_key": [1] * n,
    } | columns
    return pa.table({key: value for key, value in table.items() if value is not None})


def _history(days: int = 10, n: int = 400, ruler: int = metrics.RULER, **known: float) -> list[DayProfile]:
    shares = {"latency_s": 1.0, "refusal": 1.0, "ttft_s": 0.9, "name": 1.0} | known
    measured = {"refusal": str(metrics.version("refusal", ruler))}
    rows = [
        {"dimension": "all", "value": "", "metric": name, "kind": "number", "n": int(share * n), "missing": n - int(share * n)}
        | {"encoder": measured.get(name)}
        for name, share in shares.items()
    ]
    table = pa.Table.from_pylist(rows, SCHEMA)
    return [DayProfile(DAY - timedelta(days=i + 1), table) for i in range(days)]


def _check(features: pa.Table, history=None) -> checks.CheckReport:
    return checks.check_day(features, DAY, WINDOW, _history() if history is None else history, CONFIG)


def test_an_ordinary_day_passes():
    report = _check(_features())
    assert report.passed
    assert report.warnings == {}
    assert report.failures == []
    assert len(report.outcomes) > 8


def test_the_first_day_of_all_has_nothing_to_be_compared_with():
    assert _check(_features(3), history=[]).passed


def test_an_empty_day_is_a_failure_and_not_a_day_of_zeros():
    report = _check(_features(0))
    assert not report.passed
    assert "0 traces; the 10 days before had 400 to 400" in report.failures[0]
    assert "expect_table_row_count_to_be_between" in report.failures[0]
    assert not _check(_features(0), history=[]).passed


def test_a_day_with_far_too_few_traces_says_so_and_a_weak_one_does_not():
    report = _check(_features(70))
    assert report.passed and report.too_few == "70 traces; the 10 days before had 400 to 400"
    assert not _check(_features(100)).too_few


def test_a_day_of_which_a_known_share_is_traced_is_as_large_as_its_requests():
    assert not _check(_features(40, _sampling_rate=[0.1] * 40)).too_few
    assert _check(_features(40, _sampling_rate=[0.9] * 40)).too_few == "40 traces; the 10 days before had 360 to 360"


def test_three_days_of_a_size_make_it_one_that_days_have():
    def checked(*smaller: int):
        return checks.check_day(_features(70), DAY, WINDOW, _history(), CONFIG, smaller)

    assert checked(70, 70).too_few and checked(70, 70, 400).too_few
    assert not checked(70, 70, 60).too_few and not checked(300, 300, 300).too_few


def test_a_day_whose_price_is_not_known_says_so_and_which_metrics_it_makes_doubtful():
    cost = np.full(400, 0.01)
    cost[:100] = np.nan
    report = _check(_features(cost_usd=cost, input_tokens=np.full(400, 50.0)))
    assert report.passed
    assert {"cost_usd", "total_cost_usd"} <= set(report.warnings)
    assert "75.0% of 400 requests that used tokens have a known price" in report.warnings["total_cost_usd"]
    cost[3:] = 0.01
    assert "total_cost_usd" not in _check(_features(cost_usd=cost, input_tokens=np.full(400, 50.0))).warnings


def test_far_too_many_traces_make_the_volume_doubtful():
    report = _check(_features(400), history=_history(n=70))
    assert report.passed
    assert "volume" in report.warnings


@pytest.mark.parametrize("column", ["trace_id", "timestamp"])
def test_a_missing_column_is_named(column):
    report = _check(_features(**{column: None}))
    assert not report.passed
    assert any("expect_column_to_exist" in line and column in line for line in report.failures)


def test_an_id_twice_fails_and_is_not_repeated_in_the_report():
    ids = [f"secret-{i}" for i in range(400)]
    ids[7] = ids[6]
    report = _check(_features(trace_id=ids))
    assert len(report.failures) == 1
    assert "2 of 400 traces" in report.failures[0]
    assert "expect_column_values_to_be_unique" in report.failures[0]
    assert b"secret" not in report.page


def test_a_null_id_fails():
    ids = [f"secret-{i}" for i in range(399)] + [None]
    assert "1 of 400" in _check(_features(trace_id=ids)).failures[0]


@pytest.mark.parametrize("moment", [START - timedelta(microseconds=1), WINDOW[1]])
def test_a_trace_outside_the_day_fails(moment):
    times = [START + timedelta(seconds=i) for i in range(399)] + [moment]
    report = _check(_features(timestamp=pa.array(times, pa.timestamp("us", tz="UTC"))))
    assert "1 of 400" in report.failures[0]
    assert "2026-11-12 00:00 to 2026-11-13 00:00 UTC" in report.failures[0]


def test_the_day_begins_with_its_first_microsecond():
    times = [START] * 399 + [WINDOW[1] - timedelta(microseconds=1)]
    assert _check(_features(timestamp=pa.array(times, pa.timestamp("us", tz="UTC")))).passed


def test_a_metric_that_is_suddenly_unknown_is_doubtful():
    rng = np.random.default_rng(1)
    report = _check(_features(ttft_s=pa.array(rng.random(400), mask=rng.random(400) < 0.5)))
    assert report.passed
    assert list(report.warnings) == ["ttft_s"]
    assert "at least 80.0% expected" in report.warnings["ttft_s"]


def test_a_metric_that_is_gone_is_doubtful():
    assert "0.0% of the traces" in _check(_features(ttft_s=None)).warnings["ttft_s"]


def test_what_another_version_of_drift_read_is_not_required_of_today():
    assert not _check(_features(ttft_s=None), _history(ruler=1)).warned


def test_a_metric_that_arrived_on_few_days_is_not_required():
    some = [*_history(2, helpfulness=0.5), *_history(8)]
    assert not _check(_features(), some).warned


def test_nan_counts_as_unknown():
    assert "latency_s" in _check(_features(latency_s=np.full(400, np.nan))).warnings


def test_a_rare_score_may_become_rarer_by_half():
    scores = pa.array(np.ones(400), mask=np.arange(400) >= 24)
    history = _history(**{"score.judge": 0.10})
    assert _check(_features(**{"score.judge": scores}), history).warnings == {}
    fewer = pa.array(np.ones(400), mask=np.arange(400) >= 16)
    assert list(_check(_features(**{"score.judge": fewer}), history).warnings) == ["score.judge"]


@pytest.mark.parametrize(
    ("values", "said"),
    [([-1.0], "the smallest value is -1, below 0"), ([np.inf], "1 values are infinite")],
)
def test_impossible_values_make_the_metric_doubtful(values, said):
    report = _check(_features(latency_s=np.array([1.0] * 399 + values)))
    assert report.passed
    assert said in report.warnings["latency_s"]


def test_a_rate_above_one_is_doubtful():
    assert "above 1" in _check(_features(refusal=np.full(400, 2.0))).warnings["refusal"]


def test_a_measurement_that_failed_on_some_traces_is_told_and_the_day_stays_fit():
    lost = np.arange(400) < 3
    report = _check(
        _features(**{"_failed.text": pa.array(lost, mask=np.arange(400) > 200), "_failed.tone": np.zeros(400, bool)})
    )
    assert report.passed
    assert [outcome.found for outcome in report.warned] == ["text: could not be measured on 3 of 400 traces"]
    assert b"could not be measured on 3 of 400" in report.page


def test_the_page_asks_no_other_host_and_escapes():
    report = checks.CheckReport("<script>", (checks.Outcome("e", "a", "critical", False, "says", "<img src=x>"),))
    page = report.page.decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "Not fit to use: 1 critical" in page


def test_importing_the_room_does_not_import_great_expectations():
    import subprocess
    import sys

    code = "import drift.checks, sys; assert 'great_expectations' not in sys.modules and 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
