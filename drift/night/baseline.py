"""Which days a night is compared with: the rolling baseline, the pinned one, and what incidents take out of them.

Profiles are read here and nowhere else, each once a process: a part is named by its content, so it never changes.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import Any

import pyarrow as pa

from drift import calendar
from drift.checks.size import SUCH_DAYS
from drift.config import Config
from drift.detect.predict.today import WINDOWS
from drift.errors import DamagedError, DataError
from drift.lake import Lake
from drift.profiles import OVERALL, compared_with, of_this_version
from drift.profiles.day import DayProfile
from drift.results import Incident, Results

log = logging.getLogger(__name__)

# a series may leave out alarmed days and still needs its full number of ordinary ones
_HISTORY_SPAN = 3
_FACTS = frozenset({"ok", "reason", "warned", "traces"})
SeriesKey = tuple[str, str, str]
_VOLUME: SeriesKey = ("volume", OVERALL, "")


def facts(lake: Lake, day: date) -> dict[str, Any]:
    """What is known of a profiled day: ok, reason, warned, traces. Raises DataError where the day has no profile."""
    manifest = lake.manifest("profiles", day)
    if manifest is None:
        raise DataError(f"{day} has no profile; make it with `drift run --day {day}`")
    if lacking := _FACTS - manifest.facts.keys():
        raise DamagedError(
            f"the profile of {day} does not say {', '.join(sorted(lacking))}; `drift repair` says what can be made again"
        )
    return manifest.facts


def measured(lake: Lake, day: date) -> int:
    """How many traces a day had when it was measured; 0 where it was not, or where that is damaged."""
    known = _facts_if_whole(lake, day) if lake.committed("profiles", day) else None
    return known["traces"] if known else 0


def profile_of(lake: Lake, day: date) -> pa.Table:
    """A day's profile (schema `drift.profiles.SCHEMA`)."""
    manifest = lake.manifest("profiles", day)
    if manifest is None:
        raise DataError(f"{day} has no profile; make it with `drift run --day {day}`")
    return _stored(lake.url, day, manifest.parts)


def profile_if_whole(lake: Lake, day: date) -> pa.Table | None:
    """As `profile_of`; None, and told, for a day that is damaged."""
    try:
        return profile_of(lake, day)
    except DamagedError as error:
        _tell_left_out(day, str(error))
        return None


@lru_cache(maxsize=256)
def _stored(url: str, day: date, parts: tuple[str, ...]) -> pa.Table:
    return Lake(url).read("profiles", day)


def usual_size(lake: Lake, day: date) -> int | None:
    """Traces of the same weekday a week before, else of the last measured day that had any; None where there is none."""
    earlier = [d for d in lake.days("profiles") if d < day]
    sizes = {d: known["traces"] for d in earlier[-7:] if (known := _facts_if_whole(lake, d)) is not None}
    return sizes.get(day - timedelta(days=7)) or next((size for _, size in sorted(sizes.items(), reverse=True) if size), None)


def history(config: Config, lake: Lake, day: date) -> list[DayProfile]:
    """The days before `day` that passed their checks and are not excluded, oldest first; a damaged one is left out, and told.

    A day with far too few traces may not have been pulled whole: such days are left out until there are three of them. Where the
    calendar names the day, earlier days of its kind are among them, however long ago they were.
    """
    fit = [*_alike(config, lake, day), *_fit(config, lake, first_compared(config, day), day)]
    smaller = {profile.day for profile, found in fit if found.get("too_few")}
    left_out = smaller if len(smaller) < SUCH_DAYS else set()
    return [profile for profile, _ in fit if profile.day not in left_out]


def _alike(config: Config, lake: Lake, day: date) -> Iterator[tuple[DayProfile, dict[str, Any]]]:
    """The days of the same kind that were before the others are."""
    own = calendar.special(config, day)
    if own is not None:
        yield from _fit(config, lake, date.min, first_compared(config, day), own.kind)


def smaller_days(config: Config, lake: Lake, day: date) -> list[int]:
    """The sizes, in requests, of the days before `day` that had far too few when they were checked."""
    return [size(found) for _, found in _fit(config, lake, first_compared(config, day), day) if found.get("too_few")]


def size(facts: Mapping[str, Any]) -> int:
    """The requests of a day of which these facts are: its traces, or more where only a share of the requests is traced."""
    return int(facts.get("requests", facts["traces"]))


def accepted_volume(config: Config, day: date) -> float | None:
    """The traces a day that somebody accepted as the new normal, before `day`; None where nobody did."""
    found = [each for each in known_incidents(config, day) if each.key[:3] == _VOLUME and each.accepted is not None]
    return found[-1].lead.value_to if found else None


def first_compared(config: Config, day: date) -> date:
    """The first day that the night of `day` is compared with."""
    return day - timedelta(days=_HISTORY_SPAN * config.baseline.days)


def comparable_with(lake: Lake, today: DayProfile, days: Sequence[DayProfile]) -> list[DayProfile]:
    """The days without what was measured with another encoder than today's, and by today's ruler where they were measured again by it."""
    return [compared_with(lake, each, today) for each in days]


def pulled(lake: Lake) -> set[date]:
    """The days whose rows are here, and that another pull would measure as they were: after an upgrade of drift what was told of the days
    before it stays, until somebody backfills them."""
    profiled = set(lake.days("profiles"))
    return {
        day
        for day in lake.days("features")
        if day not in profiled or (profile := profile_if_whole(lake, day)) is None or of_this_version(profile)
    }


def pinned(
    config: Config, lake: Lake, day: date, past: Sequence[DayProfile], incidents: Sequence[Incident]
) -> list[DayProfile]:
    """The baseline that does not roll: the first ordinary days since the last new normal that somebody accepted.

    past: what `history` gave. Empty as long as the rolling baseline reaches back to the pinned one.
    """
    accepted = (each.new_normal for each in incidents if each.accepted is not None)
    start = max((each for each in accepted if each is not None), default=date.min)
    fit = (profile for profile, found in _fit(config, lake, start, day) if not found.get("too_few"))
    first = list(islice(fit, config.baseline.days))
    rolling = {each.day for each in past[-config.baseline.days :]}
    return first if rolling.isdisjoint(each.day for each in first) else []


def known_incidents(config: Config, before: date) -> list[Incident]:
    """The incidents as they were known before a day."""
    results = Results.of(config)
    try:
        return results.incidents(before=before)
    finally:
        results.close()


def excluded(config: Config, incidents: Sequence[Incident]) -> dict[date, frozenset[SeriesKey]]:
    """By day, the series that had an incident then, found or not yet; where its level was accepted, or settled by itself, instead
    the days before that new normal.

    An early incident leaves its days in: the first days that a series has are all there is to learn from. So does a slow
    movement: it is told once, and a night is compared with the days before it as ever.
    """
    out: dict[date, set[SeriesKey]] = defaultdict(set)
    for incident in incidents:
        series = {key[:3] for key in incident.keys}
        if incident.gradual:
            days = []
        elif incident.new_normal is not None:
            days = [incident.new_normal - timedelta(days=n) for n in range(1, _HISTORY_SPAN * config.baseline.days + 1)]
        else:
            days = (
                []
                if incident.early
                else [*_unnoticed(incident), *(line.day for line in incident.days if line.event != "closed")]
            )
        for each in days:
            out[each] |= series
    return {each: frozenset(series) for each, series in out.items()}


def told(incidents: Sequence[Incident]) -> dict[SeriesKey, date]:
    """The last night on which each series was told to have moved slowly: its level there is what a further movement starts from."""
    return {key[:3]: incident.opened for incident in incidents if incident.gradual for key in sorted(incident.keys)}


def _fit(
    config: Config, lake: Lake, first: date, before: date, kind: str | None = None
) -> Iterator[tuple[DayProfile, dict[str, Any]]]:
    """The days that passed their checks, with what is known of them; read one by one, as far as somebody asks. kind: only days that
    the calendar calls so."""
    for day in lake.days("profiles", first, before):
        if day in config.baseline.exclude:
            continue
        if kind is not None and ((its := calendar.special(config, day)) is None or its.kind != kind):
            continue
        known = _facts_if_whole(lake, day)
        table = profile_if_whole(lake, day) if known is not None and known["ok"] else None
        if known is not None and table is not None:
            yield DayProfile(day, table), known


def _facts_if_whole(lake: Lake, day: date) -> dict[str, Any] | None:
    try:
        return facts(lake, day)
    except DamagedError as error:
        _tell_left_out(day, str(error))
        return None


@cache
def _tell_left_out(day: date, reason: str) -> None:
    log.warning("%s is compared with nothing: %s", day, reason)


def _unnoticed(incident: Incident) -> list[date]:
    """The days that an incident had lasted when it was found; of a creep the last, or there were nothing left to compare with."""
    lasted = min((incident.opened - (incident.lead.since or incident.opened)).days, max(WINDOWS))
    return [incident.opened - timedelta(days=n) for n in range(1, lasted + 1)]
