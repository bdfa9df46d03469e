"""The embedded traces of days that were measured: what topics are fitted on, and what is read again to explain an incident."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from drift import profiles
from drift.config import Config
from drift.errors import DamagedError
from drift.features import Context, topics
from drift.features.embedding import ENCODER_COLUMN, SIDES, share_for, thinned
from drift.lake import Lake
from drift.night import baseline

log = logging.getLogger(__name__)

# traces of an earlier day that topics are fitted on
_ROWS_OF_TOPICS = topics.ROWS // 4


def vectors_url(config: Config) -> str:
    """Where vectors are kept by the hash of their text, so that nothing is embedded twice."""
    return f"{config.lake.url}/embeddings"


def topics_of(
    config: Config, lake: Lake, day: date, shard: int, context: Context, size: int | None = None
) -> topics.Fitted | topics.Collector | None:
    """The topics that label the day; a collector on the day on which they are fitted; None before it. size: the day's traces."""
    if context.embedder is None:
        return None
    data = lake.read_bytes(topics.FILE)
    fitted = topics.from_bytes(data) if data else None
    if fitted is not None and fitted.encoder == context.embedder.encoder:
        # the days up to the fit were measured without topics and stay so: a rerun changes no table
        return fitted if fitted.day < day else None
    enough = len(_days(config, lake, day, context.embedder.encoder)) >= config.baseline.min_days
    return topics.Collector(share_for(topics.ROWS, size)) if enough and shard == 0 else None


def earlier(config: Config, lake: Lake, day: date, encoder: str) -> Iterator[pa.Table]:
    """The vectors of the last `baseline.days` before the day that have any of the encoder, a part of each day's."""
    columns = [*SIDES.values(), ENCODER_COLUMN]
    for measured in _days(config, lake, day, encoder):
        yield traces(lake, measured, columns, _ROWS_OF_TOPICS)


def traces(lake: Lake, day: date, columns: list[str], rows: int) -> pa.Table:
    """At most so many of the embedded traces of a measured day, evenly over the day."""
    try:
        table = lake.read("features", day, columns)
    except DamagedError as error:
        log.warning("%s", error)
        table = None
    if table is None:
        return pa.table({})
    sides = [table.column(name).is_valid() for name in SIDES.values() if name in table.column_names]
    # only these are kept: a vector that is null takes as much memory as one that is not
    return thinned(table.filter(reduce(pc.or_, sides)), rows) if sides else table.slice(0, 0)


def _days(config: Config, lake: Lake, day: date, encoder: str) -> list[date]:
    profiled = set(lake.days("profiles"))
    before = [d for d in lake.days("features") if d < day and d in profiled]
    whole = ((d, baseline.profile_if_whole(lake, d)) for d in before)
    return [d for d, profile in whole if profile is not None and encoder in profiles.encoders(profile)][-config.baseline.days :]
