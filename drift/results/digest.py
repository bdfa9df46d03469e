"""What is worth knowing and no message: the decisions of some days, what moved slowly, what got better, what settled.

Read from the tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from drift.findings import Event
from drift.results import tables
from drift.results.account import IncidentAccount, of_incident
from drift.results.events import events_between
from drift.results.incident import IncidentEvent, State
from drift.results.write import Results


@dataclass(frozen=True)
class Digest:
    """The days from `first` to `last`: events, oldest first, and the incidents that were no message, or that settled then."""

    first: date
    last: date
    events: tuple[Event, ...]
    moved: tuple[IncidentAccount, ...]
    settled: tuple[IncidentAccount, ...]

    def __bool__(self) -> bool:
        return bool(self.events or self.moved or self.settled)


def digest(results: Results, first: date, last: date) -> Digest:
    """What the tables have for the days from `first` to `last`, both included."""
    lines, incidents = tables.incident_days, tables.incidents
    with results.database.reading() as connection:
        quiet = sa.select(lines.c.incident_id).where(
            lines.c.event == IncidentEvent.OPENED, lines.c.silent, lines.c.day.between(first, last)
        )
        settled = sa.select(incidents.c.id).where(incidents.c.state == State.SETTLED, incidents.c.closed.between(first, last))
        order = incidents.c.opened, incidents.c.id
        moved_ids = (
            connection.execute(sa.select(incidents.c.id).where(incidents.c.id.in_(quiet)).order_by(*order)).scalars().all()
        )
        # what moves slowly settles the night it is told
        settled_ids = (
            connection.execute(
                sa.select(incidents.c.id).where(incidents.c.id.in_(settled), incidents.c.id.not_in(quiet)).order_by(*order)
            )
            .scalars()
            .all()
        )
        found = events_between(connection, first, last)
    moved, ended = ([of_incident(results, each) for each in ids] for ids in (moved_ids, settled_ids))
    return Digest(first, last, found, tuple(moved), tuple(ended))
