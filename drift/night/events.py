"""What happened outside the traces, gathered from where `[events]` says: files, a database, Langfuse's prompts."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from drift.config import Config
from drift.errors import ConfigError, DataError, DriftError, missing_driver
from drift.lake import Lake
from drift.results import Results, announced
from drift.results.announced import Announced
from drift.stores import own_store
from drift.stores.langfuse import LangfuseStore
from drift.stores.langfuse_prompts import labelled

log = logging.getLogger(__name__)
_PROMPTS = "events/langfuse_prompts.json"


def gather(config: Config, results: Results, strict: bool = False) -> int:
    """Record the events of every configured source, and return how many are new. strict: a source that cannot be read raises its DriftError;
    else it is told in the log, and the others are read."""
    new = 0
    for source in sources(config):
        try:
            found, remember = source()
            new += announced.record(results, found)
            remember()
        except DriftError as error:
            if strict:
                raise
            log.warning("events: %s", error)
    return new


# reads events, and gives what is to be done once they are recorded
Source = Callable[[], tuple[list[Announced], Callable[[], None]]]


def sources(config: Config) -> list[Source]:
    """What `[events]` switches on."""
    section = config.events
    found: list[Source] = [partial(_of_file, config, path) for path in section.files]
    if section.query:
        found.append(lambda: (list(_of_query(config)), _nothing))
    if section.langfuse_label:
        found.append(lambda: _of_prompts(config))
    return found


def _of_file(config: Config, path: str) -> tuple[list[Announced], Callable[[], None]]:
    return list(announced.from_files(Path(path), config.zone)), _nothing


def _nothing() -> None: ...


def _of_query(config: Config) -> Iterator[Announced]:
    """The rows of the query: columns what, at, and where there are, kind, where and source."""
    section = config.events
    try:
        engine = sa.create_engine(section.url)
    except ImportError as error:
        raise missing_driver("events.url", sa.make_url(section.url).drivername, type(error).__name__) from None
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        raise ConfigError("events.url: not a database URL; write sqlite:///deploys.db or postgresql://user@host/name") from None
    try:
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(sa.text(section.query)).mappings()]
    except sa.exc.SQLAlchemyError as error:
        # the message has the statement, and may have the URL
        raise DataError(
            f"events.query: the database refused it ({type(getattr(error, 'orig', None) or error).__name__})"
        ) from None
    finally:
        engine.dispose()
    for number, row in enumerate(rows, 1):
        try:
            yield announced.event({name: value for name, value in row.items() if value is not None}, config.zone)
        except DataError as error:
            raise DataError(f"events.query, row {number}: {error}") from None


def _of_prompts(config: Config) -> tuple[list[Announced], Callable[[], None]]:
    """The prompts whose label points at another version than when it was last looked at; and what keeps where it points now."""
    store, label, lake = own_store(config), config.events.langfuse_label, Lake(config.lake.url)
    if not isinstance(store, LangfuseStore):
        raise ConfigError(f"events.langfuse_label: prompts are Langfuse's; store.type is {config.store.type!r}")
    kept = json.loads(lake.read_bytes(_PROMPTS) or b"{}")
    before, now = kept.get(label, {}), labelled(store, label)
    moved = [each for each in now if each.name in before and before[each.name] != each.version]
    events = [
        announced.event(
            {
                "what": f"prompt {each.name}: {label} is version {each.version}, was {before[each.name]}",
                "kind": "config",
                "at": each.at,
                "where": {"prompt": f"{each.name}@{each.version}"},
                "source": f"{store.host}/prompts",
            },
            config.zone,
        )
        for each in moved
    ]
    seen = {**kept, label: {**before, **{each.name: each.version for each in now}}}
    return events, lambda: lake.write_bytes(_PROMPTS, json.dumps(seen).encode())
