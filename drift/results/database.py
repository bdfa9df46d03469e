"""Connections: SQLite or PostgreSQL behind one pair of contexts, `reading` and `writing`.

One writer at a time, so that two runs of a night leave the tables of one of them: SQLite's own write lock, in PostgreSQL an
advisory lock. Readers never wait, and nobody waits for a reader: SQLite's log is written ahead (WAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from drift.errors import ConfigError, DriftError, missing_driver
from drift.results import migrate

WAIT_S = 60
# any constant that another application is unlikely to have chosen
_LOCK, _NIGHT = 0x6472696674, 0x6E69676874


class ResultsError(DriftError):
    """The results database cannot be reached, read or written."""


class Database:
    """The database at `url`; its tables are made or migrated at first use. Raises ConfigError for a URL that cannot work."""

    def __init__(self, url: str):
        parsed = _parse(url)
        self.name = parsed.render_as_string(hide_password=True)
        self._sqlite = parsed.get_backend_name() == "sqlite"
        file = parsed.database or ""
        in_memory = self._sqlite and file in ("", ":memory:")
        self._file = Path(file) if self._sqlite and not in_memory else None
        if self._file is not None and not file.startswith("file:"):
            # an engine is kept by its URL, and a relative path is another file from another folder
            parsed = parsed.set(database=str(self._file.absolute()))
        try:
            self._engine = _engine_in_memory(parsed) if in_memory else _engine_of(parsed, WAIT_S)
        except ImportError as error:
            raise missing_driver(f"results.url {self.name}", parsed.drivername, str(error)) from None
        if self._file is not None:
            _make_folder(self._file, self.name)
        self._ready = False

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view; migrates first where that is needed. Raises ResultsError."""
        self._prepare()
        with self._clear_errors(), self._engine.connect() as connection, connection.begin():
            if not self._sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction under the writers' lock: all of it or, on any exception, nothing. Raises ResultsError."""
        self._prepare()
        with self._clear_errors(), self._locked() as connection:
            yield connection

    def check(self) -> None:
        """Raises ResultsError where the database cannot be reached or is none of drift's; makes neither file nor tables."""
        if self._file is not None and not self._file.exists():
            return
        with self._clear_errors(), self._engine.connect() as connection:
            migrate.is_current(connection)

    def beside(self, name: str) -> str | None:
        """A path next to a SQLite file; None for any other database."""
        return str(self._file.with_name(f"{self._file.name}{name}")) if self._file is not None else None

    @contextmanager
    def night_lock(self) -> Iterator[bool]:
        """Whether no other night of these tables is under way; none begins until the end. SQLite's nights are kept apart by a file."""
        if self._sqlite:
            yield True
            return
        with self._clear_errors(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(_NIGHT))).scalar())
            try:
                yield free
            finally:
                if free:
                    try:
                        connection.execute(sa.select(sa.func.pg_advisory_unlock(_NIGHT)))
                    except sa.exc.DBAPIError:
                        # the lock is the session's: back in the pool it would be held as long as the process lives
                        connection.invalidate()
                        raise

    def close(self) -> None:
        self._engine.dispose()

    def _prepare(self) -> None:
        if self._ready:
            return
        with self._clear_errors():
            with self._engine.connect() as connection:
                current = migrate.is_current(connection)
            if not current:
                with self._locked() as connection:
                    migrate.upgrade(connection)
        self._ready = True

    @contextmanager
    def _locked(self) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(drift_writes=True) as connection, connection.begin():
            if not self._sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except migrate.NewerTablesError as error:
            raise ResultsError(f"results.url {self.name}: {error}") from None
        except sa.exc.DBAPIError as error:
            lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            if "locked" in lines[0] or "lock timeout" in lines[0]:
                raise ResultsError(
                    f"results.url {self.name}: it was locked for {WAIT_S} s, by another run or a program that has it open; try again later"
                ) from error
            raise ResultsError(f"results.url {self.name}: {lines[0]}") from error


def _engine_in_memory(url: sa.URL) -> sa.Engine:
    return _of_sqlite(sa.create_engine(url, poolclass=sa.StaticPool, connect_args={"check_same_thread": False}))


@lru_cache(maxsize=8)
def _engine_of(url: sa.URL, wait_s: float) -> sa.Engine:
    """One a database and process: a night opens its tables ten times, and an engine keeps the statements that it compiled."""
    if url.get_backend_name() == "sqlite":
        return _of_sqlite(sa.create_engine(url, connect_args={"timeout": wait_s}))
    return sa.create_engine(url, pool_pre_ping=True)


def _of_sqlite(engine: sa.Engine) -> sa.Engine:
    sa.event.listen(engine, "connect", _own_transactions)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError("results.url: not a database URL; write sqlite:///drift.db or postgresql://user@host/name") from None
    backend = {"postgres": "postgresql"}.get(parsed.drivername, parsed.drivername)
    if backend == "postgresql":
        backend = "postgresql+psycopg"
    if backend.split("+")[0] not in ("sqlite", "postgresql"):
        raise ConfigError(f"results.url: {parsed.drivername!r} is not supported; use sqlite or postgresql")
    return parsed.set(drivername=backend)


def _make_folder(file: Path, name: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"results.url {name}: {error.strerror}: {file.parent}") from None


def _own_transactions(connection: Any, _record: object) -> None:
    # the driver would otherwise begin late and commit before DDL; `_begin` says when a transaction begins
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # a night changes some thousand pages; those that do not fit are written before the end, and then again (KiB, as it is negative)
    connection.execute("PRAGMA cache_size = -16384")
    # it stays with the file; one that may only be read, or that somebody holds just now, is used as it is
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("drift_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
