"""A segment's values split by cell of traffic: what is the same for all metrics of the segment is worked out once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.detect.statistics import cells, newcomers
from drift.detect.statistics.panel import Panel, Segment

# each cell of traffic as rows of the panel
Groups = Sequence[Sequence[int]]


class Split:
    """A segment of a panel as `groups`, its cells of traffic, and the remainder that they do not cover."""

    def __init__(self, panel: Panel, segment: Segment, groups: Groups | None = None):
        """groups: by default the segment's `cells`; none of them where its mix is not to be explained."""
        self.panel, self.row = panel, panel.row[segment]
        self.groups = cells.of(panel, segment) if groups is None else groups
        self._parts: dict[str, np.ndarray] = {}
        self._like: dict[tuple[bytes, bytes], np.ndarray] = {}

    def of(self, field: str, j: int) -> np.ndarray:
        """A metric's values of one of the panel's fields by cell, the remainder last: (T, C + 1). A day's unknown cell is in the
        remainder."""
        if field not in self._parts:
            known = self.panel.known(field)
            parts = [known[:, rows[0]] if len(rows) == 1 else known[:, rows].sum(1) for rows in self.groups]
            rest = known[:, self.row] - sum(parts, np.zeros(known[:, 0].shape))
            self._parts[field] = np.ascontiguousarray(np.stack([*parts, rest]).transpose(2, 1, 0))
        return self._parts[field][j]

    def like(self, n: np.ndarray, history: np.ndarray) -> np.ndarray:
        """What its cells are like, see `newcomers.of_cells`: of metrics that every trace has it is the same."""
        key = n.tobytes(), history.tobytes()
        if key not in self._like:
            self._like[key] = newcomers.of_cells(self.panel, self.groups, n, history)
        return self._like[key]

    def labels(self, j: int) -> dict[str, np.ndarray]:
        """Counts of a label metric's labels by cell, without the remainder, of those that occur in one: (T, C)."""
        rows = [row for group in self.groups for row in group]
        group = np.repeat(np.arange(len(self.groups)), [len(group) for group in self.groups])
        out = {}
        for name, counts in self.panel.labels_of(rows, j).items():
            out[name] = np.zeros((len(counts), len(self.groups)))
            np.add.at(out[name].T, group, counts.T)
        return out
