"""The steps of a batch of traces as flat arrays, which is what measures of steps are made from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context
from drift.features.flat import whole
from drift.features.scores import safe_name

# tools that are followed by name; the rest are one, by what the day has followed so far
MOST_TOOLS, OTHER, TOOL_NAMES = 20, "other", "tool_names"


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

    def any(self, flags: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Of each trace whether one of the steps `among` has the flag (0, 1; NaN where unknown); NaN where it has none of them, or one is
        unknown; (n,)."""
        counts = self.sums(flags, among)
        return np.where(np.isnan(counts), np.nan, (counts > 0).astype(float))

    def sums(self, values: np.ndarray, among: np.ndarray) -> np.ndarray:
        """The sum over the steps `among` of each trace; NaN where it has none of them, or one is unknown; (n,)."""
        total = np.bincount(self.row[among], values[among], self.n)
        return np.where(np.bincount(self.row[among], minlength=self.n) > 0, total, np.nan)


def named(steps: Steps, among: np.ndarray, key: str, most: int, context: Context) -> Iterator[tuple[str, np.ndarray]]:
    """(name, which steps) of each name that is followed among these; those beyond `most` names are `other`. key: of what the day has
    followed so far."""
    names = steps.texts("name")
    followed: dict[str, str] = context.extra.setdefault(key, {})  # type: ignore[assignment]
    mine = np.array([name or "" for name in names[among]], object).astype(str)
    there, uses = np.unique(mine, return_counts=True)
    for name in there[np.argsort(-uses, kind="stable")]:
        if name not in followed:
            safe = safe_name(str(name))
            followed[name] = safe if safe and len(set(followed.values()) - {OTHER}) < most else OTHER
    told, codes = np.unique(np.array([followed[name] for name in there.tolist()], object).astype(str), return_inverse=True)
    place = np.full(len(steps), -1)
    place[among] = codes[np.searchsorted(there, mine)] if len(there) else -1
    for code, name in enumerate(told.tolist()):
        yield name, place == code
