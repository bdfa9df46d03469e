"""Requests that belong together: those of one conversation, or of one user where no conversation is known; of labels the other way.

They resemble each other, so a day of 1,000 requests in 300 conversations tells less than one of 1,000 strangers. How much less is
seen in the pairs of requests of one cluster: how many there are, and what their values and products add up to. With m the mean,

    Σ (xᵢ − m)(xⱼ − m) = products − 2m · sums + m² · pairs        over the ordered pairs i ≠ j of one cluster

which is what the variance of a mean has beyond that of independent requests (Kish 1965; Taylor linearization). Pairs add up over
days and over shards that each hold whole clusters; of a cluster that two shards share, the pairs across them are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.profiles.counting import count


@dataclass(frozen=True)
class Clusters:
    """The requests of a day's segments that are not alone in their cluster.

    rows: (R,) their places in the day. group: (R,) which cluster of which segment each belongs to. segment: (groups,) whose.
    """

    rows: np.ndarray
    group: np.ndarray
    segment: np.ndarray
    segments: int

    @classmethod
    def of(cls, cluster: np.ndarray, codes: np.ndarray, segments: int) -> Clusters:
        """cluster: (rows,) as `labels` gives them; codes: (rows,) the segment of each."""
        rows = np.flatnonzero(cluster >= 0)
        key, group, counts = np.unique(cluster[rows] * segments + codes[rows], return_inverse=True, return_counts=True)
        together = counts[group] > 1
        place = np.cumsum(counts > 1) - 1
        return cls(rows[together], place[group[together]], (key % segments)[counts > 1], segments)

    def pairs(self, valid: np.ndarray) -> np.ndarray:
        """(segments,) ordered pairs of requests with a value; valid: (rows,) of the day."""
        _, _, n = self._own(valid)
        return self._sum(n * (n - 1.0))

    def of_values(self, x: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs, the sum of their first values and of their products, each (segments,). x, valid: (rows,) of the day."""
        rows, group, n = self._own(valid)
        values = x[rows]
        total, squares = (np.bincount(group, w, len(self.segment)) for w in (values, values * values))
        return self._sum(n * (n - 1.0)), self._sum((n - 1.0) * total), self._sum(total**2 - squares)

    def of_labels(self, codes: np.ndarray, valid: np.ndarray, labels: int) -> tuple[np.ndarray, np.ndarray]:
        """Pairs, and those of one label, each (segments,). codes: (rows,) labels of the day."""
        rows, group, n = self._own(valid)
        both, counts = count(group * max(labels, 1) + codes[rows], len(self.segment) * max(labels, 1))
        agree = np.bincount(both // max(labels, 1), counts * (counts - 1.0), len(self.segment))
        return self._sum(n * (n - 1.0)), self._sum(agree)

    def _own(self, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of the rows with a value their places and groups, and how many each group has."""
        own = valid[self.rows]
        if own.all():
            return self.rows, self.group, self._sizes
        group = self.group[own]
        return self.rows[own], group, np.bincount(group, minlength=len(self.segment))

    @cached_property
    def _sizes(self) -> np.ndarray:
        return np.bincount(self.group, minlength=len(self.segment))

    def _sum(self, by_group: np.ndarray) -> np.ndarray:
        return np.bincount(self.segment, by_group, self.segments)


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
