"""What a server or a file holds that its reader did not foresee is one clear error of the store, and never a half-read day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from drift.errors import DriftError, StoreError, in_one_line

if TYPE_CHECKING:
    from drift.stores import Store


class Understood:
    """A store whose `pull` and `count` raise nothing but drift's own errors. It is the store in all else."""

    def __init__(self, store: Store, name: str):
        self._store, self._name = store, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        """As the store's. Raises StoreError for what it sent and nobody foresaw."""
        with _clear(self._name):
            yield from self._store.pull(start, end)

    def count(self, start: datetime, end: datetime) -> int | None:
        with _clear(self._name):
            return self._store.count(start, end)


@contextmanager
def _clear(name: str) -> Iterator[None]:
    try:
        yield
    except (DriftError, MemoryError, GeneratorExit):
        raise
    except Exception as error:
        # what it says may be the text of a trace
        said = (
            f"the store {name!r} sent what this drift cannot read ({in_one_line(error)}); run again, and report it if it stays"
        )
        raise StoreError(said, retryable=True) from error
