"""What goes wrong in a seed: plain values, so that a plan can be printed, replayed and made smaller."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

# nights that faults may happen in; two quiet ones follow
NIGHTS = 2
QUIET = 2

# where a process can be hurt, and how many such moments a run has, about
MOMENTS = {"disk": 46, "read": 60, "sql": 130, "commit": 8, "post": 2, "ask": 6}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong in an attempt of a night. at: the k-th moment of its place, from 1; more: how often or how much."""

    kind: str
    night: int
    attempt: int = 0
    place: str = ""
    at: int = 0
    more: int = 0

    def __str__(self) -> str:
        where = f" at {self.place} {self.at}" if self.place else ""
        return f"night {self.night}, attempt {self.attempt}: {self.kind}{where}{f' ({self.more})' if self.more else ''}"


@dataclass(frozen=True)
class Plan:
    """A seed's world: what the traffic does, how nights are started, and the faults. chances: the seed of what is drawn on the way."""

    seed: int
    traffic: str
    runner: str
    retries: int
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        head = f"seed {self.seed}: traffic {self.traffic}, started by {self.runner}, {self.retries} retries"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])

    def smaller(self) -> Iterator[Plan]:
        """Plans with less in them, the smallest first."""
        for n in range(len(self.faults)):
            yield replace(self, faults=self.faults[:n] + self.faults[n + 1 :])
        if self.retries:
            yield replace(self, retries=0)
        if self.traffic != "ordinary":
            yield replace(self, traffic="ordinary")
        for n, fault in enumerate(self.faults):
            if fault.more > 1:
                yield replace(self, faults=(*self.faults[:n], replace(fault, more=1), *self.faults[n + 1 :]))


TRAFFIC = ("ordinary", "no scores", "short answers", "one bad day")
RUNNERS = ("cron", "cron", "tasks")
# each with how often it is drawn
KINDS = {
    "kill": 8, "power": 6, "disk full": 3, "disk error": 2, "database gone": 3, "store": 6, "receiver": 6, "late rows": 4,
    "at once": 3, "zombie": 3, "clock": 2, "deleting": 2, "config": 2, "no night": 2,
}  # fmt: skip
STORE = ("429", "500", "time-out", "cut", "half an answer", "refused")
RECEIVER = ("429", "500", "500 after it was taken", "time-out before", "time-out after it was taken", "refused")


def plan(seed: int) -> Plan:
    """The plan of a seed, always the same."""
    draw = random.Random(f"drift {seed}")
    runner = draw.choice(RUNNERS)
    faults = tuple(_fault(draw, runner) for _ in range(draw.choice((1, 1, 2, 2, 3))))
    ordered = tuple(sorted(set(faults), key=lambda fault: (fault.night, fault.attempt, str(fault))))
    return Plan(seed, draw.choice(TRAFFIC), runner, draw.choice((0, 2)), ordered)


def _fault(draw: random.Random, runner: str) -> Fault:
    kind = draw.choices(list(KINDS), list(KINDS.values()))[0]
    night, attempt = draw.randrange(NIGHTS), draw.choice((0, 0, 1))
    if kind == "zombie" and runner != "tasks":
        kind = "at once"
    if kind in ("kill", "power"):
        place = draw.choice(("disk", "disk", "read", "sql", "commit", "post"))
        return Fault(kind, night, attempt, place, draw.randint(1, MOMENTS[place]))
    if kind == "disk full":
        return Fault(kind, night, attempt, "disk", draw.randint(1, MOMENTS["disk"]))
    if kind == "disk error":
        place = draw.choice(("disk", "read"))
        return Fault(kind, night, attempt, place, draw.randint(1, MOMENTS[place]))
    if kind == "database gone":
        return Fault(kind, night, attempt, "sql", draw.randint(1, MOMENTS["sql"]), draw.choice((1, 5, 10_000)))
    if kind == "store":
        return Fault(f"store: {draw.choice(STORE)}", night, attempt, "ask", draw.randint(1, 3), draw.choice((1, 3, 10_000)))
    if kind == "receiver":
        return Fault(
            f"receiver: {draw.choice(RECEIVER)}", night, attempt, "post", draw.randint(1, 2), draw.choice((1, 3, 10_000))
        )
    if kind in ("at once", "zombie"):
        return Fault(kind, night, 0, "any", draw.randint(1, 200))
    if kind == "clock":
        return Fault(kind, night, 0, more=draw.choice((-400, -2, -1, 1, 2, 400)))
    return Fault(kind, night)
