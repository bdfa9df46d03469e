"""Rows out of files: Parquet, JSON lines and CSV, packed or not, one file or a folder of them, on a disk or any fsspec URL.

Files are streamed. What a row means is not known here; a row that cannot be read is named by its file and line, never shown.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drift import lake, traces
from drift.errors import DataError, StoreError

FORMATS = {".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv"}
_READ_ROWS = 500
# no trace is longer; what is packed may unpack to any length
_LONGEST_LINE, _LONGEST_DOCUMENT = 64 << 20, 256 << 20
_CHUNK = 1 << 20
# an object as console.dir shows it: keys without quotes
_PRINTED = re.compile(r"\{\s*\n\s*[A-Za-z_]\w*: ")
_PACKED = 10
# what is done about a row that cannot be read
Lost = Callable[[DataError], object]


class UnreadableError(DataError):
    """A file that cannot be read, or not to its end; `cut`: as one that is still being written."""

    def __init__(self, message: str, *, cut: bool = False):
        super().__init__(message)
        self.cut = cut


class UnfinishedError(DataError):
    """The last line of a file has no end: its writer is in the middle of it, or was."""


def refuse(error: DataError) -> NoReturn:
    raise error


@dataclass(frozen=True)
class Within:
    """A window of time for a column that holds times, so that rows outside need not be decoded."""

    column: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class File:
    """One file of a store: `path` on `system`, `name` for people."""

    system: Any
    path: str
    name: str
    format: str

    def open(self) -> IO[bytes]:
        if self.path.endswith(".gz"):
            return self.system.open(self.path, "rb", compression="gzip")
        # the files of object stores know no limit to a line
        return io.BufferedReader(self.system.open(self.path, "rb"), _CHUNK)

    def begins_with(self, start: bytes) -> bool:
        with self.open() as handle:
            return handle.read(len(start)) == start

    def modified(self) -> datetime | None:
        """When it was last written to, in UTC; None where the system does not say."""
        try:
            moment = self.system.modified(self.path)
        except (OSError, NotImplementedError, AttributeError, KeyError):
            return None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None

    def unpacked_bytes(self) -> int:
        """About how large the file is once unpacked; 0 where the system does not say."""
        try:
            size = self.system.size(self.path) or 0
        except OSError:
            return 0
        return size * (_PACKED if self.path.endswith((".gz", ".parquet", ".pq")) else 1)


@dataclass(frozen=True)
class Raw:
    """A row as the file has it, and where it stands."""

    values: dict[str, Any]
    file: File
    number: int

    @property
    def place(self) -> str:
        return f"{self.file.name}, {'row' if self.file.format == 'parquet' else 'line'} {self.number}"


def list_files(path: str, kind: str) -> list[File]:
    """The files of a path in the order of their names. Raises StoreError where there are none."""
    system, root = lake.opened(path)
    try:
        if any(c in root for c in "*?["):
            found = system.glob(root)
        elif system.isdir(root):
            found = system.find(root)
        else:
            found = [root] if system.exists(root) else []
    except Exception as error:
        kind = type(error).__name__
        if isinstance(error, PermissionError) or "Credential" in kind:
            raise StoreError(f"{path}: may not be read ({kind}); give drift credentials that may list and read it") from None
        raise StoreError(f"{path}: cannot be reached ({kind})", retryable=True) from None
    files = []
    base = root.rstrip("/")
    for name in sorted(found):
        format_ = (
            kind if kind != "auto" else next((f for s, f in FORMATS.items() if name.removesuffix(".gz").endswith(s)), None)
        )
        short = name.rsplit("/", 1)[-1] if name == base else name.removeprefix(base).lstrip("/")
        if format_ and not short.rsplit("/", 1)[-1].startswith((".", "_")):
            files.append(File(system, name, short, format_))
    if not files:
        there = bool(found) or system.isdir(root)
        what = "no Parquet, JSON lines or CSV file in it" if there else "no such file or folder"
        raise StoreError(f"{path}: {what}; correct path in [store]")
    return files


def read(
    file: File,
    *,
    need: Callable[[list[str]], None] | None = None,
    within: Callable[[list[str]], Within | None] | None = None,
    only: Callable[[list[str]], list[str]] | None = None,
    lost: Lost = refuse,
) -> Iterator[Raw]:
    """Every row of a file in its order; `lost` is called in the place of one that cannot be read.

    `need` is called with the columns' names where the format states them, and may raise DataError; `within` may name a window
    by which Parquet leaves rows out early, `only` the columns of which Parquet reads no more. Raises
    UnreadableError for a file that is not readable, StoreError for what cannot be reached.
    """
    try:
        if file.format == "parquet":
            yield from _read_parquet(file, need, within, only, lost)
        elif file.format == "csv":
            yield from _read_csv(file, need, lost)
        else:
            yield from _read_jsonl(file, lost)
    except (DataError, StoreError):
        raise
    except (pa.ArrowInvalid, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        cut = isinstance(error, EOFError) or file.format == "parquet" and file.begins_with(b"PAR1")
        raise UnreadableError(f"{file.name}: not readable as {file.format} ({_brief(error)})", cut=cut) from None
    except OSError as error:
        if isinstance(error, (FileNotFoundError, PermissionError)) or "gzip" in str(error).lower():
            raise UnreadableError(f"{file.name}: cannot be read ({_brief(error)})") from None
        raise StoreError(f"{file.name}: cannot be read ({_brief(error)})", retryable=True) from None


def _read_parquet(
    file: File, need: Callable | None, within: Callable | None, only: Callable | None, lost: Lost
) -> Iterator[Raw]:
    with file.open() as handle:
        parquet = pq.ParquetFile(handle)
        names = parquet.schema_arrow.names
        if need:
            need(names)
        window = within(names) if within else None
        timed = window is not None and pa.types.is_timestamp(parquet.schema_arrow.field(window.column).type)
        offset = 0
        # without Arrow's threads, which may let go of Python's memory only while the process ends, and abort it
        columns = only(names) if only else None
        for batch in parquet.iter_batches(batch_size=_READ_ROWS, columns=columns, use_threads=False):
            numbers = pa.array(range(offset, offset + batch.num_rows))
            offset += batch.num_rows
            table = pa.table(batch).append_column("\0number", numbers)
            for row in _plain_rows(_inside(table, window) if timed and window is not None else table, file, lost):
                yield Raw(row, file, row.pop("\0number"))


def _plain_rows(table: pa.Table, file: File, lost: Lost) -> Iterator[dict[str, Any]]:
    try:
        yield from table.to_pylist()
    except (ValueError, OverflowError):
        # Parquet holds times that Python does not, such as in the year 10000
        for at, number in enumerate(table["\0number"].to_pylist()):
            try:
                (row,) = table.slice(at, 1).to_pylist()
            except (ValueError, OverflowError) as error:
                lost(DataError(f"{file.name}, row {number}: a value that cannot be read ({type(error).__name__})"))
                continue
            yield row


def _inside(table: pa.Table, window: Within) -> pa.Table:
    """Rows in the window, and those without a time (to be complained about)."""
    times = table[window.column]
    # a time without a zone is UTC
    times = pc.cast(times, traces.TIME, safe=False) if times.type.tz else pc.assume_timezone(times, "UTC")
    start, end = (pa.scalar(moment, traces.TIME) for moment in (window.start, window.end))
    mask = pc.and_(pc.greater_equal(times, start), pc.less(times, end))
    return table.filter(pc.fill_null(mask, True))


def _read_jsonl(file: File, lost: Lost) -> Iterator[Raw]:
    with file.open() as handle:
        lines = _lines(handle, file, lost)
        for number, line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == 1 and line.lstrip().startswith(b"[") and not isinstance(error, RecursionError):
                    yield from _json_array(file, line + _rest(handle, file), lost)
                    return
                goes_on = isinstance(error, json.JSONDecodeError) and _goes_on(line, error)
                following = next(lines, (0, b""))[1] if goes_on else None
                if following and isinstance(error, json.JSONDecodeError) and not following.lstrip().startswith(b"{"):
                    yield from _documents(file, line + following + _rest(handle, file), number, error)
                    return
                kind = DataError if following or line.endswith(b"\n") else UnfinishedError
                lost(kind(f"{file.name}, line {number}: not valid JSON ({_brief(error)})"))
                if not following:
                    continue
                # the line broke off, and this is the one after it
                number += 1
                try:
                    row = json.loads(following)
                except (ValueError, RecursionError) as error:
                    lost(DataError(f"{file.name}, line {number}: not valid JSON ({_brief(error)})"))
                    continue
            if number == 1 and isinstance(row, list) and any(isinstance(each, dict) for each in row):
                if handle.read(_CHUNK).strip():
                    raise UnreadableError(f"{file.name}, line 1: a JSON array, and more after it; write one JSON object a line")
                yield from _objects(file, row, lost)
                return
            if isinstance(row, dict):
                yield Raw(row, file, number)
            else:
                lost(DataError(f"{file.name}, line {number}: a JSON object is needed, not {type(row).__name__}"))


def _lines(handle: IO[bytes], file: File, lost: Lost) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers; one that is longer than any trace is lost, and not held in memory."""
    number = 0
    while line := handle.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
            if number == 1 and line.lstrip()[:1] == b"[":
                yield number, line
                return
            while (more := handle.readline(_CHUNK)) and not more.endswith(b"\n"):
                pass
            lost(DataError(f"{file.name}, line {number}: longer than {_LONGEST_LINE >> 20} MiB"))
            continue
        yield number, line


def _rest(handle: IO[bytes], file: File) -> bytes:
    """What is left of a file that is one JSON document, which has to be held in memory whole."""
    data = handle.read(_LONGEST_DOCUMENT + 1)
    if len(data) > _LONGEST_DOCUMENT:
        raise UnreadableError(
            f"{file.name}: JSON of more than {_LONGEST_DOCUMENT >> 20} MiB in one piece; write one JSON object a line"
        )
    return data


def _goes_on(line: bytes, error: json.JSONDecodeError) -> bool:
    """Whether a line is the beginning of a JSON object over several lines."""
    return line.lstrip().startswith(b"{") and error.pos >= len(line.decode("utf-8", "replace").rstrip())


def _documents(file: File, data: bytes, number: int, error: json.JSONDecodeError) -> Iterator[Raw]:
    """Objects that are written over several lines, one after the other; `error` is the first line's where they are none."""
    text = data.decode("utf-8")
    decoder = json.JSONDecoder()
    at = 0
    while (at := _after_space(text, at)) < len(text):
        try:
            row, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            line = number + text.count("\n", 0, at)
            what = f"not valid JSON ({_brief(error)})"
            if _PRINTED.match(text):
                what = (
                    "printed by JavaScript, not JSON; write the spans as OTLP's JSON, such as by the collector's file exporter"
                )
            elif at:
                what = "not valid JSON"
            raise (UnreadableError if at else DataError)(f"{file.name}, line {line}: {what}") from None
        if not isinstance(row, dict):
            raise UnreadableError(
                f"{file.name}, line {number + text.count(chr(10), 0, at)}: a JSON object is needed, not {type(row).__name__}"
            )
        yield Raw(row, file, number + text.count("\n", 0, at))
        at = end


def _after_space(text: str, at: int) -> int:
    # programs that print one object after the other put a comma between some
    while at < len(text) and (text[at].isspace() or text[at] == ","):
        at += 1
    return at


def _json_array(file: File, data: bytes, lost: Lost) -> Iterator[Raw]:
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{file.name}: not valid JSON ({_brief(error)})") from None
    yield from _objects(file, rows, lost)


def _objects(file: File, rows: Iterable, lost: Lost) -> Iterator[Raw]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            lost(DataError(f"{file.name}, element {number}: a JSON object is needed, not {type(row).__name__}"))
            continue
        yield Raw(row, file, number)


def _read_csv(file: File, need: Callable | None, lost: Lost) -> Iterator[Raw]:
    csv.field_size_limit(_LONGEST_LINE)
    with file.open() as handle:
        source = _Lines(_decoded(_lines(handle, file, lost), file, lost))
        names = next(csv.reader(source, strict=True), None)
        source.done()
        if names is None:
            return
        if need:
            need(names)
        while True:
            try:
                # a reader of its own for each row: what a stray quote swallowed is read again without the line that has it
                cells = next(csv.reader(source, strict=True), None)
            except csv.Error as error:
                lost(DataError(f"{file.name}, line {source.drop_first()}: not valid CSV ({_brief(error)})"))
                continue
            if cells is None:
                return
            number = source.number
            if cells and len(cells) != len(names):
                source.drop_first()
                lost(DataError(f"{file.name}, line {number}: {len(cells)} cells, where the header has {len(names)}"))
                continue
            source.done()
            if not cells:
                continue
            # CSV cannot tell an empty text from nothing; nothing is the safer reading
            yield Raw({n: c for n, c in zip(names, cells, strict=True) if c != ""}, file, number)


class _Lines:
    """Lines for a CSV reader, of which those of the row that is being read can be read again without the first."""

    def __init__(self, source: Iterator[tuple[int, str]]):
        self._source = source
        self._ahead: deque[tuple[int, str]] = deque()
        self._taken: list[tuple[int, str]] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self._taken.append(self._ahead.popleft() if self._ahead else next(self._source))
        return self._taken[-1][1]

    @property
    def number(self) -> int:
        return self._taken[-1][0]

    def done(self) -> None:
        self._taken.clear()

    def drop_first(self) -> int:
        first, *rest = self._taken
        self._ahead.extendleft(reversed(rest))
        self._taken.clear()
        return first[0]


def _decoded(lines: Iterator[tuple[int, bytes]], file: File, lost: Lost) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            if number == 1:
                raise
            lost(DataError(f"{file.name}, line {number}: {_brief(error)}"))


def _brief(error: Exception) -> str:
    """The error's first line without anything of the data: names and positions only."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    if isinstance(error, (ValueError, RecursionError)) and not isinstance(error, pa.ArrowInvalid):
        return type(error).__name__
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__
