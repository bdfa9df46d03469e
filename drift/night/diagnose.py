"""`drift diagnose`: a stretch of the past, pulled where it is missing, looked at with all of it in hand.

Days are pulled and summed up only: no night is replayed, nothing is published. `drift backfill` does that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from drift import stores
from drift.config import Config
from drift.detect.lasting.lookback import Change, Lookback, beginnings, look_back
from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.errors import CheckFailed, DataError, DriftError
from drift.explain import events, magnitude
from drift.findings import Event
from drift.lake import Lake
from drift.night import baseline, schedule
from drift.night.profile import profile_day
from drift.night.pull import pull_day
from drift.night.run import yesterday
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile
from drift.results import Results
from drift.results.account import IncidentAccount, of_incident


@dataclass(frozen=True)
class Past:
    """What a stretch of days shows. days: those looked at; traces: of each. unfit: day and why; missing: not pulled.

    groups: changes by what began together, strongest evidence first, each with what changed about the traffic at that time. means: of
    what changed in dollars, the mean before, in the traffic mix of after, and after; what is compared is the level of a typical request.
    told: the incidents that nights of these days opened, which a look over all of them need not find again.
    """

    days: tuple[date, ...]
    traces: tuple[int, ...]
    unfit: tuple[tuple[date, str], ...]
    missing: tuple[date, ...]
    found: Lookback
    groups: tuple[tuple[tuple[Change, ...], tuple[Event, ...]], ...]
    means: Mapping[Change, tuple[float, float]]
    told: tuple[IncidentAccount, ...]


@dataclass(frozen=True)
class Stretch:
    """Which days to look at, both ends included. missing: of these to be pulled first, oldest first.

    ends: the last day of which the store has traces, where that is why the stretch ends there.
    """

    start: date
    end: date
    missing: tuple[date, ...]
    ends: date | None = None


def stretch(config: Config, last: int, start: date | None, end: date | None) -> Stretch:
    """From `start` to `end`, without them the `last` days up to yesterday or, where the store knows its days, up to the last it has.

    A store that knows its days is asked for none of which it has nothing, and again for those that were empty when they were pulled.
    Raises DataError where it has none to look at.
    """
    until = end or yesterday(config)
    since = start or until - timedelta(days=last - 1)
    absent = missing(config, since, until)
    if not absent:
        return Stretch(since, until, _filled_since(config, since, until))
    known = _known(config)
    if known is None:
        return Stretch(since, until, tuple(absent))
    if not known:
        raise DataError("the store has traces of no day that is over")
    ends = max(known) if end is None and max(known) < until else None
    if ends:
        until = ends
        since = start or until - timedelta(days=last - 1)
    if start is None:
        since = max(since, min(min(known), until))
    if not known & set(span(since, until)):
        asked = f"{since} to {until}" if since <= until else f"{since} and later"
        raise DataError(f"the store has no traces of {asked}; it has some of {min(known)} to {max(known)}")
    wanted = {*missing(config, since, until), *_empty(config, since, until)}
    return Stretch(since, until, tuple(sorted(wanted & known)), ends)


def _filled_since(config: Config, start: date, end: date) -> tuple[date, ...]:
    """The days that were empty when they were pulled, and of which the store has traces by now."""
    empty = _empty(config, start, end)
    if not empty:
        return ()
    try:
        return tuple(sorted(empty & (_known(config) or set())))
    except DriftError:
        # all days are there, and a store that is gone takes none of them away
        return ()


def _known(config: Config) -> set[date] | None:
    """The days that are over of which the store has traces; None where it cannot say cheaply."""
    days = stores.days_of(stores.open_store(config), config.zone)
    return None if days is None else {day for day in days if config.is_over(day)}


def _empty(config: Config, start: date, end: date) -> set[date]:
    lake = Lake(config.lake.url)
    there = set(lake.days("profiles")) & set(span(start, end))
    return {day for day in there if not baseline.facts(lake, day)["traces"]}


def span(start: date, end: date) -> list[date]:
    """The days from `start` to `end`, both included."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def missing(config: Config, start: date, end: date) -> list[date]:
    """The days of the stretch that have no profile, holes included."""
    there = set(Lake(config.lake.url).days("profiles"))
    return [day for day in span(start, end) if day not in there]


def fill(config: Config, days: Sequence[date]) -> Iterator[date]:
    """Pull and profile the days, oldest first. Raises StoreError where the store fails: what was done stays done."""
    schedule.refuse_unfinished(config, *days)
    for day in days:
        profile_day(config, day, pull_day(config, day))
        yield day


def look(config: Config, start: date, end: date) -> Past:
    """The stretch as the lake has it. Raises CheckFailed where none of its days is fit to be compared."""
    lake = Lake(config.lake.url)
    absent = missing(config, start, end)
    facts = {day: baseline.facts(lake, day) for day in span(start, end) if day not in absent}
    unfit = tuple((day, known["reason"]) for day, known in facts.items() if not known["ok"])
    fit = [DayProfile(day, baseline.profile_of(lake, day)) for day, known in facts.items() if known["ok"]]
    fit = [day for day in fit if day.day not in config.baseline.exclude]
    if not fit:
        why = f"{unfit[-1][0]}: {unfit[-1][1]}" if unfit else "none was pulled"
        raise CheckFailed(f"no day from {start} to {end} can be compared ({why})")
    days = [*baseline.comparable_with(lake, fit[-1], fit[:-1]), fit[-1]]
    found = look_back(days, Settings.of(config))
    panel = Panel(days) if found.changes else None
    groups = tuple((tuple(group), _events(panel, group[0])) for group in beginnings(found.changes))
    traces = tuple(int(facts[day.day]["traces"]) for day in fit)
    means = {each: told for each in found.changes if panel is not None and (told := _means(panel, each)) is not None}
    return Past(tuple(day.day for day in fit), traces, unfit, tuple(absent), found, groups, means, _told(config, start, end))


def _told(config: Config, start: date, end: date) -> tuple[IncidentAccount, ...]:
    results = Results.of(config)
    try:
        return tuple(of_incident(results, each.id) for each in results.incidents() if start <= each.opened <= end)
    finally:
        results.close()


def _means(panel: Panel, change: Change) -> tuple[float, float] | None:
    if change.unit != "USD":
        return None
    during = [change.first <= day and (change.last is None or day <= change.last) for day in panel.days]
    place = (change.dimension, change.value) if change.dimension != OVERALL else (OVERALL, "")
    ordinary, changed = ([n for n, inside in enumerate(during) if inside is wanted] for wanted in (False, True))
    return magnitude.means(panel, change.metric, place, ordinary, changed)


def _events(panel: Panel | None, change: Change) -> tuple[Event, ...]:
    if panel is None:
        return ()
    place = (change.dimension, change.value) if change.dimension != OVERALL else (OVERALL, "")
    return tuple(events.around(panel, place, change.first_low, change.first_high))
