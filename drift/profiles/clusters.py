"""Requests that belong together: those of one conversation, or of one user where no conversation is known.

They resemble each other, so a day of 1,000 requests in 300 conversations tells less than one of 1,000 strangers. How much less is
seen in the pairs of requests of one cluster: how many there are, and what their values and products add up to. With m the mean,

    Σ (xᵢ − m)(xⱼ − m) = products − 2m · sums + m² · pairs        over the ordered pairs i ≠ j of one cluster

which is what the variance of a mean has beyond that of independent requests (Kish 1965; Taylor linearization). Pairs add up over
days and over shards that each hold whole clusters; of a cluster that two shards share, the pairs across them are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_KEYS = ("session_id", "user")


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
        n = np.bincount(self.group[valid[self.rows]], minlength=len(self.segment))
        return self._sum(n * (n - 1.0))

    def of_values(self, x: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs, the sum of their first values and of their products, each (segments,). x, valid: (rows,) of the day."""
        own = valid[self.rows]
        group, values = self.group[own], x[self.rows[own]]
        n, total, squares = (np.bincount(group, w, len(self.segment)) for w in (None, values, values * values))
        return self._sum(n * (n - 1.0)), self._sum((n - 1.0) * total), self._sum(total**2 - squares)

    def of_labels(self, codes: np.ndarray, valid: np.ndarray, labels: int) -> tuple[np.ndarray, np.ndarray]:
        """Pairs, and those of one label, each (segments,). codes: (rows,) labels of the day."""
        own = valid[self.rows]
        group = self.group[own]
        both, counts = np.unique(group * max(labels, 1) + codes[self.rows[own]], return_counts=True)
        agree = np.bincount(both // max(labels, 1), counts * (counts - 1.0), len(self.segment))
        n = np.bincount(group, minlength=len(self.segment))
        return self._sum(n * (n - 1.0)), self._sum(agree)

    def _sum(self, by_group: np.ndarray) -> np.ndarray:
        return np.bincount(self.segment, by_group, self.segments)


def labels(features: pa.Table) -> np.ndarray:
    """The cluster of each row of a features table, (rows,): that of its conversation, else of its user; −1 where it has neither."""
    out = np.full(features.num_rows, -1, np.int64)
    for name in _KEYS:
        if name in features.column_names:
            column = pc.dictionary_encode(features.column(name)).combine_chunks()
            codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            free = (out < 0) & (codes >= 0)
            out[free] = codes[free] + out.max(initial=-1) + 1
    return out
