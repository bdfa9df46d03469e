"""The findings that incidents are derived from, of nights that alarmed and of the nights between: read by what is asked.

A night finds hundreds of things and nearly always nothing that alarms, so what is read must not be what all nights found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta

import sqlalchemy as sa

from drift.results import tables
from drift.results.grouping import VECTORS, StoredFinding
from drift.results.incidents import Key

FIELDS = [field.name for field in fields(StoredFinding)]
# days of a series that are read at once
_BLOCK = 32


def alarming(connection: sa.Connection, end: date) -> dict[date, list[StoredFinding]]:
    """By day before `end` with an alarm: the alarms, the other findings of their metrics, those of a key that has alarmed by then, and
    one of every segment."""
    table = tables.findings
    columns = [table.c[name] for name in FIELDS]
    a = table.alias()
    same_night = sa.exists().where(a.c.day == table.c.day, a.c.alarm, a.c.metric == table.c.metric)
    noisy = sa.select(a.c.day).where(a.c.alarm, a.c.day < end)
    # of every segment one finding: which segments there are tells whether a metric is of one of several
    b = table.alias()
    each_segment = sa.select(sa.func.min(b.c.id)).where(b.c.day.in_(noisy)).group_by(b.c.day, b.c.dimension, b.c.value)
    keys = ("metric", "dimension", "value", "statistic")
    alarmed = [a.c[name] for name in keys]
    ever = sa.select(*alarmed, sa.func.min(a.c.day).label("first")).where(a.c.alarm).group_by(*alarmed).subquery()
    # not before its first alarm: what a later night finds must not change an incident that people were told of
    same_place = (ever.c[name] == table.c[name] for name in keys[:-1])
    # as in StoredFinding.key
    same_statistic = sa.or_(ever.c.statistic == table.c.statistic, table.c.metric.in_(VECTORS))
    watched = sa.exists().where(*same_place, same_statistic, ever.c.first <= table.c.day)
    out: dict[date, list[StoredFinding]] = defaultdict(list)
    for row in connection.execute(
        sa.select(*columns)
        .where(table.c.day.in_(noisy), sa.or_(same_night, watched, table.c.id.in_(each_segment)))
        .order_by(table.c.day, table.c.id)
    ):
        out[row.day].append(StoredFinding(**row._mapping))
    return out


class QuietNights:
    """What nights before `end` found of some keys, for nights without an alarm."""

    def __init__(self, connection: sa.Connection, end: date):
        self._connection, self._end = connection, end
        self._read: dict[tuple[str, str, str, int], dict[date, list[StoredFinding]]] = {}

    def __call__(self, day: date, keys: Sequence[Key]) -> list[StoredFinding]:
        found = (row for key in keys for row in self._series(*key[:3], day).get(day, ()) if row.key == key)
        return sorted(found, key=lambda row: row.id)

    def _series(self, metric: str, dimension: str, value: str, day: date) -> dict[date, list[StoredFinding]]:
        block = day.toordinal() // _BLOCK
        if (metric, dimension, value, block) not in self._read:
            table, first = tables.findings, date.fromordinal(block * _BLOCK)
            last = min(first + timedelta(days=_BLOCK), self._end)
            place = (table.c.metric == metric, table.c.dimension == dimension, table.c.value == value)
            query = sa.select(*(table.c[name] for name in FIELDS)).where(*place, table.c.day >= first, table.c.day < last)
            out: dict[date, list[StoredFinding]] = defaultdict(list)
            for row in self._connection.execute(query):
                out[row.day].append(StoredFinding(**row._mapping))
            self._read[metric, dimension, value, block] = out
        return self._read[metric, dimension, value, block]
