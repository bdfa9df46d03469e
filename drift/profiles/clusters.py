"""Requests that belong together: those of one conversation, or of one user where no conversation is known; of labels the other way.

They resemble each other, so a day of 1,000 requests in 300 conversations tells less than one of 1,000 strangers. How much less is
seen in the pairs of requests of one cluster: how many there are, and what their values and products add up to. With m the mean,

    Σ (xᵢ − m)(xⱼ − m) = products − 2m · sums + m² · pairs        over the ordered pairs i ≠ j of one cluster

which is what the variance of a mean has beyond that of independent requests (Kish 1965; Taylor linearization). Pairs add up over
days and over shards that each hold whole clusters; of a cluster that two shards share, the pairs across them are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import exact
from drift.profiles.bins import PAIR_STEP
from drift.profiles.counting import count
from drift.profiles.split import Split, compact

CONVERSATION, USER = ("session_id", "user"), ("user", "session_id")


@dataclass(frozen=True)
class Pairs:
    """Pairs of a dimension's segments, and what their first values and their products add up to; (2, segments), see `drift.exact`."""

    pairs: np.ndarray | None
    sums: np.ndarray | None = None
    products: np.ndarray | None = None


@dataclass(frozen=True)
class _Groups:
    """The clusters of a dimension's segments. of: (entries,) the group of each entry. segment: (groups,) whose. segments: how many."""

    of: np.ndarray
    segment: np.ndarray
    segments: int

    def count(self, n: np.ndarray) -> np.ndarray:
        """Ordered pairs of (groups,) requests each, (2, segments)."""
        return exact.of_integers(np.bincount(self.segment, n * (n - 1.0), self.segments))

    def sum(self, by_group: np.ndarray) -> np.ndarray:
        return exact.sums(self.segment, by_group, self.segments, PAIR_STEP)


@dataclass(frozen=True)
class Clusters:
    """The requests of a day that are not alone in their cluster.

    rows: (R,) their places in the day. entry: (R,) the part of a cluster in one combination of segments that each belongs to, for a
    dimension's segments are made of whole combinations. groups: by dimension.
    """

    rows: np.ndarray
    entry: np.ndarray
    entries: int
    groups: list[_Groups]

    @classmethod
    def of(cls, features: pa.Table, split: Split, keys: Sequence[str]) -> Clusters:
        """keys: by what requests belong together, `CONVERSATION` or `USER`."""
        cluster = labels(features, keys)
        known = cluster >= 0
        sizes = np.bincount(cluster[known]) if known.any() else np.zeros(0, np.int64)
        rows = np.flatnonzero(known)
        rows = rows[sizes[cluster[rows]] > 1]
        joints = len(split.sizes)
        parts, entry = compact(cluster[rows] * joints + split.joint[rows], len(sizes) * joints)
        groups = []
        for partition in split:
            segments = len(partition.values)
            own, of = compact(parts // joints * segments + partition.place[parts % joints], len(sizes) * segments)
            groups.append(_Groups(of, own % segments, segments))
        return cls(rows, entry, len(parts), groups)

    def counts(self) -> Iterator[Pairs]:
        """By dimension, the pairs of requests."""
        n = np.bincount(self.entry, minlength=self.entries)
        for groups in self.groups:
            yield Pairs(groups.count(np.bincount(groups.of, n, len(groups.segment))))

    def of_values(self, x: np.ndarray, valid: np.ndarray) -> Iterator[Pairs]:
        """By dimension, the pairs of requests with a value. x, valid: (rows,) of the day."""
        own = valid[self.rows]
        entry, values = self.entry[own], x[self.rows[own]]
        entries = [np.bincount(entry, w, self.entries) for w in (None, values, values * values)]
        for groups in self.groups:
            n, total, squares = (np.bincount(groups.of, w, len(groups.segment)) for w in entries)
            yield Pairs(groups.count(n), groups.sum((n - 1.0) * total), groups.sum(total**2 - squares))

    def of_labels(self, codes: np.ndarray, valid: np.ndarray, labels: int) -> Iterator[Pairs]:
        """By dimension, the pairs of requests with a label; products: those of one label. codes: (rows,) labels of the day."""
        own = valid[self.rows]
        key, n = count(self.entry[own] * labels + codes[self.rows[own]], self.entries * labels)
        entry, label = key // max(labels, 1), key % max(labels, 1)
        for groups in self.groups:
            both, counts = count(groups.of[entry] * labels + label, len(groups.segment) * labels, n)
            agree = np.bincount(groups.segment[both // max(labels, 1)], counts * (counts - 1.0), groups.segments)
            known = np.bincount(groups.of[entry], n, len(groups.segment))
            yield Pairs(groups.count(known), products=exact.of_integers(agree))


def labels(features: pa.Table, keys: Sequence[str]) -> np.ndarray:
    """The cluster of each row of a features table, (rows,): by the first of the keys that it has a value of; −1 where it has none."""
    out = np.full(features.num_rows, -1, np.int64)
    for name in keys:
        if name in features.column_names:
            column = pc.dictionary_encode(features.column(name)).combine_chunks()
            codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            free = (out < 0) & (codes >= 0)
            out[free] = codes[free] + out.max(initial=-1) + 1
    return out
