"""The simulated machine: one process at a time is under its control, or two that take turns, and each of its moments may be its last."""

from __future__ import annotations

import errno
import random
import threading
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import sqlalchemy as sa

import drift.alerts
import drift.checks
import drift.config
import drift.lake
import drift.stores
from drift import detect, features
from drift.alerts import deadline, outbox, sinks
from drift.night import baseline, pulse, run, schedule
from drift.night.turn import turn
from drift.results import watch
from faults.sim.disk import Disk, DiskOs
from faults.sim.places import PagedStore, Receiver, answer_of, post_to
from faults.sim.plan import Fault
from faults.sim.pure import once

HONOURS, FORGETS = "http://honours", "http://forgets"


class Killed(BaseException):
    """The process is no more: nothing catches this."""


@dataclass
class Process:
    """A process that runs a night. armed: what happens to it. moments: how many it had, by place."""

    number: int
    armed: list[Fault] = field(default_factory=list)
    dead: bool = False
    moments: dict[str, int] = field(default_factory=dict)
    transactions: int = 0
    left: dict[Fault, int] = field(default_factory=dict)


class World:
    """Clock, disk, database, store and receivers of one seed. shown(day): the traces that the store has of a day now."""

    def __init__(self, shown: Callable[..., list[dict]], chances: random.Random):
        self.now = datetime(2026, 11, 8, tzinfo=UTC)
        self.skew = timedelta()
        self.chances = chances
        self.disk = Disk(self.step)
        self.receivers = {HONOURS: Receiver(True), FORGETS: Receiver(False)}
        self.fired: set[Fault] = set()
        self.process = Process(0)
        self.living: set[int] = set()
        self._threads: dict[int, Process] = {}
        self._answer = answer_of(self.ask, shown)
        self.switch: Callable[[Process], None] | None = None

    @property
    def me(self) -> Process:
        return self._threads.get(threading.get_ident(), self.process)

    def starts(self, armed: list[Fault]) -> Process:
        """A new process; of what an earlier one remembered nothing is left."""
        baseline._stored.cache_clear()
        baseline._tell_left_out.cache_clear()
        number = self.process.number + 1
        self.process = Process(number, armed, left={fault: max(1, fault.more) for fault in armed})
        self.living.add(number)
        return self.process

    def ends(self, process: Process) -> None:
        process.dead = True
        self.living.discard(process.number)

    def runs_on(self, thread: int, process: Process) -> None:
        self._threads[thread] = process

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if self.switch is not None:
            self.switch(self.me)

    def step(self, place: str, what: str) -> None:
        """A moment of the process that runs: it may be its last, or fail."""
        me = self.me
        if me.dead:
            raise Killed
        if place != "begin":
            me.moments[place] = me.moments.get(place, 0) + 1
        me.moments["any"] = me.moments.get("any", 0) + 1
        for fault in me.armed:
            if fault.place == place and me.moments[place] >= fault.at and me.left[fault]:
                self._happens(fault, me, place)
        if self.switch is not None and not me.transactions and place != "sql":
            self.switch(me)

    def _happens(self, fault: Fault, me: Process, place: str) -> None:
        self.fired.add(fault)
        if fault.kind in ("kill", "power"):
            self.ends(me)
            if fault.kind == "power":
                for process in (me, *self._threads.values()):
                    self.ends(process)
                self.disk.lose_power(self.chances)
            raise Killed
        if fault.kind == "disk full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if fault.kind == "disk error":
            me.left[fault] -= 1
            raise OSError(errno.EIO, "Input/output error")
        if fault.kind == "database gone":
            me.left[fault] -= 1
            raise sa.exc.OperationalError("", {}, Exception("the database is gone"))

    def ask(self, place: str) -> str:
        """What goes wrong with a request; empty for nothing."""
        self.step(place, "")
        me = self.me
        for fault in me.armed:
            answers = fault.place == place and fault.kind.startswith(("store: ", "receiver: "))
            if answers and me.moments[place] >= fault.at and me.left[fault]:
                me.left[fault] -= 1
                self.fired.add(fault)
                return fault.kind.partition(": ")[2]
        return ""

    def sinks(self, *_: object) -> list[sinks.Sink]:
        return [sinks.Webhook(address, self.sleep) for address in self.receivers]

    def store(self, config: object) -> PagedStore:
        return PagedStore(self._answer, self.sleep)

    def clock(self) -> datetime:
        return self.now + self.skew

    def _kill(self, number: int, signal: int) -> None:
        if number not in self.living:
            raise ProcessLookupError

    @contextmanager
    def inhabited(self):
        """drift, in this process, in this world."""
        with ExitStack() as stack:
            put = lambda *where, **given: stack.enter_context(mock.patch.object(*where, **given))  # noqa: E731
            put(drift.lake, "opened", lambda url, **_: (self.disk, url))
            put(drift.lake, "open", self.disk.opened, create=True)
            put(drift.lake, "os", DiskOs(lambda: self.disk))
            put(drift.stores, "open_store", self.store)
            put(run, "turn", lambda config: turn(config, self.sleep))
            put(drift.alerts, "configured", self.sinks)
            put(deadline, "send", post_to(self.ask, self.receivers))
            put(outbox, "os", SimpleNamespace(getpid=lambda: self.me.number, kill=self._kill))
            put(outbox, "socket", SimpleNamespace(gethostname=lambda: "here"))
            for module in (drift.config, run, schedule, outbox, pulse, watch):
                put(module, "datetime", _clock(self.clock))
            for module, name in ((drift.checks, "check_day"), (drift.checks, "check_tables"), (detect, "judge")):
                put(module, name, _known(name, getattr(module, name)))
            put(features, "extract", _extracted(features.extract))
            for event, react in (
                ("begin", self._begin), ("before_cursor_execute", self._sql), ("commit", self._commit), ("rollback", self._over)
            ):  # fmt: skip
                sa.event.listen(sa.Engine, event, react)
                stack.callback(sa.event.remove, sa.Engine, event, react)
            yield

    def _begin(self, connection: sa.Connection) -> None:
        self.step("begin", "")
        self.me.transactions += 1

    def _sql(self, connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        self.step("sql", statement)

    def _commit(self, connection: sa.Connection) -> None:
        self.step("commit", "")
        self._over(connection)

    def _over(self, connection: sa.Connection) -> None:
        self.me.transactions -= 1


def _clock(now: Callable[[], datetime]) -> type:
    class Simulated(datetime):
        combine = datetime.combine  # type: ignore[assignment]
        fromisoformat = datetime.fromisoformat  # type: ignore[assignment]

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return now().astimezone(tz)

    return Simulated


def _extracted(function: Callable[..., Any]) -> Callable[..., Any]:
    def extract(table: Any, context: Any) -> Any:
        measure = once("extract", lambda table, *_: function(table, context))
        return measure(table, context.dimensions, sorted(context.disabled))

    return extract


def _known(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if name != "judge":
        return once(name, function)

    def judged(*given: Any, **named: Any) -> Any:
        found = function(*given, **named)
        drilled = found.drill()
        return SimpleNamespace(findings=found.findings, drill=lambda: drilled)

    return once(name, judged)
