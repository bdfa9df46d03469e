"""What a day's features are like in numbers, as the checks ask for it; parts of a day add up. Great Expectations is not needed for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics
from drift.features.batch import FAILED
from drift.traces import requests, used_tokens

KEYS = ("trace_id", "timestamp")
_HAS_VALUES = frozenset({"number", "rate"})


def keys(features: pa.Table) -> pa.Table:
    """The columns of a features table that are checked trace by trace."""
    return features.select([name for name in KEYS if name in features.column_names])


@dataclass(frozen=True)
class Values:
    """Of a column: how many traces have a value, the smallest, the largest, and how many are infinite."""

    known: int
    lowest: float = math.inf
    highest: float = -math.inf
    infinite: int = 0


@dataclass(frozen=True)
class Measured:
    """What a day's features say in numbers; parts of a day add up. requests: for how many the traces stand. columns: by metric. priced, unpriced: requests whose price is known,
    and those that used tokens and have none; None without a cost. lost: by concern, the traces on which it raised."""

    traces: int
    requests: float
    columns: dict[str, Values]
    priced: int | None
    unpriced: int
    lost: dict[str, int]

    @classmethod
    def of(cls, features: pa.Table) -> Measured:
        """Of a features table, or a part of one."""
        columns, size = {}, float(requests(features).sum())
        for name in features.column_names:
            metric = metric_of(name)
            if metric is not None and metric.kind not in ("vector", "count"):
                columns[name] = _describe(features[name], metric)
        failed = (name for name in features.column_names if name.startswith(FAILED))
        lost = {name.removeprefix(FAILED): pc.sum(features[name]).as_py() or 0 for name in failed}
        if "cost_usd" not in features.column_names:
            return cls(features.num_rows, size, columns, None, 0, lost)
        priced = np.isfinite(features["cost_usd"].cast(pa.float64()).to_numpy(zero_copy_only=False))
        unpriced = int((used_tokens(features) & ~priced).sum())
        return cls(features.num_rows, size, columns, int(priced.sum()), unpriced, lost)

    @classmethod
    def together(cls, parts: Sequence[Measured]) -> Measured:
        columns: dict[str, Values] = {}
        lost: Counter[str] = Counter()
        for part in parts:
            lost.update(part.lost)
            for name, own in part.columns.items():
                before = columns.get(name, Values(0))
                columns[name] = Values(
                    before.known + own.known,
                    min(before.lowest, own.lowest),
                    max(before.highest, own.highest),
                    before.infinite + own.infinite,
                )
        priced = [part.priced for part in parts if part.priced is not None]
        traces, unpriced = sum(part.traces for part in parts), sum(part.unpriced for part in parts)
        size = sum(part.requests for part in parts)
        return cls(traces, size, columns, sum(priced) if priced else None, unpriced, dict(lost))


def metric_of(name: str) -> metrics.Metric | None:
    """The metric of a features column, None for a key or what is none."""
    if name.startswith("_") or name in KEYS:
        return None
    return metrics.find(name)


def _describe(column: pa.ChunkedArray, metric: metrics.Metric) -> Values:
    if metric.kind not in _HAS_VALUES:
        return Values(len(column) - column.null_count)
    x = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    finite = x[np.isfinite(x)]
    extremes = (float(finite.min()), float(finite.max())) if len(finite) else (math.inf, -math.inf)
    return Values(len(finite), *extremes, int(np.isinf(x).sum()))
