"""Traces in, features out: one shard of a day is pulled and measured where its text is; text goes no further."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib import import_module

import pyarrow as pa

from drift import features, stores
from drift.config import Config
from drift.features.buckets import bucketed
from drift.features.embedding import VectorCache
from drift.features.topics import FILE, KEY, Collector, to_bytes
from drift.judge.judging import Judging
from drift.lake import Lake
from drift.night import baseline, preflight, topics
from drift.night.processes import workers


def pull_day(config: Config, day: date) -> list[str]:
    """Pull every shard of a day, in processes on all cores; returns the names of the parts in the lake. Raises as `pull_shard`."""
    preflight.names(config)
    # Great Expectations, which checks the day, takes seconds to import: they pass while the store is asked
    threading.Thread(target=import_module, args=("drift.checks.day",)).start()
    pieces = [(config, day, shard, config.pull.shards) for shard in range(config.pull.shards)]
    with workers(len(pieces)) as each:
        return list(each(_pull, pieces))


def _pull(given: tuple[Config, date, int, int]) -> str:
    return pull_shard(*given)


def pull_shard(config: Config, day: date, shard: int = 0, shards: int = 1) -> str:
    """Pull one shard of a day and measure it: text goes no further. Returns the name of the part in the lake.

    Raises StoreError where the store did not give the whole window, ConfigError before anything is asked of it.
    """
    preflight.names(config)
    store = stores.open_store(config)
    first, last = config.window(day)
    width = (last - first) / shards
    start, end = first + width * shard, last if shard == shards - 1 else first + width * (shard + 1)
    lake = Lake(config.lake.url)
    before = _before(lake, day) if config.judge.rubrics else None
    judged = before is None and config.judge.rubrics and config.judge.model
    sampling = config.embeddings.enabled or config.safety.pii_types or config.safety.names or judged
    size = _size(store, lake, day, first, last) if sampling else None
    context = features.context(config, traces=size, cache=VectorCache(topics.vectors_url(config), day))
    context.extra[KEY] = collector = topics.topics_of(config, lake, day, shard, context, size)
    judging = Judging.begin(config, day, before, (start, end), size)
    table = measured(config, _read_by(judging, store.pull(start, end)), context)
    if judging is not None:
        for name, column in judging.columns(table["trace_id"].to_pylist()).items():
            table = table.append_column(name, column)
    if isinstance(collector, Collector) and context.embedder is not None:
        encoder = context.embedder.encoder
        fitted = collector.fit(day, topics.earlier(config, lake, day, encoder), encoder)
        if fitted.sides:
            lake.write_bytes(FILE, to_bytes(fitted))
    return write(lake, day, table, shards)


def _read_by(judging: Judging | None, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for batch in batches:
        yield batch
        if judging is not None:
            judging.collect(batch)


def _before(lake: Lake, day: date) -> pa.Table | None:
    """The profile of the last day before, by which endpoints' sizes are known."""
    earlier = [each for each in lake.days("profiles") if each < day]
    return baseline.profile_if_whole(lake, earlier[-1]) if earlier else None


def measured(config: Config, batches: Iterable[pa.Table], context: features.Context) -> pa.Table:
    """The features of a shard's traces, one row a trace, in an order that does not depend on that of the batches."""
    parts = [features.extract(batch, context) for batch in batches]
    table = pa.concat_tables(parts, promote_options="permissive") if parts else features.empty(config)
    # pages arrive in any order; the lake's bytes must not depend on it
    return table.sort_by([("timestamp", "ascending"), ("trace_id", "ascending")])


def write(lake: Lake, day: date, table: pa.Table, shards: int) -> str:
    """Write a shard's features, of several shards by the buckets in which the day is finished. Returns the name of the part."""
    return lake.write_part("features", day, *(bucketed(table, shards) if shards > 1 else (table,)))


def _size(store: stores.Store, lake: Lake, day: date, first: datetime, last: datetime) -> int:
    """How many traces the day has, as near as can be told before they are measured; several stores cannot count."""
    size = store.count(first, last)
    if size is None:
        size = baseline.usual_size(lake, day)
    # the first day of all is looked through once more: without its size every text of it would be embedded
    return sum(batch.num_rows for batch in store.pull(first, last)) if size is None else size
