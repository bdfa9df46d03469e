"""Events from outside the traces: what a deployment, a flag, a configuration, data or a provider's announcement changed, and when.

Written by people, by a CI step as JSON lines, or by whatever has an export of them. They stand beside what the traffic itself shows
(`drift.results.events`); that one happened makes it no cause.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from drift.errors import DataError
from drift.results import exported, tables
from drift.results.rows import key_text, plain_text
from drift.results.write import Results

_LONGEST = 200
_FIELDS = frozenset({"what", "kind", "at", "where", "source"})


class Kind(StrEnum):
    """What sort of change it was."""

    DEPLOY = "deploy"
    FLAG = "flag"
    CONFIG = "config"
    DATA = "data"
    PROVIDER = "provider"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True)
class Announced:
    """One event. at: UTC. day: of that moment in the application's zone. dimension, value: the segment that it is about, empty for all
    traffic. source: who or what says so, such as an address."""

    at: datetime
    day: date
    kind: Kind
    what: str
    dimension: str = ""
    value: str = ""
    source: str = ""

    @property
    def words(self) -> str:
        """`2026-11-29: deploy billing-chat 2026.48`."""
        return f"{self.day}: {self.kind} {self.what}"

    @property
    def id(self) -> str:
        """The same for the same event, from wherever it is read again."""
        parts = (self.at.isoformat(), self.kind, self.what, self.dimension, self.value)
        return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=6).hexdigest()


def event(given: Mapping[str, Any], zone: ZoneInfo) -> Announced:
    """From the fields of a JSON line: `what` and `at`, and, where they are known, `kind`, `where` (`endpoint=billing-chat`, or an object)
    and `source`. Raises DataError that names the field.
    """
    if unknown := set(given) - _FIELDS:
        raise DataError(f"{sorted(unknown)[0]!r:.60}: no field of an event; it has {', '.join(sorted(_FIELDS))}")
    what = str(given.get("what") or "").strip()
    if not what:
        raise DataError("what: an event says what happened")
    try:
        kind = Kind(str(given.get("kind") or Kind.DEPLOY))
    except ValueError:
        raise DataError(f"kind: {given['kind']!r:.60} is none of {', '.join(Kind)}") from None
    at = _moment(given.get("at"), zone)
    dimension, value = _place(given.get("where") or "")
    return Announced(
        at=at,
        day=at.astimezone(zone).date(),
        kind=kind,
        what=plain_text(what, _LONGEST),
        dimension=dimension,
        value=key_text(value),
        source=plain_text(given.get("source") or "", _LONGEST),
    )


def _moment(given: Any, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        raise DataError(f"at: {given!r:.60} is no time; write 2026-11-29T14:00, with or without an offset") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


# what people call the dimension of a trace's name
_DIMENSIONS = {"endpoint": "name"}


def _place(given: Any) -> tuple[str, str]:
    if isinstance(given, Mapping):
        given = ",".join(f"{key}={value}" for key, value in given.items())
    if not given:
        return "", ""
    dimension, sign, value = str(given).partition("=")
    if not sign or not dimension or not value or "," in value:
        raise DataError(f"where: {given!r:.60} is no segment; write one as endpoint=billing-chat")
    return _DIMENSIONS.get(dimension, dimension), value


def from_files(path: Path, zone: ZoneInfo, where: str = "") -> Iterator[Announced]:
    """The events of a file of JSON lines or of GitHub's (`.json`, see `exported`), or of all `*.jsonl` and `*.json` of a folder.

    where: the segment of those that name none. Raises DataError with file and line.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    for file in sorted([*path.glob("*.jsonl"), *path.glob("*.json")]) if path.is_dir() else [path]:
        if file.suffix == ".json":
            yield from _of_github(file, zone, where)
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                fields = json.loads(line)
                if not isinstance(fields, dict):
                    raise DataError("an event is a JSON object")
                yield event({"where": where, **fields}, zone)
            except json.JSONDecodeError:
                raise DataError(f"{file}:{number}: no JSON; a line is one event, such as {_EXAMPLE}") from None
            except DataError as error:
                raise DataError(f"{file}:{number}: {error}") from None


def _of_github(file: Path, zone: ZoneInfo, where: str) -> Iterator[Announced]:
    try:
        given = json.loads(file.read_text("utf-8", "replace"))
    except json.JSONDecodeError:
        raise DataError(f"{file}: no JSON; lines of JSON are named .jsonl") from None
    for number, each in enumerate(given if isinstance(given, list) else [given], start=1):
        try:
            fields = exported.of_github(each if isinstance(each, dict) else {})
            if fields is not None:
                yield event({**fields, "where": where}, zone)
        except DataError as error:
            raise DataError(f"{file}, number {number}: {error}") from None


_EXAMPLE = '{"what": "billing-chat 2026.48", "kind": "deploy", "at": "2026-11-29T14:00:00Z"}'


def record(results: Results, events: Iterable[Announced]) -> int:
    """Store events; one that is known already is left as it is. Returns how many are new."""
    table = tables.events
    rows = {each.id: {"id": each.id, **asdict(each)} for each in events}
    with results.database.writing() as connection:
        known = set(connection.execute(sa.select(table.c.id).where(table.c.id.in_(rows))).scalars())
        new = [row for key, row in sorted(rows.items()) if key not in known]
        if new:
            connection.execute(table.insert(), new)
    return len(new)


def announced(connection: sa.Connection, first: date, last: date) -> tuple[Announced, ...]:
    """The events of the days from `first` to `last`, both included, oldest first."""
    table = tables.events
    query = sa.select(table).where(table.c.day.between(first, last)).order_by(table.c.at, table.c.id)
    return tuple(
        Announced(
            at=row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC),
            day=row.day,
            kind=Kind(row.kind),
            what=row.what,
            dimension=row.dimension,
            value=row.value,
            source=row.source,
        )
        for row in connection.execute(query)
    )


def near(connection: sa.Connection, began: tuple[date, date, date], dimension: str, value: str) -> tuple[Announced, ...]:
    """The events that a change may have begun with: within a day of its first day's interval, about all traffic or its own place."""
    _, low, high = began
    return tuple(
        each
        for each in announced(connection, low - timedelta(days=1), high + timedelta(days=1))
        if each.dimension != dimension or each.value == value
    )
