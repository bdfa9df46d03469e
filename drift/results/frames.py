"""The tables as pandas frames, for the rooms that read results; notebooks have them from `drift.read`.

Every function takes the results' URL or an open `Results`; days are `datetime64`, rows are in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from drift.results import tables
from drift.results.rows import key_text
from drift.results.write import Results

Source = Results | str


def runs(source: Source, start: date | None = None, end: date | None = None) -> pd.DataFrame:
    """One row a day that was run: status (a `drift.results.verdict.Answer`), traces, comparisons, alarms, reason."""
    return _frame(source, tables.runs, _between(tables.runs, start, end))


def findings(
    source: Source,
    start: date | None = None,
    end: date | None = None,
    metric: str | None = None,
    incident: str | None = None,
    alarms_only: bool = False,
) -> pd.DataFrame:
    """One row a comparison, from `start` to `end` (both included)."""
    table = tables.findings
    where = _between(table, start, end)
    where += [table.c.metric == metric] if metric is not None else []
    where += [table.c.incident_id == incident] if incident is not None else []
    where += [table.c.alarm] if alarms_only else []
    return _frame(source, table, where)


def series(
    source: Source, metric: str, dimension: str = "all", value: str = "", start: date | None = None, end: date | None = None
) -> pd.DataFrame:
    """One metric of one segment over days: level in its unit, percentiles, and the band expected of an ordinary day.

    The share of a label is the metric `metric:label`, such as `model:gpt-4o`; a label metric without one gives every label.
    """
    table = tables.daily_metrics
    place = [table.c.dimension == key_text(dimension), table.c.value == key_text(value)]
    return _frame(source, table, [named(table, metric), *place, *_between(table, start, end)])


def daily_metrics(source: Source, start: date, end: date | None = None, metric: str | None = None) -> pd.DataFrame:
    """Every metric, or one, of every segment from `start` to `end` (both included; without `end` that one day)."""
    table = tables.daily_metrics
    where = _between(table, start, end or start) + ([named(table, metric)] if metric is not None else [])
    return _frame(source, table, where)


def drill(source: Source, start: date, end: date | None = None) -> pd.DataFrame:
    """One row a metric and place: the smallest change that the night would have told, or why it was blind."""
    return _frame(source, tables.drill, _between(tables.drill, start, end or start))


def metric_names(source: Source) -> list[str]:
    """Every metric that some night measured or compared; a label metric by its own name, without its labels."""
    query = sa.union(*(sa.select(table.c.metric) for table in (tables.daily_metrics, tables.findings)))
    return sorted({row.metric.split(":")[0] for row in _rows(source, query)})


def segments(source: Source, metric: str) -> list[tuple[str, str]]:
    """Dimension and value of every segment in which some night measured or compared the metric."""
    both = (tables.daily_metrics, tables.findings)
    query = sa.union(*(sa.select(table.c.dimension, table.c.value).where(named(table, metric)) for table in both))
    return sorted(tuple(row) for row in _rows(source, query))


def incidents(source: Source, states: tuple[str, ...] | None = None) -> pd.DataFrame:
    """One row an incident, oldest first; `states` of open, closed, accepted, settled."""
    table = tables.incidents
    frame = _frame(source, table, [table.c.state.in_(states)] if states is not None else [])
    return frame.sort_values(["opened", "id"], ignore_index=True)


def incident_days(
    source: Source, incident: str | None = None, start: date | None = None, end: date | None = None
) -> pd.DataFrame:
    """One row a night of an incident: opened, lasting, worse, better, ordinary, closed, accepted or settled."""
    table = tables.incident_days
    where = _between(table, start, end) + ([table.c.incident_id == incident] if incident is not None else [])
    return _frame(source, table, where)


def exemplars(source: Source, incident: str | None = None, day: date | None = None) -> pd.DataFrame:
    """Traces that show an incident, the most typical first, by night."""
    table = tables.exemplars
    where = [table.c.incident_id == incident] if incident is not None else []
    where += [table.c.day == day] if day is not None else []
    return _frame(source, table, where)


def deliveries(source: Source, start: date | None = None, end: date | None = None) -> pd.DataFrame:
    """What was sent, is pending, failed or was held back, by channel."""
    return _frame(source, tables.deliveries, _between(tables.deliveries, start, end))


def heartbeats(source: Source) -> pd.DataFrame:
    """When each night ended (UTC), and by which drift."""
    frame = _frame(source, tables.heartbeats, [])
    # SQLite has no zone to give back
    frame["finished_at"] = pd.to_datetime(frame["finished_at"], utc=True)
    return frame


def audit(source: Source) -> pd.DataFrame:
    """Who acknowledged, muted, accepted, forgot or looked at what through drift's commands, in order."""
    frame = _frame(source, tables.audit, [])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame


def decisions(source: Source) -> pd.DataFrame:
    """What people decided about incidents, in order."""
    return _frame(source, tables.decisions, [])


def announced(source: Source) -> pd.DataFrame:
    """What was said to have happened outside the traces, in order."""
    return _frame(source, tables.events, [])


def _between(table: sa.Table, start: date | None, end: date | None) -> list[sa.ColumnElement[bool]]:
    where = [table.c.day >= start] if start is not None else []
    return where + ([table.c.day <= end] if end is not None else [])


def named(table: sa.Table, metric: str) -> sa.ColumnElement[bool]:
    """Rows of the metric and, of a label metric, of its labels."""
    column, name = table.c.metric, key_text(metric)
    return sa.or_(column == name, column.startswith(f"{name}:", autoescape=True))


def _rows(source: Source, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> Sequence[sa.Row[Any]]:
    results = Results(source) if isinstance(source, str) else source
    try:
        with results.database.reading() as connection:
            return connection.execute(query).all()
    finally:
        if isinstance(source, str):
            results.close()


def _frame(source: Source, table: sa.Table, where: list[sa.ColumnElement[bool]]) -> pd.DataFrame:
    rows = _rows(source, sa.select(table).where(*where).order_by(*table.primary_key.columns))
    names = [column.name for column in table.columns]
    # column by column: pandas looks at the type of each row, which takes longer than the rows
    frame = pd.DataFrame(dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else [], columns=names)
    for column in table.columns:
        if isinstance(column.type, sa.Date):
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif isinstance(column.type, sa.Double):
            frame[column.name] = frame[column.name].astype(float)
    return frame
