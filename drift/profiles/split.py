"""By what a day's rows are split: which values of each dimension are followed is counted shard by shard and decided for the day."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.config import Config

OVERALL = "all"
CELL = "cell"
CELL_SEPARATOR = " | "
OTHER = "other"
UNKNOWN = "unknown"
CELLS = 20
# of a label metric
MOST_LABELS = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counted:
    """How many rows each value of each dimension has, and each of their combinations (`CELL`), and each label of a label metric; shards
    add up."""

    rows: int
    values: dict[str, Counter[str]]
    labels: dict[str, Counter[str]]

    @classmethod
    def of(cls, features: pa.Table, config: Config) -> Counted:
        """Of a features table, or a part of one."""
        coded = [(name, *codes(features.column(name))) for name in _dimensions(features, config)]
        found = {name: _counter(own, values) for name, own, values in coded}
        if coded:
            found[CELL] = _counter(*_cross([(own, values) for _, own, values in coded]))
        labels = {name: _counter(*codes(features.column(name))) for name in features.column_names if _is_label(name)}
        return cls(features.num_rows, found, labels)

    @classmethod
    def together(cls, parts: Iterable[Counted]) -> Counted:
        rows = 0
        found: dict[str, Counter[str]] = {}
        labels: dict[str, Counter[str]] = {}
        for part in parts:
            rows += part.rows
            for sums, counted in ((found, part.values), (labels, part.labels)):
                for name, counts in counted.items():
                    sums.setdefault(name, Counter()).update(counts)
        return cls(rows, found, labels)


@dataclass(frozen=True)
class Layout:
    """The segments of a day, by dimension: overall, the busiest values of each dimension (the rest is `other`), and the busiest cells.

    labels: of a label metric that has too many, those that are followed.
    """

    values: dict[str, list[str]]
    labels: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, counted: Counted, config: Config) -> Layout:
        """The `segments.top` busiest values of each dimension and the `CELLS` busiest cells; ties by name."""
        tops = {name: CELLS if name == CELL else config.segments.top for name in counted.values}
        values = {OVERALL: [""], **{name: _top(counts, tops[name]) for name, counts in counted.values.items()}}
        return cls(values, {name: kept for name, counts in counted.labels.items() if (kept := _followed(name, counts))})


@dataclass(frozen=True)
class Partition:
    """The rows split by one dimension: `codes` (rows,) points into `values`, as `place` (joints,) does for the joint groups."""

    dimension: str
    values: list[str]
    codes: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class Split:
    """Rows split by every dimension of a layout at once.

    joint: (rows,) which combination of segments a row is in. What is summed up over the few combinations first, and over each
    dimension's segments then, is summed up over the rows once instead of once a dimension. sizes: (joints,) their rows.
    """

    joint: np.ndarray
    sizes: np.ndarray
    partitions: list[Partition] = field(default_factory=list)

    @classmethod
    def of(cls, features: pa.Table, layout: Layout) -> Split:
        n = features.num_rows
        names = [name for name in layout.values if name not in (OVERALL, CELL)]
        coded = [codes(features.column(name)) for name in names]
        parts = [(OVERALL, np.zeros(n, np.int64))]
        parts += [(name, _placed(*own, layout.values[name])) for name, own in zip(names, coded, strict=True)]
        if coded:
            parts.append((CELL, _placed(*_cross(coded), layout.values[CELL])))
        joint, places = np.zeros(n, np.int64), np.zeros((0, 1), np.int64)
        for name, own in parts:
            width = max(len(layout.values[name]), 1)
            seen, joint = compact(joint * width + own, places.shape[1] * width)
            places = np.concatenate([places[:, seen // width], (seen % width)[None]])
        sizes = np.bincount(joint, minlength=places.shape[1])
        partitions = [
            Partition(name, layout.values[name], own, place) for (name, own), place in zip(parts, places, strict=True)
        ]
        return cls(joint, sizes, partitions)

    def __iter__(self) -> Iterator[Partition]:
        return iter(self.partitions)


def codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Codes (rows,) and the values they stand for; null and the empty text are `unknown`."""
    encoded = _array(column).dictionary_encode()
    values = encoded.dictionary.cast(pa.string()).to_pylist()
    # a value that is called unknown, the empty one and null are one
    names = list(dict.fromkeys(value or UNKNOWN for value in [*values, None]))
    place = {name: i for i, name in enumerate(names)}
    where = np.array([place[value or UNKNOWN] for value in [*values, None]], np.int64)
    own = where[encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
    seen = np.bincount(own, minlength=len(names)) > 0
    return (np.cumsum(seen) - 1)[own], [name for name, there in zip(names, seen, strict=True) if there]


def compact(keys: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """As `np.unique` with its inverse, of keys below `size`; by counting instead of sorting where that is less work."""
    if size > 4 * len(keys) + 65_536:
        return np.unique(keys, return_inverse=True)
    there = np.zeros(size, bool)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def _dimensions(features: pa.Table, config: Config) -> list[str]:
    return [name for name in config.segments.dimensions if name in features.column_names]


def _cross(coded: Sequence[tuple[np.ndarray, list[str]]]) -> tuple[np.ndarray, list[str]]:
    """The combinations of several dimensions' values as codes (rows,) and names."""
    cross, values = coded[0]
    for own, more in coded[1:]:
        pairs, cross = compact(cross * len(more) + own, len(values) * len(more))
        values = [values[p // len(more)] + CELL_SEPARATOR + more[p % len(more)] for p in pairs]
    return cross, values


def _counter(own: np.ndarray, values: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    # two combinations may have one name, where a value has the separator in it
    for value, count in zip(values, np.bincount(own, minlength=len(values)).tolist(), strict=True):
        found[value] += count
    return found


def _top(counts: Counter[str], top: int) -> list[str]:
    """The `top` busiest values (ties by name), and `other` if there are more."""
    order = sorted(counts, key=lambda value: (-counts[value], value))
    kept = [value for value in order if value != OTHER][:top]
    return [*kept, OTHER] if len(kept) < len(counts) else kept


def _followed(metric: str, labels: Counter[str]) -> list[str]:
    """The busiest labels where there are too many: each that is followed is a row of the tables and a comparison, every night."""
    known = {label: n for label, n in labels.items() if label != UNKNOWN}
    if len(known) <= MOST_LABELS:
        return []
    log.warning(
        "%s has %d values in a day; the %d busiest are followed, the rest is %r", metric, len(known), MOST_LABELS, OTHER
    )
    return sorted(known, key=lambda label: (-known[label], label))[:MOST_LABELS]


def _is_label(name: str) -> bool:
    metric = None if name.startswith("_") else metrics.find(name)
    return metric is not None and metric.kind == "label"


def _placed(own: np.ndarray, values: Sequence[str], kept: Sequence[str]) -> np.ndarray:
    """The place of each row's value among those that are kept, the last, `other`, for the rest."""
    place = {value: i for i, value in enumerate(kept)}
    rest = len(kept) - 1
    return np.array([place.get(value, rest) for value in values], np.int64)[own] if len(values) else own


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
