"""What an incident is: its state, its nights, and what people can say of it. How it comes about is replayed in `incidents`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from drift.results.grouping import Location, StoredFinding

# what happened on the nights whose numbers were told: the latest are an incident's numbers everywhere
TELLS_NUMBERS = ("opened", "worse", "better")
# ordinary nights in a row after which it is over
CLOSE_AFTER = 2


class IncidentEvent(StrEnum):
    """What happened to an incident on a night."""

    OPENED = "opened"
    LASTING = "lasting"
    WORSE = "worse"
    BETTER = "better"
    ORDINARY = "ordinary"
    CLOSED = "closed"
    ACCEPTED = "accepted"
    SETTLED = "settled"


class State(StrEnum):
    """Where an incident is: it lasts, it ended, or its level is the new one, by a person's word or by itself."""

    OPEN = "open"
    CLOSED = "closed"
    ACCEPTED = "accepted"
    SETTLED = "settled"


class Action(StrEnum):
    """What a person can say about an incident."""

    ACK = "ack"
    MUTE = "mute"
    ACCEPT = "accept"
    REOPEN = "reopen"
    UNACK = "unack"
    UNACCEPT = "unaccept"
    FIXED = "fixed"


@dataclass(frozen=True)
class Decision:
    """What a person said about an incident. It takes effect from the night after `day`."""

    number: int
    incident_id: str
    metric: str
    dimension: str
    value: str
    action: Action
    day: date
    until: date | None = None
    note: str = ""


@dataclass(frozen=True)
class IncidentDay:
    """One night of an incident. `silent`: nobody is sent a message about it: people asked not to hear of it (muted,
    acknowledged, accepted), it was told before, or it is a matter of the digest."""

    incident_id: str
    day: date
    event: IncidentEvent
    silent: bool
    value_from: float | None
    value_to: float | None
    low: float | None
    high: float | None
    z: float | None
    alarms: int


@dataclass
class Incident:
    """A change that opened, lasts or closed. The numbers are those of the latest night on which its lead finding was seen.

    early: it opened when there were too few ordinary days to compare with. ordinary: nights in a row without it.
    gradual: it is a slow movement, told once. told: it is worth a message. worse: something got worse. level_since: the night on which the level that
    was told last was told. settled: the first day of the new level, where it became one by itself. kept: a person turned
    that back, so it does not settle again. levels: by series, what it was and is, as its last alarm while the incident was open said.
    fixed: the day up to which its fix is proved.
    """

    id: str
    metric: str
    dimension: str
    value: str
    statistic: str
    direction: str
    unit: str
    opened: date
    last_alarm: date
    lead: StoredFinding
    location: Location
    keys: set[tuple[str, str, str, str]]
    names: set[str]
    state: State = State.OPEN
    closed: date | None = None
    provisional: bool = False
    early: bool = False
    nights: int = 1
    acknowledged: bool = False
    muted_until: date | None = None
    accepted: date | None = None
    ordinary: int = 0
    announced: float = 0.0
    gradual: bool = False
    told: bool = True
    worse: bool = False
    level_since: date = date.min
    settled: date | None = None
    kept: bool = False
    fixed: date | None = None
    levels: dict[tuple[str, str, str, str], tuple[float, float]] = field(default_factory=dict)
    days: list[IncidentDay] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.lead.key

    @property
    def over(self) -> bool:
        """Whether it takes no more alarms: it closed, or the level that was accepted or settled has become what is ordinary."""
        return self.state == State.CLOSED or self.state in (State.ACCEPTED, State.SETTLED) and self.ordinary >= CLOSE_AFTER

    @property
    def new_normal(self) -> date | None:
        """The first day of the level that is now compared with, where a person accepted it or it settled by itself."""
        if self.accepted is not None:
            return self.lead.since or self.opened
        return self.settled

    @property
    def began(self) -> tuple[date, date, date]:
        """The first changed day, and the earliest and the latest that it can be."""
        first = min(self.lead.since or self.opened, self.opened)
        return first, min(self.lead.since_low or first, first), max(min(self.lead.since_high or first, self.opened), first)

    @property
    def told_as(self) -> IncidentDay:
        """The night whose numbers are the incident's everywhere: that of its opening, or the latest on which it was worse or better."""
        known = [line for line in self.days if line.event in TELLS_NUMBERS and line.value_to is not None]
        return known[-1] if known else self.days[0]

    @property
    def title(self) -> str:
        """The metric and, below overall, its segment."""
        return self.metric if self.dimension == "all" else f"{self.metric} where {self.dimension}={self.value}"


def incident_id(metric: str, dimension: str, value: str, opened: date, rule: str = "") -> str:
    """Twelve hexadecimal digits that are the same whenever and wherever the incident is derived. rule: the rule that it is of."""
    text = "\x1f".join((metric, dimension, value, opened.isoformat(), *([rule] if rule else [])))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
