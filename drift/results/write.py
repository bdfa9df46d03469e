"""What a night leaves behind, written in one transaction; incidents are derived again from all nights each time.

No clock is read and rows that are already right are left alone, so running a night again changes no byte of the database.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from drift.config import Config
from drift.errors import DriftError
from drift.findings import DEPLOYMENTS, Explanation, FindingTest, Visible
from drift.results import incidents as derived
from drift.results import tables, watch
from drift.results.alarming import FIELDS, QuietNights, alarming
from drift.results.database import Database
from drift.results.grouping import StoredFinding
from drift.results.incident import Action, Decision, Incident, IncidentEvent
from drift.results.incidents import Replay
from drift.results.rows import (
    Run,
    clean,
    mapping,
    note_json,
    plain_text,
    row_of_incident,
    row_of_run,
    rows_of_exemplars,
    rows_of_findings,
)
from drift.results.verdict import Answer, Verdict, answers_since, of_nights

Explain = Callable[[Incident, Sequence[StoredFinding]], Explanation | None]


class Results:
    """The summary tables at a SQLAlchemy URL. Raises ConfigError for a wrong URL, ResultsError when it cannot be used."""

    def __init__(self, url: str, settle_nights: int = derived.SETTLE_NIGHTS):
        self.database = Database(url)
        # what was derived last, so that who writes a night and then tells it derives it once
        self._derived: list[Incident] | None = None
        self._settle_nights = settle_nights

    @classmethod
    def of(cls, config: Config) -> Results:
        """The tables that a configuration names; incidents settle after the nights that it says."""
        return cls(config.results.url, config.baseline.settle_nights)

    def write_night(
        self,
        day: date,
        run: Run,
        daily_metrics: Iterable[Any] = (),
        findings: Iterable[Any] = (),
        explain: Explain | None = None,
        drill: Iterable[Visible] = (),
    ) -> list[Incident]:
        """Replace the day's rows and derive the incidents of all days again, in one transaction.

        daily_metrics: rows of DailyMetric (or mappings with its fields). findings: `drift.findings.Finding`s.
        drill: what the night would have told. explain: called with each incident that has alarms on this day, and these; what it says is kept by day.
        Returns the incidents with something to tell about this day. A failed run leaves a row in `runs`, or, where the day
        was compared before, everything as it was.
        """
        run_row = row_of_run(day, run)
        metric_rows = [clean(day, tables.daily_metrics, mapping(row)) for row in daily_metrics]
        finding_rows = rows_of_findings(day, findings)
        drill_rows = [clean(day, tables.drill, asdict(row)) for row in drill]
        # that a metric has nothing to be compared with is a finding and no comparison
        run_row["comparisons"] = sum(row["p"] is not None or row["test"] == FindingTest.RULE for row in finding_rows)
        run_row["alarms"] = sum(row["alarm"] for row in finding_rows)
        with self.database.writing() as connection:
            said = _said(connection, day)
            if run.failed and said not in (None, Answer.FAILED):
                return []
            # a night that is run again says the same until its incidents say otherwise: no row changes and changes back
            run_row["status"] = str(Answer.FAILED if run.failed else Answer.ORDINARY if said in (None, Answer.FAILED) else said)
            _replace(connection, tables.runs, tables.runs.c.day == day, [run_row])
            _replace(connection, tables.daily_metrics, tables.daily_metrics.c.day == day, metric_rows)
            _replace(connection, tables.drill, tables.drill.c.day == day, drill_rows)
            before = _finding_incidents(connection, day)
            for row in finding_rows:
                row["incident_id"] = before.get(row["id"]) if row["alarm"] else None
            _replace(connection, tables.findings, tables.findings.c.day == day, finding_rows)
            today, everything = self._derive(connection, day, explain)
        self._derived = everything
        return today

    def decide(
        self, incident: str, action: Action, until: date | None = None, day: date | None = None, note: str = ""
    ) -> Incident:
        """Record what a person decided; `incident` may be the beginning of an id. Returns the incident as it is then.

        It takes effect from the night after `day` (default: the last that was compared). `mute` needs `until`, the last silent
        day. `accept` makes the new level normal; `unack` ends a mute as well; `fixed` ends it whatever its state (`drift.night.fixed` says
        when). Raises DriftError for an unknown or ambiguous id, a missing `until`, and where it could have no effect.
        """
        if action not in list(Action):
            raise DriftError(f"unknown action {action!r}; use {', '.join(Action)}")
        if action == Action.MUTE and until is None:
            raise DriftError("mute needs the last silent day; say until when, such as --until 2026-12-24")
        with self.database.writing() as connection:
            found = find_incident(connection, incident)
            compared = sa.select(sa.func.max(tables.runs.c.day)).where(tables.runs.c.status != Answer.FAILED)
            on: date = day or connection.execute(compared).scalar_one()
            if action != Action.FIXED:
                _refuse_what_has_no_effect(found, action, on, until)
            table = tables.decisions
            number = (connection.execute(sa.select(sa.func.max(table.c.number))).scalar() or 0) + 1
            row = {
                "number": number,
                "incident_id": found.id,
                "metric": found.metric,
                "dimension": found.dimension,
                "value": found.value,
                "action": action,
                "day": on,
                "until": until if action == Action.MUTE else None,
                "note": plain_text(note),
            }
            connection.execute(table.insert(), [row])
            watch.record(connection, str(action), found.id, note)
            _, everything = self._derive(connection, None, None)
        self._derived = everything
        return next(each for each in everything if each.id == found.id)

    def remove_night(self, day: date) -> None:
        """Take a night out of the tables, with what was said and sent about it, and derive the incidents again without it.

        Raises DriftError where the tables have no such night.
        """
        with self.database.writing() as connection:
            if not connection.execute(tables.runs.delete().where(tables.runs.c.day == day)).rowcount:
                raise DriftError(f"the tables have no night of {day}; `drift show --day {day}` would show it")
            for table in (
                tables.daily_metrics,
                tables.drill,
                tables.findings,
                tables.incident_days,
                tables.exemplars,
                tables.deliveries,
                tables.heartbeats,
            ):
                connection.execute(table.delete().where(table.c.day == day))
            watch.record(connection, "remove night", day.isoformat())
            _, everything = self._derive(connection, None, None)
        self._derived = everything

    def incidents(self, before: date | None = None) -> list[Incident]:
        """Every incident with its nights, in order of opening, derived without writing; `before`: as known before that day.

        Without `before` they are those of this object's last write, if there was one: what another process wrote since is not seen.
        """
        if before is None and self._derived is not None:
            return self._derived
        with self.database.reading() as connection:
            return self._replay(connection, before).incidents

    def find(self, incident: str) -> Incident:
        """The incident whose id begins so. Raises DriftError where there is none, or several."""
        with self.database.reading() as connection:
            found = find_incident(connection, incident).id
        return next(each for each in self.incidents() if each.id == found)

    def verdicts(self, start: date | None = None, end: date | None = None) -> dict[date, Verdict]:
        """What every night that was run was, from `start` to `end` (both included), oldest first."""
        with self.database.reading() as connection:
            return of_nights(connection, start, end)

    def first_night(self) -> date | None:
        """The first day that was run; None where none was."""
        with self.database.reading() as connection:
            return connection.execute(sa.select(sa.func.min(tables.runs.c.day))).scalar()

    def last_night(self, until: date = date.max) -> date | None:
        """The last day that was run, up to `until`; None where none was."""
        with self.database.reading() as connection:
            return connection.execute(sa.select(sa.func.max(tables.runs.c.day)).where(tables.runs.c.day <= until)).scalar()

    def close(self) -> None:
        self.database.close()

    def _replay(self, connection: sa.Connection, before: date | None = None, deployed: frozenset[str] = frozenset()) -> Replay:
        end = before or date.max
        compared = (tables.runs.c.status != Answer.FAILED, tables.runs.c.day < end)
        days = connection.execute(sa.select(tables.runs.c.day).where(*compared)).scalars().all()
        decisions = [Decision(**row._mapping) for row in connection.execute(sa.select(tables.decisions))]
        deployed = deployed | _of_deployments(connection, end)
        decided = [each for each in decisions if each.day < end]
        findings, quiet = alarming(connection, end), QuietNights(connection, end)
        return derived.replay(days, findings, decided, self._settle_nights, deployed, quiet)

    def _derive(
        self, connection: sa.Connection, day: date | None, explain: Explain | None
    ) -> tuple[list[Incident], list[Incident]]:
        """Write the incidents of all nights again; returns those with something to tell about `day`, and all of them."""
        replayed = self._replay(connection)
        today = [each for each in replayed.incidents if any(line.day == day for line in each.days)]
        notes = _kept(connection, tables.incident_days, "explanation", day)
        shown = _kept(connection, tables.exemplars, None, day)
        if explain is not None and day is not None:
            alarms = _alarms_of(connection, day, replayed)
            for incident in today:
                note = explain(incident, alarms[incident.id]) if alarms[incident.id] else None
                if note is not None:
                    notes[incident.id, day] = [note_json(note)]
                    shown[incident.id, day] = rows_of_exemplars(incident.id, day, note)
            deployed = {
                each.id for each in today if each.opened == day and _is_of_a_deployment(notes.get((each.id, day), [""])[0])
            }
            if deployed:
                # what a deployment did and nothing got worse is no message, which only the explanation can tell
                replayed = self._replay(connection, deployed=frozenset(deployed))
                today = [each for each in replayed.incidents if any(line.day == day for line in each.days)]
        lines = []
        for incident in replayed.incidents:
            for line in incident.days:
                explanation = notes.get((line.incident_id, line.day), [""])[0]
                lines.append({**asdict(line), "explanation": explanation})
        known = {(line["incident_id"], line["day"]) for line in lines}
        rows = [row_of_incident(incident, lines) for incident in replayed.incidents]
        touched = {row["id"] for row in _replace(connection, tables.incidents, sa.true(), rows)}
        changed = _replace(connection, tables.incident_days, sa.true(), lines)
        shown_rows = [row for key, rows in shown.items() if key in known for row in rows]
        _replace(connection, tables.exemplars, sa.true(), shown_rows)
        _assign(connection, replayed.members)
        touched |= {line["incident_id"] for line in changed}
        nights = [line["day"] for line in (*changed, *lines) if line["incident_id"] in touched]
        if first := min([*nights, *([day] if day else [])], default=None):
            _judge(connection, first)
        return today, replayed.incidents


# the state that an incident must be in for what can be turned back
_TURNS_BACK = {"reopen": "settled", "unaccept": "accepted"}
# a mute that is longer is a year mistyped
_LONGEST_MUTE = timedelta(days=366)


def _refuse_what_has_no_effect(found: sa.Row[Any], action: str, on: date, until: date | None) -> None:
    name = found.id[:8]
    needed = _TURNS_BACK.get(action)
    if needed is not None and found.state != needed:
        which = "settled by itself can be reopened" if action == "reopen" else "was accepted can be unaccepted"
        raise DriftError(f"incident {name} is {found.state}; only what {which}")
    if needed is None and found.state == "settled":
        raise DriftError(f"incident {name} settled on {found.closed}; `drift reopen {name}` turns that back")
    if found.state == "closed" and found.closed <= on:
        raise DriftError(f"incident {name} closed on {found.closed}; there is nothing left to {action}")
    if action == "unack" and not found.acknowledged and found.muted_until is None:
        raise DriftError(f"incident {name} is neither acknowledged nor muted")
    if action == "mute" and until is not None and until <= on:
        raise DriftError(f"mute until {until} silences no night: the last one is {on}; name a later day")
    if action == "mute" and until is not None and until - on > _LONGEST_MUTE:
        raise DriftError(
            f"mute until {until} is {(until - on).days // 365} years away; name a day within a year, or accept the incident"
        )


def _judge(connection: sa.Connection, first: date) -> None:
    """Write the verdict of every night from `first` on beside it: a decision, or a night that is run again, changes those of later
    nights too, and of earlier ones none whose incidents are as they were."""
    table = tables.runs
    said = {day: str(answer) for day, answer in answers_since(connection, first).items()}
    stored = connection.execute(sa.select(table.c.day, table.c.status).where(table.c.day >= first)).tuples().all()
    changed = [{"the_day": day, "status": said[day]} for day, status in stored if said[day] != status]
    if changed:
        connection.execute(table.update().where(table.c.day == sa.bindparam("the_day")), changed)


def _said(connection: sa.Connection, day: date) -> str | None:
    return connection.execute(sa.select(tables.runs.c.status).where(tables.runs.c.day == day)).scalar()


def find_incident(connection: sa.Connection, prefix: str) -> sa.Row[Any]:
    """The incident whose id begins so. Raises DriftError where there is none, or several."""
    table = tables.incidents
    query = sa.select(table).where(table.c.id.startswith(prefix, autoescape=True)).order_by(table.c.id)
    found = connection.execute(query).all()
    if not prefix or not found:
        raise DriftError(f"no incident {prefix!r}; `drift incidents` lists them")
    if len(found) > 1:
        raise DriftError(f"{prefix!r} is the beginning of {len(found)} incidents: {', '.join(row.id for row in found[:5])}")
    return found[0]


def _of_deployments(connection: sa.Connection, end: date) -> frozenset[str]:
    """The incidents that the explanation of their first night says a deployment made."""
    table = tables.incident_days
    query = sa.select(table.c.incident_id, table.c.explanation).where(
        table.c.day < end, table.c.event == IncidentEvent.OPENED, table.c.explanation != ""
    )
    return frozenset(row.incident_id for row in connection.execute(query) if _is_of_a_deployment(row.explanation))


def _is_of_a_deployment(explanation: str) -> bool:
    note = json.loads(explanation) if explanation else {}
    return note.get("cause") in DEPLOYMENTS and note.get("confidence") == "likely"


def _alarms_of(connection: sa.Connection, day: date, replayed: Replay) -> dict[str, list[StoredFinding]]:
    table = tables.findings
    columns = [table.c[name] for name in FIELDS]
    out: dict[str, list[StoredFinding]] = defaultdict(list)
    for row in connection.execute(sa.select(*columns).where(table.c.day == day, table.c.alarm).order_by(table.c.id)):
        home = replayed.members.get((day, row.id))
        if home is not None:
            out[home].append(StoredFinding(**row._mapping))
    return out


def _assign(connection: sa.Connection, members: Mapping[tuple[date, str], str]) -> None:
    table = tables.findings
    # what is no alarm belongs to no incident
    query = sa.select(table.c.day, table.c.id, table.c.incident_id).where(table.c.alarm)
    changed = [
        {"the_day": row.day, "the_id": row.id, "incident_id": members.get((row.day, row.id))}
        for row in connection.execute(query)
        if members.get((row.day, row.id)) != row.incident_id
    ]
    if changed:
        where = sa.and_(table.c.day == sa.bindparam("the_day"), table.c.id == sa.bindparam("the_id"))
        connection.execute(table.update().where(where), changed)


def _finding_incidents(connection: sa.Connection, day: date) -> dict[str, str | None]:
    table = tables.findings
    return dict(connection.execute(sa.select(table.c.id, table.c.incident_id).where(table.c.day == day)).tuples().all())


def _kept(
    connection: sa.Connection, table: sa.Table, column: str | None, day: date | None
) -> dict[tuple[str, date], list[Any]]:
    """What is stored by (incident, day), except for the day that is being written."""
    out: dict[tuple[str, date], list[Any]] = defaultdict(list)
    query = sa.select(table).order_by(*table.primary_key.columns)
    for row in connection.execute(query if day is None else query.where(table.c.day != day)):
        out[row.incident_id, row.day].append(row._mapping[column] if column else dict(row._mapping))
    return out


def _replace(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Make the rows of `where` be `rows`; touches only those that differ, so that the same again writes nothing. Returns those that
    went and those that came."""
    keys = [column.name for column in table.primary_key.columns]
    stored = connection.execute(sa.select(table).where(where))
    before = {tuple(row._mapping[k] for k in keys): dict(row._mapping) for row in stored}
    after = {tuple(row[k] for k in keys): row for row in rows}
    gone = [key for key, row in before.items() if after.get(key) != row]
    new = [row for key, row in sorted(after.items(), key=lambda item: item[0]) if before.get(key) != row]
    if gone:
        match = sa.and_(*(table.c[name] == sa.bindparam(f"key_{name}") for name in keys))
        parameters = [{f"key_{n}": v for n, v in zip(keys, key, strict=True)} for key in sorted(gone)]
        connection.execute(table.delete().where(match), parameters)
    if new:
        connection.execute(table.insert(), new)
    return [*(before[key] for key in gone), *new]
