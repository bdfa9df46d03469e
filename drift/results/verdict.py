"""Was the night ordinary? Decided here and nowhere else: terminal, exit code, tables, pages, messages, gauges and notebooks say it.

`judge` is the rule, over counts; `of_nights` counts what the tables say of a night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from drift.results import tables
from drift.results.events import events_between
from drift.results.incident import IncidentEvent
from drift.text import wording


class Answer(StrEnum):
    """What a night was. The values are those of `runs.status`; MISSING, a night that was not run, has no row there."""

    DRIFT = "drift"
    KNOWN = "known"
    ORDINARY = "ordinary"
    NO_BASELINE = "no_baseline"
    FAILED = "failed"
    MISSING = "missing"

    @property
    def compared(self) -> bool:
        """Whether the day was fit to be compared."""
        return self not in (Answer.FAILED, Answer.MISSING)

    @property
    def mark(self) -> str:
        return _MARKS[self]


_MARKS = {
    Answer.DRIFT: "!",
    Answer.KNOWN: "~",
    Answer.ORDINARY: "✓",
    Answer.NO_BASELINE: "○",
    Answer.FAILED: "✗",
    Answer.MISSING: "✗",
}


@dataclass(frozen=True)
class Counts:
    """What a night's verdict hangs on.

    new, worse: incidents that nobody silenced. known: incidents that were open before and still are; acknowledged and muted are among them. closed: incidents that ended.
    events: decisions that somebody took, such as a new prompt. slow: changes that are told in the digest alone.
    days, needed: ordinary days before the night, and how many it takes to compare. failed: why it could not be compared.
    """

    new: int = 0
    worse: int = 0
    known: int = 0
    acknowledged: int = 0
    muted: int = 0
    closed: int = 0
    events: int = 0
    slow: int = 0
    days: int = 0
    needed: int = 0
    failed: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer, and the same in words that go on after the day's name. reason: why the night could not be compared."""

    answer: Answer
    words: str
    reason: str = ""

    def exit_code(self, strict: bool = False) -> int:
        """Of `drift run`: 3 for what is new or worse, with `strict` also where something known lasts; 1 without a comparison."""
        if not self.answer.compared:
            return 1
        return 3 if self.answer is Answer.DRIFT or strict and self.answer is Answer.KNOWN else 0

    def of(self, day: date) -> str:
        """The night in one sentence."""
        return f"{wording.day(day)}{_JOINED.get(self.answer, ' ')}{self.words}"


_JOINED = {Answer.DRIFT: " was ", Answer.ORDINARY: " was ", Answer.KNOWN: ": ", Answer.NO_BASELINE: ": "}
MISSING = Verdict(Answer.MISSING, "was not run")


def judge(counts: Counts) -> Verdict:
    """The verdict of a night. A failure is asked for first, then from what is worst to what is least."""
    if counts.failed is not None:
        reason = counts.failed or "no reason was given"
        return Verdict(Answer.FAILED, f"could not be compared: {reason}", reason)
    news = [f"{number} {what}" for number, what in ((counts.new, "new"), (counts.worse, "worse")) if number]
    if news:
        news[-1] += " incident" if counts.new + counts.worse == 1 else " incidents"
    known = [_known(counts, "more open" if news else "open")] if counts.known else []
    closed = [f"{counts.closed} closed"] if counts.closed else []
    if news:
        return Verdict(Answer.DRIFT, "; ".join([f"not ordinary: {', '.join(news)}", *known, *closed]))
    if known:
        return Verdict(Answer.KNOWN, "; ".join(["nothing new", *known, *closed]))
    digest = [
        wording.count(number, what) for number, what in ((counts.events, "event"), (counts.slow, "slow change")) if number
    ]
    if not digest and counts.days < counts.needed:
        waiting = f"nothing to compare with yet ({counts.days} of {counts.needed} days)"
        return Verdict(Answer.NO_BASELINE, "; ".join([waiting, *closed]))
    return Verdict(Answer.ORDINARY, "; ".join(["ordinary", *([", ".join(digest)] if digest else []), *closed]))


def _known(counts: Counts, what: str) -> str:
    silenced = ((counts.acknowledged, "acknowledged"), (counts.muted, "muted"))
    told = ", ".join(f"{number} {what}" for number, what in silenced if number)
    return f"{counts.known} {what}" + (f" ({told})" if told else "")


def of_nights(connection: sa.Connection, start: date | None = None, end: date | None = None) -> dict[date, Verdict]:
    """The verdict of every night that was run, from `start` to `end` (both included), oldest first."""
    runs, lines = _runs_and_lines(connection, start, end)
    decided: Counter[date] = (
        Counter(event.day for event in events_between(connection, runs[0].day, runs[-1].day)) if runs else Counter()
    )
    return {run.day: judge(_counts(run, lines.get(run.day, Counter()), decided[run.day])) for run in runs}


def answers_since(connection: sa.Connection, start: date) -> dict[date, Answer]:
    """The answers alone of the nights from `start` on: what was decided is in the words, and changes no answer."""
    runs, lines = _runs_and_lines(connection, start, None)
    return {run.day: judge(_counts(run, lines.get(run.day, Counter()), 0)).answer for run in runs}


def _runs_and_lines(
    connection: sa.Connection, start: date | None, end: date | None
) -> tuple[Sequence[sa.Row[Any]], dict[date, Counter[str]]]:
    """The rows of `runs`, oldest first, and by day what the nights of incidents add to its counts; of incidents only those that have a
    night there are read."""
    runs = connection.execute(
        sa.select(tables.runs).where(*_between(tables.runs, start, end)).order_by(tables.runs.c.day)
    ).all()
    table = tables.incident_days
    there = sa.select(table.c.incident_id).where(*_between(table, start, end))
    incidents = {row.id: row for row in connection.execute(_INCIDENTS.where(tables.incidents.c.id.in_(there)))}
    told = set(connection.execute(_TOLD.where(table.c.incident_id.in_(there))).scalars())
    lines: dict[date, Counter[str]] = {}
    for line in connection.execute(_LINES.where(*_between(table, start, end))):
        kinds = _kinds(line, incidents[line.incident_id], line.incident_id in told)
        lines.setdefault(line.day, Counter()).update(kinds)
    return runs, lines


_INCIDENTS = sa.select(*(tables.incidents.c[name] for name in ("id", "opened", "acknowledged", "muted_until")))
_LINES = sa.select(*(tables.incident_days.c[name] for name in ("incident_id", "day", "event", "silent")))
# what nobody was ever sent a message about is a matter of the digest
_TOLD = sa.select(tables.incident_days.c.incident_id).where(sa.not_(tables.incident_days.c.silent)).distinct()
_LASTS = frozenset({IncidentEvent.LASTING, IncidentEvent.BETTER, IncidentEvent.ORDINARY})


def _counts(run: sa.Row[Any], lines: Mapping[str, Any], decided: int) -> Counts:
    if run.status == Answer.FAILED:
        return Counts(failed=run.reason)
    days, needed = run.baseline_days or 0, run.min_days or 0
    # as long as a night has too few days before it, what it brings is not known to be new
    return replace(Counts(events=decided if days >= needed else 0, days=days, needed=needed), **lines)


def _kinds(line: sa.Row[Any], incident: sa.Row[Any], told: bool) -> list[str]:
    """The counts that one incident's night adds to; what became a new level, by itself or by decision, is no longer an incident."""
    muted = line.silent and incident.muted_until is not None and line.day <= incident.muted_until
    if line.event in (IncidentEvent.OPENED, IncidentEvent.WORSE):
        if not line.silent:
            return ["new" if line.event == IncidentEvent.OPENED else "worse"]
        if muted:
            return ["known", "muted"]
        return ["known"] if told and line.event == IncidentEvent.WORSE else ["slow"]
    if line.event in _LASTS:
        if not told:
            return []
        silenced = (
            ["muted"]
            if muted
            else ["acknowledged"]
            if line.silent and line.event == IncidentEvent.LASTING and incident.acknowledged
            else []
        )
        return ["known", *silenced]
    return ["closed"] if line.event == IncidentEvent.CLOSED and not line.silent else []


def _between(table: sa.Table, start: date | None, end: date | None) -> list[sa.ColumnElement[bool]]:
    return [each for each in (table.c.day >= start if start else None, table.c.day <= end if end else None) if each is not None]
