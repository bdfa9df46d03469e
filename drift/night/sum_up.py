"""A pulled day in numbers: in one piece where it was pulled in one, else bucket by bucket, in processes on all cores.

What only the whole day can tell is either counted (which segments there are, in which languages the application answers) or belongs to
one session, or to one user. So passes of which none holds more than a shard or a bucket at once: count in every shard, twice; finish and sum up
every bucket; put together the users. The outcome is that of one piece, to the bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import features, metrics, profiles
from drift.checks.measured import Measured, keys
from drift.config import Config
from drift.features import buckets, scores, users
from drift.features.sessions import Facts, settle
from drift.lake import Lake
from drift.night import preflight
from drift.night.processes import workers
from drift.profiles import Minutes
from drift.profiles.day import DayProfile
from drift.profiles.rows import PART

# of the traces of a day
_ORDER = ("timestamp", "trace_id")
# parts of the profile that are kept until they are added up
_TOGETHER = 16
# traces that are checked at once
_CHECKED = 500_000


@dataclass(frozen=True)
class Summed:
    """A day's profile (schema `drift.profiles.SCHEMA`), what its columns are like, and the ids and times of its traces, a part at a time.
    rows: what people may label of each trace, by its segments and scores."""

    profile: pa.Table
    measured: Measured
    traces: Iterable[pa.Table]
    rows: Callable[[], pa.Table]


@contextmanager
def day(config: Config, lake: Lake, day: date, history: Sequence[DayProfile]) -> Iterator[Summed]:
    """Sum up the committed day. history: the days before it, which tell where JSON is expected."""
    manifest = lake.manifest("features", day)
    parts = manifest.parts if manifest else ()
    endpoints = features.json_endpoints_of(past.table for past in history)
    sizes = [lake.groups("features", day, part) for part in parts]
    # shards that were pulled at different times may have been cut for different numbers of buckets
    if len({len(groups) for groups in sizes}) != 1 or len(sizes[0]) == 1:
        yield _whole(config, lake, day, endpoints)
        return
    with TemporaryDirectory(prefix="drift-") as folder:
        yield _in_buckets(_Day(config, day, parts, np.array(sizes), endpoints, Path(folder)))


def _whole(config: Config, lake: Lake, day: date, endpoints: frozenset[str]) -> Summed:
    measured = lake.read("features", day)
    assert measured is not None
    measured = features.finish(measured, config, endpoints)
    used = scores.uses(measured)
    scores.tell_left_out(used)
    measured = scores.busiest(measured, used)
    return Summed(profiles.build(measured, config, day), Measured.of(measured), [keys(measured)], lambda: measured)


@dataclass(frozen=True)
class _Day:
    """What every task knows. sizes: (parts, buckets) rows. folder: of what tasks leave for later ones."""

    config: Config
    day: date
    parts: Sequence[str]
    sizes: np.ndarray
    endpoints: frozenset[str]
    folder: Path

    @property
    def lake(self) -> Lake:
        return Lake(self.config.lake.url)

    @property
    def dimensions(self) -> list[str]:
        return self.config.segments.dimensions


@dataclass(frozen=True)
class _Known:
    """What a shard, or the whole day, has in numbers before it is finished."""

    facts: Facts
    scores: Counter[str]
    measured_by: profiles.MeasuredBy
    schema: pa.Schema

    @classmethod
    def together(cls, parts: Sequence[_Known]) -> _Known:
        used: Counter[str] = Counter()
        for part in parts:
            used.update(part.scores)
        return cls(
            Facts.together([part.facts for part in parts]),
            used,
            profiles.MeasuredBy.together([part.measured_by for part in parts]),
            pa.unify_schemas([part.schema for part in parts], promote_options="permissive"),
        )


def _in_buckets(day: _Day) -> Summed:
    n = range(day.sizes.shape[1])
    with workers(len(day.parts)) as each:
        known = _Known.together(list(each(_facts, [(day, part) for part in day.parts])))
        scores.tell_left_out(known.scores)
        counted = profiles.Counted.together(each(_count, [(day, known, part) for part in day.parts]))
        layout = profiles.Layout.of(counted, day.config)
        part, measured, minutes = _added(each(_finish_bucket, [(day, known, layout, bucket) for bucket in n]))
        of_users, by_user = [], []
        requests = np.zeros((0, 3), np.int64)
        for rows, values, told in each(_put_users_together, [(day, layout, bucket) for bucket in n]):
            of_users.append(rows)
            by_user.append(values)
            requests = np.concatenate([requests, [told]])
    few = [profiles.of_a_few(table, part) for table in (profiles.add_parts(of_users), _vectors(day, known, layout))]
    count, busiest, total = int(requests[:, 0].sum()), int(requests[:, 1].max()), int(requests[:, 2].sum())
    traffic = profiles.users_of(counted.rows, count, busiest, total, day.config)
    whole = pa.concat_tables([part, *few, traffic, profiles.by_minute(minutes, day.config)])
    profile = profiles.close(profiles.in_order(whole, layout))
    # a user's columns have values on the row of the user's last trace, and there are as many rows as traces
    both = Measured.together([measured, *(replace(values, traces=0, requests=0.0) for values in by_user)])
    return Summed(profile, both, _batches(day), lambda: _scored(day, known.schema))


def _scored(day: _Day, schema: pa.Schema) -> pa.Table:
    names = [name for name in schema.names if name.startswith(("score", "judge.", "_judge"))]
    rows = day.lake.read("features", day.day, ["trace_id", *day.dimensions, *names])
    assert rows is not None
    return rows


def _added(found: Iterable[tuple[pa.Table, Measured, Minutes]]) -> tuple[pa.Table, Measured, Minutes]:
    parts: list[pa.Table] = []
    measured, minutes = [], []
    for part, own, times in found:
        measured.append(own)
        minutes.append(times)
        parts.append(part)
        if len(parts) == _TOGETHER:
            parts = [profiles.add_parts(parts)]
    return profiles.add_parts(parts), Measured.together(measured), Minutes.together(minutes)


def _facts(given: tuple[_Day, str]) -> _Known:
    day, part = given
    schema = day.lake.schema("features", day.day, part)
    wanted = ["name", "prompt", "timestamp", "_json_like", "_ruler"]
    wanted += [
        name for name in schema.names if name.endswith("_language") or name.startswith(("score.", "score_label.", "_judge."))
    ]
    rows = day.lake.read_part("features", day.day, part, wanted)
    return _Known(Facts.of(rows), scores.uses(rows), profiles.MeasuredBy.of(rows), schema)


def _count(given: tuple[_Day, _Known, str]) -> profiles.Counted:
    day, known, part = given
    preflight.names(day.config)
    schema = day.lake.schema("features", day.day, part)
    labels = [name for name in schema.names if pa.types.is_string(schema.field(name).type) and metrics.find(name) is not None]
    languages = [name for name in schema.names if name.endswith("_language")]
    rows = day.lake.read_part("features", day.day, part, list(dict.fromkeys([*day.dimensions, *labels, *languages])))
    return profiles.Counted.of(settle(rows, known.facts), day.config)


def _finish_bucket(given: tuple[_Day, _Known, profiles.Layout, int]) -> tuple[pa.Table, Measured, Minutes]:
    """What a bucket adds to the profile. Leaves behind its traces' ids and times, its vectors, and its users by their own buckets."""
    day, known, layout, bucket = given
    preflight.names(day.config)
    parts = [day.lake.read_group("features", day.day, part, bucket) for part in day.parts]
    rows = pa.concat_tables([known.schema.empty_table(), *parts], promote_options="permissive")
    rows = scores.busiest(features.finish(rows, day.config, day.endpoints, known.facts), known.scores)
    _leave(day.folder / f"keys-{bucket}", keys(rows))
    vectors = _vector_columns(rows)
    if vectors:
        # of the whole day only the sample has any
        there = np.logical_or.reduce([rows.column(name).is_valid().to_numpy() for name in vectors])
        columns = dict.fromkeys([*_ORDER, "session_id", "user", *day.dimensions, *vectors, profiles.ENCODER])
        sample = rows.select([name for name in columns if name in rows.column_names]).filter(pa.array(there))
        _leave(day.folder / f"vectors-{bucket}", sample)
    gathered = users.gather(rows, day.dimensions)
    _leave(day.folder / f"users-{bucket}", *buckets.split(gathered, "user", day.sizes.shape[1]))
    return profiles.part(rows.drop_columns(vectors), day.config, layout, known.measured_by), Measured.of(rows), Minutes.of(rows)


def _put_users_together(given: tuple[_Day, profiles.Layout, int]) -> tuple[pa.Table, Measured, tuple[int, int, int]]:
    """What the users of a bucket add to the profile; and how many they are, the most requests of one, and all their requests."""
    day, layout, bucket = given
    found = [_left(day.folder / f"users-{other}", bucket) for other in range(day.sizes.shape[1])]
    rows = users.together(found, day.dimensions)
    part = profiles.part(rows, day.config, layout)
    own = part.filter(pc.is_in(part.column("metric"), pa.array(users.METRICS)))
    requests = rows.column("user_requests").to_numpy(zero_copy_only=False)
    told = len(requests), int(requests.max(initial=0)), int(requests.sum())
    enabled = [name for name in users.METRICS if name not in day.config.metrics or day.config.metrics[name].enabled]
    return own, Measured.of(rows.select(enabled)), told


def _vectors(day: _Day, known: _Known, layout: profiles.Layout) -> pa.Table:
    """What the sample adds to the profile, its vectors in the day's order; no rows where nothing is embedded."""
    if not _vector_columns(known.schema.empty_table()):
        return PART.empty_table()
    found = [_left(day.folder / f"vectors-{bucket}") for bucket in range(day.sizes.shape[1])]
    rows = pa.concat_tables(found, promote_options="permissive").sort_by([(name, "ascending") for name in _ORDER])
    part = profiles.part(rows, day.config, layout)
    return part.filter(pc.equal(part.column("kind"), "vector"))


def _vector_columns(rows: pa.Table) -> list[str]:
    known = ((name, metrics.find(name)) for name in rows.column_names if not name.startswith("_"))
    return [name for name, metric in known if metric is not None and metric.kind == "vector"]


def _batches(day: _Day) -> Iterator[pa.Table]:
    """The ids and times of the day's traces, some buckets at a time."""
    found: list[pa.Table] = []
    for bucket in range(day.sizes.shape[1]):
        found.append(_left(day.folder / f"keys-{bucket}"))
        if sum(table.num_rows for table in found) >= _CHECKED or bucket == day.sizes.shape[1] - 1:
            yield pa.concat_tables(found)
            found = []


def _leave(path: Path, *tables: pa.Table) -> None:
    with pa.ipc.new_file(path, tables[0].schema) as file:
        for table in tables:
            whole = table.combine_chunks().to_batches()
            file.write_batch(whole[0] if whole else pa.RecordBatch.from_pylist([], table.schema))


def _left(path: Path, number: int = 0) -> pa.Table:
    with pa.OSFile(str(path)) as source:
        return pa.Table.from_batches([pa.ipc.open_file(source).get_batch(number)])
