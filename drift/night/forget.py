"""To forget a person: the rows of a user, a session or a trace go from what drift stored, and with them what points to them.

What stays are counts by day, which are nobody's. The trace store is not drift's: what it still has would be measured again by the next
night that pulls its day, so it forgets first.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from drift import traces
from drift.config import Config
from drift.errors import ConfigError, DamagedError
from drift.features.embedding import VectorCache
from drift.lake import Lake
from drift.night import topics
from drift.night.publish import write_report
from drift.night.turn import turn
from drift.results import Results, tables, watch

log = logging.getLogger(__name__)

# what a person is known by, and the column of the features that holds it
COLUMNS = {"user": "user", "session": "session_id", "trace": "trace_id"}


@dataclass(frozen=True)
class Forgotten:
    """What went: rows of features by day, and exemplars of incidents. untouched: damaged days, which could not be looked at."""

    rows: dict[date, int]
    exemplars: int
    untouched: tuple[date, ...]


def forget(config: Config, kind: str, value: str) -> Forgotten:
    """Forget everything of one user, session or trace; `value` as the trace store has it. Nights wait meanwhile.

    Raises ConfigError for a user without the salt that its hash was made with.
    """
    salt = os.environ.get("DRIFT_SALT", "")
    if kind == "user" and not salt:
        raise ConfigError("DRIFT_SALT is not set: without the salt of the nights a user cannot be found by its id")
    hidden = traces.hash_user(value, salt)
    stored = hidden if kind == "user" else value
    with turn(config):
        lake, results = Lake(config.lake.url), Results.of(config)
        try:
            rows: dict[date, int] = {}
            ids: set[str] = {value} if kind == "trace" else set()
            untouched = []
            for day in lake.days("features"):
                try:
                    gone = _from_day(config, lake, day, COLUMNS[kind], str(stored))
                except DamagedError as error:
                    log.warning("%s", error)
                    untouched.append(day)
                    continue
                if gone:
                    rows[day] = len(gone)
                    ids |= gone
            shown = _from_tables(results, ids, f"{kind} {hidden}")
        finally:
            results.close()
        if shown:
            write_report(config, min(shown))
            _pages(config, lake, shown)
    return Forgotten(rows, sum(shown.values()), tuple(untouched))


def _from_day(config: Config, lake: Lake, day: date, column: str, value: str) -> set[str]:
    """Take the rows out of the day's features, with the vectors of the day's texts; returns their traces."""
    table = lake.read("features", day)
    if table is None or column not in table.column_names:
        return set()
    theirs = pc.fill_null(pc.equal(table[column].cast(pa.string()), value), False)
    gone = set(table.filter(theirs)["trace_id"].to_pylist())
    if gone:
        manifest = lake.manifest("features", day)
        lake.write("features", day, table.filter(pc.invert(theirs)), manifest.facts if manifest else None)
        # a vector is kept by the hash of its text: which of them are whose is not known
        VectorCache(topics.vectors_url(config), day).clear()
    # a part that a killed run left may hold them as well
    lake.sweep("features", day)
    return gone


def _from_tables(results: Results, ids: set[str], subject: str) -> dict[date, int]:
    """Take exemplars, and what people and judges said of single traces, out of the tables, and write down that it was done; how many
    exemplars, by night."""
    table = tables.exemplars
    shown: dict[date, int] = {}
    with results.database.writing() as connection:
        for part in _parts(sorted(ids)):
            query = sa.select(table.c.day, sa.func.count()).where(table.c.trace_id.in_(part)).group_by(table.c.day)
            for day, count in connection.execute(query):
                shown[day] = shown.get(day, 0) + count
            for column in (table.c.trace_id, tables.labels.c.trace_id, tables.judgements.c.item):
                connection.execute(column.table.delete().where(column.in_(part)))
        watch.record(connection, "forget", subject)
    return shown


def _parts(ids: list[str], size: int = 500) -> Iterator[list[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _pages(config: Config, lake: Lake, nights: dict[date, int]) -> None:
    from drift.report import site

    if config.report.enabled:
        results = Results.of(config)
        try:
            for night in nights:
                site.write_night(config, lake, results, night)
        finally:
            results.close()
