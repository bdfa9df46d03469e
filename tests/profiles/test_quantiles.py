"""One quantile of a histogram: what a rule compares, the page shows and a comparison tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from drift import metrics, profiles
from drift.config import Config
from drift.detect import rule, rules
from drift.profiles import bins
from drift.profiles.quantiles import cumulative, in_units, quantile
from drift.results.daily import daily_metrics

DAY = date(2026, 3, 2)


def measured(values: np.ndarray) -> pa.Table:
    return profiles.build(pa.table({"ttft_s": values}), Config.of({}), DAY)


@pytest.mark.parametrize(
    "values", [np.exp(np.random.default_rng(4).standard_normal(600)), np.array([0.2, 0.2, 9.0]), np.array([1.0])]
)
def test_a_rule_and_the_page_name_the_same_quantile(values: np.ndarray):
    day = measured(values)
    shown = next(row for row in daily_metrics(day, ()) if row.metric == "ttft_s" and row.dimension == "all")
    for q in ("p50", "p95", "p99"):
        ruled, _ = rules.measure(rule.parse("slow", f"ttft_{q} > 1 s"), [day], ())
        assert ruled == getattr(shown, q)


@pytest.mark.parametrize("name", ["latency_s", "groundedness", "retrieval_top_score"])
def test_it_lies_in_the_bin_that_reaches_the_share(name: str):
    metric, rng = metrics.lookup(name), np.random.default_rng(11)
    x = rng.beta(2, 5, 4000) if metric.scale != "log" else np.exp(rng.standard_normal(4000))
    places, counts = np.unique(bins.index(metric, x), return_counts=True)
    for q in (0.05, 0.5, 0.95):
        found, exact = in_units(metric, places, counts, q), np.quantile(x, q)
        assert abs(int(bins.index(metric, np.array([found]))[0]) - int(bins.index(metric, np.array([exact]))[0])) <= 1


def test_sparse_and_dense_histograms_agree_and_an_empty_one_has_none():
    metric = metrics.lookup("latency_s")
    dense = np.array([[3.0, 0, 0, 5, 2, 0, 1], np.zeros(7)])
    edges = bins.edges(metric, np.arange(10, 18))
    filled = np.flatnonzero(dense[0])
    for q in (0.1, 0.3, 0.5, 0.95, 1.0):
        whole = quantile(edges, cumulative(dense), q)
        assert np.exp(whole[0]) == pytest.approx(in_units(metric, filled + 10, dense[0][filled], q))
    assert cumulative(dense)[1].sum() == 0
