"""The rows of a profile under construction, block by block: a block is one metric in the segments of one dimension."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from drift.metrics import Metric
from drift.profiles.split import Partition

SCHEMA = pa.schema(
    [
        ("dimension", pa.string()),
        ("value", pa.string()),
        ("metric", pa.string()),
        ("kind", pa.string()),
        ("n", pa.int64()),
        ("missing", pa.int64()),
        ("total", pa.float64()),
        ("sum", pa.float64()),
        ("squares", pa.float64()),
        ("bins", pa.list_(pa.int32())),
        ("counts", pa.list_(pa.int64())),
        ("labels", pa.list_(pa.string())),
        ("vector", pa.list_(pa.float32())),
        ("rff", pa.list_(pa.float32())),
        ("moment", pa.list_(pa.float32())),
        ("encoder", pa.string()),
    ]
)
SUMS = ("total", "sum", "squares")
FINE = "_fine"
# a part of a day has the fine sums of `exact` beside the coarse ones
PART = pa.schema([*SCHEMA, *((name + FINE, pa.float64()) for name in SUMS)])

Lists = tuple[np.ndarray, "np.ndarray | pa.Array"]


class Rows:
    """Columns of a part of a profile (schema `PART`)."""

    def __init__(self) -> None:
        self._blocks: dict[str, list[pa.Array]] = {name: [] for name in PART.names}

    def add(
        self,
        partition: Partition,
        metric: Metric,
        n: np.ndarray,
        missing: np.ndarray,
        total: np.ndarray | None = None,
        level: np.ndarray | None = None,
        squares: np.ndarray | None = None,
        **lists: Lists | Sequence[np.ndarray | None] | str | None,
    ) -> None:
        """One row a segment.

        n, missing: (groups,). total, level, squares: (2, groups), see `exact`. lists: by column, how many items each row has and the
        items end to end, or an array a row; `encoder`: one for all rows.
        """
        size = len(partition.values)
        given: dict[str, pa.Array] = {
            "dimension": _repeated(partition.dimension, size),
            "value": pa.array(partition.values, pa.string()),
            "metric": _repeated(metric.name, size),
            "kind": _repeated(metric.kind, size),
            "n": pa.array(n, pa.int64()),
            "missing": pa.array(missing, pa.int64()),
        }
        for name, sums in zip(SUMS, (total, level, squares), strict=True):
            if sums is not None:
                given |= {name: pa.array(sums[0], pa.float64()), name + FINE: pa.array(sums[1], pa.float64())}
        for name, column in lists.items():
            kind = PART.field(name).type
            if isinstance(column, tuple):
                lengths, items = column
                offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
                given[name] = pa.ListArray.from_arrays(offsets, pa.array(items, kind.value_type))
            elif column is not None:
                given[name] = _repeated(column, size) if isinstance(column, str) else pa.array(column, kind)
        for name, blocks in self._blocks.items():
            blocks.append(given[name] if name in given else pa.nulls(size, PART.field(name).type))

    def table(self) -> pa.Table:
        return pa.table({name: pa.chunked_array(blocks, PART.field(name).type).combine_chunks() for name, blocks in self._blocks.items()}, PART)


def _repeated(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), size)
