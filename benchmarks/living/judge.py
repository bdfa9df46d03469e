"""What the nights of a living application are worth: what was told beside what the world's list asks for, and 3-sigma beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from drift.findings import Explanation, most_telling
from drift.metrics import DECISIONS
from drift.profiles.day import DayProfile
from drift.results import Incident
from drift.results.daily import daily_metrics
from living import worlds
from living.incidents import NIGHTS, START, Planted, right_place
from living.replay import Nights

_ACCEPTED_CAUSES = {
    "an hour of 5xx": {"provider_incident"},
    "campaign": {"audience"},
    "viral": {"audience"},
    "half of day": set(),
}


@dataclass
class Quiet:
    """An application that nothing befell. nights: judged; new, digest: incidents that the list does not ask for, worth a message
    or only a line of the digest; messages: nights with a message that it does not; causes: wrong causes called likely; longest: nights that the longest incident
    was open, or settled and still alarming; outlived: the most nights that one was, after what the list asks for was over; found: which of the list's incidents were told, of how many."""

    world: str
    size: int
    seed: int
    nights: int
    new: list[tuple] = field(default_factory=list)
    digest: list[tuple] = field(default_factory=list)
    messages: int = 0
    told: int = 0
    causes: list[tuple[int, str, str]] = field(default_factory=list)
    longest: tuple[int, str] = (0, "")
    outlived: tuple[int, str] = (0, "")
    found: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Found:
    """What became of one planted fault: the night on which a new incident of its own opened (None: none did), and what that said."""

    name: str
    night: int | None
    where: str = ""
    cause: str = ""
    confidence: str = ""
    place: bool = False
    right: bool = False
    opened: tuple[str, ...] = ()
    sigma: bool = False


def number(day: date) -> int:
    return (day - worlds.FIRST).days


def quiet(nights: Nights, last: int) -> Quiet:
    """Judge the nights after the history up to `last` against the world's list."""
    world = nights.application.world
    incidents = [i for i in nights.incidents if number(i.opened) >= worlds.HISTORY]
    wanted = [each for each in worlds.asked(world) if worlds.HISTORY <= each.first < last]
    out = Quiet(world.name, nights.application.size, nights.application.seed, last - worlds.HISTORY)
    of: dict[str, worlds.Asked] = {}
    for each in wanted:
        told = [i for i in incidents if each.first <= number(i.opened) <= each.last + 1 and i.id not in of]
        if told:
            # what is told of it is the loudest, not what happens to be first
            of[max(told, key=lambda i: (not i.days[0].silent, len(i.names))).id] = each
        out.found += each.told == "incident" and (bool(told) or each.first in nights.failed)
        out.asked += each.told == "incident"
    for incident in incidents:
        note = _telling(nights, incident)
        told = of.get(incident.id)
        if told is None and not incident.days[0].silent:
            out.new.append(
                (number(incident.opened), incident.title, incident.lead.test, ", ".join(sorted(incident.names)), _because(note))
            )
        if told is None and incident.days[0].silent:
            out.digest.append(
                (number(incident.opened), incident.title, incident.lead.test, ", ".join(sorted(incident.names)), _because(note))
            )
        accepted = next((c for start, c in _ACCEPTED_CAUSES.items() if told and told.what.startswith(start)), set())
        if world.market and incident.names & {"input_language", "input_embedding", "input_topic"}:
            accepted = accepted | {"audience"}
        if note.confidence == "likely" and note.cause not in accepted:
            out.causes.append((number(incident.opened), incident.title, _because(note)))
        until = _until(incident, last)
        out.longest = max(out.longest, (until - number(incident.opened), incident.title))
        if told is not None:
            out.outlived = max(out.outlived, (until - told.last, incident.title))
    for n, told in nights.messages.items():
        if worlds.HISTORY <= n < last:
            out.told += 1
            out.messages += not told & of.keys()
    return out


def _telling(nights: Nights, incident: Incident) -> Explanation:
    notes = nights.notes.get(incident.id, [Explanation()])
    return notes[most_telling([vars(note) for note in notes])]


def _because(note: Explanation) -> str:
    return f"{note.cause} ({note.confidence})" if note.confidence else note.cause


def _until(incident: Incident, last: int) -> int:
    """The night on which it was over. One that settled is not while its series still alarm, which its lines say and its end does not."""
    over = incident.closed or incident.accepted
    return max(number(over), number(incident.days[-1].day)) if over else last


def nights_with_new(result: Quiet) -> set[int]:
    """The nights on which an incident opened that the list does not ask for."""
    return {n for n, *_ in [*result.new, *result.digest]}


def found(nights: Nights, planted: Planted, control: set[str]) -> Found:
    """What the nights with a planted fault told that the control did not."""
    first = worlds.day_of(START)
    new = [i for i in nights.incidents if i.opened >= first and i.id not in control]
    mine = [i for i in new if i.names & planted.own]
    opened = tuple(f"{number(i.opened) - START + 1}: {i.title}{' (digest)' if i.days[0].silent else ''}" for i in new)
    if not mine:
        return Found(planted.name, None, opened=opened)
    incident = next((i for i in mine if i.metric in planted.own), mine[0])
    note = _telling(nights, incident)
    carried = [part for part in note.where if part.share >= 0.5]
    place = right_place(planted.place, incident.dimension, incident.value) or (
        incident.dimension == "all" and any(right_place(planted.place, part.dimension, part.value) for part in carried)
    )
    return Found(
        planted.name,
        number(incident.opened) - START + 1,
        where=incident.title,
        cause=note.cause,
        confidence=note.confidence,
        place=place,
        right=note.cause == "unclear" or note.cause in planted.causes,
        opened=opened,
    )


class Sigma:
    """3-sigma on the same daily values: a series is new where it is beyond k of the 28 days before and was not in the last 14."""

    def __init__(self, nights: Nights, last: int):
        self.values = _daily(nights.days, range(last))
        self.z = np.array([_z(self.values, day) for day in range(worlds.HISTORY, last)])

    def tuned(self, false_nights: int) -> float:
        """The k at which as many nights as given have a new one, at least half a night."""
        for k in np.linspace(3, 60, 200):
            if self.nights(k) <= max(false_nights, 1):
                return float(k)
        return float("inf")

    def nights(self, k: float) -> int:
        return int(_new(self.z, k).any(1).sum())

    def finds(self, history: Nights, planted: Planted, k: float) -> bool:
        """Whether a series of the planted fault's own is new within its nights and was not without it. history: up to it."""
        values = {name: series.copy() for name, series in self.values.items()}
        names = [name for name in values if name[0].split(":")[0] in planted.own]
        if not names:
            return False
        days = range(START, START + NIGHTS)
        profiles = [history.profiled(number, history.drawn(number, planted, START)) for number in days]
        for name, series in _daily(profiles, days).items():
            if name in values:
                values[name][START : START + NIGHTS] = series[START : START + NIGHTS]
        at = [list(values).index(name) for name in names]
        before = _new(self.z, k)[START - worlds.HISTORY :][:NIGHTS][:, at]
        z = self.z.copy()
        for day in range(START, START + NIGHTS):
            z[day - worlds.HISTORY] = _z(values, day)
        return bool((_new(z, k)[START - worlds.HISTORY :][:NIGHTS][:, at] & ~before).any())


def _daily(profiles: Sequence[DayProfile], days: Sequence[int]) -> dict[tuple[str, str, str], np.ndarray]:
    out: dict[tuple[str, str, str], np.ndarray] = defaultdict(lambda: np.full(max(days) + 1, np.nan))
    for day in profiles:
        if (n := number(day.day)) in days:
            for row in daily_metrics(day.table, []):
                # what somebody decides would be its alarms; it is spared them as drift is
                if row.level is not None and row.n >= 50 and row.metric.partition(":")[0] not in DECISIONS:
                    out[row.metric, row.dimension, row.value][n] = row.level
    return out


def _z(values: dict, day: int) -> np.ndarray:
    y = np.array(list(values.values()))
    past = y[:, max(0, day - 28) : day]
    known = np.isfinite(past).sum(1)
    with np.errstate(all="ignore"):
        mean, spread = np.nanmean(past, 1), np.nanstd(past, 1, ddof=1)
        z = np.abs(y[:, day] - mean) / spread
    return np.where((known >= 14) & (spread > 1e-9) & np.isfinite(z), z, 0.0)


def _new(z: np.ndarray, k: float) -> np.ndarray:
    beyond = z > k
    recent = np.zeros_like(beyond)
    for lag in range(1, 15):
        recent[lag:] |= beyond[:-lag]
    return beyond & ~recent
