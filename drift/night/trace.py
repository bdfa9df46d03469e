"""`drift trace ID`: one trace, read from the store now, and where each of its measures stands among its endpoint's requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics, stores, traces
from drift.compare.files import measured
from drift.config import Config
from drift.errors import DataError
from drift.lake import Lake
from drift.metrics import Metric
from drift.stores.by_id import days_of, pull_by_id
from drift.text.escape import plain

# days of features that say what is usual
DAYS = 7
# fewer requests of an endpoint have no usual
_LEAST = 20


@dataclass(frozen=True)
class Place:
    """A measure of the trace beside those of its endpoint's requests of the last days.

    value: a number, or true and false for a rate. below: share of the requests that have less; of a rate: that are like this.
    usual: their middle value; of a rate the share that is true. n: how many have the measure; below and usual are None for few.
    """

    metric: Metric
    value: float | bool
    below: float | None
    usual: float | None
    n: int


@dataclass(frozen=True)
class Opened:
    """A trace with its text, as row of `drift.traces.SCHEMA`, and its places. among: the requests that it is compared with."""

    row: dict[str, Any]
    url: str | None
    among: str
    places: tuple[Place, ...]


def open_trace(config: Config, trace_id: str, day: date | None = None) -> Opened:
    """Read the trace and measure it.

    day: the day that it is of, else one whose features the lake still has. Raises DataError where the day is not known or the
    store has the trace no longer, StoreError where the store cannot be read.
    """
    lake, store = Lake(config.lake.url), stores.open_store(config)
    days = {trace_id: day} if day else days_of(lake, [trace_id])
    if not days:
        kept = f"the last {config.lake.retention_days} days"
        raise DataError(
            f"{plain(trace_id, 80)}: not among the traces of {kept} that were measured; say its day with --day YYYY-MM-DD"
        )
    found = pull_by_id(config, store, lake, days)
    if trace_id not in found:
        raise DataError(f"{plain(trace_id, 80)}: the store {config.store.type!r} has no such trace on {days[trace_id]}")
    row = found[trace_id]
    mine = measured(pa.Table.from_pylist([row], traces.SCHEMA), config, embeddings=False).to_pylist()[0]
    others, among = _others(lake, days[trace_id], row.get("name"), trace_id)
    places = [place for name, value in mine.items() if (place := _place(name, value, others)) is not None]
    return Opened(row, store.trace_url(trace_id), among, tuple(places))


def _others(lake: Lake, day: date, endpoint: str | None, trace_id: str) -> tuple[pa.Table | None, str]:
    last = [each for each in lake.days("features") if day - timedelta(days=DAYS) <= each <= day]
    tables = [table for each in last if (table := lake.read("features", each)) is not None]
    if not tables:
        return None, "no request"
    table = pa.concat_tables(tables, promote_options="permissive")
    table = table.filter(pc.not_equal(table["trace_id"], trace_id))
    if endpoint and "name" in table.column_names:
        table = table.filter(pc.fill_null(pc.equal(table["name"].cast(pa.string()), endpoint), False))
    of = f" of {plain(endpoint, 60)}" if endpoint else ""
    return table, f"{table.num_rows:,} requests{of}, {last[0]} to {last[-1]}"


def _place(name: str, value: Any, others: pa.Table | None) -> Place | None:
    metric = metrics.find(name)
    if metric is None:
        return None
    if metric.kind not in ("number", "rate") or not isinstance(value, (int, float)) or value != value:
        return None
    own: float | bool = bool(value) if metric.kind == "rate" else float(value)
    there = np.array([])
    if others is not None and name in others.column_names:
        there = others[name].cast(pa.float64(), safe=False).drop_null().to_numpy()
        there = there[np.isfinite(there)]
    if own is False and not len(there):
        # none of the others has a yes or a no, so neither is it recorded of this one
        return None
    if len(there) < _LEAST:
        return Place(metric, own, None, None, len(there))
    if metric.kind == "rate":
        share = float((there > 0).mean())
        return Place(metric, own, share if own else 1 - share, share, len(there))
    # of what many have alike half counts as less, so that the usual value is in the middle
    below = float((there < own).mean() + 0.5 * (there == own).mean())
    return Place(metric, own, below, float(np.median(there)), len(there))
