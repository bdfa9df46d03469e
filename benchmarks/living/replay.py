"""Nights through drift's own code, in memory: a day's draw, its features and profile, the night's detection, incidents, causes.

Left out are pulling, texts (measured once, see `exchanges`), the lake and the tables; through them goes `cli`.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import checks, explain, features, profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.findings import DEPLOYMENTS, Explanation
from drift.night import baseline, season
from drift.profiles.day import DayProfile
from drift.results import incidents as derived
from drift.results.account import is_news
from drift.results.grouping import StoredFinding
from drift.results.incident import Incident
from living import worlds
from living.draw import Application, Day, trace_table
from living.exchanges import pool
from living.incidents import Planted

_TEXT_CONCERNS = frozenset(
    [
        "language",
        "format",
        "repetition",
        "questions",
        "overlap",
        "tone",
        "prompt_leak",
        "refusal",
        "injection",
        "pii",
        "embedding",
        "topics",
    ]
)
# measured on the input alone, so there also where a request failed
_OF_INPUT = frozenset(
    [
        "input_characters",
        "input_language",
        "input_embedding",
        "input_topic",
        "injection",
        "correction",
        "_input_hash",
        "context_relevance",
        "question_document_cosine",
        "_encoder",
    ]
)
_PAIRED = ("answer_question_cosine", "question_document_cosine", "answer_document_cosine")
_EMBEDDED = ("input_embedding", "output_embedding", "input_topic", "output_topic", *_PAIRED)
_OF_DOCUMENTS = frozenset({"groundedness", "context_relevance", "question_document_cosine", "answer_document_cosine"})
_NOT_OF_TEXT = frozenset({"name", "model", "prompt", "release"})
# a measure that knows the trace says 0 or nothing where it was given no text
_FROM_TEXT = frozenset(["input_characters", "output_characters", "output_words", "empty", "repetition"])
SAMPLE = 2_000
# days that a baseline can reach back; the first are only profiled, as a backfill's first days are hardly compared
_SPAN, _UNCOMPARED = 84, 24
# days whose rows are at hand for the causes
_TABLES = 4
# nights after which a run is kept
_KEEP = 4


@dataclass
class Nights:
    """One application's nights so far. findings: what the incidents are derived from. notes: what was explained, by incident.

    messages: by number of day, the incidents that a message was about; failed: days that could not be compared.
    """

    application: Application
    config: Config = field(init=False)
    days: list[DayProfile] = field(default_factory=list)
    json_endpoints: frozenset[str] = frozenset()
    findings: dict[date, list[StoredFinding]] = field(default_factory=dict)
    alarmed: set[tuple[str, str, str, str]] = field(default_factory=set)
    incidents: list[Incident] = field(default_factory=list)
    notes: dict[str, list[Explanation]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[int, set[str]] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    deployed: set[str] = field(default_factory=set)
    tables: dict[date, pa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config = Config.of({"calendar": worlds.announced(self.application.world)})

    def run(self, numbers: range, planted: Planted | None = None, start: int = 0, kept: Path | None = None) -> Nights:
        """Go on with these days. kept: where the nights are kept every few, and are found again by a run that was stopped."""
        done = self._found_again(kept) if kept is not None else -1
        for number in numbers:
            self._night(number, self.drawn(number, planted, start), number > done)
            if kept is not None and number > done and (number % _KEEP == 0 or number == numbers[-1]):
                self._keep(kept, number)
        return self

    def drawn(self, number: int, planted: Planted | None = None, start: int = 0) -> pa.Table:
        """The features of a day, with what is planted from day `start` on."""
        day = self.application.day(number)
        if planted is not None and number >= start:
            planted.plant(day, np.random.default_rng([self.application.seed, 41, number]), number - start)
        return features.finish(measured(self.application, day), self.config, self.json_endpoints)

    def profiled(self, number: int, table: pa.Table) -> DayProfile:
        when = worlds.day_of(number)
        return DayProfile(when, profiles.build(table, self.config, when))

    def until(self, number: int) -> Nights:
        """The nights as they were before this day."""
        out, when = self.copy(), worlds.day_of(number)
        out.days = [each for each in self.days if each.day < when]
        out.tables = {worlds.day_of(n): self.drawn(n) for n in range(number - _TABLES, number)}
        out.findings = {day: rows for day, rows in self.findings.items() if day < when}
        out.alarmed = {row.key for rows in out.findings.values() for row in rows if row.alarm}
        out.messages = {n: told for n, told in self.messages.items() if n < number}
        out.failed = {n for n in self.failed if n < number}
        out.deployed = {i.id for i in self.incidents if i.id in self.deployed and i.opened < when}
        out.incidents = out._replayed().incidents
        return out

    def _keep(self, file: Path, number: int) -> None:
        state = number, self.findings, self.alarmed, self.incidents, dict(self.notes), self.messages, self.deployed
        part = file.with_suffix(".part")
        part.write_bytes(pickle.dumps(state))
        part.replace(file)

    def _found_again(self, file: Path) -> int:
        """The last day that was compared; the days themselves are drawn and profiled anew, which is little of a night."""
        if not file.exists():
            return -1
        number, self.findings, self.alarmed, self.incidents, notes, self.messages, self.deployed = pickle.loads(
            file.read_bytes()
        )
        self.notes.update(notes)
        return number

    def copy(self) -> Nights:
        """The same nights, which can go on differently."""
        return replace(
            self,
            days=list(self.days),
            findings=dict(self.findings),
            alarmed=set(self.alarmed),
            notes=defaultdict(list, {key: list(value) for key, value in self.notes.items()}),
            messages=dict(self.messages),
            failed=set(self.failed),
            deployed=set(self.deployed),
            tables=dict(self.tables),
        )

    def _night(self, number: int, table: pa.Table, compared: bool) -> None:
        when, today = worlds.day_of(number), self.profiled(number, table)
        fit = True
        if number in self.application.world.lost:
            fit = checks.check_day(table, when, self.config.window(when), self.days[-_SPAN:], self.config).passed
        if fit and compared and number >= _UNCOMPARED:
            self._compare(number, today, table)
        if fit:
            self.days.append(today)
        else:
            self.failed.add(number)
        self.json_endpoints |= features.json_endpoints_of([today.table])
        self.tables[when] = table
        for old in sorted(self.tables)[:-_TABLES]:
            del self.tables[old]

    def _compare(self, number: int, today: DayProfile, table: pa.Table) -> None:
        past, budget = self.days[-_SPAN:], self.config.baseline.days
        rolling = {each.day for each in past[-budget:]}
        pinned = self.days[:budget] if rolling.isdisjoint(each.day for each in self.days[:budget]) else []
        found = season.judge(
            past, today, self.config, pinned, baseline.excluded(self.config, self.incidents), told=baseline.told(self.incidents)
        ).findings
        rows = [StoredFinding(id=f"{i:05d}", **asdict(f)) for i, f in enumerate(found)]
        self.findings[today.day] = self._kept(rows)
        replayed = self._replayed()
        self.incidents = replayed.incidents
        panel = partial(Panel, [*past, today])
        for incident in self.incidents:
            mine = [row for row in rows if replayed.members.get((today.day, row.id)) == incident.id]
            # what is told of an incident is mostly of its first nights
            if mine and (today.day - incident.opened).days < 4:
                self.notes[incident.id].append(self._explained(incident, mine, found, panel(), table))
        opened = {i.id for i in self.incidents if i.opened == today.day}
        made = {key for key in opened if (note := self.notes[key][-1]).cause in DEPLOYMENTS and note.confidence == "likely"}
        if made:
            self.deployed |= made
            self.incidents = self._replayed().incidents
        told = {
            i.id
            for i in self.incidents
            for line in i.days
            if line.day == today.day and is_news(line.event, i.nights) and not line.silent
        }
        if told and number >= worlds.HISTORY:
            self.messages[number] = told

    def _replayed(self) -> derived.Replay:
        settle = self.config.baseline.settle_nights
        return derived.replay(list(self.findings), self.findings, settle_nights=settle, deployed=self.deployed)

    def _kept(self, rows: list[StoredFinding]) -> list[StoredFinding]:
        """What the tables keep of a night to derive incidents from, see `results.store`."""
        noisy = {row.metric for row in rows if row.alarm}
        self.alarmed |= {row.key for row in rows if row.alarm}
        segments = {(row.dimension, row.value): row.id for row in reversed(rows)} if noisy else {}
        of_segments = set(segments.values())
        return [row for row in rows if row.metric in noisy or row.key in self.alarmed or row.id in of_segments]

    def _explained(self, incident: Incident, alarms: list[StoredFinding], found, panel: Panel, table: pa.Table) -> Explanation:
        before = self.tables.get(max((day for day in self.tables if day < incident.began[1]), default=None))
        return explain.explain(incident.lead, alarms, found, panel, incident.began, table, before)


def measured(application: Application, day: Day) -> pa.Table:
    """The day's features: of the texts as they were measured in the pool, of the rest by drift's own measures."""
    table, exchange = trace_table(application, day)
    out = features.extract(table, features.Context(disabled=_TEXT_CONCERNS, salt="living"))
    failed = exchange < 0
    rows = pool().measured.take(np.where(failed, -1 - exchange, exchange))
    rng = np.random.default_rng([application.seed, 51, day.number])
    drawn = rng.random(len(exchange)) < SAMPLE / max(len(exchange), 1)
    found_nothing = np.nan_to_num(out.column("documents").to_numpy(zero_copy_only=False)) == 0
    for name in rows.column_names:
        given = name in out.column_names and out.column(name).null_count < len(out)
        if name in _NOT_OF_TEXT or given and name not in _FROM_TEXT:
            continue
        unknown = np.zeros(len(failed), bool) if name in _OF_INPUT else failed
        unknown = unknown | ~drawn if name in _EMBEDDED else unknown
        unknown = unknown | found_nothing if name in _OF_DOCUMENTS else unknown
        column = _without(rows.column(name).combine_chunks(), unknown)
        place = out.column_names.index(name) if name in out.column_names else None
        out = out.append_column(name, column) if place is None else out.set_column(place, name, column)
    return out


def _without(column: pa.Array, unknown: np.ndarray) -> pa.Array:
    if not unknown.any():
        return column
    if pa.types.is_fixed_size_list(column.type):
        # a list of fixed size cannot be masked in place
        return column.take(pa.array(np.arange(len(column)), mask=unknown))
    return pc.if_else(pa.array(~unknown), column, pa.nulls(len(column), column.type))
