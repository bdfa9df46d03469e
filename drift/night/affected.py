"""All traces that an incident affected, of the days whose rows are still stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from drift import stores
from drift.config import Config
from drift.errors import DataError
from drift.explain.exemplars import affected
from drift.lake import Lake
from drift.profiles.dimensions import within
from drift.results import Results
from drift.results.incident import Incident

# ordinary days before it that say what was usual
_BEFORE = 7


@dataclass(frozen=True)
class Affected:
    """A trace of an incident. value: the incident's metric on it, None where that is no number."""

    day: date
    trace_id: str
    value: float | None
    url: str


def traces(config: Config, incident: str) -> Iterator[Affected]:
    """The affected traces, oldest day first: those in the incident's place whose value is more usual since it began than before, on the
    side that it went to; of a rate those that have it. Some of them would be there without the change, too.

    Raises DriftError for an unknown id, DataError where no rows of its days are stored any more.
    """
    results = Results.of(config)
    try:
        found = results.find(incident)
    finally:
        results.close()
    lake = Lake(config.lake.url)
    first, last = found.began[0], found.closed or max(found.last_alarm, found.days[-1].day)
    days = [day for day in lake.days("features") if first <= day <= last]
    if not days:
        kept = f"feature rows are kept for {config.lake.retention_days} days"
        raise DataError(f"incident {found.id[:8]}: no rows of {first} to {last} are stored any more; {kept}")
    return _of_days(config, lake, found, days)


def _of_days(config: Config, lake: Lake, found: Incident, days: list[date]) -> Iterator[Affected]:
    url = stores.links(config)
    place = (found.dimension, found.value)
    earlier = [day for day in lake.days("features") if day < found.began[1]][-_BEFORE:]
    tables = [within(table, place) for day in earlier if (table := lake.read("features", day)) is not None]
    before = pa.concat_tables(tables, promote_options="permissive") if tables else None
    for day in days:
        table = lake.read("features", day)
        if table is None:
            continue
        rows = within(table, place)
        shown = np.flatnonzero(affected(rows, before, found.metric, found.statistic, found.lead.change > 0))
        for row in rows.take(pa.array(shown)).select(["trace_id", *({found.metric} & set(rows.column_names))]).to_pylist():
            value = row.get(found.metric)
            known = isinstance(value, (bool, int, float)) and np.isfinite(value)
            yield Affected(day, str(row["trace_id"]), float(value) if known else None, url(str(row["trace_id"])) or "")
