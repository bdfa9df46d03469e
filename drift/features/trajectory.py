"""The steps of a batch of traces as flat arrays, which is what measures of steps are made from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch
from drift.features.flat import whole


class Steps:
    """The steps of a batch as flat arrays, none of which is to be changed. row: int64, shape (steps,), the trace that each is of; n: traces."""

    def __init__(self, column: pa.ChunkedArray):
        listed = whole(column)
        self.n = len(listed)
        self.row = np.repeat(np.arange(self.n), pc.list_value_length(listed).fill_null(0).to_numpy(zero_copy_only=False))
        self._flat = listed.flatten()
        self._numbers: dict[str, np.ndarray] = {}
        self._texts: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, batch: Batch) -> Steps:
        """Those of a batch, read once for all concerns."""
        return batch.once("steps", lambda: cls(batch.column("trajectory")))

    def __len__(self) -> int:
        return len(self.row)

    def numbers(self, name: str) -> np.ndarray:
        """NaN where unknown; float64, shape (steps,)."""
        if name not in self._numbers:
            column = pc.struct_field(self._flat, name).cast(pa.float64())
            self._numbers[name] = column.to_numpy(zero_copy_only=False).astype(float)
        return self._numbers[name]

    def texts(self, name: str) -> np.ndarray:
        if name not in self._texts:
            self._texts[name] = pc.struct_field(self._flat, name).to_numpy(zero_copy_only=False)
        return self._texts[name]

    def sums(self, values: np.ndarray, among: np.ndarray) -> np.ndarray:
        """The sum over the steps `among` of each trace; NaN where it has none of them, or one is unknown; (n,)."""
        total = np.bincount(self.row[among], values[among], self.n)
        return np.where(np.bincount(self.row[among], minlength=self.n) > 0, total, np.nan)
