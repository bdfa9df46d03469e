"""The rows of `daily_metrics`: a day's profile in units, beside what was expected of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.findings import Finding, FindingTest, is_level, label_of
from drift.metrics import Metric
from drift.profiles import CELL
from drift.profiles.build import total_is_known
from drift.profiles.quantiles import in_units
from drift.results.rows import DailyMetric

_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def daily_metrics(profile: pa.Table, findings: Iterable[Finding]) -> Iterator[DailyMetric]:
    """One row a metric and segment of the profile; labels have one a label, named `metric:label`; vectors have none.

    The level of a log-scaled number is its geometric mean, for that is what is compared. The band is where the level of an
    ordinary day was expected with 95 % probability; it is null where nothing was compared.
    """
    expected = {(_name(f), f.dimension, f.value): f for f in findings if _is_level(f) and f.test == FindingTest.NIGHT}
    for row in profile.to_pylist():
        if row["dimension"] == CELL or row["kind"] == "vector":
            continue
        metric = metrics.find(row["metric"])
        # without its definition, of a module that is no longer configured, its bins and its scale mean nothing
        if metric is None:
            continue
        key = (row["metric"], row["dimension"], row["value"])
        if row["kind"] == "label":
            yield from _labels(metric, row, expected)
        else:
            known = DailyMetric(*key, n=row["n"], missing=row["missing"], level=_level(metric, row), unit=metric.unit)
            yield replace(known, **_percentiles(metric, row), **_band(metric, expected.get(key)))


def _is_level(finding: Finding) -> bool:
    return is_level(finding.statistic)


def _name(finding: Finding) -> str:
    label = label_of(finding.statistic)
    return finding.metric if label is None else f"{finding.metric}:{label}"


def _labels(metric: Metric, row: Mapping[str, Any], expected: Mapping[tuple[str, str, str], Finding]) -> Iterator[DailyMetric]:
    for label, count in zip(row["labels"] or (), row["counts"] or (), strict=True):
        key = (f"{row['metric']}:{label}", row["dimension"], row["value"])
        band = _band(metric, expected.get(key))
        level = count / max(row["n"], 1)
        yield replace(DailyMetric(*key, n=row["n"], missing=row["missing"], level=level, unit="share"), **band)


def _level(metric: Metric, row: Mapping[str, Any]) -> float | None:
    if row["kind"] == "count":
        known = row["total"] is not None and total_is_known(row["n"], row["missing"])
        return float(row["total"]) if known else None
    if not row["n"]:
        return None
    if row["kind"] == "rate":
        return float(row["total"] / row["n"])
    mean = float(row["sum"]) / row["n"]
    return float(np.exp(mean) if metric.scale == "log" else mean)


def _percentiles(metric: Metric, row: Mapping[str, Any]) -> dict[str, Any]:
    if row["kind"] != "number" or not row["bins"]:
        return {}
    return {name: in_units(metric, row["bins"], row["counts"], q) for name, q in _QUANTILES.items()}


def _band(metric: Metric, finding: Finding | None) -> dict[str, Any]:
    if finding is None or finding.value_from is None or finding.value_to is None or finding.low is None or finding.high is None:
        return {}
    change = finding.value_to - finding.value_from
    below, above = finding.high - change, change - finding.low
    least, most = _range(metric)
    low, high = max(finding.value_from - below, least), min(finding.value_from + above, most)
    return {"expected": finding.value_from, "low": low, "high": high, "z": finding.z}


def _range(metric: Metric) -> tuple[float, float]:
    """What the metric's level can be: an interval of a share that is nearly 0 may not reach below it."""
    if metric.kind == "count" or metric.scale == "log":
        return 0.0, np.inf
    return (metric.low, metric.high) if metric.scale == "bounded" else (-np.inf, np.inf)
