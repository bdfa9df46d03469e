"""What the tables hold, as rows: values that every database can hold, keys that are the same each time a night is run."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from drift.findings import Explanation, most_telling
from drift.results import tables
from drift.results.incident import Incident

_LONGEST_KEY = 200
_KEYS = frozenset({"metric", "dimension", "value", "statistic"})


@dataclass(frozen=True)
class Run:
    """How a day went, as far as the day alone tells it; the verdict follows from its incidents (`drift.results.verdict`).

    baseline_days, min_days: ordinary days before it, and how many it takes to compare. failed: it was not fit to compare, and `reason` says why. config: a digest of drift.toml.
    remark: what else is to be said of the night, in sentences.
    """

    traces: int | None = None
    baseline_days: int | None = None
    min_days: int | None = None
    failed: bool = False
    reason: str = ""
    config: str = ""
    version: str = ""
    remark: str = ""


@dataclass(frozen=True)
class DailyMetric:
    """One metric of one segment on one day; `low` and `high` are the band in which an ordinary day was expected."""

    metric: str
    dimension: str
    value: str
    n: int
    missing: int
    level: float | None
    unit: str
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    z: float | None = None


def finding_id(row: Mapping[str, Any], occurrence: int = 0) -> str:
    """Twelve hexadecimal digits: the same comparison has the same id each time its day is run."""
    parts = [row["day"].isoformat(), *(row[name] for name in ("metric", "dimension", "value", "statistic", "test"))]
    return hashlib.blake2b("\x1f".join([*parts, str(occurrence)]).encode("utf-8", "replace"), digest_size=6).hexdigest()


def row_of_run(day: date, run: Run) -> dict[str, Any]:
    """The row of `runs`, without its verdict."""
    return clean(day, tables.runs, asdict(run))


def rows_of_findings(day: date, findings: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of `findings`, each with an id of its own, in an order that does not depend on the given one."""
    rows = [clean(day, tables.findings, mapping(finding)) for finding in findings]
    rows.sort(key=lambda row: [str(row[name]) for name in ("metric", "dimension", "value", "statistic", "test", "reason")])
    seen: Counter[str] = Counter()
    for row in rows:
        plain = finding_id(row)
        row["id"] = finding_id(row, seen[plain]) if seen[plain] else plain
        seen[plain] += 1
    return rows


def mapping(row: Any) -> Mapping[str, Any]:
    """A dataclass, or a mapping, by the names of its fields."""
    if is_dataclass(row):
        return {field.name: getattr(row, field.name) for field in fields(row)}
    return dict(row)


def clean(day: date, table: sa.Table, given: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the table with the day: what the table has no column for is left out, what a database cannot hold is mended."""
    row = {column.name: _value(column, given.get(column.name)) for column in table.columns}
    row["day"] = day
    return row


def _value(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return bool(value) if value is not None or not column.nullable else None
    if isinstance(kind, sa.String):
        if value is None and column.nullable:
            return None
        longest = kind.length or (_LONGEST_KEY if column.primary_key or column.index or column.name in _KEYS else None)
        return plain_text(value, longest)
    if value is None:
        return 0 if isinstance(kind, sa.Integer) and not column.nullable else None
    if isinstance(kind, sa.Double):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(kind, sa.Integer):
        return int(value) if math.isfinite(value) else None
    return value


def plain_text(value: Any, longest: int | None = None) -> str:
    """Text that every database can hold: no NUL, valid Unicode, a key short enough for an index and still its own."""
    text = ("" if value is None else str(value)).replace("\x00", "\N{REPLACEMENT CHARACTER}")
    text = text.encode("utf-8", "replace").decode("utf-8")
    if longest is None or len(text) <= longest:
        return text
    digest = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return f"{text[: longest - 10]}…{digest}"


def key_text(value: str) -> str:
    """A metric, dimension, value or statistic as the tables hold it: hostile characters repaired, very long ones cut."""
    return plain_text(value, _LONGEST_KEY)


def note_json(note: Explanation) -> str:
    """An explanation as `incident_days` holds it; its exemplars have a table of their own."""
    given = {name: value for name, value in asdict(note).items() if name != "exemplars"}
    return plain_text(json.dumps(_plain_numbers(given), sort_keys=True, ensure_ascii=False, default=str))


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_numbers(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def rows_of_exemplars(incident_id: str, day: date, note: Explanation) -> list[dict[str, Any]]:
    """The rows of `exemplars`, the first ranks first."""
    return [
        {**clean(day, tables.exemplars, asdict(exemplar)), "incident_id": incident_id, "rank": rank}
        for rank, exemplar in enumerate(note.exemplars, start=1)
    ]


def row_of_incident(incident: Incident, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of `incidents`. lines: rows of `incident_days`, of which its own say what caused it."""
    lead, told_as = incident.lead, incident.told_as
    notes = [json.loads(line["explanation"]) for line in lines if line["incident_id"] == incident.id and line["explanation"]]
    told = notes[most_telling(notes)] if notes else {}
    return {
        "id": incident.id,
        "state": incident.state,
        "metric": incident.metric,
        "dimension": incident.dimension,
        "value": incident.value,
        "statistic": incident.statistic,
        "direction": incident.direction,
        "opened": incident.opened,
        "last_alarm": incident.last_alarm,
        "closed": incident.closed,
        "since": lead.since or incident.opened,
        "since_low": lead.since_low or lead.since or incident.opened,
        "since_high": lead.since_high or lead.since or incident.opened,
        "value_from": told_as.value_from,
        "value_to": told_as.value_to,
        "low": told_as.low,
        "high": told_as.high,
        "unit": incident.unit,
        "provisional": incident.provisional,
        "nights": incident.nights,
        "metrics": ", ".join(sorted(incident.names)),
        "acknowledged": incident.acknowledged,
        "muted_until": incident.muted_until,
        "accepted": incident.accepted,
        "fixed": incident.fixed,
        "cause": told.get("cause", ""),
        "confidence": told.get("confidence", ""),
        "summary": told.get("summary", ""),
    }
