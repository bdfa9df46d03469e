"""Day profiles side by side: aligned arrays days × segments × metrics, today last.

Reads profiles and nothing else; what is compared with what is the business of `statistics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.metrics import Metric
from drift.profiles import CELL, CELL_SEPARATOR, OTHER, OVERALL, two_values
from drift.profiles.build import total_is_known
from drift.profiles.day import DayProfile

Segment = tuple[str, str]
_Key = TypeVar("_Key", str, Segment)
_FIELDS = ("n", "missing", "total", "sum", "squares", "pairs", "pair_sum", "pair_products")


@dataclass(frozen=True)
class Parsed:
    """One day's profile as arrays; segments, metrics: that occur, in order; segment, metric: (rows,) which of them a row is about."""

    segments: list[Segment]
    metrics: list[str]
    segment: np.ndarray
    metric: np.ndarray
    fields: np.ndarray  # (rows, 8): as `_FIELDS`
    bins: tuple[np.ndarray, np.ndarray]  # values, offsets
    counts: tuple[np.ndarray, np.ndarray]
    labels: tuple[list[str], np.ndarray]
    folded: frozenset[str]  # dimensions whose rarer values were folded into `other`


class Panel:
    """Days × segments × metrics.

    segments[0] is overall. fields: n, missing, total, sum, squares, pairs, pair_sum and pair_products, each (T, S, M), NaN where the
    day has no such row (and 0 where the day has the segment's dimension in full but not the value, or was profiled before its pairs
    were counted).
    """

    def __init__(self, days: Sequence[DayProfile]):
        self.days: list[date] = [day.day for day in days]
        self._labels: dict[tuple[int, int], tuple[list[str], np.ndarray]] = {}
        self.foreign = np.array([day.foreign for day in days], bool)
        self._parsed = [_parse_cached(day.table) for day in days]
        self.metrics: list[Metric] = _metrics(self._parsed)
        self.column = {metric.name: j for j, metric in enumerate(self.metrics)}
        self.segments: list[Segment] = _segments(self._parsed)
        self.row = {segment: i for i, segment in enumerate(self.segments)}
        data = np.full((len(days), len(self.segments), len(self.metrics), len(_FIELDS)), np.nan)
        self._place = np.full(data.shape[:3], -1, np.int64)
        for d, parsed in enumerate(self._parsed):
            segment = np.array([self.row.get(each, -1) for each in parsed.segments], np.int64)[parsed.segment]
            metric = np.array([self.column.get(each, -1) for each in parsed.metrics], np.int64)[parsed.metric]
            (known,) = np.nonzero((segment >= 0) & (metric >= 0))
            data[d, segment[known], metric[known]] = parsed.fields[known]
            self._place[d, segment[known], metric[known]] = known
            whole = [i for i, (dimension, _) in enumerate(self.segments) if dimension not in parsed.folded]
            measured = (self._place[d] >= 0).any(0)
            absent = (self._place[d][whole] < 0) & measured
            block = data[d, whole]
            block[absent] = 0.0
            data[d, whole] = block
        self.n, self.missing, self.total, self.sum, self.squares, self.pairs, self.pair_sum, self.pair_products = np.moveaxis(
            data, -1, 0
        )
        counts = np.array([metric.kind == "count" for metric in self.metrics], bool)
        self.total[counts & ~total_is_known(self.n, self.missing)] = np.nan
        self.metrics = [self._typed(j, metric) for j, metric in enumerate(self.metrics)]

    def __len__(self) -> int:
        return len(self.days)

    def _typed(self, column: int, metric: Metric) -> Metric:
        """A score that is 0 or 1 on all of the days is a rate over them."""
        if not two_values.may_be_rate(metric):
            return metric
        first, counts = self.histogram(0, column)
        used = first + np.flatnonzero(np.nansum(counts, 0))
        binary = two_values.days_of_zero_and_one(metric, self.total[:, 0, column], self.squares[:, 0, column], used)
        return two_values.as_rate(metric) if binary else metric

    def cells(self, segment: Segment) -> list[int]:
        """Rows of the cells that make up the segment; what they do not cover is the segment's remainder."""
        found = [i for i, (dimension, value) in enumerate(self.segments) if dimension == CELL and value != OTHER]
        if segment[0] == OVERALL:
            return found
        dimensions = self.dimensions
        if segment[0] not in dimensions:
            return []
        place = dimensions.index(segment[0])
        parts = {i: self.segments[i][1].split(CELL_SEPARATOR) for i in found}
        return [i for i in found if len(parts[i]) == len(dimensions) and parts[i][place] == segment[1]]

    def values(self, dimension: str) -> list[int]:
        """Rows of the dimension's values."""
        return [i for i, (name, value) in enumerate(self.segments) if name == dimension and value != OTHER]

    @property
    def dimensions(self) -> list[str]:
        """The segments' dimensions in the order in which cells name them."""
        return list(dict.fromkeys(dimension for dimension, _ in self.segments if dimension not in (OVERALL, CELL)))

    def histogram(self, segment: int, metric: int) -> tuple[int, np.ndarray]:
        """First bin, and counts (T, bins) over the range that occurs; an unknown day is a row of NaN."""
        found = []
        for d, parsed in enumerate(self._parsed):
            place = self._place[d, segment, metric]
            if place >= 0:
                (bins, at), (counts, on) = parsed.bins, parsed.counts
                found.append((d, bins[at[place] : at[place + 1]], counts[on[place] : on[place + 1]]))
        used = [bins for _, bins, _ in found if len(bins)]
        first = min((int(b[0]) for b in used), default=0)
        last = max((int(b[-1]) for b in used), default=0)
        out = np.full((len(self), last - first + 1), np.nan)
        out[np.isfinite(self.n[:, segment, metric])] = 0.0
        for d, bins, counts in found:
            out[d, bins - first] = counts
        return first, out

    def labels(self, segment: int, metric: int) -> tuple[list[str], np.ndarray]:
        """Labels that occur, and counts (T, labels); an unknown day is a row of NaN."""
        # of a cell they are asked in each of its dimensions
        if (segment, metric) not in self._labels:
            self._labels[segment, metric] = self._read_labels(segment, metric)
        return self._labels[segment, metric]

    def _read_labels(self, segment: int, metric: int) -> tuple[list[str], np.ndarray]:
        found: list[tuple[int, list[str], np.ndarray]] = []
        for d, parsed in enumerate(self._parsed):
            place = self._place[d, segment, metric]
            if place >= 0:
                (labels, at), (counts, on) = parsed.labels, parsed.counts
                found.append((d, labels[at[place] : at[place + 1]], counts[on[place] : on[place + 1]]))
        names = sorted({name for _, labels, _ in found for name in labels})
        column = {name: j for j, name in enumerate(names)}
        out = np.full((len(self), len(names)), np.nan)
        out[np.isfinite(self.n[:, segment, metric])] = 0.0
        for d, labels, counts in found:
            out[d, [column[name] for name in labels]] = counts
        return names, out


def _metrics(parsed: Sequence[Parsed]) -> list[Metric]:
    names = {name for day in parsed for name in day.metrics}
    return [metric for metric in map(metrics.find, sorted(names)) if metric is not None]


def _segments(parsed: Sequence[Parsed]) -> list[Segment]:
    """Overall, then every segment of today, then cells of the other days; dimensions in today's order."""
    found = dict.fromkeys(segment for day in reversed(parsed) for segment in day.segments)
    found.pop((OVERALL, ""), None)
    return [(OVERALL, ""), *found]


_CACHE: dict[int, tuple[pa.Table, Parsed]] = {}


def _parse_cached(table: pa.Table) -> Parsed:
    # a backfill meets the same table on many nights; the table is kept beside its id, so the id stays its own
    kept = _CACHE.get(id(table))
    if kept is None or kept[0] is not table:
        while len(_CACHE) >= 128:
            _CACHE.pop(next(iter(_CACHE)))
        kept = _CACHE[id(table)] = (table, parse(table))
    return kept[1]


def parse(table: pa.Table) -> Parsed:
    """A profile table as arrays."""
    table = table.combine_chunks()
    places = list(zip(*(table.column(c).to_pylist() for c in ("dimension", "value")), strict=True))
    segments, segment = _distinct(places)
    metrics, metric = _distinct(table.column("metric").to_pylist())
    fields = np.zeros((len(table), len(_FIELDS)))
    for place, name in enumerate(_FIELDS):
        if len(table) and name in table.column_names:
            fields[:, place] = table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    bins, counts, labels = (_lists(table.column(c)) for c in ("bins", "counts", "labels"))
    return Parsed(
        segments,
        metrics,
        segment,
        metric,
        fields,
        (bins[0].to_numpy(zero_copy_only=False), bins[1]),
        (counts[0].to_numpy(zero_copy_only=False), counts[1]),
        (labels[0].to_pylist(), labels[1]),
        frozenset(dimension for dimension, value in segments if value == OTHER),
    )


def _distinct(values: Sequence[_Key]) -> tuple[list[_Key], np.ndarray]:
    """What occurs, in order, and which of it each value is."""
    found = {value: i for i, value in enumerate(dict.fromkeys(values))}
    return list(found), np.array([found[value] for value in values], np.int64)


def _lists(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Flattened values and offsets; a null is an empty list."""
    if column.num_chunks == 0:
        return pa.array([], column.type.value_type), np.zeros(1, np.int64)
    array = column.chunk(0)
    lengths = array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return array.flatten(), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
