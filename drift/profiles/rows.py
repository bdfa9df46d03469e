"""The rows of a profile under construction, block by block: a block is one metric in the segments of one dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from drift.metrics import Metric
from drift.profiles.clusters import Pairs
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
        # see `clusters`; an older profile lacks them, and its requests count as independent
        ("pairs", pa.float64()),
        ("pair_sum", pa.float64()),
        ("pair_products", pa.float64()),
    ]
)
SUMS = ("total", "sum", "squares", "pairs", "pair_sum", "pair_products")
FINE = "_fine"
# a part of a day has the fine sums of `exact` beside the coarse ones
PART = pa.schema([*SCHEMA, *((name + FINE, pa.float64()) for name in SUMS)])

# how many items each row has, and the items end to end
Lists = tuple[np.ndarray, "np.ndarray | pa.Array"]


@dataclass(frozen=True)
class _Block:
    partition: Partition
    metric: Metric
    n: np.ndarray
    missing: np.ndarray
    sums: tuple[np.ndarray | None, ...]
    lists: dict[str, Lists]
    vectors: dict[str, Sequence[np.ndarray | None]]
    encoder: str | None

    def __len__(self) -> int:
        return len(self.partition.values)


class Rows:
    """Columns of a part of a profile (schema `PART`)."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def add(
        self,
        partition: Partition,
        metric: Metric,
        n: np.ndarray,
        missing: np.ndarray,
        total: np.ndarray | None = None,
        level: np.ndarray | None = None,
        squares: np.ndarray | None = None,
        *,
        pairs: Pairs | None = None,
        lists: dict[str, Lists] | None = None,
        vectors: dict[str, Sequence[np.ndarray | None]] | None = None,
        encoder: str | None = None,
    ) -> None:
        """One row a segment.

        n, missing: (groups,). total, level, squares: (2, groups), see `drift.exact`. pairs: none where left out. lists, vectors: by column. encoder: of the vectors.
        """
        together = pairs or Pairs(np.zeros((2, len(partition.values))))
        sums = (total, level, squares, together.pairs, together.sums, together.products)
        self._blocks.append(_Block(partition, metric, n, missing, sums, lists or {}, vectors or {}, encoder))

    def table(self) -> pa.Table:
        blocks = self._blocks
        if not blocks:
            return PART.empty_table()
        sizes = [len(block) for block in blocks]
        columns: dict[str, pa.Array] = {
            "dimension": _repeated([block.partition.dimension for block in blocks], sizes),
            "value": pa.array([value for block in blocks for value in block.partition.values], pa.string()),
            "metric": _repeated([block.metric.name for block in blocks], sizes),
            "kind": _repeated([block.metric.kind for block in blocks], sizes),
            "n": pa.array(np.concatenate([block.n for block in blocks]), pa.int64()),
            "missing": pa.array(np.concatenate([block.missing for block in blocks]), pa.int64()),
            "encoder": _repeated([block.encoder for block in blocks], sizes),
        }
        for place, name in enumerate(SUMS):
            known = np.repeat([block.sums[place] is not None for block in blocks], sizes)
            given = [own if (own := block.sums[place]) is not None else np.zeros((2, len(block))) for block in blocks]
            for column, values in zip((name, name + FINE), np.concatenate(given, axis=1), strict=True):
                columns[column] = pa.array(values, pa.float64(), mask=~known)
        for field in PART:
            if field.name not in columns:
                columns[field.name] = _lists(blocks, sizes, field)
        return pa.table([columns[name] for name in PART.names], PART)


def _repeated(texts: Sequence[str | None], sizes: Sequence[int]) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(np.repeat(np.arange(len(texts)), sizes)))


def _lists(blocks: Sequence[_Block], sizes: Sequence[int], field: pa.Field) -> pa.Array:
    if any(field.name in block.vectors for block in blocks):
        rows = [block.vectors.get(field.name) or [None] * len(block) for block in blocks]
        return pa.array([vector for block in rows for vector in block], field.type)
    there = [field.name in block.lists for block in blocks]
    lengths = np.concatenate(
        [block.lists[field.name][0] if has else np.zeros(len(block)) for block, has in zip(blocks, there, strict=True)]
    )
    items = [
        pa.array(block.lists[field.name][1], field.type.value_type) for block, has in zip(blocks, there, strict=True) if has
    ]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    values = pa.concat_arrays(items) if items else pa.array([], field.type.value_type)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(~np.repeat(there, sizes))).cast(field.type)
