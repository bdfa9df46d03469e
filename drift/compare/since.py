"""The requests of a stretch of hours up to now: whole days as the lake has them, the rest measured from the store. No text is kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pyarrow as pa

from drift import features, stores
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.profiles.dimensions import within


def two_values(
    config: Config, dimension: str, a: str, b: str, since: datetime | None, until: datetime
) -> tuple[pd.DataFrame, pd.DataFrame, datetime]:
    """The features of the requests of two values of a dimension, and the hour from which they are taken.

    since: when the candidate `b` began; None: the first hour in which it is seen in the last days of the lake. A value may be given
    without its name where that is unambiguous: `4` of the prompt `support@4`. Raises ConfigError for a dimension that is not followed,
    DataError where a value is not there.
    """
    if dimension not in config.segments.dimensions:
        known = ", ".join(config.segments.dimensions)
        raise ConfigError(f"dimension {dimension!r:.80}: not followed; segments.dimensions are {known}")
    table = _rows(config, since, until)
    if dimension not in table.column_names or not table.num_rows:
        raise DataError(f"no request up to {until:%Y-%m-%d %H:%M} UTC has a {dimension}; give an earlier --since")
    seen = sorted({value for value in table[dimension].to_pylist() if value})
    left, right = (within(table, (dimension, _named(value, seen, dimension))).to_pandas() for value in (a, b))
    start = since or max(min(side["timestamp"]) for side in (left, right)).to_pydatetime()
    return left, right, start


def _named(value: str, seen: list[str], dimension: str) -> str:
    if value in seen:
        return value
    ends = [each for each in seen if each.endswith(f"@{value}")]
    if len(ends) == 1:
        return ends[0]
    there = ", ".join(ends or seen[:10]) or "none"
    raise DataError(f"{dimension}={value:.80}: {'several are called so' if ends else 'no request has it'}; there are {there}")


def _rows(config: Config, since: datetime | None, until: datetime) -> pa.Table:
    lake = Lake(config.lake.url)
    stored = lake.days("features")
    first = since.astimezone(config.zone).date() if since else max(stored, default=_day(config, until)) - timedelta(days=6)
    start = since or config.window(first)[0]
    parts, day = [], first
    while config.window(day)[0] < until:
        from_, to = (max(config.window(day)[0], start), min(config.window(day)[1], until))
        whole = lake.read("features", day) if day in stored else None
        parts.append(between(whole, from_, to) if whole is not None else measured(config, from_, to))
        day += timedelta(days=1)
    return pa.concat_tables(parts, promote_options="permissive") if parts else features.empty(config)


def between(table: pa.Table, start: datetime, end: datetime) -> pa.Table:
    """The rows of a features table from `start` to before `end`."""
    times = table["timestamp"].to_pandas()
    return table.filter(pa.array((times >= start) & (times < end)))


def without_meaning(config: Config) -> Config:
    """The configuration for hours: embedding their texts would take longer than all the rest."""
    return config.model_copy(update={"embeddings": config.embeddings.model_copy(update={"enabled": False})})


def measured(config: Config, start: datetime, end: datetime) -> pa.Table:
    """The features of the store's traces from `start` to before `end`, one row a trace, without embeddings."""
    plain = without_meaning(config)
    context = features.context(plain)
    parts = [features.extract(batch, context) for batch in stores.open_store(config).pull(start, end)]
    return pa.concat_tables(parts, promote_options="permissive") if parts else features.empty(plain)


def _day(config: Config, when: datetime) -> date:
    return when.astimezone(config.zone).date()
