"""`drift diagnose`: a stretch of the past, pulled where it is missing, looked at with all of it in hand.

Days are pulled and summed up only: no night is replayed, nothing is published. `drift backfill` does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from drift.config import Config
from drift.detect.lasting.lookback import Change, Lookback, beginnings, look_back
from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.errors import CheckFailed
from drift.explain import events
from drift.findings import Event
from drift.lake import Lake
from drift.night import baseline, schedule
from drift.night.profile import profile_day
from drift.night.pull import pull_day
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile


@dataclass(frozen=True)
class Past:
    """What a stretch of days shows. days: those looked at; traces: of each. unfit: day and why; missing: never pulled.

    groups: changes by what began together, strongest evidence first, each with what changed about the traffic at that time.
    """

    days: tuple[date, ...]
    traces: tuple[int, ...]
    unfit: tuple[tuple[date, str], ...]
    missing: tuple[date, ...]
    found: Lookback
    groups: tuple[tuple[tuple[Change, ...], tuple[Event, ...]], ...]


def span(start: date, end: date) -> list[date]:
    """The days from `start` to `end`, both included."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def missing(config: Config, start: date, end: date) -> list[date]:
    """The days of the stretch that have no profile, holes included."""
    there = set(Lake(config.lake.url).days("profiles"))
    return [day for day in span(start, end) if day not in there]


def fill(config: Config, days: list[date]) -> Iterator[date]:
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
    return Past(tuple(day.day for day in fit), traces, unfit, tuple(absent), found, groups)


def _events(panel: Panel | None, change: Change) -> tuple[Event, ...]:
    if panel is None:
        return ()
    place = (change.dimension, change.value) if change.dimension != OVERALL else (OVERALL, "")
    return tuple(events.around(panel, place, change.first_low, change.first_high))
