"""Who watches the monitor: when each night ended, and who looked at or decided what.

These two tables alone hold times of this machine's clock, beside `deliveries.changed_at`; a night that is run again keeps its first.
"""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, date, datetime

import sqlalchemy as sa

from drift import __version__
from drift.config import ACTOR
from drift.results import tables
from drift.results.database import Database
from drift.results.rows import plain_text

_LONGEST = 200


def beat(database: Database, day: date) -> None:
    """Write down that the night of `day` came to its end; the first time counts."""
    known = sa.select(tables.heartbeats.c.day).where(tables.heartbeats.c.day == day)
    with database.reading() as connection:
        if connection.execute(known).scalar() is not None:
            return
    with database.writing() as connection:
        # another run of the same night may have been faster
        if connection.execute(known).scalar() is None:
            row = {"day": day, "finished_at": datetime.now(UTC), "version": __version__}
            connection.execute(tables.heartbeats.insert(), [row])


def owes(database: Database, day: date) -> bool:
    """Whether the night of `day` was begun and never came to its end, so that what it found may have been told to nobody.

    A day that was filled in before any night had come to its end owes nothing.
    """
    beats = tables.heartbeats.c.day
    with database.reading() as connection:
        first, ended = connection.execute(
            sa.select(sa.func.min(beats), sa.func.count().filter(beats == day)).select_from(tables.heartbeats)
        ).one()
        known = connection.execute(sa.select(tables.runs.c.day).where(tables.runs.c.day == day)).scalar()
    return not ended and (known is None or (first is not None and first < day))


def record(connection: sa.Connection, action: str, subject: str, note: str = "") -> None:
    """Write down, in the transaction of what is done, that somebody does it: `action` a verb (`ack`, `look`), `subject` an id."""
    table = tables.audit
    number = (connection.execute(sa.select(sa.func.max(table.c.number))).scalar() or 0) + 1
    row = {
        "number": number,
        "at": datetime.now(UTC),
        "who": plain_text(who(), _LONGEST),
        "action": action,
        "subject": plain_text(subject, _LONGEST),
        "note": plain_text(note),
    }
    connection.execute(table.insert(), [row])


def who() -> str:
    """Who runs this command: $DRIFT_ACTOR where it is set (a bot that acts for a person), else the account on this machine."""
    if given := os.environ.get(ACTOR):
        return given
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        # a container's number without a name
        name = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"{name}@{socket.gethostname()}"
