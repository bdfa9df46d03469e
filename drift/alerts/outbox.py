"""The table of deliveries: what is to be told is written down first, claimed just before it is posted, and marked after.

A row is pending (to be posted, or to be tried again), sending (claimed by a process), sent, failed (refused; tried again by the next
run), held (nobody wants to hear it: muted, acknowledged, a backfill, no longer true) or unknown: the process ended between claim and
mark, or the receiver did not answer.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from drift.alerts.sinks import Sink
from drift.results.tables import deliveries as table
from drift.results.write import Results

# older news is no news; it stays in the table
_TRY_FOR = timedelta(days=7)
_LEASE = timedelta(minutes=10)


class Status(StrEnum):
    """What became of a message; the values are those of `deliveries.status`."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    UNKNOWN = "unknown"


class Notice(StrEnum):
    """What a message that is about no incident says; about one it says the incident's event."""

    FAILED = "failed"
    CLEAR = "clear"
    # the week of one application, and of several
    DIGEST = "digest"
    DIGESTS = "weeks"


# what is still to be posted
OPEN = (Status.PENDING, Status.FAILED)


def delivery_id(incident_id: str, day: date, kind: str, channel: str) -> str:
    """The same news on the same channel has the same one."""
    text = "\x1f".join((incident_id, day.isoformat(), kind, channel))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def row_of(sink: Sink, day: date, incident_id: str, kind: str, *, held: bool, note: str = "") -> dict[str, Any]:
    """A row to be written down, see `write_down`."""
    return {
        "id": delivery_id(incident_id, day, kind, sink.channel),
        "day": day,
        "incident_id": incident_id,
        "kind": kind,
        "channel": sink.channel,
        "status": Status.HELD if held else Status.PENDING,
        "attempts": 0,
        "changed_at": None,
        "claim": "",
        "message": "",
        "receipt": "",
        "error": "",
        "note": note,
    }


def write_down(results: Results, rows: list[dict[str, Any]]) -> None:
    """Write down what is not written down yet."""
    if not rows:
        return
    with results.database.writing() as connection:
        there = set(connection.execute(sa.select(table.c.id).where(table.c.id.in_([row["id"] for row in rows]))).scalars())
        new = [row for row in rows if row["id"] not in there]
        if new:
            connection.execute(table.insert(), new)


def unsent_days(results: Results, sink: Sink, day: date) -> list[date]:
    """The days, up to `day`, of which the sink has something to post; in order."""
    with results.database.reading() as connection:
        where = (table.c.channel == sink.channel, table.c.status.in_(OPEN), table.c.day.between(day - _TRY_FOR, day))
        return sorted(set(connection.execute(sa.select(table.c.day).where(*where)).scalars()))


def claimant() -> str:
    """A name for one claim of this process: its machine, its number, and what no other claim has."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim_all(results: Results, ids: list[str], claim: str) -> str:
    """Take all of the rows, which were tried together before or are new, or, where another process has had one, none.

    Returns the key of their message, the same on each try: what is said of the news, and so the message's text, may have changed since
    it was tried, and some of it need no longer be news. Empty where nothing was taken.
    """
    with results.database.writing() as connection:
        free = table.c.id.in_(ids) & table.c.status.in_(OPEN)
        tried = connection.execute(sa.select(table.c.message).where(free)).scalars().all()
        if len(tried) != len(ids) or len(set(tried)) != 1:
            return ""
        message = tried[0] or hashlib.blake2b("\x1f".join(sorted(ids)).encode(), digest_size=16).hexdigest()
        connection.execute(
            table.update()
            .where(table.c.id.in_(ids))
            .values(
                status=Status.SENDING,
                claim=claim,
                message=message,
                attempts=table.c.attempts + 1,
                changed_at=datetime.now(UTC),
            )
        )
    return message


def mark(results: Results, ids: list[str], **values: object) -> None:
    """Write down what became of rows: columns of `deliveries` by name."""
    if not ids:
        return
    with results.database.writing() as connection:
        connection.execute(table.update().where(table.c.id.in_(ids)).values(changed_at=datetime.now(UTC), **values))


def heard_of(results: Results, sink: Sink, *statuses: Status) -> set[str]:
    """The incidents that were told of on this channel; those of a backfill were not."""
    where = (table.c.channel == sink.channel, table.c.status.in_(statuses))
    with results.database.reading() as connection:
        return set(connection.execute(sa.select(table.c.incident_id).where(*where).distinct()).scalars())


def thread_of(results: Results, sink: Sink, incident_id: str) -> str:
    """The receipt of the first message about an incident on this channel, in whose thread the next ones go; else empty."""
    if not incident_id:
        return ""
    where = (
        table.c.channel == sink.channel,
        table.c.incident_id == incident_id,
        table.c.status == Status.SENT,
        table.c.receipt != "",
    )
    with results.database.reading() as connection:
        query = sa.select(table.c.receipt).where(*where).order_by(table.c.day, table.c.id)
        return connection.execute(query.limit(1)).scalar() or ""


def unmentioned(results: Results, sink: Sink) -> list[sa.Row]:
    """What may not have arrived and that no later message said so of."""
    where = (table.c.channel == sink.channel, table.c.status == Status.UNKNOWN, table.c.receipt == "")
    with results.database.reading() as connection:
        return list(connection.execute(sa.select(table).where(*where).order_by(table.c.day)).all())


def is_gone(claim: str, changed_at: datetime | None) -> bool:
    """Whether the process that claimed a row is no more: seen on its own machine, elsewhere by the time it was given."""
    host, _, rest = claim.partition(":")
    if host == socket.gethostname()[:24]:
        try:
            os.kill(int(rest.partition(":")[0]), 0)
        except (ProcessLookupError, ValueError, OverflowError):
            return True
        except PermissionError:
            pass
    if changed_at is None:
        return True
    changed_at = changed_at if changed_at.tzinfo else changed_at.replace(tzinfo=UTC)
    return datetime.now(UTC) - changed_at > _LEASE
