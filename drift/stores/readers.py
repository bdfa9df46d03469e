"""Rows out of files: Parquet, JSON lines and CSV, packed or not, one file or a folder of them, on a disk or any fsspec URL.

Files are streamed. What a row means is not known here; a row that cannot be read is named by its file and line, never shown.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drift import lake, traces
from drift.errors import DataError, StoreError

FORMATS = {".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv"}
_READ_ROWS = 500
# an object as console.dir shows it: keys without quotes
_PRINTED = re.compile(r"\{\s*\n\s*[A-Za-z_]\w*: ")
_PACKED = 10


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
        return self.system.open(self.path, "rb", compression="gzip" if self.path.endswith(".gz") else None)

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
) -> Iterator[Raw]:
    """Every row of a file in its order.

    `need` is called with the columns' names where the format states them, and may raise DataError; `within` may name a window
    by which Parquet leaves rows out early, `only` the columns of which Parquet reads no more. Raises DataError for what is not readable, StoreError for what cannot be reached.
    """
    try:
        if file.format == "parquet":
            yield from _read_parquet(file, need, within, only)
        elif file.format == "csv":
            yield from _read_csv(file, need)
        else:
            yield from _read_jsonl(file)
    except (DataError, StoreError):
        raise
    except (pa.ArrowInvalid, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file.name}: not readable as {file.format} ({_brief(error)})") from None
    except OSError as error:
        if isinstance(error, (FileNotFoundError, PermissionError)) or "gzip" in str(error).lower():
            raise DataError(f"{file.name}: cannot be read ({_brief(error)})") from None
        raise StoreError(f"{file.name}: cannot be read ({_brief(error)})", retryable=True) from None


def _read_parquet(file: File, need: Callable | None, within: Callable | None, only: Callable | None) -> Iterator[Raw]:
    with file.open() as handle:
        parquet = pq.ParquetFile(handle)
        names = parquet.schema_arrow.names
        if need:
            need(names)
        window = within(names) if within else None
        timed = window is not None and pa.types.is_timestamp(parquet.schema_arrow.field(window.column).type)
        offset = 0
        for batch in parquet.iter_batches(batch_size=_READ_ROWS, columns=only(names) if only else None):
            numbers = pa.array(range(offset, offset + batch.num_rows))
            offset += batch.num_rows
            table = pa.table(batch).append_column("\0number", numbers)
            for row in (_inside(table, window) if timed and window is not None else table).to_pylist():
                yield Raw(row, file, row.pop("\0number"))


def _inside(table: pa.Table, window: Within) -> pa.Table:
    """Rows in the window, and those without a time (to be complained about)."""
    times = table[window.column]
    # a time without a zone is UTC
    times = pc.cast(times, traces.TIME, safe=False) if times.type.tz else pc.assume_timezone(times, "UTC")
    start, end = (pa.scalar(moment, traces.TIME) for moment in (window.start, window.end))
    mask = pc.and_(pc.greater_equal(times, start), pc.less(times, end))
    return table.filter(pc.fill_null(mask, True))


def _read_jsonl(file: File) -> Iterator[Raw]:
    with file.open() as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == 1 and line.lstrip().startswith(b"["):
                    yield from _json_array(file, line + handle.read())
                    return
                if isinstance(error, json.JSONDecodeError) and _goes_on(line, error):
                    yield from _documents(file, line + handle.read(), number, error)
                    return
                raise DataError(f"{file.name}, line {number}: not valid JSON ({_brief(error)})") from None
            if number == 1 and isinstance(row, list):
                if handle.read().strip():
                    raise DataError(f"{file.name}, line 1: a JSON array, and more after it; write one JSON object a line")
                yield from _objects(file, row)
                return
            if not isinstance(row, dict):
                raise DataError(f"{file.name}, line {number}: a JSON object is needed, not {type(row).__name__}")
            yield Raw(row, file, number)


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
            raise DataError(f"{file.name}, line {line}: {what}") from None
        if not isinstance(row, dict):
            raise DataError(
                f"{file.name}, line {number + text.count(chr(10), 0, at)}: a JSON object is needed, not {type(row).__name__}"
            )
        yield Raw(row, file, number + text.count("\n", 0, at))
        at = end


def _after_space(text: str, at: int) -> int:
    # programs that print one object after the other put a comma between some
    while at < len(text) and (text[at].isspace() or text[at] == ","):
        at += 1
    return at


def _json_array(file: File, data: bytes) -> Iterator[Raw]:
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file.name}: not valid JSON ({_brief(error)})") from None
    yield from _objects(file, rows)


def _objects(file: File, rows: Iterable) -> Iterator[Raw]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"{file.name}, element {number}: a JSON object is needed, not {type(row).__name__}")
        yield Raw(row, file, number)


def _read_csv(file: File, need: Callable | None) -> Iterator[Raw]:
    csv.field_size_limit(2**31 - 1)
    with file.open() as handle:
        lines = (line.decode("utf-8-sig" if n == 0 else "utf-8") for n, line in enumerate(handle))
        reader = csv.reader(lines, strict=True)
        names = next(reader, None)
        if names is None:
            return
        if need:
            need(names)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(names):
                raise DataError(f"{file.name}, line {reader.line_num}: {len(cells)} cells, where the header has {len(names)}")
            # CSV cannot tell an empty text from nothing; nothing is the safer reading
            yield Raw({n: c for n, c in zip(names, cells, strict=True) if c != ""}, file, reader.line_num)


def _brief(error: Exception) -> str:
    """The error's first line without anything of the data: names and positions only."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    if isinstance(error, (ValueError, RecursionError)) and not isinstance(error, pa.ArrowInvalid):
        return type(error).__name__
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__
