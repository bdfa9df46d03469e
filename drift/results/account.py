"""A night as it is told: one verdict and its incidents, from the tables alone. Slack, the terminal and the report say this."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from drift.findings import Exemplar, Visible, label_of, most_telling
from drift.results import next_step, sentence, silence, tables
from drift.results.again import again
from drift.results.announced import near
from drift.results.incident import TELLS_NUMBERS
from drift.results.rows import key_text
from drift.results.ruler import epochs
from drift.results.verdict import MISSING, Answer, Verdict, of_nights
from drift.results.write import Results
from drift.text import wording

_SERIES_DAYS = 28
TOLD = ("opened", "worse", "better", "lasting", "closed")
# an incident of so few nights was told when it opened; that it is over is told only beside other news
BRIEF = 2


def is_news(event: str, nights: int) -> bool:
    """Whether a message is sent for what happened to an incident of so many nights; else it is told beside one, or in its thread."""
    return event in ("opened", "worse") or event == "closed" and nights > BRIEF


@dataclass(frozen=True)
class IncidentAccount:
    """One incident on one night.

    value_from, value_to, low, high: its one pair of numbers, those of the night on which it was told, or told anew as worse or better;
    `tonight` is the level of this night. note: what `drift.explain` found on the latest night with alarms. sized: the change in
    people's units (fields of `Magnitude`) on the night of the numbers. last: the latest night with alarms. untold: the reader has not
    heard of it yet, so it is told in full. before: that the same change came before. announced: what was said to have happened near its
    beginning, which makes it no cause.
    """

    id: str
    event: str
    silent: bool
    metric: str
    dimension: str
    value: str
    statistic: str
    direction: str
    unit: str
    value_from: float | None
    value_to: float | None
    low: float | None
    high: float | None
    opened: date
    since: date
    since_low: date | None
    since_high: date | None
    nights: int
    provisional: bool
    also: tuple[str, ...] = ()
    mix_share: float | None = None
    before: str = ""
    announced: tuple[str, ...] = ()
    cause: str = ""
    confidence: str = ""
    why: str = ""
    note: dict[str, Any] = field(default_factory=dict)
    exemplars: tuple[Exemplar, ...] = ()
    series: tuple[float | None, ...] = ()
    report_url: str = ""
    untold: bool = False
    sized: dict[str, Any] = field(default_factory=dict)
    tonight: float | None = None
    last: date = date.min
    closed: date | None = None

    @property
    def sentence(self) -> str:
        """The incident in one sentence."""
        return sentence.of(self)

    @property
    def next_step(self) -> str:
        """The one thing to do first: a command, or what to look at."""
        return next_step.of(self)

    @property
    def in_full(self) -> bool:
        """Whether it is told in full rather than in one line."""
        return self.event in ("opened", "worse") or (self.untold and self.event != "closed")

    @property
    def checked(self) -> list[tuple[str, list[str]]]:
        """What was looked at for the cause, by what became of it: what moved, on whichever night of the incident, first."""
        mine = {self.metric, *self.also}
        found: dict[str, list[str]] = {state: [] for state in ("moved", "did not move", "not recorded")}
        for each in self.note.get("checked", []):
            found["moved" if mine.intersection(each.get("metrics", ())) else each["state"]].append(each["what"])
        return [(state, names) for state, names in found.items() if names]

    @property
    def this_night(self) -> str:
        """The level of this night where it is told in the same terms as the incident's numbers; else empty."""
        readable = self.unit != "cosine" and self.statistic not in sentence.SPREADS and self.sized.get("mean_from") is None
        return wording.number(self.tonight, self.unit) if readable and self.tonight is not None else ""

    @property
    def acknowledge(self) -> str:
        """The command that says that somebody looks after it."""
        return f'drift ack {self.id[:8]} --by NAME --note "…"'

    @property
    def how_sure(self) -> str:
        """How certain the numbers and the cause are, and what is not known well; empty where nothing more is known."""
        parts = [
            self.how_much,
            f"traffic mix explains {wording.percent(self.mix_share)} of the raw change"
            if self.mix_share is not None and self.mix_share >= 0.05
            else "",
            "provisional: few ordinary days to compare with yet" if self.provisional else "",
            f"not recorded, and would make the cause surer: {', '.join(self.note.get('unrecorded', []))}"
            if self.note.get("unrecorded")
            else "",
        ]
        return "; ".join(filter(None, parts))

    @property
    def what(self) -> str:
        return wording.subject(self.metric, self.statistic)

    @property
    def where(self) -> str:
        return wording.segment(self.dimension, self.value)

    @property
    def carried_by(self) -> str:
        """The segments that carry the change, with their shares of it; empty where nothing more is known than `where`."""
        parts = [part for part in self.note.get("where", []) if sentence.tells(part)]
        told = [
            f"{wording.segment(str(part['dimension']), str(part['value']))} ({wording.percent(part['share'])} of the change)"
            for part in parts
        ]
        return ", ".join(told[:4])

    @property
    def change(self) -> str:
        """How much: `↑ 2.1 % → 9 %`; of a rule `0.992 s, limit 0.1 s; level 0.512 s`."""
        told = wording.change(self.statistic, self.value_from, self.value_to, self.unit)
        if wording.is_rule(self.statistic):
            level = wording.number(self.series[-1], self.unit) if self.series and self.series[-1] is not None else ""
            return f"{told}; level {level}" if level else told
        return wording.change(self.statistic, *sentence.numbers(self), self.unit)

    @property
    def because(self) -> str:
        """The likely cause in words: `prompt change (likely)`."""
        return wording.cause(self.cause, self.confidence)

    @property
    def how_much(self) -> str:
        """The relative change and the interval of the change, as far as known; a rule's limit is nothing to have changed from."""
        if wording.is_rule(self.statistic):
            return ""
        if self.unit == "cosine" or self.statistic in sentence.SPREADS:
            return ""
        relative = wording.relative(*sentence.numbers(self), self.unit)
        # of a cost the means are told, and the interval is that of the typical request
        interval = "" if self.sized.get("mean_from") is not None else wording.interval(self.low, self.high, self.unit)
        return "; ".join(part for part in (relative, f"95 % interval {interval}" if interval else "") if part)


@dataclass(frozen=True)
class NightAccount:
    """One night: what it was, and the incidents that it concerns, new ones first."""

    day: date
    said: Verdict
    traces: int | None = None
    comparisons: int | None = None
    baseline_days: int | None = None
    incidents: tuple[IncidentAccount, ...] = ()
    report_url: str = ""
    remark: str = ""
    drill: tuple[Visible, ...] = ()

    @property
    def silence(self) -> str:
        """What this night would have told, and what it was blind to; empty where nothing was compared."""
        return silence.sentence(self.drill)

    @property
    def answer(self) -> Answer:
        return self.said.answer

    @property
    def verdict(self) -> str:
        """The night in one sentence."""
        return self.said.of(self.day)


def tell(results: Results, day: date, report_url: str = "") -> NightAccount:
    """The account of a day from the tables. A day that was never run has the answer MISSING."""
    with results.database.reading() as connection:
        run = connection.execute(sa.select(tables.runs).where(tables.runs.c.day == day)).one_or_none()
        if run is None:
            return NightAccount(day, MISSING)
        lines, incidents = tables.incident_days, tables.incidents
        query = (
            sa.select(lines)
            .where(lines.c.day == day, lines.c.event.in_([*TOLD, "settled", "ordinary"]))
            .order_by(lines.c.incident_id)
        )
        remark = " ".join(filter(None, (_missed(connection, day), _judges(connection, day), run.remark)))
        said = of_nights(connection, day, day)[day]
        told = []
        for line in connection.execute(query).all():
            incident = connection.execute(sa.select(incidents).where(incidents.c.id == line.incident_id)).one()
            told.append(_incident(connection, incident, line, report_url))
        drilled = connection.execute(
            sa.select(tables.drill).where(tables.drill.c.day == day).order_by(*tables.drill.primary_key)
        ).all()
    told.sort(key=lambda each: (TOLD.index(each.event) if each.event in TOLD else len(TOLD), _gravity(each), each.id))
    page = _link(report_url, f"night/{day}.html")
    drill = tuple(Visible(**row._mapping) for row in drilled)
    return NightAccount(day, said, run.traces, run.comparisons, run.baseline_days, tuple(told), page, remark, drill)


def _missed(connection: sa.Connection, day: date) -> str:
    """The nights just before this one that never ran, as a sentence; empty where there are none."""
    before = connection.execute(sa.select(sa.func.max(tables.runs.c.day)).where(tables.runs.c.day < day)).scalar()
    nights = (day - before).days - 1 if before is not None else 0
    if before is None or nights <= 0:
        return ""
    first, last = before + timedelta(days=1), day - timedelta(days=1)
    which = f"The night of {first}" if nights == 1 else f"{nights} nights, {first} to {last},"
    return f"{which} never ran: `drift doctor --nights` says how to make up for that."


def _judges(connection: sa.Connection, day: date) -> str:
    """The judges that changed on this night, as sentences; empty where none did."""
    said = []
    for own in epochs(connection, day).values():
        for before, after in pairwise(own):
            if after.start == day:
                how = (
                    f"{after.turned} of {after.anchors} anchors are judged otherwise than before"
                    if before.evaluator == after.evaluator
                    else "another model or another prompt is configured"
                )
                said.append(
                    f"Your judge changed: by the rubric {after.rubric}, {how}. Its scores of this night say nothing of the application."
                )
    return " ".join(said)


def of_incident(results: Results, incident_id: str, report_url: str = "") -> IncidentAccount:
    """An incident as it is told of its latest night with alarms or, when it is over, of its worst."""
    lines, incidents = tables.incident_days, tables.incidents
    with results.database.reading() as connection:
        incident = connection.execute(sa.select(incidents).where(incidents.c.id == incident_id)).one()
        nights = connection.execute(sa.select(lines).where(lines.c.incident_id == incident_id).order_by(lines.c.day)).all()
        seen = [line for line in nights if line.alarms] or nights
        night = seen[-1] if incident.state == "open" else max(seen, key=lambda line: abs(line.z or 0.0))
        told = _incident(connection, incident, night, report_url)
        # of nights it has all, those that were clearly off without an alarm included
        return replace(told, nights=incident.nights, closed=incident.closed if incident.state == "closed" else None)


def _began(incident: sa.Row[Any]) -> tuple[date, date, date]:
    first = incident.since or incident.opened
    return first, incident.since_low or first, incident.since_high or first


def _incident(connection: sa.Connection, incident: sa.Row[Any], line: sa.Row[Any], report_url: str) -> IncidentAccount:
    note, noted = _note(connection, incident.id, line.day)
    told = _told_night(connection, incident.id, line.day)
    seen = told if told is not None else line if line.value_to is not None else incident
    return IncidentAccount(
        id=incident.id,
        event=line.event,
        silent=line.silent,
        metric=incident.metric,
        dimension=incident.dimension,
        value=incident.value,
        statistic=incident.statistic,
        direction=incident.direction,
        unit=incident.unit,
        value_from=seen.value_from,
        value_to=seen.value_to,
        low=seen.low,
        high=seen.high,
        opened=incident.opened,
        since=min(incident.since or incident.opened, line.day),
        since_low=incident.since_low,
        since_high=incident.since_high,
        nights=_nights(connection, incident.id, line.day),
        provisional=incident.provisional,
        also=tuple(name for name in incident.metrics.split(", ") if name != incident.metric),
        mix_share=_mix_share(connection, incident, line.day),
        before=earlier.words if (earlier := again(connection, incident)) is not None else "",
        announced=tuple(each.words for each in near(connection, _began(incident), incident.dimension, incident.value)),
        cause=note.get("cause", ""),
        confidence=note.get("confidence", ""),
        why=note.get("summary", ""),
        note=note,
        exemplars=_exemplars(connection, incident.id, noted),
        series=_series(connection, incident, line.day),
        report_url=_link(report_url, f"incident/{incident.id}.html"),
        sized=_sized(told, note),
        tonight=line.value_to,
        last=min(incident.last_alarm, line.day),
        closed=line.day if line.event == "closed" else None,
    )


def _told_night(connection: sa.Connection, incident_id: str, day: date) -> sa.Row[Any] | None:
    """The latest night, up to `day`, on which the incident's numbers were told; they are its numbers everywhere."""
    table = tables.incident_days
    query = sa.select(table).where(
        table.c.incident_id == incident_id,
        table.c.day <= day,
        table.c.event.in_(TELLS_NUMBERS),
        table.c.value_to.is_not(None),
    )
    return connection.execute(query.order_by(table.c.day.desc()).limit(1)).one_or_none()


def _sized(told: sa.Row[Any] | None, note: dict[str, Any]) -> dict[str, Any]:
    """The magnitude that the explanation of the night of the numbers has, else that of the incident's explanation."""
    own = json.loads(told.explanation) if told is not None and told.explanation else note
    return dict(own.get("magnitude") or {})


def _note(connection: sa.Connection, incident_id: str, day: date) -> tuple[dict[str, Any], date | None]:
    table = tables.incident_days
    query = sa.select(table.c.day, table.c.explanation).where(
        table.c.incident_id == incident_id, table.c.day <= day, table.c.explanation != ""
    )
    rows = connection.execute(query.order_by(table.c.day)).all()
    notes = [json.loads(row.explanation) for row in rows]
    told = most_telling(notes) if notes else None
    return (notes[told], rows[told].day) if told is not None else ({}, None)


def _exemplars(connection: sa.Connection, incident_id: str, day: date | None) -> tuple[Exemplar, ...]:
    table = tables.exemplars
    query = sa.select(table).where(table.c.incident_id == incident_id, table.c.day == day).order_by(table.c.rank)
    return tuple(Exemplar(row.trace_id, row.url, row.measured, row.reason) for row in connection.execute(query))


def _nights(connection: sa.Connection, incident_id: str, day: date) -> int:
    table = tables.incident_days
    where = (
        table.c.incident_id == incident_id,
        table.c.day <= day,
        table.c.event.in_(("opened", "lasting", "worse", "better")),
    )
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar() or 0


def _mix_share(connection: sa.Connection, incident: sa.Row[Any], day: date) -> float | None:
    """How much of the raw change in the incident's place the mix of traffic explains, 0–1."""
    table = tables.findings
    where = (
        table.c.day == day,
        table.c.metric == incident.metric,
        table.c.statistic == incident.statistic,
        table.c.dimension == incident.dimension,
        table.c.value == incident.value,
    )
    for row in connection.execute(sa.select(table.c.mix_part, table.c.within_part).where(*where).order_by(table.c.id)):
        if row.mix_part is not None and row.within_part is not None:
            whole = abs(row.mix_part) + abs(row.within_part)
            return abs(row.mix_part) / whole if whole else 0.0
    return None


def _series(connection: sa.Connection, incident: sa.Row[Any], day: date) -> tuple[float | None, ...]:
    table = tables.daily_metrics
    first = day - timedelta(days=_SERIES_DAYS - 1)
    label = label_of(incident.statistic)
    metric = incident.metric if label is None else f"{incident.metric}:{label}"
    where = (
        table.c.metric == key_text(metric),
        table.c.dimension == incident.dimension,
        table.c.value == incident.value,
        table.c.day.between(first, day),
    )
    levels = dict(connection.execute(sa.select(table.c.day, table.c.level).where(*where)).tuples().all())
    known = [levels.get(first + timedelta(days=i)) for i in range(_SERIES_DAYS)]
    while known and known[0] is None:
        known.pop(0)
    return tuple(known)


def _gravity(incident: IncidentAccount) -> tuple[bool, str]:
    return incident.direction != "worse", incident.opened.isoformat()


def _link(base: str, page: str) -> str:
    return f"{base.rstrip('/')}/{page}" if base else ""
