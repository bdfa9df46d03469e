"""A plan is lived through, and what is left behind is held against the same nights without a fault."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from drift.config import Config
from drift.errors import DriftError, UnforeseenError
from drift.lake import Lake
from drift.night import run
from drift.results import Results, tables
from faults.sim import night as nights
from faults.sim.places import LATE, LEFT, TRACES, traces_of
from faults.sim.plan import NIGHTS, QUIET, Fault, Plan
from faults.sim.world import FORGETS, HONOURS, Killed, Process, World

FIRST = date(2026, 11, 2)
BEHIND = 6
KINDS = ("features", "profiles", "findings", "drill")
# times of this machine's clock, and what became of messages, which is looked at by itself
_NOT_COMPARED = ("deliveries", "heartbeats", "audit")
_METRICS = ("volume", "latency_s", "output_characters", "refusal", "score.helpful", "name", "output_tokens")
RUNNERS = {"cron": nights.by_cron, "tasks": nights.by_tasks}


@dataclass
class Outcome:
    """What became of a plan. wrong: what must not be, in words. By the table: messages lost, twice where the key is honoured, twice
    where it is not, never known to have arrived, told later than the morning after."""

    plan: Plan
    wrong: list[str] = field(default_factory=list)
    fired: tuple[Fault, ...] = ()
    lost: int = 0
    twice: int = 0
    twice_without_key: int = 0
    unknown: int = 0
    late: int = 0
    said: list[str] = field(default_factory=list)


def day_of(night: int) -> date:
    return FIRST + timedelta(days=BEHIND + night)


class Store:
    """What the trace store has of each day, as the nights go by."""

    def __init__(self, plan: Plan, final: dict[date, int] | None = None):
        self._traffic, self._final = plan.traffic, final
        self._late = {fault.night for fault in plan.faults if fault.kind == "late rows"}
        self._deleting = {fault.night - 1: fault.night for fault in plan.faults if fault.kind == "deleting"}
        self.night = -BEHIND

    def size(self, night: int, at: int) -> int:
        """How many traces of a night's day are there when night `at` runs."""
        if night > at:
            return 0
        if night in self._deleting and at >= self._deleting[night]:
            return LEFT
        return TRACES - LATE if night in self._late and at == night else TRACES

    def shown(self, day: date) -> list[dict]:
        night = (day - day_of(0)).days
        traces = self.size(night, self.night) if self._final is None else self._final.get(day, TRACES)
        return traces_of(day, night, self._traffic, traces) if -BEHIND <= night <= self.night else []


def settings(folder: Path, url: str, changed: bool) -> Config:
    from drift import metrics

    off = {name: {"enabled": False} for name in metrics.CATALOGUE if name not in _METRICS}
    return Config.of(
        {
            "store": {"type": "files", "path": "x"},
            "lake": {"url": str(folder / "lake")},
            "results": {"url": url},
            "embeddings": {"enabled": False},
            "segments": {"dimensions": ["name", "model"] if changed else ["name"], "min_traces": 20},
            "baseline": {"min_days": 3},
            "report": {"enabled": False},
            "metrics": off,
        }
    )


class Simulation:
    """Lives a plan in a folder, on a database that is made anew for it."""

    def __init__(self, plan: Plan, folder: Path, url: str, final: dict[date, int] | None = None):
        self.plan, self.folder, self.url = plan, folder, url
        self.store = Store(plan, final)
        self.world = World(self.store.shown, random.Random(f"chances {plan.seed}"))
        self.seen: set[date] = set()
        self.said: list[str] = []
        self.unforeseen: list[str] = []
        # of a process that ended, however it did, a reader must find whole days
        self.torn: set[str] = set()
        self._changes = min((fault.night for fault in plan.faults if fault.kind == "config"), default=None)

    def config(self, night: int) -> Config:
        return settings(self.folder, self.url, self._changes is not None and night >= self._changes)

    def live(self) -> None:
        with self.world.inhabited():
            for night in range(NIGHTS + QUIET):
                self.store.night = night
                self.world.now = datetime.combine(day_of(night + 1), time(2), UTC)
                self.world.skew = self._skew(night)
                if self._at(night, "no night"):
                    continue
                self._night(night)
                if night >= NIGHTS:
                    self._morning(night)
            if self._changes is not None:
                self._process([], self._make_alike)

    def _make_alike(self) -> None:
        """What `docs/segments.md` says to do after a dimension was added, over all days that the store has.

        A day is as the configuration says by which it was made last, and a fault decides which nights make a day: a clock that is behind or
        a night that is made up for takes rows of days that an undisturbed night leaves alone, so only days that were all made again are
        alike. A backfill of the simulated nights alone was too short for that.
        """
        last = NIGHTS + QUIET - 1
        list(run.backfill(self.config(last), day_of(-BEHIND), day_of(last)))

    def _morning(self, night: int) -> None:
        self.world.now = datetime.combine(day_of(night + 1), time(9), UTC)
        config = self.config(night)
        self._process([], lambda: self.said.extend(nights.by_hand(config, NIGHTS + QUIET + 1, self.seen)))

    def _skew(self, night: int) -> timedelta:
        found = self._at(night, "clock")
        for fault in found:
            self.world.fired.add(fault)
        return timedelta(days=found[0].more) if found else timedelta()

    def _at(self, night: int, kind: str) -> list[Fault]:
        found = [fault for fault in self.plan.faults if fault.night == night and fault.kind == kind]
        if kind == "no night":
            self.world.fired.update(found)
        return found

    def _night(self, night: int) -> None:
        done: dict[str, Any] = {}
        config, start = self.config(night), RUNNERS[self.plan.runner]
        for kind in ("late rows", "deleting", "config"):
            self.world.fired.update(self._at(night, kind))
        for attempt in range(1 + self.plan.retries):
            armed = [f for f in self.plan.faults if (f.night, f.attempt) == (night, attempt) and f.place not in ("", "any")]
            others = self._at(night, "at once") + self._at(night, "zombie") if attempt == 0 else []
            work = lambda: start(config, day_of(night), done)  # noqa: E731
            ended = self._two(armed, others[0], start, config, day_of(night)) if others else self._process(armed, work)
            if ended:
                return
            self.world.now += timedelta(minutes=20)
        if self.plan.runner == "tasks":
            # what a scheduler calls when a run has failed for good
            self._process([], lambda: run._tell_failure(config, day_of(night), "a task failed"))

    def _process(self, armed: list[Fault], work: Callable[[], Any]) -> bool:
        """Whether the work ended well; an error that drift does not mean to raise is not caught."""
        process = self.world.starts(armed)
        return self._guarded(process, work)

    def _guarded(self, process: Process, work: Callable[[], Any]) -> bool:
        try:
            work()
            return True
        except Killed:
            return False
        except DriftError as error:
            # `run_night` tells what it did not foresee as an error of its own; a simulation looks for the cause
            if isinstance(error, UnforeseenError):
                self.unforeseen.append(f"unforeseen: {error}: {error.__cause__!r}")
            return False
        except Exception as error:
            self.unforeseen.append(f"unforeseen: {error!r}")
            return False
        finally:
            self.world.ends(process)
            self.torn.update(_torn(self.folder / "lake"))

    def _two(self, armed: list[Fault], fault: Fault, start: Any, config: Config, day: date) -> bool:
        """Two processes run the day: by turns, or one stands still from a moment on until the other is done."""
        world = self.world
        world.fired.add(fault)
        first, second = world.starts(armed), world.starts([])
        turns = {first.number: threading.Event(), second.number: threading.Event()}
        over: dict[int, bool] = {}
        stands_still = fault.kind == "zombie"

        def hand_over(me: Process) -> None:
            other = second if me is first else first
            if other.number in over:
                return
            if stands_still:
                now = me is first and me.moments.get("any", 0) >= fault.at
            else:
                now = me.moments.get("any", 0) >= fault.at and world.chances.random() < 0.2
            if now:
                turns[me.number].clear()
                turns[other.number].set()
                turns[me.number].wait()

        def live(me: Process) -> None:
            other = second if me is first else first
            world.runs_on(threading.get_ident(), me)
            turns[me.number].wait()
            over[me.number] = self._guarded(me, lambda: start(config, day, {}))
            turns[other.number].set()

        world.switch = hand_over
        try:
            threads = [threading.Thread(target=live, args=(each,)) for each in (first, second)]
            for thread in threads:
                thread.start()
            turns[first.number].set()
            for thread in threads:
                thread.join()
        finally:
            world.switch = None
            world._threads.clear()
        return any(over.values())


def simulate(plan: Plan, url: Callable[[], str] | None = None) -> Outcome:
    """Live the plan, and then the undisturbed nights on what the store still had. url: a new database each time it is called."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as at:
        folder = Path(at)
        lived = _begin(plan, folder, url)
        lived.live()
        outcome = Outcome(plan, fired=tuple(sorted(lived.world.fired, key=str)), said=lived.said)
        final = _sizes(lived)
        outcome.wrong += [*lived.unforeseen, *sorted(lived.torn), *_rows_lost(lived, final)]
        expected = _undisturbed(plan.traffic, _config_night(plan), tuple(sorted(final.items())), url)
        outcome.wrong += _differences(expected.tables, _tables(lived.config(NIGHTS + QUIET).results.url, lived), "table")
        outcome.wrong += _differences(expected.lake, _lake(lived), "lake")
        _told(outcome, lived, expected)
        return outcome


def _begin(plan: Plan, folder: Path, url: Callable[[], str] | None, final: dict[date, int] | None = None) -> Simulation:
    lived = Simulation(plan, folder, url() if url else f"sqlite:///{folder}/drift.db", final)
    behind = _behind()
    shutil.copytree(behind / "lake", folder / "lake")
    if url is None:
        shutil.copy(behind / "drift.db", folder / "drift.db")
    else:
        _copy_tables(f"sqlite:///{behind}/drift.db", lived.url)
    return lived


def _copy_tables(source: str, target: str) -> None:
    before, now = Results(source), Results(target)
    try:
        with before.database.reading() as reading, now.database.writing() as writing:
            for table in tables.metadata.tables.values():
                rows = [dict(row._mapping) for row in reading.execute(sa.select(table))]
                if rows:
                    writing.execute(table.insert(), rows)
    finally:
        before.close()
        now.close()


@cache
def _behind() -> Path:
    """The nights before, without a fault, once for all seeds."""
    made = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    _kept.append(made)
    folder = Path(made.name)
    nothing = Plan(0, "ordinary", "cron", 0, ())
    lived = Simulation(nothing, folder, f"sqlite:///{folder}/drift.db")
    with lived.world.inhabited():
        for night in range(-BEHIND, 0):
            lived.store.night = night
            lived.world.now = datetime.combine(day_of(night + 1), time(2), UTC)
            lived._night(night)
    return folder


_kept: list[tempfile.TemporaryDirectory] = []


@dataclass(frozen=True)
class Undisturbed:
    tables: dict[str, Any]
    lake: dict[str, Any]
    news: frozenset[tuple[str, str, str]]


@cache
def _undisturbed(
    traffic: str, changes: int | None, final: tuple[tuple[date, int], ...], url: Callable[[], str] | None
) -> Undisturbed:
    faults = () if changes is None else (Fault("config", changes),)
    gone = {day for day, traces in final if traces == 0}
    skipped = tuple(Fault("no night", (day - day_of(0)).days) for day in gone)
    plan = Plan(0, traffic, "cron", 0, faults + skipped)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as at:
        lived = _begin(plan, Path(at), url, dict(final))
        lived.live()
        found = _tables(lived.url, lived)
        return Undisturbed(found, _lake(lived), frozenset(lived.world.receivers[HONOURS].news()))


def _config_night(plan: Plan) -> int | None:
    return min((fault.night for fault in plan.faults if fault.kind == "config"), default=None)


def _sizes(lived: Simulation) -> dict[date, int]:
    """How many traces the lake has of each night's day."""
    lake = Lake(lived.config(0).lake.url)
    with lived.world.inhabited():
        lived.world.starts([])
        out = {}
        for night in range(-1, NIGHTS + QUIET):
            rows = lake.read("features", day_of(night)) if lake.committed("features", day_of(night)) else None
            out[day_of(night)] = rows.num_rows if rows is not None else 0
        return out


def _rows_lost(lived: Simulation, final: dict[date, int]) -> list[str]:
    """Days of which the lake has fewer traces than the store had in the end, and than it could have got."""
    out = []
    for night in range(-1, NIGHTS + QUIET):
        had = [lived.store.size(night, at) for at in range(max(night, 0), NIGHTS + QUIET)]
        least = had[-1] if night >= 0 else TRACES
        if final[day_of(night)] < least:
            out.append(f"lake: {final[day_of(night)]} traces of {day_of(night)}, the store has {had[-1]}")
    return out


def _tables(url: str, lived: Simulation) -> dict[str, Any]:
    results = Results(url)
    last = day_of(NIGHTS + QUIET - 1)
    out: dict[str, Any] = {}
    try:
        with results.database.reading() as connection:
            for name, table in tables.metadata.tables.items():
                if name in _NOT_COMPARED:
                    continue
                for row in connection.execute(sa.select(table)):
                    given = row._asdict()
                    # a night that a wrong clock ran ahead of time is a failed run of a day that is not over
                    if name == "runs" and given["day"] > last and given["status"] == "failed":
                        continue
                    key = name, *(str(given[column.name]) for column in table.primary_key.columns)
                    out[" ".join(key)] = given
    finally:
        results.close()
    return out


def _lake(lived: Simulation) -> dict[str, Any]:
    out = {}
    root, last = lived.folder / "lake", day_of(NIGHTS + QUIET - 1)
    for kind in KINDS:
        for manifest in sorted(root.glob(f"{kind}/day=*/_manifest.json")):
            day = manifest.parent.name.removeprefix("day=")
            if date.fromisoformat(day) > last:
                continue
            given = json.loads(manifest.read_bytes())
            there = [name if (manifest.parent / name).exists() else f"{name} is missing" for name in given["parts"]]
            out[f"{kind} {day}"] = (there, given["facts"])
    return out


def _torn(lake: Path) -> list[str]:
    """The days that a manifest calls whole and that are not."""
    out = []
    for manifest in sorted(lake.glob("*/day=*/_manifest.json")):
        missing = [name for name in json.loads(manifest.read_bytes())["parts"] if not (manifest.parent / name).exists()]
        if missing:
            out.append(
                f"lake: {manifest.parent.relative_to(lake)} was left with a manifest that names {missing[0]}, which is not there"
            )
    return out


def _differences(expected: dict[str, Any], found: dict[str, Any], what: str) -> list[str]:
    out = []
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) == found.get(key):
            continue
        if key not in found:
            out.append(f"{what}: {key} is missing")
        elif key not in expected:
            out.append(f"{what}: {key} should not be: {str(found[key])[:300]}")
        else:
            parts = expected[key], found[key]
            changed = (
                {name: (parts[0][name], parts[1][name]) for name in parts[0] if parts[0][name] != parts[1].get(name)}
                if isinstance(parts[0], dict)
                else parts
            )
            out.append(f"{what}: {key} differs: {str(changed)[:300]}")
    return out


def _told(outcome: Outcome, lived: Simulation, expected: Undisturbed) -> None:
    """Everything that an undisturbed run tells was told, and once."""
    results = Results(lived.url)
    with results.database.reading() as connection:
        rows = connection.execute(sa.select(tables.deliveries.c.day, tables.deliveries.c.status)).all()
    results.close()
    outcome.unknown = sum(row.status == "unknown" for row in rows)
    for address in (HONOURS, FORGETS):
        receiver = lived.world.receivers[address]
        news = receiver.news()
        heard = {incident for incident, _, _ in news if incident}
        for incident, event, day in sorted(expected.news):
            if news[incident, event, day]:
                continue
            unsure = any(row.status == "unknown" and str(row.day) == day for row in rows)
            if event in ("clear", "failed") or (event in ("lasting", "better", "closed") and incident in heard):
                continue
            if incident in heard or day in receiver.remarks() or date.fromisoformat(day) in lived.seen:
                outcome.late += 1
            elif not unsure:
                outcome.lost += 1
                outcome.wrong.append(f"told: {event} {incident[:8]} of {day} never reached {address}")
        for key, times in news.items():
            if times > 1 and address == HONOURS:
                outcome.twice += 1
                outcome.wrong.append(f"told: {key} reached {address} {times} times")
            elif times > 1:
                outcome.twice_without_key += 1
