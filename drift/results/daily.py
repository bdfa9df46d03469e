"""The rows of `daily_metrics`: a day's profile in units, beside what was expected of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.detect import Finding
from drift.metrics import Metric
from drift.profiles import CELL, bins
from drift.results.store import DailyMetric

_QUANTILES = (0.5, 0.95, 0.99)


def daily_metrics(profile: pa.Table, findings: Iterable[Finding]) -> Iterator[DailyMetric]:
    """One row a metric and segment of the profile; labels have one a label, named `metric:label`; vectors have none.

    The level of a log-scaled number is its geometric mean, for that is what is compared. The band is where the level of an
    ordinary day was expected with 95 % probability; it is null where nothing was compared.
    """
    expected = {(f.metric, f.dimension, f.value): f for f in findings if f.statistic == "level" and f.test == "night"}
    for row in profile.to_pylist():
        if row["dimension"] == CELL or row["kind"] == "vector":
            continue
        metric = metrics.lookup(row["metric"])
        key = (row["metric"], row["dimension"], row["value"])
        if row["kind"] == "label":
            yield from _labels(row)
        else:
            yield DailyMetric(
                *key,
                row["n"],
                row["missing"],
                _level(metric, row),
                metric.unit,
                **_percentiles(metric, row),
                **_band(expected.get(key)),
            )


def _labels(row: dict) -> Iterator[DailyMetric]:
    for label, count in zip(row["labels"] or (), row["counts"] or (), strict=True):
        name = f"{row['metric']}:{label}"
        yield DailyMetric(name, row["dimension"], row["value"], row["n"], row["missing"], count / max(row["n"], 1), "share")


def _level(metric: Metric, row: dict) -> float | None:
    if row["kind"] == "count":
        return row["total"]
    if not row["n"]:
        return None
    if row["kind"] == "rate":
        return row["total"] / row["n"]
    mean = row["sum"] / row["n"]
    return float(np.exp(mean)) if metric.scale == "log" else mean


def _percentiles(metric: Metric, row: dict) -> dict[str, float]:
    if row["kind"] != "number" or not row["bins"]:
        return {}
    counts = np.cumsum(row["counts"])
    places = np.searchsorted(counts, np.array(_QUANTILES) * counts[-1])
    found = np.array(row["bins"])[np.minimum(places, len(counts) - 1)]
    middle = (bins.edges(metric, found) + bins.edges(metric, found + 1)) / 2
    values = np.exp(middle) if metric.scale == "log" else middle
    return dict(zip(("p50", "p95", "p99"), map(float, values), strict=True))


def _band(finding: Finding | None) -> dict[str, float]:
    if finding is None or finding.value_from is None or finding.low is None or finding.high is None:
        return {}
    change = finding.value_to - finding.value_from
    below, above = finding.high - change, change - finding.low
    low, high = finding.value_from - below, finding.value_from + above
    return {"expected": finding.value_from, "low": low, "high": high, "z": finding.z}
