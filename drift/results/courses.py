"""What `daily_metrics` says of every series over a stretch of days, as arrays: a chart reads a row of a matrix, where a frame a series
would cost more than drawing it. Frames of some rows are `drift.results.frames`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import sqlalchemy as sa

from drift.results import tables
from drift.results.frames import named
from drift.results.write import Results

# metric, dimension, value
Key = tuple[str, str, str]
_COUNTS, _NUMBERS = ("n", "missing"), ("level", "expected", "low", "high", "p95", "p99")


@dataclass(frozen=True)
class Course:
    """One series over D days that follow each other.

    there: (D,) whether the day has a row. n, missing: (D,) counts, 0 on a day without a row. level, expected, low, high, p95, p99: (D,) numbers
    as in `daily_metrics`, NaN where unknown.
    """

    there: np.ndarray
    n: np.ndarray
    missing: np.ndarray
    level: np.ndarray
    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p95: np.ndarray
    p99: np.ndarray

    @cached_property
    def known(self) -> bool:
        """Whether any day has a level."""
        return bool(np.isfinite(self.level).any())

    @cached_property
    def last_n(self) -> int:
        """n of the last day that has a row."""
        return int(self.n[np.flatnonzero(self.there)[-1]])

    @cached_property
    def mean(self) -> float:
        """Mean of the known levels; NaN where there are none."""
        levels = self.level[np.isfinite(self.level)]
        return float(levels.mean()) if len(levels) else float("nan")

    def lately(self, count: int) -> Course:
        """The last `count` days that have a row, as if the others had none."""
        kept = np.zeros(len(self.there), bool)
        kept[np.flatnonzero(self.there)[-count:]] = True
        numbers = {name: np.where(kept, getattr(self, name), np.nan) for name in _NUMBERS}
        return replace(self, there=kept, **{name: np.where(kept, getattr(self, name), 0) for name in _COUNTS}, **numbers)


def courses(results: Results, start: date, end: date, metric: str | None = None) -> dict[Key, Course]:
    """Every series that has a row from `start` to `end` (both included), or those of one metric and its labels; in the order in which
    the tables have them."""
    table = tables.daily_metrics
    # a day as text costs nothing to read, in any database
    columns = [
        sa.cast(table.c.day, sa.String),
        *(table.c[name] for name in ("metric", "dimension", "value", *_COUNTS, *_NUMBERS)),
    ]
    where = [table.c.day.between(start, end), *([named(table, metric)] if metric is not None else [])]
    with results.database.reading() as connection:
        rows = connection.execute(sa.select(*columns).where(*where).order_by(*table.primary_key.columns)).all()
    days = [(start + timedelta(days=number)).isoformat() for number in range((end - start).days + 1)]
    if not rows:
        return {}
    day, names, dimensions, values, *measured = zip(*rows, strict=True)
    return _as_courses(days, day, list(zip(names, dimensions, values, strict=True)), measured)


def _as_courses(
    days: Sequence[str], day: Sequence[str], keys: Sequence[Key], measured: Sequence[Sequence[float]]
) -> dict[Key, Course]:
    place, known = {each: number for number, each in enumerate(days)}, dict.fromkeys(keys)
    series = {key: number for number, key in enumerate(known)}
    at = np.array([series[key] for key in keys]), np.array([place[each] for each in day])
    there = np.zeros((len(series), len(days)), bool)
    there[at] = True
    columns = [there]
    for name, column in zip((*_COUNTS, *_NUMBERS), measured, strict=True):
        matrix = np.zeros(there.shape, np.int64) if name in _COUNTS else np.full(there.shape, np.nan)
        matrix[at] = np.array(column, matrix.dtype)
        columns.append(matrix)
    return {key: Course(*each) for key, each in zip(series, zip(*columns, strict=True), strict=True)}


def alone(days: int, at: Sequence[int], level: Sequence[float], n: Sequence[int]) -> Course:
    """A course that has levels alone, at some places among its days."""
    place = np.asarray(at, np.int64)
    there, counts, levels = np.zeros(days, bool), np.zeros(days, np.int64), np.full(days, np.nan)
    there[place], counts[place], levels[place] = True, n, level
    unknown = np.full(days, np.nan)
    return Course(there, counts, np.zeros(days, np.int64), levels, **dict.fromkeys(_NUMBERS[1:], unknown))
