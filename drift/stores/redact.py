"""The redaction hook: a function of the user's own sees every text of a trace before anything is measured or embedded of it.

`[privacy] redact = "module:function"`; the function takes a text and returns what may be read of it, or None for nothing. It stands
before every reader of the store, `drift trace` and notebooks among them.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from drift import traces
from drift.config import Config
from drift.errors import ConfigError, DataError

if TYPE_CHECKING:
    from drift.stores import Store

Redact = Callable[[str], str | None]
# of metadata the values, of documents the texts
TEXTS = ("system_prompt", "input", "output", "reference")


def function(named: str) -> Redact:
    """The function of `module:function`. Raises ConfigError where there is none."""
    module, _, name = named.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise ConfigError(f"privacy.redact: {named!r} could not be imported: {type(error).__name__}: {error}") from None
    if not callable(found):
        raise ConfigError(f"privacy.redact: {named!r} is not a function")
    return found


class Redacted:
    """A store whose texts are what the function left of them. It is a store in all else."""

    def __init__(self, store: Store, redact: Redact):
        self._store, self._redact = store, redact

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        """As the store's. Raises DataError where the function does: what cannot be redacted is not read."""
        return (redacted(batch, self._redact) for batch in self._store.pull(start, end))


def as_configured(config: Config, table: pa.Table) -> pa.Table:
    """The trace table, redacted where `[privacy] redact` says so; for readers that ask a server past its store's `pull`."""
    return redacted(table, function(config.privacy.redact)) if config.privacy.redact else table


def redacted(table: pa.Table, redact: Redact) -> pa.Table:
    """The trace table (schema `drift.traces.SCHEMA`) with its texts, those of documents and the values of metadata, redacted."""

    def shown(text: str | None) -> str | None:
        if text is None:
            return None
        try:
            left = redact(text)
        except Exception as error:
            # its message may hold the text
            raise DataError(f"privacy.redact: the function raised {type(error).__name__}; nothing is read without it") from None
        return traces.clean_text(left) if isinstance(left, str) else None

    for name in TEXTS:
        table = _with(table, name, [shown(text) for text in table[name].to_pylist()])
    documents = [
        None if each is None else [{**one, "text": shown(one["text"])} for one in each]
        for each in table["documents"].to_pylist()
    ]
    metadata = [
        None if each is None else [(key, shown(value)) for key, value in each] for each in table["metadata"].to_pylist()
    ]
    return _with(_with(table, "documents", documents), "metadata", metadata)


def _with(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    return table.set_column(
        table.schema.get_field_index(name), table.schema.field(name), pa.array(values, traces.SCHEMA.field(name).type)
    )
