"""A day in fixed size: counts are exact, profiles add, rare values fold into `other`."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from drift import metrics, profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.profiles import bins
from drift.profiles.day import DayProfile
from drift.results import daily

DAY = date(2026, 3, 2)


def features(n: int = 2000, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    latency = rng.lognormal(0, 1, n)
    latency[:10] = np.nan
    return pa.table(
        {
            "trace_id": [f"{seed}-{i}" for i in range(n)],
            "user": rng.integers(0, 50, n).astype(str),
            "name": rng.choice(["chat", "search"], n, p=[0.7, 0.3]),
            "model": rng.choice(["a", "b", None], n),
            "latency_s": latency,
            "score.judge": rng.normal(0.5, 0.2, n),
            "refusal": np.where(rng.random(n) < 0.1, 1.0, 0.0),
            "finish_reason": rng.choice(["stop", "length"], n),
            "_input_hash": rng.integers(0, 100, n),
            "nobody_knows": rng.random(n),
        }
    )


def rows(profile: pa.Table, metric: str, dimension: str = "all") -> dict[str, dict]:
    return {r["value"]: r for r in profile.to_pylist() if r["metric"] == metric and r["dimension"] == dimension}


def test_a_number_keeps_exact_sums_and_counts_what_is_missing():
    table = features()
    row = rows(profiles.build(table, Config(), DAY), "latency_s")[""]
    x = table["latency_s"].to_numpy()[10:]
    assert (row["n"], row["missing"]) == (1990, 10)
    assert row["total"] == pytest.approx(x.sum())
    assert row["sum"] == pytest.approx(np.log(x).sum())
    assert row["squares"] == pytest.approx((np.log(x) ** 2).sum())
    assert sum(row["counts"]) == 1990


@pytest.mark.parametrize("value", [np.inf, -1.7976931348623157e308, 1e200])
def test_what_stands_for_infinity_is_missing(value):
    plain, table = features(), features()
    judge = table["score.judge"].to_numpy().copy()
    judge[7] = value
    table = table.set_column(table.column_names.index("score.judge"), "score.judge", pa.array(judge))
    row, usual = (rows(profiles.build(each, Config(), DAY), "score.judge")[""] for each in (table, plain))
    assert (row["n"], row["missing"]) == (1999, 1)
    assert abs(row["sum"] - usual["sum"]) < 2 and set(row["bins"]) <= set(usual["bins"])


def test_a_rate_is_k_of_n_and_a_label_a_count_each():
    table = features()
    profile = profiles.build(table, Config(), DAY)
    assert rows(profile, "refusal")[""]["total"] == table["refusal"].to_numpy().sum()
    label = rows(profile, "finish_reason")[""]
    assert label["labels"] == ["length", "stop"]
    assert sum(label["counts"]) == 2000


def test_every_partition_adds_up_to_the_day():
    profile = profiles.build(features(), Config(), DAY)
    whole = rows(profile, "refusal")[""]
    for dimension in ("name", "model", "cell"):
        parts = rows(profile, "refusal", dimension).values()
        assert sum(p["n"] for p in parts) == whole["n"]
        assert sum(p["total"] for p in parts) == whole["total"]


def test_shards_add_up_to_the_day():
    table = features()
    whole = profiles.build(table, Config(), DAY)
    shards = profiles.add([profiles.build(table.slice(a, 500), Config(), DAY) for a in range(0, 2000, 500)])
    for metric in ("latency_s", "refusal", "finish_reason", "volume", "score.judge"):
        for dimension in ("all", "name", "cell"):
            a, b = rows(whole, metric, dimension), rows(shards, metric, dimension)
            assert a.keys() == b.keys()
            for value in a:
                for field in ("n", "missing", "bins", "labels", "counts"):
                    assert a[value][field] == b[value][field]
                for field in ("total", "sum", "squares"):
                    assert a[value][field] == pytest.approx(b[value][field])


def _costs(unpriced: int, n: int = 1000) -> pa.Table:
    """A day of requests at a cent each, of which some used tokens at a price that nobody knows."""
    cost = np.full(n, 0.01)
    cost[:unpriced] = np.nan
    return pa.table(
        {
            "trace_id": [str(i) for i in range(n)],
            "model": ["own"] * (n // 2) + ["gpt-4o"] * (n - n // 2),
            "input_tokens": np.full(n, 100.0),
            "cost_usd": cost,
        }
    )


def _total(profile: pa.Table, value: str = "", dimension: str = "all") -> float | None:
    found = [
        row
        for row in daily.daily_metrics(profile, [])
        if (row.metric, row.dimension, row.value) == ("total_cost_usd", dimension, value)
    ]
    assert len(found) == 1
    return found[0].level


@pytest.mark.parametrize(("unpriced", "total"), [(0, 10.0), (10, 9.9), (11, None), (500, None), (1000, None)])
def test_a_days_total_is_unknown_where_more_than_a_hundredth_of_its_requests_have_no_price(unpriced, total):
    profile = profiles.build(_costs(unpriced), Config(), DAY)
    row = rows(profile, "total_cost_usd")[""]
    assert (row["n"], row["missing"]) == (1000 - unpriced, unpriced)
    assert _total(profile) == (total and pytest.approx(total))
    panel = Panel([DayProfile(DAY, profile)])
    compared = panel.total[0, 0, panel.column["total_cost_usd"]]
    assert np.isnan(compared) if total is None else compared == pytest.approx(total)


def test_where_one_model_has_no_price_the_others_total_is_known():
    profile = profiles.build(_costs(500), Config(segments={"dimensions": ["model"]}), DAY)
    assert _total(profile, "own", "model") is None
    assert _total(profile, "gpt-4o", "model") == pytest.approx(5.0)


def test_a_day_whose_price_nobody_knows_cost_not_nothing_in_any_split_into_shards():
    for unpriced in (5, 40, 1000):
        table = _costs(unpriced)
        whole = profiles.build(table, Config(), DAY)
        shards = profiles.add([profiles.build(table.slice(a, 250), Config(), DAY) for a in range(0, 1000, 250)])
        assert _total(shards) == (pytest.approx(_total(whole)) if unpriced == 5 else None)


def test_requests_that_used_no_tokens_need_no_price():
    table = _costs(500)
    used = np.where(np.isnan(table["cost_usd"].to_numpy()), 0.0, 100.0)
    table = table.set_column(table.column_names.index("input_tokens"), "input_tokens", pa.array(used))
    assert _total(profiles.build(table, Config(), DAY)) == pytest.approx(5.0)


def test_only_metrics_of_the_catalogue_that_are_enabled_are_counted():
    config = Config(metrics={"refusal": {"enabled": False}})
    names = set(profiles.build(features(), config, DAY)["metric"].to_pylist())
    assert "latency_s" in names
    assert not names & {"refusal", "_input_hash", "nobody_knows", "trace_id"}


def test_rare_values_fold_into_other_and_null_is_unknown():
    table = pa.table({"trace_id": list("abcdef"), "name": ["x", "x", "x", "y", "y", "z"], "refusal": [1.0, 0, 0, 0, 0, 1.0]})
    config = Config(segments={"dimensions": ["name"], "top": 2})
    sizes = {v: r["n"] for v, r in rows(profiles.build(table, config, DAY), "refusal", "name").items()}
    assert sizes == {"x": 3, "y": 2, "other": 1}
    assert "unknown" in rows(profiles.build(features(), Config(), DAY), "refusal", "model")


def test_an_empty_day_is_a_volume_of_zero():
    profile = profiles.build(features().slice(0, 0), Config(), DAY)
    assert rows(profile, "volume")[""]["total"] == 0
    assert rows(profile, "latency_s")[""]["n"] == 0


@pytest.mark.parametrize("name", ["latency_s", "groundedness", "score.judge", "sentiment"])
def test_a_value_lies_within_its_bin(name):
    metric = metrics.lookup(name)
    x = np.concatenate([np.linspace(max(metric.low, 0.001), metric.high, 999), [metric.low, metric.high]])
    place = bins.index(metric, x)
    g = bins.on_scale(metric, x)
    assert (bins.edges(metric, place) <= g + 1e-6).all()
    assert (g <= bins.edges(metric, place + 1) + 1e-6).all()


def test_bins_never_change():
    """Profiles are kept for ever: a value's bin today is its bin in ten years."""
    assert bins.index(metrics.lookup("latency_s"), np.array([0.0, 0.5, 1.0, 10.0])).tolist() == [-349, -36, 0, 116]
    assert bins.index(metrics.lookup("groundedness"), np.array([0.0, 0.5, 1.0])).tolist() == [0, 250, 499]
    assert bins.index(metrics.lookup("score.judge"), np.array([-1.0, 0.0, 0.72])).tolist() == [-530, 0, 496]
