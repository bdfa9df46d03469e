"""What the nights of a living application are worth: what was told beside what the world's list asks for, and 3-sigma beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from drift import baseline
from drift.lake import Lake
from drift.results import Incident, account
from drift.results.daily import daily_metrics
from living import worlds
from living.incidents import NIGHTS, START, Planted, right_place
from living.replay import Nights

_ACCEPTED_CAUSES = {"an hour of 5xx": {"provider_incident"}, "campaign": {"audience"}, "viral": {"audience"}, "half of day": set()}


@dataclass
class Quiet:
    """An application that nothing befell. nights: judged; new: nights with a new incident that the list does not ask for;
    messages: nights with a message that it does not; causes: wrong causes called likely; longest: nights that the longest incident
    was open; found: which of the list's incidents were told, of how many."""

    world: str
    size: int
    seed: int
    nights: int
    new: list[tuple[int, str, str, str]] = field(default_factory=list)
    messages: int = 0
    told: int = 0
    causes: list[tuple[int, str, str]] = field(default_factory=list)
    longest: tuple[int, str] = (0, "")
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
    world, results = nights.application.world, nights.results()
    incidents = [i for i in results.incidents() if number(i.opened) >= worlds.HISTORY]
    wanted = [each for each in worlds.asked(world) if each.told == "incident" or each.first >= 0]
    wanted = [each for each in wanted if worlds.HISTORY <= each.first < last]
    out = Quiet(world.name, nights.application.size, nights.application.seed, last - worlds.HISTORY)
    of: dict[str, worlds.Asked] = {}
    for each in wanted:
        told = [i for i in incidents if each.first <= number(i.opened) <= each.last + 1 and i.id not in of]
        if told:
            of[told[0].id] = each
            out.found += each.told == "incident"
        out.asked += each.told == "incident"
    for incident in incidents:
        one = account.of_incident(results, incident.id)
        told = of.get(incident.id)
        if told is None:
            out.new.append((number(incident.opened), incident.title, ", ".join(sorted(incident.names)), one.because))
        accepted = next((c for start, c in _ACCEPTED_CAUSES.items() if told and told.what.startswith(start)), set())
        if world.market and set(incident.names) & {"input_language", "input_embedding", "input_topic"}:
            accepted = accepted | {"audience"}
        if one.confidence == "likely" and one.cause not in accepted:
            out.causes.append((number(incident.opened), incident.title, one.because))
        out.longest = max(out.longest, (_open(incident, last), incident.title))
    for n, message in nights.messages.items():
        if worlds.HISTORY <= n < last:
            out.told += 1
            failed_as_asked = message["status"] == "failed" and any(e.first <= n <= e.last for e in wanted)
            out.messages += not failed_as_asked and not any(i["id"] in of for i in message["incidents"])
    results.close()
    return out


def _open(incident: Incident, last: int) -> int:
    over = incident.closed or incident.accepted
    return (number(over) if over else last) - number(incident.opened)


def nights_with_new(result: Quiet) -> int:
    return len({n for n, *_ in result.new})


def found(nights: Nights, planted: Planted, control: set[str]) -> Found:
    """What the nights with a planted fault told that the control did not."""
    results = nights.results()
    first = worlds.day_of(START)
    new = [i for i in results.incidents() if i.opened >= first and i.id not in control]
    mine = [i for i in new if i.names & planted.own]
    opened = tuple(f"{number(i.opened) - START + 1}: {i.title}" for i in new)
    if not mine:
        results.close()
        return Found(planted.name, None, opened=opened)
    incident = next((i for i in mine if i.metric in planted.own), mine[0])
    one = account.of_incident(results, incident.id)
    results.close()
    parts = one.note.get("where", [])
    carried = [p for p in parts if isinstance(p.get("share"), float) and p["share"] >= 0.5]
    place = right_place(planted.place, incident.dimension, incident.value) or (
        incident.dimension == "all" and any(right_place(planted.place, p["dimension"], p["value"]) for p in carried)
    )
    cause = one.cause or "unclear"
    return Found(
        planted.name, number(incident.opened) - START + 1, incident.title, cause, one.confidence, place,
        cause == "unclear" or cause in planted.causes, opened,
    )  # fmt: skip


class Sigma:
    """3-sigma on the same daily values: a series is new where it is beyond k of the 28 days before and was not in the last 14."""

    def __init__(self, nights: Nights, last: int):
        self.values = _daily(nights, range(last))
        self.z = np.array([_z(self.values, day) for day in range(worlds.HISTORY, last)])

    def tuned(self, false_nights: int) -> float:
        """The k at which as many nights as given have a new one, at least half a night."""
        for k in np.linspace(3, 60, 200):
            if self.nights(k) <= max(false_nights, 1):
                return float(k)
        return float("inf")

    def nights(self, k: float) -> int:
        return int(_new(self.z, k).any(1).sum())

    def finds(self, nights: Nights, planted: Planted, k: float) -> bool:
        """Whether a series of the planted fault's own is new within its nights and was not without it."""
        values = {name: series.copy() for name, series in self.values.items()}
        names = [name for name in values if name[0].split(":")[0] in planted.own]
        if not names:
            return False
        for name, series in _daily(nights, range(START, START + NIGHTS)).items():
            if name in values:
                values[name][START : START + NIGHTS] = series[START : START + NIGHTS]
        at = [list(values).index(name) for name in names]
        before = _new(self.z, k)[START - worlds.HISTORY :][:NIGHTS][:, at]
        z = self.z.copy()
        for day in range(START, START + NIGHTS):
            z[day - worlds.HISTORY] = _z(values, day)
        return bool((_new(z, k)[START - worlds.HISTORY :][:NIGHTS][:, at] & ~before).any())


def _daily(nights: Nights, days: Sequence[int]) -> dict[tuple[str, str, str], np.ndarray]:
    lake = Lake(nights.config.lake.url)
    out: dict[tuple[str, str, str], np.ndarray] = defaultdict(lambda: np.full(max(days) + 1, np.nan))
    for n in days:
        if lake.manifest("profiles", worlds.day_of(n)) is None:
            continue
        for row in daily_metrics(baseline.profile_of(lake, worlds.day_of(n)), []):
            if row.level is not None and row.n >= 50:
                out[row.metric, row.dimension, row.value][n] = row.level
    return out


def _z(values: dict, day: int) -> np.ndarray:
    y = np.array(list(values.values()))
    past = y[:, max(0, day - 28) : day]
    known = np.isfinite(past).sum(1)
    with np.errstate(all="ignore"):
        mean, spread = np.nanmean(past, 1), np.nanstd(past, 1, ddof=1)
        z = np.abs(y[:, day] - mean) / np.maximum(spread, 1e-9)
    return np.where((known >= 7) & np.isfinite(z), z, 0.0)


def _new(z: np.ndarray, k: float) -> np.ndarray:
    beyond = z > k
    recent = np.zeros_like(beyond)
    for lag in range(1, 15):
        recent[lag:] |= beyond[:-lag]
    return beyond & ~recent
