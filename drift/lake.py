"""Features, profiles and findings by day, as Parquet on a folder or an object store (any fsspec URL).

A day is replaced whole: its parts are written under names of their content, then one small manifest that names them, then
what the manifest no longer names is deleted. A reader sees the old day or the new day and never a mixture, and writing the
same day again changes no byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
import os
import posixpath
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import IO, Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from drift.errors import ConfigError, DamagedError, DriftError, MissingExtra

_MANIFEST = "_manifest.json"
_GROUPS = b"drift.groups"
_S3 = ("s3", "s3a")
_CONTENT_TYPE = {"s3": "ContentType", "gs": "content_type"}


@dataclass(frozen=True)
class Manifest:
    """What a day consists of: the names of its parts, in order, and small facts about it."""

    parts: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)


class Lake:
    """Tables by kind (`features`, `profiles`, `findings`) and day below `url`."""

    def __init__(self, url: str):
        self.url = url
        with _clear_errors(url):
            # another worker may have written since this process last listed a folder
            try:
                self._fs, self._root = opened(url, use_listings_cache=False)
            except MissingExtra:
                raise
            except ConfigError as error:
                raise ConfigError(f"lake.url {error}") from None

    def write_part(self, kind: str, day: date, table: pa.Table, groups: Sequence[int] | None = None) -> str:
        """Write one part of a day and return its name. It is not part of the day until `commit` names it.

        groups: how many of the rows, one after the other, are of each group that `read_group` reads by itself.
        """
        buffer = io.BytesIO()
        if groups is None:
            pq.write_table(table, buffer, compression="zstd")
        else:
            _write_groups(table, buffer, groups)
        name = hashlib.blake2b(buffer.getvalue(), digest_size=12).hexdigest() + ".parquet"
        self._put(self._path(kind, day, name), buffer.getvalue())
        return name

    def commit(self, kind: str, day: date, parts: Iterable[str], facts: dict[str, Any] | None = None) -> bool:
        """Make these parts the day. Returns whether that changed anything."""
        manifest, before = Manifest(tuple(parts), facts or {}), self._manifest_if_whole(kind, day)
        if manifest == before:
            return False
        self._put(self._path(kind, day, _MANIFEST), json.dumps(asdict(manifest), sort_keys=True).encode())
        # only what the old manifest named: a part it did not name may be another run's, written but not yet committed; and not what
        # another run has made the day in the meantime
        now = self._manifest_if_whole(kind, day)
        for name in set(before.parts if before else ()) - set(manifest.parts) - set(now.parts if now else ()):
            with _clear_errors(self.url):
                self._fs.rm_file(self._path(kind, day, name))
        with _clear_errors(self.url):
            gone = [name for name in manifest.parts if not self._fs.exists(self._path(kind, day, name))]
        if gone and now == manifest:
            raise DamagedError(
                f"{kind} of {day}: another run of that day deleted {gone[0]}; run the day again with `drift run --day {day}`"
            )
        return True

    def write(self, kind: str, day: date, table: pa.Table, facts: dict[str, Any] | None = None) -> bool:
        """Replace the day by one table. Returns whether that changed anything."""
        return self.commit(kind, day, [self.write_part(kind, day, table)], facts)

    def committed(self, kind: str, day: date) -> bool:
        """Whether there is such a day, whole or damaged."""
        return self.read_bytes(posixpath.join(kind, f"day={day}", _MANIFEST)) is not None

    def manifest(self, kind: str, day: date) -> Manifest | None:
        """The day's manifest, None where the day was never committed. Raises DamagedError."""
        data = self.read_bytes(posixpath.join(kind, f"day={day}", _MANIFEST))
        if data is None:
            return None
        try:
            given = json.loads(data)
            return Manifest(tuple(map(_name, given["parts"])), dict(given["facts"]))
        except (ValueError, TypeError, KeyError):
            where = self._path(kind, day, _MANIFEST)
            raise DamagedError(f"{where} is damaged; `drift repair` says what can be made again") from None

    def _manifest_if_whole(self, kind: str, day: date) -> Manifest | None:
        try:
            return self.manifest(kind, day)
        except DamagedError:
            return None

    def read(self, kind: str, day: date, columns: list[str] | None = None) -> pa.Table | None:
        """The day's parts under each other (a column that a part lacks is null there); None where there is no such day."""
        manifest = self.manifest(kind, day)
        if manifest is None:
            return None
        with _clear_errors(self.url):
            parts = [self._read_part(kind, day, name, columns) for name in manifest.parts]
        return pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})

    def rows(self, kind: str, day: date, part: str) -> int:
        """How many rows a written part has, committed or not; its footer says so."""
        with _clear_errors(self.url), self._part(kind, day, part) as opened:
            return int(opened.metadata.num_rows)

    def groups(self, kind: str, day: date, part: str) -> list[int]:
        """How many rows each group of a part has; one group where it was written without."""
        with _clear_errors(self.url), self._part(kind, day, part) as opened:
            told = (opened.schema_arrow.metadata or {}).get(_GROUPS)
            return list(json.loads(told)) if told else [int(opened.metadata.num_rows)]

    def read_group(self, kind: str, day: date, part: str, group: int) -> pa.Table:
        """The rows of one group of a part; nothing else of it is fetched."""
        sizes = self.groups(kind, day, part)
        with _clear_errors(self.url), self._part(kind, day, part) as opened:
            if not sizes[group]:
                return opened.schema_arrow.remove_metadata().empty_table()
            # an empty group is not in the file
            number = sum(size > 0 for size in sizes[:group])
            return opened.read_row_group(number, use_threads=self._is_local).replace_schema_metadata(None)

    def read_part(self, kind: str, day: date, part: str, columns: list[str] | None = None) -> pa.Table:
        """A written part, or of it the columns that it has; committed or not."""
        with _clear_errors(self.url):
            return self._read_part(kind, day, part, columns)

    def schema(self, kind: str, day: date, part: str) -> pa.Schema:
        """The columns of a written part."""
        with _clear_errors(self.url), self._part(kind, day, part) as opened:
            return opened.schema_arrow.remove_metadata()

    def days(self, kind: str, first: date = date.min, before: date = date.max) -> list[date]:
        """The committed days of a kind from `first` on and before `before`, oldest first."""
        folder = posixpath.join(self._root, kind)
        with _clear_errors(self.url):
            if self._is_local:
                # a folder of years is read on every night, and fsspec looks at every file of every day
                names = os.listdir(folder) if os.path.isdir(folder) else []
            else:
                # an object store lists a thousand names in one answer
                names = [path.split("/")[-2] for path in self._fs.glob(posixpath.join(folder, "day=*", _MANIFEST))]
            there = (_day(name.removeprefix("day=")) for name in names if name.startswith("day="))
            days = sorted(day for day in there if day is not None and first <= day < before)
            return [day for day in days if not self._is_local or os.path.isfile(self._path(kind, day, _MANIFEST))]

    def delete(self, kind: str, day: date) -> None:
        """Forget a day; the manifest goes first, so that no reader sees half of it."""
        with _clear_errors(self.url):
            files = self._fs.glob(self._path(kind, day, "*"))
            for path in sorted(files, key=lambda path: not path.endswith(_MANIFEST)):
                self._fs.rm_file(path)
                if path.endswith(_MANIFEST):
                    # a loss of power must not bring it back without its parts
                    self._sync(posixpath.dirname(path))

    def sweep(self, kind: str, day: date) -> int:
        """Delete what killed runs left behind on a day that no run is writing. Returns how many files."""
        try:
            manifest = self.manifest(kind, day)
        except DamagedError:
            # which of its parts are the day's is not known
            return 0
        keep = {*manifest.parts, _MANIFEST} if manifest else set()
        with _clear_errors(self.url):
            orphans = [path for path in self._fs.glob(self._path(kind, day, "*")) if posixpath.basename(path) not in keep]
            for path in orphans:
                self._fs.rm_file(path)
        return len(orphans)

    def write_bytes(self, path: str, data: bytes) -> None:
        """Write a small file at a path below the lake, atomically."""
        self._put(posixpath.join(self._root, path), data)

    def read_bytes(self, path: str) -> bytes | None:
        """The file at a path below the lake, None where there is none."""
        with _clear_errors(self.url):
            try:
                return bytes(self._fs.cat_file(posixpath.join(self._root, path)))
            except FileNotFoundError:
                return None

    def files(self, path: str) -> list[str]:
        """The names of the files in a folder below the lake, in order."""
        with _clear_errors(self.url):
            found = self._fs.glob(posixpath.join(self._root, path, "*"))
        # what is being written has a name of its own until it is whole
        return sorted(name for name in map(posixpath.basename, found) if not name.endswith(".tmp"))

    def remove(self, path: str) -> None:
        """Delete the file at a path below the lake, if there is one."""
        with _clear_errors(self.url):
            if self._fs.exists(posixpath.join(self._root, path)):
                self._fs.rm_file(posixpath.join(self._root, path))

    def local_path(self, path: str) -> str | None:
        """The path on this machine of something below the lake; None where the lake is an object store."""
        return posixpath.join(self._root, path) if self._is_local else None

    def _read_part(self, kind: str, day: date, name: str, columns: list[str] | None) -> pa.Table:
        with self._part(kind, day, name, whole=columns is None) as opened:
            if columns is None:
                return opened.read(use_threads=self._is_local)
            there = opened.schema_arrow.names
            # a name selects the whole of a nested column; in the order that was asked for
            wanted = [column for column in columns if column in there]
            return opened.read(wanted, use_threads=self._is_local).select(wanted)

    @contextmanager
    def _part(self, kind: str, day: date, name: str, whole: bool = False) -> Iterator[pq.ParquetFile]:
        """A written part, of which only what is asked for is fetched and decoded; `whole`: fetched in one request."""
        path = self._path(kind, day, name)
        try:
            with self._opened(path, whole) as file:
                yield pq.ParquetFile(file)
        except (OSError, pa.ArrowException) as error:
            # what Arrow cannot decode has no number; what the folder or the network says has one
            if isinstance(error, OSError) and error.errno is not None and not isinstance(error, FileNotFoundError):
                raise
            what = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
            raise DamagedError(f"{path} {what}; `drift repair` says what can be made again") from None

    def _opened(self, path: str, whole: bool) -> IO[bytes] | pa.NativeFile:
        # Arrow lets go of what it read in threads of its own, if need be while the process ends: were that memory of Python's, which
        # is gone by then, it would abort the process. So a file of this machine is read by Arrow itself, any other without its threads
        if self._is_local:
            return pa.OSFile(path)
        return io.BytesIO(self._fs.cat_file(path)) if whole else self._fs.open(path, "rb")

    @property
    def _is_local(self) -> bool:
        return "file" in protocols(self._fs)

    def _path(self, kind: str, day: date, name: str) -> str:
        return posixpath.join(self._root, kind, f"day={day}", name)

    def _put(self, path: str, data: bytes) -> None:
        with _clear_errors(self.url):
            if not self._is_local:
                self._fs.pipe_file(path, data, **_content_type(self._fs, path))
                return
            self._make_folder(posixpath.dirname(path))
            _write_through(path, data)

    def _make_folder(self, path: str) -> None:
        """Make a local folder that a loss of power cannot take back, with all that was synced in it."""
        new = []
        while not self._fs.isdir(path):
            new.append(path)
            path = posixpath.dirname(path)
        if new:
            self._fs.makedirs(new[0], exist_ok=True)
        for folder in reversed(new):
            _sync_folder(posixpath.dirname(folder))

    def _sync(self, folder: str) -> None:
        if self._is_local:
            _sync_folder(folder)


def _write_groups(table: pa.Table, buffer: io.BytesIO, groups: Sequence[int]) -> None:
    table = table.replace_schema_metadata({_GROUPS: json.dumps(list(groups)).encode()})
    with pq.ParquetWriter(buffer, table.schema, compression="zstd") as writer:
        start = 0
        for size in groups:
            if size:
                writer.write_table(table.slice(start, size), row_group_size=size)
            start += size


def _write_through(path: str, data: bytes) -> None:
    """Write a local file under another name first; once it has its own, neither a crash nor a loss of power can take it back."""
    temporary = f"{path}.{uuid.uuid4().hex}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(posixpath.dirname(path))


def _sync_folder(path: str) -> None:
    with suppress(OSError):
        # not every system lets a folder be opened
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _day(text: str) -> date | None:
    """The day that a folder is of; None for one that somebody else made."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _name(given: str) -> str:
    if not isinstance(given, str) or "/" in given:
        raise ValueError(given)
    return given


def _content_type(fs: fsspec.AbstractFileSystem, path: str) -> dict[str, str]:
    """How the object store is told what a file is: a page that it serves as bytes would be downloaded, not shown."""
    known, _ = mimetypes.guess_type(path)
    name = next((name for kind, name in _CONTENT_TYPE.items() if kind in protocols(fs)), None)
    return {name: known} if name and known else {}


def opened(url: str, **options: object) -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system of any URL that fsspec knows, and the path in it. Raises ConfigError for one that cannot be opened here."""
    try:
        files, path = fsspec.core.url_to_fs(url, **options)
        return files, path
    except ImportError as error:
        if url.partition("://")[0] in _S3:
            raise MissingExtra(f"{url}: S3 needs s3fs", "s3") from None
        raise ConfigError(f"{url}: {error}") from None
    except ValueError as error:
        raise ConfigError(f"{url}: {error}") from None


def protocols(fs: fsspec.AbstractFileSystem) -> tuple[str, ...]:
    """What a file system calls itself, such as `file` and `local`."""
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


@contextmanager
def _clear_errors(url: str) -> Iterator[None]:
    try:
        yield
    except DriftError:
        raise
    # object stores have errors of their own: no credentials, no such bucket, no answer
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise DriftError(f"lake.url {url}: {reason}") from error
