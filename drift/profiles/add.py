"""Profiles add up: shards to a day, days to a window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from drift.profiles.build import SCHEMA

_SUMMED = ("n", "missing", "total", "sum", "squares", "pairs", "pair_sum", "pair_products")
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
    merged: dict[tuple[str, str, str], dict] = {}
    for table in tables:
        for row in table.to_pylist():
            if row["metric"] in _NOT_ADDITIVE:
                continue
            key = row["dimension"], row["value"], row["metric"]
            before = merged.get(key)
            merged[key] = row if before is None or before["encoder"] != row["encoder"] else _sum(before, row)
    rows = [merged[key] for key in sorted(merged)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _sum(a: dict, b: dict) -> dict:
    out = dict(a)
    for name in _SUMMED:
        # a profile written before pairs were counted has none
        mine, other = a.get(name), b.get(name)
        out[name] = other if mine is None else mine if other is None else mine + other
    for name in _VECTORS:
        out[name] = b[name] or a[name] if not (a[name] and b[name]) else np.add(a[name], b[name], dtype=np.float32)
    for place in ("bins", "labels"):
        if a[place] is not None and b[place] is not None:
            counts = dict(zip(a[place], a["counts"], strict=True))
            for item, count in zip(b[place], b["counts"], strict=True):
                counts[item] = counts.get(item, 0) + count
            out[place] = sorted(counts)
            out["counts"] = [counts[item] for item in out[place]]
    return out
