"""Profiles add up: shards to a day, days to a window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.profiles.minutes import COUNTED
from drift.profiles.rows import FINE, PART, SCHEMA, SUMS
from drift.profiles.split import Layout

_KEY = ("dimension", "value", "metric")
_VECTORS = ("vector", "rff", "moment")
# a number of different users, or the share of one of them, does not follow from those of the parts
_NOT_ADDITIVE = frozenset({"users", "top_user_share"})


def add(tables: Sequence[pa.Table]) -> pa.Table:
    """One profile (schema `SCHEMA`) that says what the profiles of the parts say together.

    Pairs of requests of one conversation are counted as far as a part holds the conversation whole. Rows are sorted by dimension,
    value and metric. `users` and `top_user_share` of several parts are unknown and left out.
    Vectors of different encoders are not added: the rows of the encoder that comes last are kept.
    """
    if len(tables) == 1:
        return tables[0]
    silent = pa.array(sorted(_NOT_ADDITIVE))
    known = [table.filter(pc.invert(pc.is_in(table.column("metric"), silent))) for table in tables]
    return _added(known).sort_by([(name, "ascending") for name in _KEY])


def add_parts(parts: Sequence[pa.Table]) -> pa.Table:
    """What several parts of a day add to its profile (schema `PART`), in the order in which the rows first come.

    The same rows in other parts give the same sums to the bit, and so do vectors of a day that are all in one part.
    """
    return _added(parts)


_BY_MINUTE = [(what, how) for what in COUNTED for how in ("busiest", "minute")]


def of_a_few(part: pa.Table, day: pa.Table) -> pa.Table:
    """Rows of a part that holds the few traces which have a metric: on all other traces of the day it is missing.

    day: rows of other metrics, of all traces of every segment.
    """
    sizes = {
        (dimension, value): n + missing
        for dimension, value, kind, n, missing in zip(
            *(day.column(name).to_pylist() for name in ("dimension", "value", "kind", "n", "missing")), strict=True
        )
        if kind != "count"
    }
    places = zip(part.column("dimension").to_pylist(), part.column("value").to_pylist(), strict=True)
    size = np.array([sizes[place] for place in places], np.int64)
    missing = pa.array(size - part.column("n").to_numpy(), pa.int64())
    return part.set_column(part.column_names.index("missing"), PART.field("missing"), missing)


def in_order(part: pa.Table, layout: Layout) -> pa.Table:
    """Rows in the order in which `build` has them: metrics by name, then what is counted, each by the segments of the layout."""
    dimension = {name: i for i, name in enumerate(layout.values)}
    value = {(name, text): i for name, texts in layout.values.items() for i, text in enumerate(texts)}
    counted = {"volume": 0, "total_cost_usd": 1}
    last = {"users": 0, "top_user_share": 1} | {f"{how}_{what}": 2 + n for n, (what, how) in enumerate(_BY_MINUTE)}
    keys = []
    for d, v, m in zip(*(part.column(name).to_pylist() for name in _KEY), strict=True):
        first = (2, last[m], "") if m in last else (1, 0, "") if m in counted else (0, 0, m)
        keys.append((*first, dimension[d], counted.get(m, 0), value[d, v]))
    return part.take(pa.array(sorted(range(len(keys)), key=keys.__getitem__), pa.int64()))


def close(part: pa.Table) -> pa.Table:
    """The profile of a day (schema `SCHEMA`) whose parts are all in; a segment's cost is left out where nothing is known of it."""
    nothing = pc.and_(pc.equal(part.column("n"), 0), pc.equal(part.column("missing"), 0))
    part = part.filter(pc.invert(pc.and_(nothing, pc.equal(part.column("metric"), "total_cost_usd"))))
    for name in SUMS:
        whole = pc.add(part.column(name), part.column(name + FINE))
        part = part.set_column(part.column_names.index(name), PART.field(name), whole)
    return part.select(SCHEMA.names)


def _added(tables: Sequence[pa.Table]) -> pa.Table:
    if len(tables) == 1:
        return tables[0]
    # a profile written before pairs were counted has none
    rows = pa.concat_tables(tables, promote_options="default").combine_chunks()
    keys = rows.select(_KEY).append_column("row", pa.array(np.arange(rows.num_rows)))
    # one number a key, in the order in which they first come
    first = keys.group_by(list(_KEY), use_threads=False).aggregate([("row", "min"), ("row", "max"), ("row", "list")])
    first = first.sort_by("row_min")
    members = first.column("row_list").combine_chunks()
    own = np.empty(rows.num_rows, np.int64)
    lengths = members.value_lengths().to_numpy(zero_copy_only=False)
    own[members.flatten().to_numpy()] = np.repeat(np.arange(len(members)), lengths)
    groups = len(members)
    # of a vector, what the last encoder gave; of other rows, all
    last = first.column("row_max").to_numpy()
    encoders = rows.column("encoder").dictionary_encode().combine_chunks().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counted = encoders == encoders[last][own]
    out: dict[str, pa.Array] = {}
    for field in rows.schema:
        column = rows.column(field.name).combine_chunks()
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            out[field.name] = _sums(column, own, groups, counted)
        elif field.name in _VECTORS:
            out[field.name] = _vector_sums(column, own, groups, counted)
        elif not pa.types.is_list(field.type):
            out[field.name] = column.take(pa.array(last))
    for name in ("bins", "labels"):
        out[name], own_counts = _counts(rows.column(name).combine_chunks(), rows.column("counts").combine_chunks(), own, groups)
        out["counts"] = own_counts if "counts" not in out else pc.coalesce(out["counts"], own_counts)
    return pa.table([out[name] for name in rows.schema.names], rows.schema)


def _sums(column: pa.Array, own: np.ndarray, groups: int, counted: np.ndarray) -> pa.Array:
    known = counted & column.is_valid().to_numpy(zero_copy_only=False)
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    sums = np.bincount(own[known], values[known], groups)
    there = np.bincount(own[known], minlength=groups) > 0
    return pa.array(sums.astype(np.int64) if pa.types.is_integer(column.type) else sums, column.type, mask=~there)


def _vector_sums(column: pa.Array, own: np.ndarray, groups: int, counted: np.ndarray) -> pa.Array:
    sums: list[np.ndarray | None] = [None] * groups
    for row in np.flatnonzero(counted & (column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False) > 0)):
        vector, before = column[int(row)].values.to_numpy(), sums[own[row]]
        sums[own[row]] = vector if before is None else np.add(before, vector, dtype=np.float32)
    return pa.array(sums, column.type)


def _counts(items: pa.Array, counts: pa.Array, own: np.ndarray, groups: int) -> tuple[pa.Array, pa.Array]:
    """Of each group the different items in order and how often each occurs; null where no row of the group has any list."""
    rows = np.flatnonzero(items.is_valid().to_numpy(zero_copy_only=False))
    there = np.bincount(own[rows], minlength=groups) > 0
    chosen = items.take(pa.array(rows))
    flat = chosen.flatten().dictionary_encode()
    order = pc.sort_indices(flat.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    item = place[flat.indices.to_numpy()]
    group = np.repeat(own[rows], chosen.value_lengths().to_numpy())
    keys, where = np.unique(group * max(len(order), 1) + item, return_inverse=True)
    weights = counts.take(pa.array(rows)).flatten().to_numpy()
    summed = np.bincount(where, weights, len(keys)).astype(np.int64)
    offsets = np.searchsorted(keys, np.arange(groups + 1) * max(len(order), 1)).astype(np.int32)
    values = flat.dictionary.take(pa.array(order[keys % max(len(order), 1)]))
    empty = pa.array(~there)
    return (
        pa.ListArray.from_arrays(pa.array(offsets), values, mask=empty).cast(items.type),
        pa.ListArray.from_arrays(pa.array(offsets), pa.array(summed), mask=empty).cast(counts.type),
    )
