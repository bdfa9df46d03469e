"""A folder whose writes are moments of the simulation, and which forgets what was not synced when the power goes.

It is strict: of what is not synced each part may be there or not, in any order, as POSIX allows.
"""

from __future__ import annotations

import os
import posixpath
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fsspec.implementations.local import LocalFileSystem

Step = Callable[[str, str], None]


@dataclass
class _Change:
    """A name whose content on the platter is another: what it was there, and whether the new content is there."""

    before: bytes | None
    synced: bool
    named: bool = False


class Disk:
    """Files below a root as `drift.lake` uses them. step(place, path) is called before each moment, and may raise."""

    def __init__(self, step: Step):
        self.step = step
        self._changed: dict[str, _Change] = {}
        self._folders: set[str] = set()
        self._local = LocalFileSystem(use_listings_cache=False, skip_instance_cache=True)

    # what `drift.lake` opens in place of the local file system

    protocol = LocalFileSystem.protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._local, name)

    def cat_file(self, path: str, *rest: Any, **more: Any) -> bytes:
        self.step("read", path)
        return self._local.cat_file(path, *rest, **more)

    def open(self, path: str, mode: str = "rb", **more: Any) -> Any:
        self.step("read", path)
        return self._local.open(path, mode, **more)

    def glob(self, path: str, **more: Any) -> list[str]:
        self.step("read", path)
        return self._local.glob(path, **more)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        new = []
        at = path
        while not os.path.isdir(at):
            new.append(at)
            at = posixpath.dirname(at)
        if new:
            self.step("disk", path)
            os.makedirs(path, exist_ok=exist_ok)
            self._folders |= set(new)

    def rm_file(self, path: str) -> None:
        self.step("disk", path)
        known = self._changed.pop(path, None)
        before = known.before if known and not known.named else _content(path)
        os.unlink(path)
        if before is not None:
            self._changed[path] = _Change(before, True)

    # what `drift.lake` calls in place of `open` and of the module `os`

    def opened(self, path: str, mode: str) -> _Writing:
        self.step("disk", path)
        self._changed[path] = _Change(None, False)
        return _Writing(self, path, mode)

    def sync(self, path: str) -> None:
        self.step("disk", path)
        if os.path.isdir(path):
            self._folders = {each for each in self._folders if posixpath.dirname(each) != path}
            for name, change in list(self._changed.items()):
                if posixpath.dirname(name) == path:
                    change.named = True
                    if change.synced:
                        del self._changed[name]
        elif path in self._changed:
            self._changed[path].synced = True

    def replace(self, source: str, target: str) -> None:
        self.step("disk", target)
        known = self._changed.pop(target, None)
        before = known.before if known and not known.named else _content(target)
        new = self._changed.pop(source, None)
        os.replace(source, target)
        self._changed[target] = _Change(before, new is None or new.synced)

    def unlink(self, path: str) -> None:
        self.step("disk", path)
        self._changed.pop(path, None)
        os.unlink(path)

    def lose_power(self, draw: random.Random) -> None:
        """What was not synced is there or not."""
        for folder in sorted(self._folders, reverse=True):
            if draw.random() < 0.5:
                shutil.rmtree(folder, ignore_errors=True)
        for path, change in sorted(self._changed.items()):
            if not os.path.isdir(posixpath.dirname(path)):
                continue
            if not change.named and draw.random() < 0.5:
                if change.before is None:
                    _remove(path)
                else:
                    _write(path, change.before)
            elif not change.synced and (now := _content(path)) is not None:
                _write(path, now[: draw.randrange(len(now) + 1)])
        self._changed.clear()
        self._folders.clear()


class _Writing:
    """A file that is being written."""

    def __init__(self, disk: Disk, path: str, mode: str):
        self._disk, self.path = disk, path
        self._file = open(path, mode)  # noqa: SIM115

    def write(self, data: bytes) -> None:
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._disk.step("disk", self.path)
        self._file.write(data[half:])

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> str:
        return self.path

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class DiskOs:
    """The module `os` as `drift.lake` uses it, over a disk."""

    O_RDONLY = os.O_RDONLY
    path = os.path

    @staticmethod
    def listdir(folder: str) -> list[str]:
        return os.listdir(folder)

    def __init__(self, disk: Callable[[], Disk]):
        self._disk = disk

    def fsync(self, path: str) -> None:
        self._disk().sync(path)

    def replace(self, source: str, target: str) -> None:
        self._disk().replace(source, target)

    def unlink(self, path: str) -> None:
        self._disk().unlink(path)

    def open(self, path: str, flags: int) -> str:
        return path

    def close(self, path: str) -> None:
        pass


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)
