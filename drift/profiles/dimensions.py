"""Dimensions of the traffic: which of them the team deploys, and the rows of one value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from drift.profiles.split import UNKNOWN

DEPLOYED = ("model", "prompt", "release", "version")


def subsets(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(places) + 1):
        yield from combinations(places, size)


def within(table: pa.Table, segment: tuple[str, str]) -> pa.Table:
    """The rows of a segment, as day profiles have it; all rows for overall or a dimension that the table lacks."""
    dimension, value = segment
    if dimension not in table.column_names:
        return table
    named = table.column(dimension).cast(pa.string())
    # a profile calls what is null or empty unknown
    of = pc.or_kleene(pc.is_null(named), pc.equal(named, "")) if value == UNKNOWN else False
    return table.filter(pc.fill_null(pc.or_kleene(pc.equal(named, value), of), False))
