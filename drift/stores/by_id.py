"""Traces by their ids, read from the store when somebody asks for one; their text stays in memory."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift.config import Config
from drift.lake import Lake
from drift.stores import Store

_STEP = timedelta(minutes=1)
# traces between two that are wanted which are read along: asking once more costs as much
_ALONG = 100


def days_of(lake: Lake, ids: Collection[str]) -> dict[str, date]:
    """The day of each trace whose features the lake still has, newest days first; a trace that it has not is left out."""
    found: dict[str, date] = {}
    for day in reversed(lake.days("features")):
        missing = [each for each in ids if each not in found]
        if not missing:
            break
        rows = lake.read("features", day, ["trace_id"])
        if rows is not None:
            there = rows["trace_id"].filter(pc.is_in(rows["trace_id"], pa.array(missing, pa.string())))
            found |= dict.fromkeys(there.to_pylist(), day)
    return found


def some_of(days: Mapping[str, date], most: int) -> dict[str, date]:
    """At most so many of the traces, chosen by a hash of the id: the same ones each time, in whatever order they come."""
    order = sorted(days, key=lambda trace: hashlib.blake2b(trace.encode("utf-8", "replace"), digest_size=8).digest())
    return {trace: days[trace] for trace in order[:most]}


def pull_by_id(config: Config, store: Store, lake: Lake, days: Mapping[str, date]) -> dict[str, dict[str, Any]]:
    """The rows of the traces (columns of `drift.traces.SCHEMA`) that the store still has, by id.

    days: the day of each. Where the lake still has the day's features the store is asked for the traces' minutes, and for what lies
    between them where that is little or the store reads everything anyway; else for the whole day. Raises StoreError where the store
    cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    along = None if getattr(store, "reads_all", False) else _ALONG
    for day in sorted(set(days.values())):
        mine = {trace for trace, of in days.items() if of == day}
        for start, end in _windows(config, lake, day, mine, along):
            for batch in store.pull(start, end):
                rows = batch.filter(pc.is_in(batch["trace_id"], pa.array(sorted(mine), pa.string())))
                found |= {row["trace_id"]: row for row in rows.to_pylist()}
    return found


def _windows(config: Config, lake: Lake, day: date, ids: set[str], along: int | None) -> list[tuple[datetime, datetime]]:
    """The minutes of the traces, those as one that have at most `along` traces of the day between them; None: whatever is between them."""
    rows = lake.read("features", day, ["trace_id", "timestamp"])
    known = {} if rows is None else dict(zip(rows["trace_id"].to_pylist(), rows["timestamp"].to_pylist(), strict=True))
    if not ids <= known.keys():
        return [config.window(day)]
    moments = sorted(known.values())
    windows: list[tuple[datetime, datetime]] = []
    for minute in sorted({known[each].replace(second=0, microsecond=0) for each in ids}):
        if windows:
            start, end = windows[-1]
            if along is None or bisect_left(moments, minute) - bisect_left(moments, end) <= along:
                windows[-1] = (start, minute + _STEP)
                continue
        windows.append((minute, minute + _STEP))
    return windows
