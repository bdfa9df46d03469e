"""A bridge after an upgrade of drift: days before it are measured again by its ruler, so that what it measures otherwise goes on.

What was told of those days stays, and so do their profiles: the metrics that are measured otherwise stand beside them, in `bridges` of the
lake (`drift.profiles.bridge`). As many days as it takes to compare, the latest first, as far as the store has them as they were. A night
spends a bounded time on it and measures a bounded number of traces; the next one goes on where it ended. What a store has no longer of a
day, it has of none before it either: then a metric starts anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from drift import calendar, features, profiles, stores
from drift.compare.since import without_meaning
from drift.config import Config
from drift.errors import in_one_line
from drift.lake import Lake
from drift.night import baseline
from drift.profiles import OVERALL, compared_with, remeasured, versions
from drift.profiles.bridge import KIND, known
from drift.profiles.day import DayProfile
from drift.text.wording import count

log = logging.getLogger(__name__)

# of a night, at the most
SECONDS, TRACES = 300.0, 200_000
# a day that lost more of its traces, or whose texts have another length now, is not what was measured
_LEAST, _SAME = 0.9, 0.05
_TEXTS = ("input_characters", "output_characters")
# what takes long and no ruler measures otherwise
_LEFT_OUT = frozenset({"pii", "tone", "embedding", "topics"})
_VERSIONS, _GONE = "versions", "gone"


class _OutOfTimeError(Exception):
    """The night has spent what it may."""


class _GoneError(Exception):
    """The day cannot be measured again, on no later night either; the message says why."""


def build(config: Config, day: date, clock: Callable[[], float] = time.monotonic) -> None:
    """Measure days before `day` again that were measured by another ruler. It stops no night: what goes wrong is logged, and tried again
    in the next."""
    try:
        _build(config, day, clock() + SECONDS, clock)
    except Exception as error:
        log.warning("%s: the days before could not be measured again: %s", day, in_one_line(error))


def _build(config: Config, day: date, until: float, clock: Callable[[], float]) -> None:
    lake = Lake(config.lake.url)
    if not baseline.facts(lake, day)["ok"]:
        return
    today = DayProfile(day, baseline.profile_of(lake, day))
    ruler, left = {_VERSIONS: versions(today.table)}, TRACES
    for each in _due(config, lake, today):
        traces = baseline.measured(lake, each.day)
        left -= traces
        try:
            if traces > TRACES:
                raise _GoneError(f"{each.day} has {traces:,} traces, more than a night measures again")
            if left < 0:
                return
            again = _measured_again(config, each, traces, lambda: clock() > until)
        except _OutOfTimeError:
            return
        except _GoneError as error:
            # kept, so that no later night asks for it
            lake.commit(KIND, each.day, [], ruler | {_GONE: str(error)})
            return
        lake.write(KIND, each.day, again, ruler)


def _due(config: Config, lake: Lake, today: DayProfile) -> list[DayProfile]:
    """The days to measure again, the latest first: of each metric as many as its comparison lacks."""
    past = baseline.history(config, lake, today.day)
    if not any(remeasured(each.table, today.table) for each in past):
        return []
    excluded = baseline.excluded(config, baseline.known_incidents(config, today.day))
    there = _until_gone(lake, today, past)
    due: dict[date, DayProfile] = {}
    for metric, own in days_by_metric(lake, today, past).items():
        series, has = (metric, OVERALL, ""), {each.day for each in own}
        ordinary = [
            each for each in there if series not in excluded.get(each.day, ()) and calendar.special(config, each.day) is None
        ]
        lacking = [each for each in ordinary if each.day not in has]
        short = config.baseline.min_days - (len(ordinary) - len(lacking))
        untried = [each for each in lacking if not _tried(lake, today, each.day)]
        due |= {each.day: each for each in untried[: max(short, 0)]}
    return [due[day] for day in sorted(due, reverse=True)]


def days_by_metric(lake: Lake, today: DayProfile, past: Iterable[DayProfile]) -> dict[str, list[DayProfile]]:
    """By metric that some day before was measured otherwise in, the days that today can be compared with in it, as they are compared."""
    past = list(past)
    found: dict[str, list[DayProfile]] = {metric: [] for each in past for metric in remeasured(each.table, today.table)}
    for each in past if found else ():
        compared = compared_with(lake, each, today)
        for metric in found:
            if overall(compared.table, metric) is not None:
                found[metric].append(compared)
    return found


def overall(profile: pa.Table, metric: str) -> tuple[int, float] | None:
    """Of the whole traffic of a day, how many values a metric has, and their total; None where it is not measured."""
    rows = profile.filter(pc.and_(pc.equal(profile["metric"], metric), pc.equal(profile["dimension"], OVERALL)))
    return (rows["n"][0].as_py(), rows["total"][0].as_py() or 0.0) if rows.num_rows else None


def why_gone(lake: Lake, today: DayProfile, days: Iterable[DayProfile]) -> str:
    """Why no more of these days are measured again by today's ruler; empty where nothing stands against it."""
    found = (known(lake, each.day) for each in days if _tried(lake, today, each.day))
    return next((str(each.facts[_GONE]) for each in found if each is not None and _GONE in each.facts), "")


def _tried(lake: Lake, today: DayProfile, day: date) -> bool:
    found = known(lake, day)
    return found is not None and found.facts.get(_VERSIONS) == versions(today.table)


def _until_gone(lake: Lake, today: DayProfile, past: Sequence[DayProfile]) -> list[DayProfile]:
    """The days after the last one that is gone, the latest first."""
    found = []
    for each in reversed(past):
        if why_gone(lake, today, [each]):
            break
        found.append(each)
    return found


def _measured_again(config: Config, day: DayProfile, traces: int, out_of_time: Callable[[], bool]) -> pa.Table:
    """The rows of the day's profile in what it was measured otherwise. Raises _GoneError where the store has not that day as it was."""
    plain = without_meaning(config)
    plain = plain.model_copy(update={"safety": plain.safety.model_copy(update={"names": "", "pii_types": []})})
    context = features.context(plain)
    context = replace(context, custom=(), disabled=context.disabled | _LEFT_OUT)
    parts = list(_pulled(config, day.day, context, out_of_time))
    n = sum(part.num_rows for part in parts)
    if n < _LEAST * traces:
        raise _GoneError(f"the store has {f'only {n:,}' if n else 'none'} of the {count(traces, 'trace')} of {day.day}")
    table = features.finish(
        pa.concat_tables(parts, promote_options="permissive"), plain, features.json_endpoints_of([day.table])
    )
    again = profiles.build(table, plain, day.day)
    for text in _TEXTS:
        (before, then), (after, now) = overall(day.table, text) or (0, 0.0), overall(again, text) or (0, 0.0)
        if before and (not after or abs(now / after - then / before) > _SAME * then / before):
            raise _GoneError(f"the store has other texts of {day.day} than were measured")
    otherwise = pa.array(remeasured(day.table, again), pa.string())
    return again.filter(pc.is_in(again["metric"], otherwise)).combine_chunks()


def _pulled(config: Config, day: date, context: features.Context, out_of_time: Callable[[], bool]) -> Iterator[pa.Table]:
    for batch in stores.open_store(config).pull(*config.window(day)):
        yield features.extract(batch, context)
        if out_of_time():
            raise _OutOfTimeError
