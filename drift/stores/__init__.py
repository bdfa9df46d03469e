"""Where traces come from: one file a store, one Protocol, found by its name in the entry point group `drift.stores`.

A store reads and maps; it measures nothing and writes nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

import pyarrow as pa
from pydantic import BaseModel, ValidationError

from drift.config import Config, problem_line
from drift.errors import ConfigError, DriftError


@dataclass(frozen=True)
class Check:
    """One line of `drift doctor`: what was tried, whether it works, what was seen, and what to do if it does not.

    rows: a table below the line: field, share of the traces that have it, where it was read from, what stands there.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


class Store(Protocol):
    """A source of traces. Secrets come from the environment, everything else from `Options`.

    A store may have `days(zone)`, its traces by day where it can say so cheaply, `where`, from what each field is read, and `reads_all`,
    true where every pull reads all that there is, however short the window.
    """

    @property
    def Options(self) -> type[BaseModel]: ...

    def __init__(self, options: Any, *, salt: str): ...

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        """Every trace that began in [start, end), each once, in batches of schema `drift.traces.SCHEMA`.

        Raises StoreError rather than end early: what was yielded is whole only when the iterator is exhausted.
        """

    def count(self, start: datetime, end: datetime) -> int | None:
        """How many traces the store says began in [start, end); None if it cannot say cheaply."""

    def check(self) -> list[Check]:
        """What works and what does not, without changing anything."""

    def trace_url(self, trace_id: str) -> str | None:
        """A link that a person can open, or None."""


def open_store(config: Config) -> Store:
    """The configured store: nothing but drift's own errors comes out of it, and the redaction hook stands before it where there is one.

    Raises ConfigError for an unknown type or a wrong option.
    """
    from drift.stores import redact, understood

    opened: Any = understood.Understood(own_store(config), config.store.type)
    if config.privacy.redact:
        opened = redact.Redacted(opened, redact.function(config.privacy.redact))
    return cast(Store, opened)


def own_store(config: Config) -> Store:
    """The configured store as the class that it is, for what only one kind of store can do. Raises as `open_store`."""
    found = {point.name: point for point in entry_points(group="drift.stores")}
    kind = config.store.type
    if kind not in found:
        raise ConfigError(f"store.type: unknown store {kind!r}; known stores are {', '.join(sorted(found))}")
    store = found[kind].load()
    given = config.store.model_dump(exclude={"type"}, exclude_unset=True)
    try:
        options = store.Options(**{name: _decoded(store.Options, name, value) for name, value in given.items()})
    except ValidationError as error:
        raise ConfigError(problem_line(error, store.Options, "store")) from None
    opened: Store = store(options, salt=os.environ.get("DRIFT_SALT", ""))
    return opened


def _decoded(options: type[BaseModel], name: str, value: Any) -> Any:
    """A list or table that came as text, as the environment has it (DRIFT_STORE__ENVIRONMENTS='["production"]')."""
    field = options.model_fields.get(name)
    if not isinstance(value, str) or value.strip()[:1] not in ("[", "{") or field is None or field.annotation is str:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def days_of(store: Store, zone: tzinfo) -> dict[date, int] | None:
    """Traces by day, where the store can say so cheaply; None where it cannot. Raises StoreError where it cannot be read."""
    told = getattr(store, "days", None)
    return None if told is None else dict(told(zone))


def links(config: Config) -> Callable[[str], str | None]:
    """The configured store's links to its traces; none where it cannot be opened: who only publishes may lack its secrets."""
    try:
        return open_store(config).trace_url
    except DriftError:
        return lambda trace_id: None


def lists(config: Config) -> Callable[..., str | None]:
    """The configured store's link to its list of a segment's traces: of a dimension, a value and, where given, the first and the
    last day. None where it has none."""
    try:
        store = open_store(config)
    except DriftError:
        return lambda dimension, value, days=None: None
    listed = getattr(store, "list_url", None)

    def link(dimension: str, value: str, days: tuple[date, date] | None = None) -> str | None:
        return listed(days, **{dimension: value}) if listed and dimension in ("name", "release") else None

    return link
