"""The monitor is monitored: which of the last nights are missing, failed, unfinished, late, or measured far less than they used to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from statistics import median

import pandas as pd

from drift.config import Config
from drift.errors import DamagedError
from drift.lake import Lake
from drift.night import baseline, maintenance, schedule
from drift.results import Results, frames
from drift.results.verdict import Answer

# a night that is not there so long after it could begin is missing, and one that ended later was late
DUE = timedelta(hours=6)
# nights before it that say how many comparisons a night makes
_USUAL = 7
_LESS = 0.5


class Kind(StrEnum):
    MISSING = "missing"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"
    LATE = "late"
    LESS = "less"


@dataclass(frozen=True)
class Lapse:
    """What is wrong with a night (of several in a row: the first), in words, and the command that mends it; empty where none does."""

    day: date
    kind: Kind
    what: str
    remedy: str = ""


def lapses(config: Config, nights: int, now: datetime | None = None) -> list[Lapse]:
    """What is wrong with the last so many nights, oldest first. Nights before the first that ever ran are not missing.

    That a night failed, was late or measured less is said of the last one alone: nothing needs to be done about those before it.
    """
    now = now or datetime.now(UTC)
    results = Results.of(config)
    try:
        runs = frames.runs(results).set_index("day")
        beats = frames.heartbeats(results).set_index("day")["finished_at"]
    finally:
        results.close()
    runs.index = [stamp.date() for stamp in runs.index]
    # a wrong clock may have run a day that is not over
    runs = runs.loc[[day for day in runs.index if config.is_over(day, now)]]
    beats.index = [stamp.date() for stamp in beats.index]
    last = _last_due(config, now)
    wanted = [last - timedelta(days=n) for n in reversed(range(nights))]
    lake = Lake(config.lake.url)
    found = [
        *_missing(config, runs, wanted, last),
        *_unfinished(lake, runs, wanted),
        *_damaged(config, wanted),
        *_failed(runs, last),
        *_late(config, beats, last),
        *_less(runs, last),
    ]
    return sorted(found, key=lambda lapse: (lapse.day, lapse.kind))


def _last_due(config: Config, now: datetime) -> date:
    """The last day whose night should have ended by now."""
    day = now.astimezone(config.zone).date() - timedelta(days=1)
    return day if schedule.ready_at(config, day) + DUE <= now else day - timedelta(days=1)


def _missing(config: Config, runs: pd.DataFrame, wanted: list[date], last: date) -> Iterator[Lapse]:
    first = min(runs.index, default=None)
    if first is None:
        yield Lapse(last, Kind.MISSING, "no night ever ran", f"drift run --day {last}")
        return
    for day, until in _spans([day for day in wanted if day > first and day not in runs.index]):
        which = f"the night of {day}" if until == day else f"the nights of {day} to {until}"
        # the night that never ran would have got late rows of the days before it
        first_again = max(first, day - timedelta(days=config.pull.lookback_days))
        yield Lapse(day, Kind.MISSING, f"{which} never ran", _again(first_again, runs, until))


def _unfinished(lake: Lake, runs: pd.DataFrame, wanted: list[date]) -> Iterator[Lapse]:
    """Nights whose tables are of other traces than their lake: one was killed between the two."""
    compared = set(lake.days("findings"))
    for day in wanted:
        if day not in runs.index:
            continue
        try:
            facts = baseline.facts(lake, day) if lake.committed("profiles", day) else None
        except DamagedError:
            continue
        if facts is None or (facts["ok"] and (day not in compared or facts["traces"] != runs.at[day, "traces"])):
            yield Lapse(day, Kind.UNFINISHED, f"the night of {day} ended before it was done", _again(day, runs, day))


def _damaged(config: Config, wanted: list[date]) -> Iterator[Lapse]:
    for day in sorted(maintenance.damaged(config, wanted[0])):
        yield Lapse(day, Kind.DAMAGED, f"what the lake has of {day} is damaged", "drift repair")


def _failed(runs: pd.DataFrame, day: date) -> Iterator[Lapse]:
    if day in runs.index and runs.at[day, "status"] == Answer.FAILED:
        yield Lapse(day, Kind.FAILED, f"{day} could not be compared: {runs.at[day, 'reason']}", f"drift run --day {day}")


def _late(config: Config, beats: pd.Series, day: date) -> Iterator[Lapse]:
    if day in beats.index:
        late = beats[day].to_pydatetime() - schedule.ready_at(config, day)
        if late > DUE:
            yield Lapse(day, Kind.LATE, f"the night of {day} ended {late.total_seconds() / 3600:.0f} h after it could begin")


def _less(runs: pd.DataFrame, day: date) -> Iterator[Lapse]:
    compared = runs[runs["status"] != Answer.FAILED]["comparisons"].sort_index()
    before = [count for each, count in compared.items() if each < day][-_USUAL:]
    if day in compared.index and len(before) == _USUAL and compared[day] < _LESS * median(before):
        what = f"{day} made {compared[day]:.0f} comparisons, the nights before it {median(before):.0f}"
        yield Lapse(day, Kind.LESS, what)


def _again(first: date, runs: pd.DataFrame, until: date) -> str:
    """The command that makes days up to the last night again: those after a hole were compared without it."""
    return f"drift backfill --from {first} --to {max([until, *runs.index])}"


def _spans(days: list[date]) -> Iterator[tuple[date, date]]:
    """First and last day of each run of days in a row."""
    for day in days:
        if day - timedelta(days=1) not in days:
            until = day
            while until + timedelta(days=1) in days:
                until += timedelta(days=1)
            yield day, until
