"""Traces in files: Parquet, JSON lines or CSV, one file or a folder of them, on a disk or any fsspec URL.

Columns are taken by the trace table's own names unless `[store.columns]` maps them. What a file has beside them is kept as
metadata. Files are streamed: a day of any size needs the memory of one batch.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from functools import partial

import numpy as np
import pyarrow as pa

from drift import traces
from drift.errors import DataError, StoreError
from drift.stores import Check
from drift.stores.batches import in_batches
from drift.stores.damage import Damage
from drift.stores.mapping import DERIVED, FilesOptions, Mapping
from drift.stores.readers import Raw, list_files, read

log = logging.getLogger(__name__)
# how far apart the rows of one trace may lie
_APART = timedelta(hours=24)


class FilesStore:
    Options = FilesOptions
    reads_all = True

    def __init__(self, options: FilesOptions, *, salt: str):
        self.options = options
        self.mapping = Mapping.of(options)
        self.salt = salt

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        names: set[str] = set()
        versions = self._versions(start, end, names)
        if names:
            self.mapping.need_texts(names, self.options.path)
        return in_batches(self._rows(start, end, versions), self.mapping.unrecorded(names))

    def count(self, start: datetime, end: datetime) -> int | None:
        return sum(1 for _ in self._rows(start, end, self._versions(start, end, set()), only=("trace_id", "timestamp")))

    def check(self) -> list[Check]:
        try:
            found = list_files(self.options.path, self.options.format)
            size = f"{len(found)} file{'s' if len(found) > 1 else ''}"
            first = next((raw for f in found for raw in read(f, need=partial(self.mapping.need, where=f.name))), None)
        except (DataError, StoreError) as error:
            return [Check("files", False, str(error), "correct [store] path and format")]
        if first is None:
            return [Check("files", False, f"{self.options.path}: no rows", "point [store] path at files with traces")]
        return [Check("files", True, f"{size} at {self.options.path}")]

    def days(self, zone: tzinfo) -> dict[date, int]:
        """Rows by day, from one look through the files; what cannot be read is a night's to tell."""

        def passed_over(error: DataError) -> None:
            return None

        moments = (
            self.mapping.time(raw, passed_over)
            for file in list_files(self.options.path, self.options.format)
            for raw in read(file, need=partial(self.mapping.need, where=file.name), lost=passed_over)
            if self.mapping.is_root(raw)
        )
        return dict(Counter(moment.astimezone(zone).date() for moment in moments if moment is not None))

    @property
    def where(self) -> dict[str, str]:
        """The file's column that each field is read from."""
        paths = self.mapping.paths
        own = {name: " or ".join(paths[name]) for name in paths if name not in DERIVED}
        from_others = {
            target: " or ".join(paths[name]) for name, target in DERIVED.items() if paths.get(name, (name,)) != (name,)
        }
        return {**own, **from_others, "scores": ", ".join(self.mapping.scores.values()) or own.get("scores", "")}

    def trace_url(self, trace_id: str) -> str | None:
        return self.options.url.replace("{trace_id}", trace_id) if self.options.url else None

    def _rows(
        self, start: datetime, end: datetime, versions: dict[str, str], only: tuple[str, ...] | None = None
    ) -> Iterator[dict]:
        damage = Damage(start, end)
        for raw, moment in self._raws(start, end, damage):
            if not start <= moment < end or not self.mapping.is_root(raw):
                continue
            row = self.mapping.row(raw, self.salt, only)
            if versions.get(row["trace_id"], raw.place) == raw.place:
                yield row
        damage.tell()

    def _raws(
        self,
        start: datetime,
        end: datetime,
        damage: Damage,
        only: Callable[[list[str]], list[str]] | None = None,
        seen: set[str] | None = None,
    ) -> Iterator[tuple[Raw, datetime]]:
        """The rows that can be read, each with its time."""
        within = partial(self.mapping.within, start=start, end=end)
        for file in list_files(self.options.path, self.options.format):

            def need(names: list[str], where: str = file.name) -> None:
                self.mapping.need(names, where)
                if seen is not None:
                    seen.update(names)

            with damage.reading(file):
                for raw in read(file, need=need, within=within, only=only, lost=damage.lost):
                    moment = self.mapping.time(raw, damage.lost)
                    if moment is not None:
                        damage.seen(moment)
                        yield raw, moment

    def _versions(self, start: datetime, end: datetime, seen: set[str]) -> dict[str, str]:
        """Where the row of a trace stands that counts, for traces of several rows: the finished one, of those the latest.

        Rows of one trace may lie on either side of a window's edge: it belongs where the one that counts does.
        seen: is given the names of all columns.
        """
        start, end = start - _APART, end + _APART
        ranks: dict[str, tuple] = {}
        places: dict[str, str] = {}
        dropped = 0
        # what cannot be read is told by the reading of the rows
        raws = self._raws(start, end, Damage(start, end), only=self.mapping.version_columns, seen=seen)
        for n, (raw, moment) in enumerate(raws):
            seen.update(raw.values)
            if not start <= moment < end or not self.mapping.is_root(raw):
                continue
            trace_id = self.mapping.value(raw.values, "trace_id")
            if trace_id in (None, ""):
                continue
            trace_id = str(trace_id)
            rank = self.mapping.rank(raw, n)
            before = ranks.get(trace_id)
            if before is None:
                ranks[trace_id] = rank
                continue
            dropped += 1
            if trace_id not in places:
                # where the first one stands is known only now
                places[trace_id] = before[-1]
            if rank[:-1] >= before[:-1]:
                ranks[trace_id], places[trace_id] = rank, raw.place
        _tell_dropped(dropped)
        return places


def read_file(path: str, options: FilesOptions | None = None, *, salt: str = "") -> pa.Table:
    """Every trace of a file (or folder), in the file's order, whatever its time: of several rows of one the row that counts.

    options: how it is read, its preset, columns, values and scores; of another file's path nothing is taken. A row without
    `trace_id` gets its number, counted from 0 over all rows; a row without a time has none. Raises DataError that names the file
    and the line or column.
    """
    mapping = Mapping.of(options or FilesOptions(path=path))
    counting: dict[str, tuple[tuple, int]] = {}
    older: list[int] = []

    def rows() -> Iterator[dict]:
        number = 0
        for file in list_files(path, "auto"):
            for raw in read(file, need=partial(mapping.need, where=file.name, timed=False)):
                if not mapping.is_root(raw):
                    continue
                row = mapping.row(raw, salt)
                if mapping.value(raw.values, "trace_id") in (None, ""):
                    row["trace_id"] = str(number)
                else:
                    rank = mapping.rank(raw, number)[:-1]
                    before = counting.get(row["trace_id"])
                    if before is None or rank >= before[0]:
                        counting[row["trace_id"]] = rank, number
                        older.extend([] if before is None else [before[1]])
                    else:
                        older.append(number)
                number += 1
                yield row

    batches = list(in_batches(rows()))
    if not batches:
        return traces.empty()
    table = pa.concat_tables(batches)
    _tell_dropped(len(older))
    return table.take(np.setdiff1d(np.arange(table.num_rows), older)) if older else table


def _tell_dropped(rows: int) -> None:
    if rows:
        log.warning("%d rows are older or unfinished versions of a trace that has another row; they are left out", rows)
