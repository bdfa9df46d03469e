"""A bridge between two of drift's rulers: what this one measures of an earlier day, beside that day's profile, which stays as it was.

Who measures again is `drift.night.bridge`; here is what is read of it. In the lake a bridge is a day of the kind `bridges`: rows of a
profile, of the metrics alone that the day's own version measured otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from drift.errors import DamagedError
from drift.lake import Lake, Manifest
from drift.profiles.day import DayProfile
from drift.profiles.encoders import comparable, remeasured, versions
from drift.profiles.rows import SCHEMA

KIND = "bridges"


def known(lake: Lake, day: date) -> Manifest | None:
    """What is known of a day's bridge; None where there is none, or a damaged one, which is made again."""
    try:
        return lake.manifest(KIND, day)
    except DamagedError:
        return None


def rows(lake: Lake, day: date) -> pa.Table:
    """The rows of a day's bridge (schema `drift.profiles.SCHEMA`), none where it has none."""
    manifest = known(lake, day)
    if manifest is None or not manifest.parts:
        return SCHEMA.empty_table()
    try:
        return _stored(lake.url, day, manifest.parts)
    except DamagedError:
        return SCHEMA.empty_table()


@lru_cache(maxsize=256)
def _stored(url: str, day: date, parts: tuple[str, ...]) -> pa.Table:
    found = Lake(url).read(KIND, day)
    return SCHEMA.empty_table() if found is None else found


def compared_with(lake: Lake, day: DayProfile, today: DayProfile) -> DayProfile:
    """The day as today is compared with it: `comparable`, and where there is a bridge, by today's ruler. Marked where another version of
    drift read it."""
    foreign = remeasured(day.table, today.table)
    table = comparable(day.table, today.table)
    if foreign and (again := _of_ruler(rows(lake, day.day), today.table, foreign, day.table)).num_rows:
        # a profile written before pairs were counted has no columns of them
        table = pa.concat_tables([table, again], promote_options="default")
    return replace(day, table=table, foreign=bool(foreign))


def _of_ruler(bridge: pa.Table, today: pa.Table, wanted: Collection[str], profile: pa.Table) -> pa.Table:
    """The rows of the wanted metrics that were measured as today's, in the segments that the day's own profile has."""
    wants, has = versions(today), versions(bridge)
    names = [metric for metric in wanted if has.get(metric) == wants.get(metric)]
    bridge = bridge.filter(pc.is_in(bridge.column("metric"), pa.array(names, pa.string())))
    places = set(zip(profile.column("dimension").to_pylist(), profile.column("value").to_pylist(), strict=True))
    own = zip(bridge.column("dimension").to_pylist(), bridge.column("value").to_pylist(), strict=True)
    return bridge.filter(pa.array([place in places for place in own], pa.bool_()))
