"""From a features table to a day profile: one row a (dimension, value, metric)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import exact, metrics
from drift.config import Config
from drift.metrics import Metric
from drift.profiles import bins, fourier
from drift.profiles.add import close
from drift.profiles.clusters import CONVERSATION, USER, Clusters, Pairs
from drift.profiles.counting import count
from drift.profiles.minutes import Minutes
from drift.profiles.rows import Rows
from drift.profiles.split import OTHER, OVERALL, UNKNOWN, Counted, Layout, Partition, Split, codes, compact
from drift.traces import requests, used_tokens

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
_OF_USERS = frozenset({"user_cost_usd", "user_requests"})
NOT_METRICS = frozenset({"trace_id", "timestamp", "user", "session_id", "day"})


def build(features: pa.Table, config: Config, day: date) -> pa.Table:
    """The profile of a day (schema `SCHEMA`) from its features table, one row a trace.

    Segments: overall, the `segments.top` busiest values of each configured dimension that the table has (the rest is
    `other`), and the cells, which are the cross of those dimensions. Columns that start with `_`, that are no metric of
    the catalogue or that the configuration disables are left out.
    """
    layout = Layout.of(Counted.of(features, config), config)
    minutes = by_minute(Minutes.of(features), config)
    return close(pa.concat_tables([part(features, config, layout), traffic_of_users(features, config), minutes]))


def part(features: pa.Table, config: Config, layout: Layout, measured_by: MeasuredBy | None = None) -> pa.Table:
    """What a part of the day's rows adds to its profile (schema `PART`): everything but how many users there are.

    All parts of a day must have the same columns, and the layout and the measures of the whole day. Vectors add up to the bit only where all are in one part.
    """
    rows, split, encoder = Rows(), Split.of(features, layout), _encoder(features)
    clusters, of_users = (Clusters.of(features, split, keys) for keys in (CONVERSATION, USER))
    measured_by = measured_by or MeasuredBy.of(features)
    for metric in _metrics(features, config):
        if metric.kind == "vector":
            _vector(rows, metric, features.column(metric.name), split, encoder)
        elif metric.kind == "label":
            # in which language and about what is a habit of the user's, whatever the conversation
            followed = _followed(features.column(metric.name), layout.labels.get(metric.name))
            _label(rows, metric, followed, split, of_users, measured_by(metric.name))
        else:
            _MEASURES[metric.kind](rows, metric, features.column(metric.name), split, clusters, measured_by(metric.name))
    _traffic(rows, features, split, clusters, config)
    return rows.table()


def _followed(labels: pa.ChunkedArray, kept: list[str] | None) -> pa.ChunkedArray:
    """The labels, those that are not followed as `other`. kept: all where None."""
    if kept is None:
        return labels
    text = labels.cast(pa.string())
    return pc.if_else(pc.or_(pc.is_in(text, pa.array(kept, pa.string())), pc.is_null(text)), text, OTHER)


def _metrics(features: pa.Table, config: Config) -> Iterator[Metric]:
    # by name, for the order of the columns depends on what came first
    for name in sorted(features.column_names):
        if name.startswith("_") or name in NOT_METRICS:
            continue
        metric = metrics.find(name)
        if metric is not None and _is_enabled(name, config):
            yield metric


def _is_enabled(name: str, config: Config) -> bool:
    return name not in config.metrics or config.metrics[name].enabled


def _encoder(features: pa.Table) -> str | None:
    known = pc.drop_null(features.column(ENCODER)) if ENCODER in features.column_names else []
    return known[0].as_py() if len(known) else None


@dataclass(frozen=True)
class MeasuredBy:
    """Whose measure a day's metrics are. judges: by metric. ruler: by which of drift's own rulers, None where that is not known."""

    judges: dict[str, str]
    ruler: int | None

    @classmethod
    def of(cls, features: pa.Table) -> MeasuredBy:
        """The judges of the last trace that was judged; of two rulers the older, for a part of the day is of the older measure."""
        judges = {}
        for name in (name for name in features.column_names if name.startswith(JUDGE)):
            known = np.flatnonzero(features.column(name).is_valid())
            if len(known):
                # of a shard, the last row need not be the last trace
                there = "timestamp" in features.column_names
                times = features.column("timestamp").cast(pa.int64()).to_numpy()[known] if there else np.asarray(known)
                last = int(known[len(times) - 1 - np.argmax(times[::-1])])
                judges[f"judge.{name.removeprefix(JUDGE)}"] = features.column(name)[last].as_py()
        ruler = features.column(RULER) if RULER in features.column_names else None
        return cls(judges, pc.min(ruler).as_py() if ruler is not None and not ruler.null_count else None)

    @classmethod
    def together(cls, parts: Sequence[MeasuredBy]) -> MeasuredBy:
        """Of shards that follow each other in time."""
        rulers = [part.ruler for part in parts]
        known = [ruler for ruler in rulers if ruler is not None]
        judges = {metric: judge for part in parts for metric, judge in part.judges.items()}
        return cls(judges, min(known) if len(known) == len(rulers) and known else None)

    def __call__(self, metric: str) -> str | None:
        """A judge, or a version of drift's own measure; None for the first version."""
        version = metrics.version(metric, self.ruler)
        return self.judges.get(metric) or (str(version) if version > 1 else None)


def _number(rows: Rows, metric: Metric, column: pa.ChunkedArray, split: Split, clusters: Clusters, whose: str | None) -> None:
    x, valid = _floats(column)
    joints = len(split.sizes)
    joint, raw = (split.joint, x) if valid.all() else (split.joint[valid], x[valid])
    scaled = bins.on_scale(metric, raw)
    n = np.bincount(joint, minlength=joints)
    total = exact.sums(joint, raw, joints, bins.step(metric))
    level = exact.sums(joint, scaled, joints, bins.LEVEL_STEP)
    squares = exact.sums(joint, scaled * scaled, joints, bins.SQUARE_STEP)
    own, places, counts = _histogram(joint, bins.index(metric, raw), joints)
    width = max(len(places), 1)
    for partition, pairs in zip(split, _pairs(metric, clusters, scaled, valid), strict=True):
        groups = len(partition.values)
        key, summed = count(partition.place[own] * len(places) + counts[0], groups * len(places), counts[1])
        known, lengths = _summed(n, partition), np.bincount(key // width, minlength=groups)
        rows.add(
            partition,
            metric,
            known,
            _summed(split.sizes, partition) - known,
            *(_summed_exactly(sums, partition) for sums in (total, level, squares)),
            pairs=pairs,
            encoder=whose,
            lists={"bins": (lengths, places[key % width]), "counts": (lengths, summed)},
        )


def _pairs(metric: Metric, clusters: Clusters, scaled: np.ndarray, valid: np.ndarray) -> Iterator[Pairs]:
    """scaled: the values of the rows that are `valid`."""
    on_scale = np.zeros(len(valid))
    # a user's value stands on one row alone, and users are strangers
    there = np.zeros_like(valid) if metric.name in _OF_USERS else valid
    on_scale[valid] = scaled
    return clusters.of_values(on_scale, there)


def _rate(rows: Rows, metric: Metric, column: pa.ChunkedArray, split: Split, clusters: Clusters, whose: str | None) -> None:
    x, valid = _floats(column)
    joints = len(split.sizes)
    n = np.bincount(split.joint[valid], minlength=joints)
    k = np.bincount(split.joint[valid & (x > 0.5)], minlength=joints)
    for partition, pairs in zip(split, clusters.of_values((x > 0.5).astype(float), valid), strict=True):
        known, yes = _summed(n, partition), exact.of_integers(_summed(k, partition))
        rows.add(partition, metric, known, _summed(split.sizes, partition) - known, yes, yes, yes, pairs=pairs, encoder=whose)


def _label(rows: Rows, metric: Metric, column: pa.ChunkedArray, split: Split, clusters: Clusters, whose: str | None) -> None:
    own, labels = codes(column)
    # a dimension's unknown is a value of its own; a label's unknown is a missing value, as everywhere
    names = sorted(label for label in labels if label != UNKNOWN)
    place = {label: i for i, label in enumerate(names)}
    ordered = np.array([place.get(label, -1) for label in labels], np.int64)[own] if labels else own
    valid = ordered >= 0
    width = max(len(names), 1)
    key, counts = count(split.joint[valid] * width + ordered[valid], len(split.sizes) * width)
    joint, label = key // width, key % width
    n = np.bincount(joint, counts, len(split.sizes)).astype(np.int64)
    texts = pa.array(names, pa.string())
    for partition, pairs in zip(split, clusters.of_labels(ordered, valid, len(names)), strict=True):
        groups = len(partition.values)
        both, summed = count(partition.place[joint] * width + label, groups * width, counts)
        known = _summed(n, partition)
        lengths, found = np.bincount(both // width, minlength=groups), texts.take(pa.array(both % width, pa.int64()))
        lists = {"labels": (lengths, found), "counts": (lengths, summed)}
        rows.add(partition, metric, known, _summed(split.sizes, partition) - known, pairs=pairs, lists=lists, encoder=whose)


def _vector(rows: Rows, metric: Metric, column: pa.ChunkedArray, split: Split, encoder: str | None) -> None:
    x = _matrix(column)
    valid = np.isfinite(x).all(1) if x.size else np.zeros(len(column), bool)
    n = np.bincount(split.joint[valid], minlength=len(split.sizes))
    for partition in split:
        vectors, features, moments = [], [], []
        for g in range(len(partition.values)):
            own = x[valid & (partition.codes == g)]
            moment = rff = None
            if len(own):
                rff = fourier.rff(own).sum(0, dtype=np.float64).astype(np.float32)
            if partition.dimension == OVERALL and len(own):
                moment = (own.T.astype(np.float64) @ own)[np.triu_indices(own.shape[1])].astype(np.float32)
            vectors.append(own.sum(0, dtype=np.float64).astype(np.float32))
            features.append(rff)
            moments.append(moment)
        known = _summed(n, partition)
        rows.add(
            partition,
            metric,
            known,
            _summed(split.sizes, partition) - known,
            pairs=Pairs(None),
            vectors={"vector": vectors, "rff": features, "moment": moments},
            encoder=encoder,
        )


def _traffic(rows: Rows, features: pa.Table, split: Split, clusters: Clusters, config: Config) -> None:
    """Counts of every segment: its volume, and its cost.

    Both are of all requests, where the share of them that is traced is known; n is of the traces.
    """
    joints = len(split.sizes)
    volume = exact.sums(split.joint, requests(features), joints, bins.LEVEL_STEP)
    spent = _spent(features, split) if "cost_usd" in features.column_names else None
    for partition, pairs in zip(split, clusters.counts(), strict=True):
        if _is_enabled("volume", config):
            sizes = _summed(split.sizes, partition)
            rows.add(
                partition,
                metrics.lookup("volume"),
                sizes,
                np.zeros_like(sizes),
                _summed_exactly(volume, partition),
                pairs=pairs,
            )
        if spent is not None and _is_enabled("total_cost_usd", config):
            priced, unpriced = (_summed(counts, partition) for counts in spent[:2])
            rows.add(partition, metrics.lookup("total_cost_usd"), priced, unpriced, _summed_exactly(spent[2], partition))


def _spent(features: pa.Table, split: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each joint how many requests have a price, how many have none and need one, and what they cost."""
    usd, valid = _floats(features.column("cost_usd"))
    joints = len(split.sizes)
    spent = exact.sums(split.joint[valid], (usd * requests(features))[valid], joints, bins.step(metrics.lookup("cost_usd")))
    unpriced = used_tokens(features) & ~valid
    priced, lacking = (np.bincount(split.joint[which], minlength=joints) for which in (valid, unpriced))
    return priced, lacking, spent


def traffic_of_users(day: pa.Table, config: Config) -> pa.Table:
    """`users_of` a features table that holds the whole day."""
    known = pc.drop_null(day.column("user")) if "user" in day.column_names else []
    counts = pc.value_counts(known).field("counts").to_numpy(zero_copy_only=False) if len(known) else np.zeros(1, np.int64)
    return users_of(day.num_rows, len(counts), int(counts.max()), int(counts.sum()), config)


def users_of(traces: int, users: int, busiest: int, requests: int, config: Config) -> pa.Table:
    """How many different users a day has, and the share of the busiest, as rows of schema `PART`; none where no user is known.

    busiest: the requests of the user who made most. requests: those whose user is known.
    """
    rows = Rows()
    whole = Partition(OVERALL, [""], np.zeros(0, np.int64), np.zeros(1, np.int64))
    for name, value in (("users", users), ("top_user_share", busiest / max(requests, 1))):
        if requests and _is_enabled(name, config):
            rows.add(whole, metrics.lookup(name), np.array([traces]), np.zeros(1, np.int64), np.array([[float(value)], [0.0]]))
    return rows.table()


def by_minute(minutes: Minutes, config: Config) -> pa.Table:
    """The throughput of a day as rows of schema `PART`."""
    return minutes.rows(lambda name: _is_enabled(name, config))


def total_is_known(n: np.ndarray | int, missing: np.ndarray | int) -> np.ndarray | bool:
    """Whether a count's total is one: not where more than a hundredth of what it adds up is missing. Elementwise."""
    return missing <= _UNKNOWN_PARTS * (n + missing)


def _total(rows: Rows, metric: Metric, column: pa.ChunkedArray, split: Split, clusters: Clusters, whose: str | None) -> None:
    """The sum of a column over the day, such as dollars."""
    x, valid = _floats(column)
    joints = len(split.sizes)
    known = np.bincount(split.joint[valid], minlength=joints)
    total = exact.sums(split.joint[valid], x[valid], joints, bins.step(metrics.lookup("cost_usd")))
    # by which it is known how many requests the sum is really of
    squares = exact.sums(split.joint[valid], x[valid] ** 2, joints, bins.SQUARE_STEP)
    for partition in split:
        n = _summed(known, partition)
        sums = (_summed_exactly(each, partition) for each in (total, squares))
        rows.add(partition, metric, n, _summed(split.sizes, partition) - n, next(sums), squares=next(sums))


_MEASURES: dict[str, Callable[[Rows, Metric, pa.ChunkedArray, Split, Clusters, str | None], None]] = {
    "count": _total,
    "number": _number,
    "rate": _rate,
}


def _floats(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Values and which of them are known, both (rows,)."""
    x = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    return x, np.abs(x) < _HUGE


def _matrix(column: pa.ChunkedArray) -> np.ndarray:
    """A list column as (rows, dimensions) float32, NaN rows where null or not sampled."""
    flat = column.combine_chunks()
    valid = flat.is_valid().to_numpy(zero_copy_only=False)
    values = pc.list_flatten(flat).to_numpy(zero_copy_only=False)
    width = len(values) // max(1, int(valid.sum()))
    out = np.full((len(flat), width), np.nan, np.float32)
    if width:
        out[valid] = values.reshape(-1, width)
    return out


def _summed(by_joint: np.ndarray, partition: Partition) -> np.ndarray:
    """Counts of the joints as counts of the segments, (groups,) int64."""
    return np.bincount(partition.place, by_joint, len(partition.values)).astype(np.int64)


def _summed_exactly(by_joint: np.ndarray, partition: Partition) -> np.ndarray:
    return np.stack([np.bincount(partition.place, own, len(partition.values)) for own in by_joint])


def _histogram(
    joint: np.ndarray, place: np.ndarray, joints: int
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The counts of each joint's bins: the joints, the different bins in order, and which bin each count is of beside the counts."""
    first = int(place.min()) if len(place) else 0
    seen, own = compact(place - first, int(place.max()) - first + 1 if len(place) else 0)
    key, counts = count(joint * len(seen) + own, joints * len(seen))
    width = max(len(seen), 1)
    return key // width, seen + first, (key % width, counts)
