"""Whether an incident is fixed: the nights since a fix against the ordinary days before it began. A proved fix ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from drift.compare.recovery import HALF, Fix, Recovery, recovery
from drift.config import Config
from drift.errors import DataError
from drift.features import custom
from drift.lake import Lake
from drift.night import baseline
from drift.profiles.day import DayProfile
from drift.results import Incident, Results
from drift.results.again import Again, again
from drift.results.incident import Action
from drift.results.write import find_incident


@dataclass(frozen=True)
class Judged:
    """An incident and what the nights since a fix say of it. earlier: the same change before it, where there was one."""

    incident: Incident
    since: date
    last: date
    recovery: Recovery
    earlier: Again | None


def judge(config: Config, incident: str, since: date | None, margin: float = HALF, note: str = "") -> Judged:
    """Judge a fix that works since a day (by default since the day after the incident was last seen), and end the incident where it is proved.

    incident: its id, or the beginning. margin: the part of its change that may be left. Raises DriftError for an unknown id, DataError
    where the days do not allow an answer.
    """
    custom.load(config.custom.modules)
    lake, results = Lake(config.lake.url), Results.of(config)
    try:
        everything = results.incidents()
        found = results.find(incident)
        first = since or found.last_alarm + timedelta(days=1)
        if first <= found.began[0]:
            raise DataError(f"{first} is not after {found.began[0]}, when the incident began; name the first day with the fix")
        after = [day for day in _days(config, lake, first) if day.ok]
        if not after:
            raise DataError(f"no night since {first} was run and fit to compare; the fix can be judged on the morning after it")
        before = baseline.comparable_with(lake, after[-1], _ordinary(config, lake, found, everything))
        after = [*baseline.comparable_with(lake, after[-1], after[:-1]), after[-1]]
        answer = recovery(
            before,
            after,
            (found.metric, (found.dimension, found.value), found.statistic),
            _change(found, first),
            config,
            margin,
        )
        if answer.answer == Fix.PROVED:
            found = results.decide(found.id, Action.FIXED, note=note)
        with results.database.reading() as connection:
            earlier = again(connection, find_incident(connection, found.id))
        return Judged(found, first, after[-1].day, answer, earlier)
    finally:
        results.close()


def _days(config: Config, lake: Lake, first: date) -> list[DayProfile]:
    return [
        DayProfile(day, table)
        for day in lake.days("profiles")
        if day >= first
        and day not in config.baseline.exclude
        and baseline.facts(lake, day)["ok"]
        and (table := baseline.profile_if_whole(lake, day)) is not None
    ]


def _ordinary(config: Config, lake: Lake, incident: Incident, everything: list[Incident]) -> list[DayProfile]:
    """The ordinary days before the incident, without those on which its series had another."""
    series = (incident.metric, incident.dimension, incident.value)
    left_out = baseline.excluded(config, [each for each in everything if each.opened < incident.opened])
    days = baseline.history(config, lake, incident.began[1])
    return [day for day in days if series not in left_out.get(day.day, ())][-config.baseline.days :]


def _change(incident: Incident, until: date) -> tuple[float, float]:
    """The ordinary value and the changed one, as told on the middle one of its nights before the fix."""
    told = [
        (line.value_from, line.value_to)
        for line in incident.days
        if line.day < until and line.alarms and line.value_from is not None and line.value_to is not None
    ]
    if not told:
        raise DataError(
            f"incident {incident.id[:8]} has no night before {until} on which it was seen; name a later first day of the fix"
        )
    start, to = (median(values) for values in zip(*told, strict=True))
    return start, to
