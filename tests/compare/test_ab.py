"""Promote, stop or not yet; how often it errs is `benchmarks/ab.py`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from drift.cli import app
from drift.compare import sequential
from drift.compare.ab import Answer, decide
from drift.config import Config
from drift.errors import ConfigError, DataError

START = datetime(2026, 11, 2, tzinfo=UTC)
CONFIG = Config.of({})


def side(
    seed: int, refusal: float = 0.1, cost: float = 1.0, hours: int = 24, search: float = 0.5, an_hour: int = 500
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = hours * an_hour
    name = np.where(rng.random(n) < search, "search", "chat")
    return pd.DataFrame(
        {
            "timestamp": [START + timedelta(hours=hours * i / n) for i in range(n)],
            "name": name,
            # a search is refused twice as often
            "refusal": (rng.random(n) < np.where(name == "search", 4 / 3, 2 / 3) * refusal).astype(float),
            "cost_usd": cost * 0.01 * np.exp(rng.normal(0, 0.5, n)),
            "error": (rng.random(n) < 0.05).astype(float),
            "session_id": [f"s{i // 2}" for i in range(n)],
        }
    )


def answer(a: pd.DataFrame, b: pd.DataFrame, hours: int = 24, metric: str = "refusal"):
    return decide(a, b, CONFIG, metric, START, START + timedelta(hours=hours))


def test_a_candidate_that_refuses_more_is_stopped_and_the_hour_is_said():
    found = answer(side(1), side(2, refusal=0.16))
    assert found.answer == Answer.STOP
    assert 1 <= found.hour < 12
    (main, *_) = found.watched
    assert main.least > 0


def test_the_decision_stays_whenever_one_looks():
    early = answer(side(1), side(2, refusal=0.16))
    late = answer(side(1), side(2, refusal=0.16), hours=early.hour)
    assert (late.answer, late.hour) == (early.answer, early.hour)


def test_a_candidate_that_is_as_good_in_everything_is_promoted():
    config = Config.of({"metrics": {"error": {"matters": 0.02}, "refusal": {"matters": 0.03}}})
    found = decide(side(1), side(2), config, "refusal", START, START + timedelta(hours=24))
    assert found.answer == Answer.PROMOTE
    assert all(each.most < each.margin for each in found.watched)
    assert found.missing == ("latency_s",)


def test_a_candidate_that_costs_more_is_stopped_by_its_guard():
    found = answer(side(1), side(2, cost=1.2))
    assert found.answer == Answer.STOP
    assert [each.metric for each in found.watched if each.state == "worse"] == ["cost_usd"]


def test_another_mix_of_traffic_stops_nobody():
    found = answer(side(1, search=0.1), side(2, search=0.9))
    assert found.answer != Answer.STOP


def test_a_handful_of_requests_decides_nothing():
    found = answer(side(1, an_hour=2), side(2, refusal=0.9, an_hour=2))
    assert (found.answer, found.hour) == (Answer.NOT_YET, None)


def test_a_rate_that_was_never_seen_is_not_certain():
    error = sequential.rate_error(0, [200, 200])
    least, most = sequential.bounds(0.0, error, 0.003)
    assert sequential.state(float(least), float(most), 0.003) == sequential.State.OPEN


@pytest.mark.parametrize("metric", ["output_characters", "output_topic", "nonsense"])
def test_a_metric_without_a_worse_direction_decides_nothing(metric):
    with pytest.raises(ConfigError, match="worse direction"):
        answer(side(1), side(2), metric=metric)


def test_a_metric_that_a_side_lacks_is_an_error():
    with pytest.raises(DataError, match="latency_s"):
        answer(side(1), side(2), metric="latency_s")


def test_looking_often_costs_no_error():
    """Of equal candidates one in forty at the most is called worse over 2,000 looks, and one in twenty fine that is worse by the margin."""
    rng = np.random.default_rng(3)
    looks, runs = 2000, 400
    walk = rng.normal(size=(runs, looks)).cumsum(1) / np.arange(1, looks + 1)
    error = 1 / np.sqrt(np.arange(1, looks + 1))
    least, most = sequential.bounds(walk, error, 0.1, share=0.5)
    assert (least > 0).any(1).mean() <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / runs)
    assert (most + 0.1 < 0.1).any(1).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_the_command_reads_files_of_traffic_and_says_what_to_do(tmp_path):
    rows = []
    rng = np.random.default_rng(8)
    for i in range(3000):
        version = "4" if i % 2 else "3"
        refuses = rng.random() < (0.5 if version == "4" else 0.05)
        rows.append(
            {
                "trace_id": f"t{i}",
                "timestamp": (START + timedelta(seconds=4 * i)).isoformat(),
                "prompt_name": "support",
                "prompt_version": version,
                "input": f"Where is order {i}?",
                "output": "I'm sorry, but I can't help with that." if refuses else f"Order {i} arrives on Monday.",
            }
        )
    traces = tmp_path / "traces.jsonl"
    traces.write_text("\n".join(map(json.dumps, rows)))
    config = tmp_path / "drift.toml"
    config.write_text('[store]\ntype = "files"\npath = "traces.jsonl"\n')
    asked = ["ab", "--a", "3", "--b", "4", "--since", "2026-11-02T00:00", "--until", "2026-11-02T04:00", "-c", str(config)]
    stopped = CliRunner().invoke(app, asked)
    assert stopped.exit_code == 3, stopped.output
    assert "stop 4: worse in refusal" in stopped.output
    # a time without a zone is one of the configured zone, as everywhere: in Berlin these hours began an hour earlier
    config.write_text('timezone = "Europe/Berlin"\n' + config.read_text())
    elsewhere = [each.replace("T00:00", "T01:00").replace("T04:00", "T05:00") for each in asked]
    there = CliRunner().invoke(app, [*elsewhere, "--json"])
    here = CliRunner().invoke(app, [*asked, "--json"], env={"DRIFT_TIMEZONE": "UTC"})
    assert there.output == here.output and there.exit_code == 3
    swapped = CliRunner().invoke(app, ["ab", "--a", "5", *asked[3:]])
    assert "no request has it; there are support@3, support@4" in str(swapped.exception)
