"""A week in one message: its nights and incidents, what was worth knowing and no message, the money, what was not seen.

Read from the tables alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from drift.findings import Event, Visible
from drift.pricing import forecast
from drift.pricing.forecast import Forecast
from drift.profiles import OVERALL
from drift.results import ledger, silence, tables
from drift.results.account import IncidentAccount, of_incident
from drift.results.announced import Announced, announced
from drift.results.events import beginning, events_between
from drift.results.incident import IncidentEvent, State
from drift.results.verdict import Answer
from drift.results.write import Results

_COST = "total_cost_usd"
_VAIN = "vain_usd."
# days that the forecast of a month looks back
_MONTH = 59


@dataclass(frozen=True)
class Digest:
    """The days from `first` to `last`.

    nights: how many had which answer; a day that was not run is MISSING. opened: incidents that were told; going: those that were
    open before and are still; closed: those that ended. events: decisions, oldest first. announced: what was said to have happened. moved: incidents that were no message.
    settled: those that became a new level. silenced: open ones that somebody acknowledged or muted. spent, spent_before: dollars a
    day of these days and of as many before them, None where a day's cost is unknown. unseen: what was not seen, as sentences.
    record: the ledger of all nights. in_vain: dollars a day that were spent for nothing, by why. month: what the month of
    `last` will have cost; None where too few days are known.
    """

    first: date
    last: date
    nights: dict[Answer, int]
    opened: tuple[IncidentAccount, ...]
    going: tuple[IncidentAccount, ...]
    closed: tuple[IncidentAccount, ...]
    events: tuple[Event, ...]
    announced: tuple[Announced, ...]
    moved: tuple[IncidentAccount, ...]
    settled: tuple[IncidentAccount, ...]
    silenced: tuple[IncidentAccount, ...]
    spent: float | None
    spent_before: float | None
    unseen: tuple[str, ...]
    record: ledger.Ledger
    in_vain: dict[str, float] = field(default_factory=dict)
    month: Forecast | None = None

    def __bool__(self) -> bool:
        return bool(self.opened or self.going or self.closed or self.events or self.moved or self.settled)


def digest(results: Results, first: date, last: date) -> Digest:
    """What the tables have for the days from `first` to `last`, both included."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    said = results.verdicts(first, last)
    answers = {day: said[day].answer if day in said else Answer.MISSING for day in days}
    lines, incidents = tables.incident_days, tables.incidents
    with results.database.reading() as connection:
        quiet = sa.select(lines.c.incident_id).where(
            lines.c.event == IncidentEvent.OPENED, lines.c.silent, lines.c.day.between(first, last)
        )
        told = sa.select(lines.c.incident_id).where(sa.not_(lines.c.silent)).distinct()
        ended = incidents.c.closed.between(first, last)
        # what moves slowly settles the night it is told
        ids = {
            "opened": _ids(connection, incidents.c.opened.between(first, last), incidents.c.id.not_in(quiet)),
            "going": _ids(connection, incidents.c.opened < first, incidents.c.state == State.OPEN, incidents.c.id.in_(told)),
            "closed": _ids(connection, incidents.c.state == State.CLOSED, ended, incidents.c.id.in_(told)),
            "moved": _ids(connection, incidents.c.id.in_(quiet)),
            "settled": _ids(connection, incidents.c.state == State.SETTLED, ended, incidents.c.id.not_in(quiet)),
            "silenced": _ids(
                connection,
                incidents.c.state == State.OPEN,
                sa.or_(incidents.c.acknowledged, incidents.c.muted_until >= last),
            ),
        }
        found = events_between(connection, first, last)
        happened = announced(connection, first, last)
        spent = _spent(connection, first, last)
        before = _spent(connection, first - timedelta(days=len(days)), first - timedelta(days=1))
        month = forecast.of(_costs(connection, last), last)
        blind, vain = _blind(connection, last), _in_vain(connection, first, last)
    accounts = {name: tuple(of_incident(results, each) for each in chosen) for name, chosen in ids.items()}
    unseen = [*_not_compared(answers), *(f"blind: {each}" for each in blind)]
    nights = dict(Counter(answers.values()))
    return Digest(
        first,
        last,
        nights,
        events=found,
        announced=happened,
        spent=spent,
        spent_before=before,
        unseen=tuple(unseen),
        record=ledger.read(results),
        in_vain=vain,
        month=month,
        **accounts,
    )


def _ids(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[str]:
    table = tables.incidents
    return list(connection.execute(sa.select(table.c.id).where(*where).order_by(table.c.opened, table.c.id)).scalars())


def _spent(connection: sa.Connection, first: date, last: date) -> float | None:
    """Dollars a day; None where no day's cost is known."""
    table = tables.daily_metrics
    where: list[Any] = [table.c.metric == _COST, table.c.dimension == OVERALL, table.c.level.is_not(None)]
    return connection.execute(sa.select(sa.func.avg(table.c.level)).where(*where, table.c.day.between(first, last))).scalar()


def _costs(connection: sa.Connection, last: date) -> dict[date, float]:
    """Dollars by day, of the days of a month and the weeks before it, as far as they are known."""
    table = tables.daily_metrics
    query = sa.select(table.c.day, table.c.level).where(
        table.c.metric == _COST,
        table.c.dimension == OVERALL,
        table.c.level.is_not(None),
        table.c.day.between(last - timedelta(days=_MONTH), last),
    )
    return {row.day: row.level for row in connection.execute(query)}


def _in_vain(connection: sa.Connection, first: date, last: date) -> dict[str, float]:
    """Dollars a day by why they were spent for nothing, the most first."""
    table = tables.daily_metrics
    days = sa.select(sa.func.count()).where(
        table.c.metric == "vain_cost_usd", table.c.dimension == OVERALL, table.c.day.between(first, last)
    )
    known = connection.execute(days).scalar() or 1
    query = (
        sa.select(table.c.metric, sa.func.sum(table.c.level).label("usd"))
        .where(
            beginning(connection, _VAIN),
            table.c.dimension == OVERALL,
            table.c.day.between(first, last),
            table.c.level.is_not(None),
        )
        .group_by(table.c.metric)
    )
    found = {row.metric.removeprefix(_VAIN): row.usd / known for row in connection.execute(query) if row.usd}
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _blind(connection: sa.Connection, last: date) -> list[str]:
    """Where the last night up to `last` promises nothing."""
    table = tables.drill
    night = connection.execute(sa.select(sa.func.max(table.c.day)).where(table.c.day <= last)).scalar()
    rows = connection.execute(sa.select(table).where(table.c.day == night).order_by(*table.primary_key)).all()
    return silence.blind_spots([Visible(**row._mapping) for row in rows])


def _not_compared(answers: dict[date, Answer]) -> list[str]:
    words = {
        Answer.FAILED: "could not be compared",
        Answer.MISSING: "never ran",
        Answer.NO_BASELINE: "had nothing to compare with yet",
    }
    return [
        f"{', '.join(str(day) for day in days)}: {what}"
        for answer, what in words.items()
        if (days := [day for day, each in answers.items() if each is answer])
    ]
