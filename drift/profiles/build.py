"""From a features table to a day profile: one row a (dimension, value, metric)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics
from drift.config import Config
from drift.metrics import Metric
from drift.profiles import bins, clusters, fourier
from drift.profiles.clusters import Clusters
from drift.profiles.counting import count
from drift.traces import requests, used_tokens

log = logging.getLogger(__name__)

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
OVERALL = "all"
CELL = "cell"
CELL_SEPARATOR = " | "
OTHER = "other"
UNKNOWN = "unknown"
CELLS = 20
# of a label metric
MOST_LABELS = 200
# nothing that is measured is so large; what stands for infinity is (1.8e308), and its square is no number
_HUGE = 1e30
# the features column that says which encoder the vectors come from
ENCODER = "_encoder"
# before a rubric's name: the features column that says which judge its scores come from
JUDGE = "_judge."
# the features column that says by which of drift's rulers the traces were measured
RULER = "_ruler"
# a day's total is known where at most this share of what it is the total of is not
_UNKNOWN_PARTS = 0.01
NOT_METRICS = frozenset({"trace_id", "timestamp", "user", "session_id", "day"})


@dataclass(frozen=True)
class Partition:
    """The rows of a day split by one dimension: `codes` (rows,) points into `values`. together: the rows of one conversation, else of one
    user; users: those of one user, else of one conversation."""

    dimension: str
    values: list[str]
    codes: np.ndarray
    together: Clusters
    users: Clusters


@dataclass
class _Rows:
    """Columns of the profile under construction. encoder: of the vectors, as the features table says; judges: by metric, whose its
    scores are; ruler: by which of drift's own the traces were measured."""

    encoder: str | None = None
    judges: dict[str, str] = field(default_factory=dict)
    ruler: int | None = None
    columns: dict[str, list] = field(default_factory=lambda: {name: [] for name in SCHEMA.names})

    def measured_by(self, metric: str) -> str | None:
        """Whose a metric's values are: a judge's, or those of a version of drift's own measure; None for the first version."""
        version = metrics.version(metric, self.ruler)
        return self.judges.get(metric) or (str(version) if version > 1 else None)

    def add(self, **values) -> None:
        for name, column in self.columns.items():
            column.append(values.get(name))

    def table(self) -> pa.Table:
        return pa.table({name: pa.array(self.columns[name], SCHEMA.field(name).type) for name in SCHEMA.names}, SCHEMA)


def build(features: pa.Table, config: Config, day: date) -> pa.Table:
    """The profile of a day (schema `SCHEMA`) from its features table, one row a trace.

    Segments: overall, the `segments.top` busiest values of each configured dimension that the table has (the rest is
    `other`), and the cells, which are the cross of those dimensions. Columns that start with `_`, that are no metric of
    the catalogue or that the configuration disables are left out.
    """
    rows = _Rows(_encoder(features), _judges(features), _ruler(features))
    partitions = list(_partitions(features, config))
    for metric in _metrics(features, config):
        column = features.column(metric.name)
        if metric.kind == "label":
            column = _busiest(metric, column)
        for partition in partitions:
            _MEASURES[metric.kind](rows, metric, column, partition)
    _traffic(rows, features, partitions, config)
    return rows.table()


def _busiest(metric: Metric, labels: pa.ChunkedArray) -> pa.ChunkedArray:
    """The labels, those but the busiest as `other`: each that is followed is a row of the tables and a comparison, every night."""
    counts = pc.value_counts(labels.cast(pa.string()).drop_null())
    if len(counts) <= MOST_LABELS:
        return labels
    order = sorted(
        zip(counts.field("counts").to_pylist(), counts.field("values").to_pylist(), strict=True),
        key=lambda each: (-each[0], each[1]),
    )
    kept = pa.array([label for _, label in order[:MOST_LABELS]], pa.string())
    log.warning(
        "%s has %d values in a day; the %d busiest are followed, the rest is %r", metric.name, len(counts), MOST_LABELS, OTHER
    )
    text = labels.cast(pa.string())
    return pc.if_else(pc.or_(pc.is_in(text, kept), pc.is_null(text)), text, OTHER)


def _metrics(features: pa.Table, config: Config) -> Iterator[Metric]:
    for name in features.column_names:
        if name.startswith("_") or name in NOT_METRICS:
            continue
        metric = metrics.find(name)
        if metric is not None and (name not in config.metrics or config.metrics[name].enabled):
            yield metric


def _encoder(features: pa.Table) -> str | None:
    known = pc.drop_null(features.column(ENCODER)) if ENCODER in features.column_names else []
    return known[0].as_py() if len(known) else None


def _ruler(features: pa.Table) -> int | None:
    known = features.column(RULER) if RULER in features.column_names else None
    # of a day of two the older tells, for a part of it is of the older measure
    return pc.min(known).as_py() if known is not None and not known.null_count else None


def _judges(features: pa.Table) -> dict[str, str]:
    columns = [name for name in features.column_names if name.startswith(JUDGE)]
    known = {name: pc.drop_null(features.column(name)) for name in columns}
    return {f"judge.{name.removeprefix(JUDGE)}": column[-1].as_py() for name, column in known.items() if len(column)}


def _partitions(features: pa.Table, config: Config) -> Iterator[Partition]:
    conversation, user = (clusters.labels(features, keys) for keys in (("session_id", "user"), ("user", "session_id")))

    def partition(dimension: str, values: list[str], codes: np.ndarray) -> Partition:
        return Partition(dimension, values, codes, *(Clusters.of(each, codes, len(values)) for each in (conversation, user)))

    yield partition(OVERALL, [""], np.zeros(features.num_rows, np.int64))
    dimensions = [name for name in config.segments.dimensions if name in features.column_names]
    columns = [_codes(features.column(name)) for name in dimensions]
    for name, (codes, values) in zip(dimensions, columns, strict=True):
        yield partition(name, *_top(codes, values, config.segments.top))
    if columns:
        cross, values = columns[0]
        for codes, more in columns[1:]:
            pairs, cross = np.unique(cross * len(more) + codes, return_inverse=True)
            values = [values[p // len(more)] + CELL_SEPARATOR + more[p % len(more)] for p in pairs]
        yield partition(CELL, *_top(cross, values, CELLS))


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Codes (rows,) and the values they stand for; null and the empty text are `unknown`."""
    text = _array(column).cast(pa.string())
    known = pc.if_else(pc.fill_null(pc.not_equal(text, ""), False), text, UNKNOWN)
    encoded = known.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _top(codes: np.ndarray, values: list[str], top: int) -> tuple[list[str], np.ndarray]:
    """Keep the `top` busiest values (ties by name) and call the rest `other`."""
    counts = np.bincount(codes, minlength=len(values))
    order = sorted(range(len(values)), key=lambda i: (-counts[i], values[i]))
    kept = [i for i in order if values[i] != OTHER][:top]
    place = np.full(len(values), len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    names = [values[i] for i in kept]
    return (names + [OTHER] if len(kept) < len(values) else names), place[codes]


def _number(rows: _Rows, metric: Metric, column: pa.ChunkedArray, partition: Partition) -> None:
    x, valid = _floats(column)
    groups = len(partition.values)
    codes, raw = partition.codes[valid], x[valid]
    scaled = bins.on_scale(metric, raw)
    on_scale = np.zeros(len(x))
    on_scale[valid] = scaled
    pairs, pair_sum, products = partition.together.of_values(on_scale, valid)
    n, missing = _n_missing(valid, partition)
    total, level, squares = (np.bincount(codes, w, groups) for w in (raw, scaled, scaled * scaled))
    place = bins.index(metric, raw)
    first = int(place.min()) if len(place) else 0
    width = int(place.max()) - first + 1 if len(place) else 1
    key, counts = count(codes * width + (place - first), groups * width)
    borders = np.searchsorted(key, np.arange(groups + 1) * width)
    for g, value in enumerate(partition.values):
        own = slice(borders[g], borders[g + 1])
        rows.add(
            dimension=partition.dimension,
            value=value,
            metric=metric.name,
            kind=metric.kind,
            n=n[g],
            missing=missing[g],
            total=total[g],
            sum=level[g],
            squares=squares[g],
            bins=key[own] - g * width + first,
            counts=counts[own],
            encoder=rows.measured_by(metric.name),
            pairs=pairs[g],
            pair_sum=pair_sum[g],
            pair_products=products[g],
        )


def _rate(rows: _Rows, metric: Metric, column: pa.ChunkedArray, partition: Partition) -> None:
    x, valid = _floats(column)
    n, missing = _n_missing(valid, partition)
    k = np.bincount(partition.codes[valid], x[valid] > 0.5, len(partition.values))
    pairs, pair_sum, products = partition.together.of_values((x > 0.5).astype(float), valid)
    for g, value in enumerate(partition.values):
        rows.add(
            dimension=partition.dimension,
            value=value,
            metric=metric.name,
            encoder=rows.measured_by(metric.name),
            kind=metric.kind,
            n=n[g],
            missing=missing[g],
            total=k[g],
            sum=k[g],
            squares=k[g],
            pairs=pairs[g],
            pair_sum=pair_sum[g],
            pair_products=products[g],
        )


def _label(rows: _Rows, metric: Metric, column: pa.ChunkedArray, partition: Partition) -> None:
    codes, labels = _codes(column)
    # a dimension's unknown is a value of its own; a label's unknown is a missing value, as everywhere
    unknown = labels.index(UNKNOWN) if UNKNOWN in labels else -1
    valid = codes != unknown
    n, missing = _n_missing(valid, partition)
    counts = np.bincount(
        partition.codes[valid] * len(labels) + codes[valid], minlength=len(partition.values) * len(labels)
    ).reshape(len(partition.values), len(labels))
    # in which language and about what is a habit of the user's, whatever the conversation
    pairs, agree = partition.users.of_labels(codes, valid, len(labels))
    order = sorted(range(len(labels)), key=labels.__getitem__)
    for g, value in enumerate(partition.values):
        seen = [i for i in order if counts[g, i]]
        rows.add(
            dimension=partition.dimension,
            value=value,
            metric=metric.name,
            kind=metric.kind,
            n=n[g],
            missing=missing[g],
            labels=[labels[i] for i in seen],
            counts=counts[g, seen],
            pairs=pairs[g],
            pair_products=agree[g],
        )


def _vector(rows: _Rows, metric: Metric, column: pa.ChunkedArray, partition: Partition) -> None:
    x = _matrix(column)
    valid = np.isfinite(x).all(1) if x.size else np.zeros(len(column), bool)
    n, missing = _n_missing(valid, partition)
    for g, value in enumerate(partition.values):
        own = x[valid & (partition.codes == g)]
        moment = features = None
        if len(own):
            features = fourier.rff(own).sum(0, dtype=np.float64).astype(np.float32)
        if partition.dimension == OVERALL and len(own):
            moment = (own.T.astype(np.float64) @ own)[np.triu_indices(own.shape[1])].astype(np.float32)
        rows.add(
            dimension=partition.dimension,
            value=value,
            metric=metric.name,
            kind=metric.kind,
            n=n[g],
            missing=missing[g],
            vector=own.sum(0, dtype=np.float64).astype(np.float32),
            rff=features,
            moment=moment,
            encoder=rows.encoder,
        )


def _traffic(rows: _Rows, features: pa.Table, partitions: list[Partition], config: Config) -> None:
    """Counts of the day: volume and cost of every segment, users overall.

    Volume and cost are of all requests, where the share of them that is traced is known; n is of the traces.
    """

    def row(partition: Partition, value: str, metric: str, n: int, total: float, missing: int = 0, pairs: float = 0.0) -> None:
        if metric not in config.metrics or config.metrics[metric].enabled:
            rows.add(
                dimension=partition.dimension,
                value=value,
                metric=metric,
                kind="count",
                n=n,
                missing=missing,
                total=total,
                pairs=pairs,
            )

    n, stand_for = features.num_rows, requests(features)
    for partition in partitions:
        sizes = np.bincount(partition.codes, minlength=len(partition.values))
        volumes = np.bincount(partition.codes, stand_for, len(partition.values))
        pairs = partition.together.pairs(np.ones(n, bool))
        for value, size, volume, together in zip(partition.values, sizes, volumes, pairs, strict=True):
            row(partition, value, "volume", int(size), float(volume), pairs=float(together))
        if n and "cost_usd" in features.column_names:
            cost, valid = _floats(features.column("cost_usd"))
            unpriced = used_tokens(features) & ~valid
            groups = len(partition.values)
            spent = np.bincount(partition.codes[valid], cost[valid] * stand_for[valid], groups)
            priced, rest = (np.bincount(partition.codes[rows], minlength=groups) for rows in (valid, unpriced))
            for value, *counts, total in zip(partition.values, priced, rest, spent, strict=True):
                if any(counts):
                    row(partition, value, "total_cost_usd", int(counts[0]), float(total), int(counts[1]))
    if n and "user" in features.column_names:
        known = pc.drop_null(features.column("user"))
        if len(known):
            counts = pc.value_counts(known).field("counts").to_numpy(zero_copy_only=False)
            row(partitions[0], "", "users", n, float(len(counts)))
            row(partitions[0], "", "top_user_share", n, float(counts.max() / counts.sum()))


def total_is_known(n: np.ndarray | int, missing: np.ndarray | int) -> np.ndarray | bool:
    """Whether a count's total is one: not where more than a hundredth of what it adds up is missing. Elementwise."""
    return missing <= _UNKNOWN_PARTS * (n + missing)


_MEASURES = {"number": _number, "rate": _rate, "label": _label, "vector": _vector}


def _floats(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Values and which of them are known, both (rows,)."""
    x = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    return x, np.abs(x) < _HUGE


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _matrix(column: pa.ChunkedArray) -> np.ndarray:
    """A list column as (rows, dimensions) float32, NaN rows where null or not sampled."""
    flat = _array(column)
    valid = flat.is_valid().to_numpy(zero_copy_only=False)
    values = pc.list_flatten(flat).to_numpy(zero_copy_only=False)
    width = len(values) // max(1, int(valid.sum()))
    out = np.full((len(flat), width), np.nan, np.float32)
    if width:
        out[valid] = values.reshape(-1, width)
    return out


def _n_missing(valid: np.ndarray, partition: Partition) -> tuple[np.ndarray, np.ndarray]:
    size = np.bincount(partition.codes, minlength=len(partition.values))
    n = np.bincount(partition.codes[valid], minlength=len(partition.values))
    return n, size - n
