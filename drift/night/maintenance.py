"""Housekeeping of what is stored: prune feature rows, verify that nothing is damaged, profile days again.

Nothing here pulls from a store, and nothing is sent: `lacking` says which days have to be pulled again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from drift import features, stores
from drift.config import Config
from drift.errors import CheckFailed, DamagedError, DataError, StoreError
from drift.features.embedding import VectorCache
from drift.lake import Lake
from drift.night import baseline, topics
from drift.night.detect import detect_day
from drift.night.profile import NothingLeftError, profile_day
from drift.night.publish import Night, publish_day, write_report
from drift.profiles import bridge as bridges
from drift.results import Results

log = logging.getLogger(__name__)

_KINDS = ("features", "profiles", "findings", "drill")
# what no other day needs is made again with the next night, and never repaired
_WRITTEN = (*_KINDS, bridges.KIND)


@dataclass(frozen=True)
class Pruned:
    """Days whose feature rows were deleted, and how many files that killed runs had left behind."""

    days: tuple[date, ...]
    orphans: int


@dataclass(frozen=True)
class Repair:
    """What became of a damaged day: whether it was made again, and what can be done where not."""

    day: date
    made: bool
    what: str


def prune(config: Config, today: date) -> Pruned:
    """Delete what is too old (`expire`) and what killed runs left behind before yesterday.

    Yesterday and today are left alone: a run may be writing them.
    """
    lake, old = Lake(config.lake.url), expire(config, today)
    quiet = today - timedelta(days=1 + config.pull.lookback_days)
    orphans = sum(lake.sweep(kind, day) for kind in _WRITTEN for day in lake.days(kind) if day < quiet)
    return Pruned(old, orphans)


def expire(config: Config, today: date) -> tuple[date, ...]:
    """Delete feature rows and vectors older than `lake.retention_days`, and bridges that no night reads; profiles stay for ever. Returns
    the rows' days."""
    lake, kept = Lake(config.lake.url), today - timedelta(days=config.lake.retention_days)
    for day in lake.days(bridges.KIND):
        if day < baseline.first_compared(config, today):
            lake.delete(bridges.KIND, day)
    old = tuple(day for day in lake.days("features") if day < kept)
    for day in old:
        lake.delete("features", day)
    VectorCache(topics.vectors_url(config), today).sweep(before=kept)
    return old


def verify(config: Config) -> list[str]:
    """One line for each fault: a part that is missing or damaged (its name is its content's hash), a day without findings."""
    lake = Lake(config.lake.url)
    faults = []
    damaged = set()
    for kind in _KINDS:
        for day in lake.days(kind):
            found = _damage(lake, kind, day)
            faults += [
                f"{kind} of {day}: {what}; run the day again with `drift run --day {day}`, or see `drift repair`"
                for what in found
            ]
            damaged |= {day} if found else set()
    compared = set(lake.days("findings"))
    for day in lake.days("profiles"):
        if day not in compared and day not in damaged and baseline.facts(lake, day)["ok"]:
            faults.append(f"{day} has a profile and was never compared; run it again with `drift run --day {day}`")
    return faults


def repair(config: Config) -> Iterator[Repair]:
    """Every damaged day: made again where its feature rows are whole, else what can be done. Asks the store, and pulls nothing."""
    lake = Lake(config.lake.url)
    damaged = {kind: set(_damaged_of(lake, kind)) for kind in _KINDS}
    whole = set(lake.days("features")) - damaged["features"]
    made = []
    for day in sorted(set().union(*damaged.values())):
        if day in whole:
            profile_day(config, day)
            with suppress(CheckFailed):
                detect_day(config, day)
            publish_day(config, day, quiet=True)
            made.append(day)
            yield Repair(day, True, "made again from its feature rows")
        elif _is_in_the_store(config, day):
            yield Repair(day, False, f"the store has it still: make it again with `drift run --day {day}`")
        elif day in damaged["profiles"]:
            yield Repair(
                day, False, "lost: its feature rows are gone and the store has nothing of it; no day is compared with it"
            )
        else:
            yield Repair(day, False, "the store has nothing of it; its profile is whole, so it is compared with as before")
    if made:
        write_report(config, min(made))


def damaged(config: Config, since: date = date.min) -> set[date]:
    """The days from `since` on of which something in the lake is damaged."""
    lake = Lake(config.lake.url)
    return {day for kind in _KINDS for day in _damaged_of(lake, kind, since)}


def _damaged_of(lake: Lake, kind: str, since: date = date.min) -> Iterator[date]:
    return (day for day in lake.days(kind) if day >= since and _damage(lake, kind, day))


def remove_night(config: Config, day: date) -> None:
    """Take a night out of the tables, the lake and the report. Raises DriftError where the tables have no such night."""
    from drift.report.rendering import FOLDER
    from drift.report.site import night_path

    lake, results = Lake(config.lake.url), Results.of(config)
    try:
        results.remove_night(day)
    finally:
        results.close()
    for kind in _WRITTEN:
        lake.delete(kind, day)
    lake.remove(f"{FOLDER}/{night_path(day)}")
    write_report(config, day)


def _is_in_the_store(config: Config, day: date) -> bool:
    first, last = config.window(day)
    try:
        return any(batch.num_rows for batch in stores.open_store(config).pull(first, last))
    except (DataError, StoreError):
        return False


def _damage(lake: Lake, kind: str, day: date) -> list[str]:
    """What is wrong with a day; nothing where it is whole."""
    try:
        manifest = lake.manifest(kind, day)
        if kind == "profiles":
            baseline.facts(lake, day)
    except DamagedError:
        return ["its manifest is damaged"]
    out = []
    for name in manifest.parts if manifest else ():
        data = lake.read_bytes(f"{kind}/day={day}/{name}")
        if data is None:
            out.append(f"{name} is missing")
        elif hashlib.blake2b(data, digest_size=12).hexdigest() + ".parquet" != name:
            out.append(f"{name} is damaged")
    return out


def lacking(config: Config, start: date, end: date) -> list[date]:
    """The days of [start, end] whose stored features lack a column that is measured now: they need the text, and so the store.

    A new metric, or a segment by something that was not followed. Not noticed: another embedding model (`drift backfill`).
    """
    lake = Lake(config.lake.url)
    wanted = set(features.empty(config).column_names)
    stored = ((day, lake.read("features", day)) for day in _stored(lake, start, end))
    return [day for day, rows in stored if rows is not None and not wanted <= set(rows.column_names)]


def profile_again(
    config: Config, start: date, end: date, pulled: Mapping[date, Sequence[str]] | None = None
) -> Iterator[Night]:
    """Make the profiles, findings, tables and report of [start, end] again from the stored features, oldest first.

    pulled: by day the parts that were pulled again (those of `lacking`). A day of which the store has nothing left, and days
    whose feature rows are pruned, stay as they are.
    """
    pulled = pulled or {}
    for day in _stored(Lake(config.lake.url), start, end):
        try:
            profile_day(config, day, pulled.get(day))
        except NothingLeftError as error:
            log.warning("%s", error)
            continue
        with suppress(CheckFailed):
            detect_day(config, day)
        yield publish_day(config, day, quiet=True)
    write_report(config, start)


def _stored(lake: Lake, start: date, end: date) -> list[date]:
    return [day for day in lake.days("features") if start <= day <= end]
