"""Day profiles side by side: aligned arrays days × segments × metrics, today last.

Reads profiles and nothing else; what is compared with what is the business of `statistics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.detect.statistics.entries import Entries, Lists
from drift.metrics import Metric
from drift.profiles import CELL, CELL_SEPARATOR, OTHER, OVERALL, two_values
from drift.profiles.build import total_is_known
from drift.profiles.day import DayProfile

Segment = tuple[str, str]
_FIELDS = ("n", "missing", "total", "sum", "squares", "pairs", "pair_sum", "pair_products")


@dataclass(frozen=True)
class Parsed:
    """One day's profile as arrays; segments, metrics: that occur, in order; segment, metric: (rows,) which of them a row is about."""

    segments: list[Segment]
    metrics: list[str]
    segment: np.ndarray
    metric: np.ndarray
    fields: np.ndarray  # (rows, 8): as `_FIELDS`
    bins: Lists
    counts: Lists
    labels: Lists  # which of `names`
    names: list[str]
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
        self._known: dict[str, np.ndarray] = {}
        self._cells: dict[Segment, list[int]] = {}
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

    def known(self, field: str) -> np.ndarray:
        """A field (T, S, M) with 0 where it is unknown."""
        if field not in self._known:
            self._known[field] = np.nan_to_num(getattr(self, field))
        return self._known[field]

    def cells(self, segment: Segment) -> list[int]:
        """Rows of the cells that make up the segment; what they do not cover is the segment's remainder."""
        if segment not in self._cells:
            self._cells[segment] = self._find_cells(segment)
        return self._cells[segment]

    def _find_cells(self, segment: Segment) -> list[int]:
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

    @cached_property
    def dimensions(self) -> list[str]:
        """The segments' dimensions in the order in which cells name them."""
        return list(dict.fromkeys(dimension for dimension, _ in self.segments if dimension not in (OVERALL, CELL)))

    def histogram(self, segment: int, metric: int) -> tuple[int, np.ndarray]:
        """First bin, and counts (T, bins) over the range that occurs; an unknown day is a row of NaN."""
        day, _, bins, counts = self._bins.of(self._place[:, [segment], metric])
        first, last = (int(bins.min()), int(bins.max())) if len(bins) else (0, 0)
        out = np.full((len(self), last - first + 1), np.nan)
        out[np.isfinite(self.n[:, segment, metric])] = 0.0
        out[day, bins - first] = counts
        return first, out

    def histograms(self, segments: Sequence[int], metric: int, days: np.ndarray, first: int, width: int) -> np.ndarray:
        """Counts of some segments, of some of the days (T,) together: (segments, width) from bin `first` on, within which they are."""
        place = np.where(days[:, None], self._place[:, segments, metric], -1)
        _, segment, bins, counts = self._bins.of(place)
        return np.bincount(segment * width + bins - first, counts, len(segments) * width).reshape(-1, width)

    def labels(self, segment: int, metric: int) -> tuple[list[str], np.ndarray]:
        """Labels that occur, and counts (T, labels); an unknown day is a row of NaN."""
        # of a cell they are asked in each of its dimensions
        if (segment, metric) not in self._labels:
            self._labels[segment, metric] = self._read_labels(segment, metric)
        return self._labels[segment, metric]

    def _read_labels(self, segment: int, metric: int) -> tuple[list[str], np.ndarray]:
        names, of_days = self._names
        day, _, label, counts = of_days.of(self._place[:, [segment], metric])
        found, column = np.unique(label, return_inverse=True)
        out = np.full((len(self), len(found)), np.nan)
        out[np.isfinite(self.n[:, segment, metric])] = 0.0
        out[day, column] = counts
        return [names[each] for each in found.tolist()], out

    def labels_of(self, segments: Sequence[int], metric: int) -> dict[str, np.ndarray]:
        """Counts (T, segments) of each label that occurs in some of the segments, 0 where it does not or is unknown."""
        names, of_days = self._names
        day, segment, label, counts = of_days.of(self._place[:, segments, metric])
        found, column = np.unique(label, return_inverse=True)
        out = np.zeros((len(found), len(self), len(segments)))
        out[column, day, segment] = counts
        return {names[each]: own for each, own in zip(found.tolist(), out, strict=True)}

    @cached_property
    def _bins(self) -> Entries:
        return Entries.joined([(day.bins, day.counts) for day in self._parsed])

    @cached_property
    def _names(self) -> tuple[list[str], Entries]:
        """All labels, in order, and what the days list, by their place among them."""
        names = sorted({name for day in self._parsed for name in day.names})
        place = {name: i for i, name in enumerate(names)}
        labels = [np.array([place[name] for name in day.names], np.int64)[day.labels[0]] for day in self._parsed]
        return names, Entries.joined(
            [((own, day.labels[1]), day.counts) for own, day in zip(labels, self._parsed, strict=True)]
        )


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
    dimensions, dimension = _encoded(table.column("dimension"))
    values, value = _encoded(table.column("value"))
    pair, first, segment = np.unique(dimension * len(values) + value, return_index=True, return_inverse=True)
    # in the order of the rows
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    segments = [(dimensions[own // len(values)], values[own % len(values)]) for own in pair[order].tolist()]
    names, metric = _encoded(table.column("metric"))
    fields = np.zeros((len(table), len(_FIELDS)))
    for column, name in enumerate(_FIELDS):
        if len(table) and name in table.column_names:
            fields[:, column] = table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    bins, counts, labels = (_lists(table.column(c)) for c in ("bins", "counts", "labels"))
    label_names, label = _encoded(pa.chunked_array([labels[0]]))
    return Parsed(
        segments,
        names,
        place[segment],
        metric,
        fields,
        (bins[0].to_numpy(zero_copy_only=False), bins[1]),
        (counts[0].to_numpy(zero_copy_only=False), counts[1]),
        (label, labels[1]),
        label_names,
        frozenset(dimension for dimension, value in segments if value == OTHER),
    )


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """What occurs, in order, and which of it each value is."""
    if not len(column):
        return [], np.zeros(0, np.int64)
    found = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return found.dictionary.to_pylist(), found.indices.to_numpy().astype(np.int64)


def _lists(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Flattened values and offsets; a null is an empty list."""
    if column.num_chunks == 0:
        return pa.array([], column.type.value_type), np.zeros(1, np.int64)
    array = column.chunk(0)
    lengths = array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return array.flatten(), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
