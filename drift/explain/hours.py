"""Whether what happened on a day happened in an hour or two of it: an outage is told as its hours, not as a bad day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from drift.text import wording

_HOUR = 3600
# at most so many hours in a row, with this part of the events and no more of the requests than that
_LONGEST, _PART, _TRAFFIC = 3, 0.6, 0.3
_FEWEST = 8
# the rate outside of them that is still as usual, in times of it
_AS_USUAL = 2.0


@dataclass(frozen=True)
class Hours:
    """The hours (UTC, `start` to before `end`) in which `events` of the day's `all_events` fell, the requests of those hours and of the
    day, and the rate outside of them."""

    start: int
    end: int
    events: int
    all_events: int
    requests: int
    all_requests: int
    outside: float

    @property
    def sentence(self) -> str:
        return (
            f"{self.events} of {self.all_events} fell between {self.start:02d}:00 and {self.end % 24:02d}:00 UTC, in {wording.percent(self.events / self.requests)} of "
            f"the {self.requests} requests of that time ({wording.percent(self.requests / self.all_requests)} of the day's); outside of it {wording.percent(self.outside, 1)}"
        )


def look(today: pa.Table, metric: str, label: str, usual: float | None) -> Hours | None:
    """The few hours that a rate's rise, or that of a label, is from; None where it is spread over the day, or is no rise of a share.

    today: the features table of the incident's place. label: the label of a label metric, else empty. usual: the rate of ordinary days.
    """
    if metric not in today.column_names or "timestamp" not in today.column_names or not today.num_rows:
        return None
    event = _events(today.column(metric), label)
    if event is None:
        return None
    hour = (
        np.asarray(today.column("timestamp").cast(pa.int64()).to_numpy(zero_copy_only=False), float) // 1e6 // _HOUR % 24
    ).astype(int)
    known = np.isfinite(event)
    happened = np.bincount(hour[known], event[known], 24)
    asked = np.bincount(hour[known], minlength=24)
    if happened.sum() < _FEWEST:
        return None
    for length in range(1, _LONGEST + 1):
        starts = np.arange(24 - length + 1)
        inside = np.array([happened[s : s + length].sum() for s in starts])
        start = int(np.argmax(inside))
        requests = int(asked[start : start + length].sum())
        rest = int(asked.sum()) - requests
        outside = float(happened.sum() - inside[start]) / max(rest, 1)
        short = inside[start] >= _PART * happened.sum() and requests <= _TRAFFIC * asked.sum()
        if short and rest and (usual is None or outside <= max(_AS_USUAL * usual, usual + 0.005)):
            return Hours(start, start + length, int(inside[start]), int(happened.sum()), requests, int(asked.sum()), outside)
    return None


def _events(column: pa.ChunkedArray, label: str) -> np.ndarray | None:
    """1 where it happened, 0 where not, NaN where unknown; None for what is no event."""
    if pa.types.is_string(column.type):
        values = column.to_pylist()
        return np.array([np.nan if v is None else float(v == label) for v in values]) if label else None
    if not (pa.types.is_floating(column.type) or pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)):
        return None
    values = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    known = values[np.isfinite(values)]
    return values if np.isin(known, (0.0, 1.0)).all() else None
