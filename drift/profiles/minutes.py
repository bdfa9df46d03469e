"""Throughput: what a day asks of a provider by the minute, on average and in its busiest minute.

Where traces are a sample, a minute of all requests is not known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics
from drift.profiles.rows import Rows
from drift.profiles.split import OVERALL, Partition
from drift.traces import SAMPLING_RATE

_US = 60_000_000
# what is counted, by its columns of the features
COUNTED: dict[str, tuple[str, ...]] = {"requests": (), "calls": ("model_calls",), "tokens": ("input_tokens", "output_tokens")}
_MINUTES = 1440


@dataclass(frozen=True)
class Minutes:
    """minute: since 1970, (m,), rising. sums: requests, model calls and tokens of each, (3, m). known: traces that tell each, (3,);
    traces: all of them. sampled: some of the requests are not among them."""

    minute: np.ndarray
    sums: np.ndarray
    known: np.ndarray
    traces: int
    sampled: bool = False

    @classmethod
    def of(cls, features: pa.Table) -> Minutes:
        """Of a part of a day."""
        at = features.column("timestamp").cast(pa.int64()) if "timestamp" in features.column_names else None
        if at is None or at.null_count:
            return cls(np.zeros(0, np.int64), np.zeros((3, 0)), np.zeros(3, np.int64), features.num_rows)
        minute, own = np.unique(at.to_numpy() // _US, return_inverse=True)
        sums, known = np.zeros((3, len(minute))), np.zeros(3, np.int64)
        for place, columns in enumerate(COUNTED.values()):
            there = [name for name in columns if name in features.column_names]
            values = np.zeros(len(own)) if columns else np.ones(len(own))
            valid = np.zeros(len(own), bool) if columns else np.ones(len(own), bool)
            for name in there:
                column = features.column(name)
                values = values + pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
                valid |= column.is_valid().to_numpy().astype(bool)
            sums[place], known[place] = np.bincount(own, np.rint(values), len(minute)), valid.sum()
        return cls(minute, sums, known, features.num_rows, SAMPLING_RATE in features.column_names)

    @classmethod
    def together(cls, parts: Sequence[Minutes]) -> Minutes:
        minute, own = np.unique(np.concatenate([part.minute for part in parts]), return_inverse=True)
        every = np.concatenate([part.sums for part in parts], axis=1)
        return cls(
            minute,
            np.array([np.bincount(own, each, len(minute)) for each in every]),
            np.sum([part.known for part in parts], axis=0),
            sum(part.traces for part in parts),
            any(part.sampled for part in parts),
        )

    def rows(self, enabled: Callable[[str], bool]) -> pa.Table:
        """Of the whole day, as rows of schema `PART`: `busiest_<what>` and `minute_<what>`."""
        rows = Rows()
        whole = Partition(OVERALL, [""], np.zeros(0, np.int64), np.zeros(1, np.int64))
        for place, what in enumerate(COUNTED):
            # a failed request has no tokens
            if self.sampled or not len(self.minute) or not self.sums[place].any():
                continue
            for name, value in (
                (f"busiest_{what}", self.sums[place].max()),
                (f"minute_{what}", self.sums[place].sum() / _MINUTES),
            ):
                if metrics.find(name) is not None and enabled(name):
                    n = np.array([int(self.known[place])])
                    rows.add(whole, metrics.lookup(name), n, np.zeros(1, np.int64), np.array([[float(value)], [0.0]]))
        return rows.table()
