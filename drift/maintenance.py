"""Housekeeping of what is stored: prune feature rows, verify that nothing is damaged, profile days again.

Nothing here pulls from a store, and nothing is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from drift import pipeline
from drift.config import Config
from drift.errors import CheckFailed
from drift.lake import Lake

_KINDS = ("features", "profiles", "findings")


@dataclass(frozen=True)
class Pruned:
    """Days whose feature rows were deleted, and how many files that killed runs had left behind."""

    days: tuple[date, ...]
    orphans: int


def prune(config: Config, today: date) -> Pruned:
    """Delete feature rows older than `lake.retention_days` and what killed runs left behind before yesterday.

    Profiles stay for ever. Yesterday and today are left alone: a run may be writing them.
    """
    lake = Lake(config.lake.url)
    old = [day for day in lake.days("features") if day < today - timedelta(days=config.lake.retention_days)]
    for day in old:
        lake.delete("features", day)
    quiet = today - timedelta(days=1 + config.pull.lookback_days)
    orphans = sum(lake.sweep(kind, day) for kind in _KINDS for day in lake.days(kind) if day < quiet)
    return Pruned(tuple(old), orphans)


def verify(config: Config) -> list[str]:
    """One line for each fault: a part that is missing or damaged (its name is its content's hash), a day without findings."""
    lake = Lake(config.lake.url)
    faults = []
    for kind in _KINDS:
        for day in lake.days(kind):
            for name in lake.manifest(kind, day).parts:
                data = lake.read_bytes(f"{kind}/day={day}/{name}")
                if data is None:
                    faults.append(f"{kind} of {day}: {name} is missing; run the day again with `drift run --day {day}`")
                elif hashlib.blake2b(data, digest_size=12).hexdigest() + ".parquet" != name:
                    faults.append(f"{kind} of {day}: {name} is damaged; run the day again with `drift run --day {day}`")
    compared = set(lake.days("findings"))
    for day in lake.days("profiles"):
        if day not in compared and lake.manifest("profiles", day).facts["ok"]:
            faults.append(f"{day} has a profile and was never compared; run it again with `drift run --day {day}`")
    return faults


def profile_again(config: Config, start: date, end: date) -> Iterator[pipeline.Night]:
    """Make the profiles, findings and tables of [start, end] again from the stored features, oldest first.

    For a new segment or a metric's new meaning. A metric that needs the text needs the store: `drift backfill`. Days whose
    feature rows are pruned are left as they are.
    """
    for day in Lake(config.lake.url).days("features"):
        if start <= day <= end:
            pipeline.profile(config, day)
            with suppress(CheckFailed):
                pipeline.detect(config, day)
            yield pipeline.publish(config, day, quiet=True)
