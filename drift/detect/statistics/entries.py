"""What the rows of many profiles list, bins or labels with their counts, one after the other: any of them are taken out at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# values end to end, and where each row's begin and the last's end
Lists = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Entries:
    """values, counts: of all rows of all days. row: (days,) the place of each day's first row. begin, begin_of_counts, length: of each row
    where its values and its counts are, and how many it has."""

    values: np.ndarray
    counts: np.ndarray
    row: np.ndarray
    begin: np.ndarray
    begin_of_counts: np.ndarray
    length: np.ndarray

    @classmethod
    def joined(cls, days: Sequence[tuple[Lists, Lists]]) -> Entries:
        """Of each day's profile the values and the counts of its rows."""
        values, begin, length = _end_to_end([values for values, _ in days])
        counts, begin_of_counts, _ = _end_to_end([counts for _, counts in days])
        rows = np.cumsum([0, *(len(at) - 1 for (_, at), _ in days)])
        return cls(values, counts, rows[:-1], begin, begin_of_counts, length)

    def of(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What some rows list: day and column of `place` each entry belongs to, its value and its count.

        place: (days, K) rows of each day's profile, negative where there is none.
        """
        day, column = np.nonzero(place >= 0)
        row = self.row[day] + place[day, column]
        length = self.length[row]
        # 0, 1, … of each row
        within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        value, count = (np.repeat(begin[row], length) + within for begin in (self.begin, self.begin_of_counts))
        return np.repeat(day, length), np.repeat(column, length), self.values[value], self.counts[count]


def _end_to_end(lists: Sequence[Lists]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All values, and where those of each row begin and how many there are."""
    before = np.cumsum([0, *(len(values) for values, _ in lists)])
    begin = np.concatenate([at[:-1] + start for (_, at), start in zip(lists, before[:-1], strict=True)])
    return np.concatenate([values for values, _ in lists]), begin, np.concatenate([np.diff(at) for _, at in lists])
