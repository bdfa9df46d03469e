"""What the last nights would have said with other settings."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night import backtest

FIRST = date(2026, 3, 2)


@pytest.fixture
def config(tmp_path) -> Config:
    """Eighteen days of two endpoints; from the sixteenth chat is a third slower."""
    settings = Config.of({"lake": {"url": "lake"}, "results": {"url": "sqlite:///drift.db"}}, root=tmp_path)
    lake = Lake(settings.lake.url)
    for number in range(18):
        rng = np.random.default_rng(number)
        name = np.repeat(["chat", "search"], 300)
        latency = np.exp(0.5 * rng.standard_normal(600)) * np.where((name == "chat") & (number >= 15), 1.35, 1.0)
        columns = {
            "trace_id": np.arange(600).astype(str),
            "name": name,
            "latency_s": latency,
            "refusal": (rng.random(600) < 0.05) * 1.0,
        }
        day = FIRST + timedelta(days=number)
        facts = {"ok": True, "reason": "", "warned": [], "traces": 600}
        lake.write("profiles", day, profiles.build(pa.table(columns), settings, day), facts)
    return settings


def _run(config: Config, *settings: str, last: int = 10) -> backtest.Backtest:
    return backtest.run(config, backtest.with_settings(config, settings), last)


def test_another_budget_or_a_metric_switched_off_says_something_else_and_stores_nothing(config, tmp_path):
    before = sorted(path.name for path in tmp_path.rglob("*"))
    found = _run(config, "metrics.latency_s.enabled=false")
    assert found.nights == 10
    assert [each.metric for each in found.now] == ["latency_s"]
    assert found.then == ()
    assert backtest.Backtest.only(found.now, found.then) == list(found.now)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_larger_smallest_change_that_matters_hears_less(config):
    found = _run(config, "metrics.latency_s.matters=0.9", last=5)
    assert len(found.now) == 1 and not found.then


def test_a_dimension_that_is_not_followed_has_no_incidents(config):
    found = _run(config, "segments.dimensions=[]", last=5)
    assert {each.dimension for each in found.then} <= {"all"}


@pytest.mark.parametrize(
    ("setting", "says"),
    [("detect.budget=2", "detect.budget"), ("detect.budge=0.1", "unknown key"), ("detect.budget", "not a setting"),
     ("timezone.x=1", "no such key")],
)  # fmt: skip
def test_a_wrong_setting_is_one_clear_line(config, setting, says):
    with pytest.raises(ConfigError, match=says):
        backtest.with_settings(config, [setting])


def test_without_profiles_it_says_what_to_do(tmp_path):
    empty = Config.of({"lake": {"url": "lake"}}, root=tmp_path)
    with pytest.raises(DataError, match="drift run"):
        _run(empty)
