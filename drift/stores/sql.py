"""Traces from any database that SQLAlchemy reaches: a query of yours whose columns are the trace table's, or mapped to them.

The query gets two named parameters, `:start` and `:end`, the half-open window. Where the URL holds a password, leave it out
of drift.toml and set TRACES_DATABASE_URL. A database that SQLAlchemy has no dialect for (ClickHouse, BigQuery, Snowflake)
needs the driver that brings one.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Literal

import pyarrow as pa
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, field_validator

from drift.errors import DataError, StoreError, missing_driver
from drift.stores import Check
from drift.stores.batches import in_batches
from drift.stores.mapping import FilesOptions, Mapping, known_columns
from drift.stores.readers import File, Raw
from drift.stores.sample import recognised

_FETCHED = 500
URL_VARIABLE = "TRACES_DATABASE_URL"


class SqlOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str = Field("", description=f"SQLAlchemy URL without a password; default {URL_VARIABLE}")
    query: str = Field(
        description="a SELECT with :start and :end, such as SELECT … FROM llm_calls WHERE ts >= :start AND ts < :end"
    )
    times: Literal["timestamp", "naive", "iso", "epoch", "epoch_ms"] = Field(
        "timestamp",
        description="how :start and :end are passed: with a zone, without (UTC), as text, as seconds, as milliseconds",
    )
    columns: dict[str, str] = Field({}, description="trace column = the query's column, or a dotted path inside a JSON one")
    values: dict[str, str | int | float | bool | list[str]] = Field(
        {}, description="trace column = the same value in every row"
    )
    scores: dict[str, str] = Field({}, description="score name = the query's column")
    link: str = Field("", description="link to a trace, with {trace_id} in it")

    _known = field_validator("columns", "values")(known_columns)


class SqlStore:
    Options = SqlOptions

    def __init__(self, options: SqlOptions, *, salt: str):
        self.options = options
        self.salt = salt
        self.mapping = Mapping.of(FilesOptions(path="", columns=options.columns, values=options.values, scores=options.scores))
        self.url = options.url or os.environ.get(URL_VARIABLE, "")

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        found = self._select(self.options.query, start, end)
        first = next(found, None)
        if first is None:
            return iter(())
        self._need(list(first))
        return in_batches(self._rows(chain([first], found), start, end), self.mapping.unrecorded(set(first)))

    def count(self, start: datetime, end: datetime) -> int | None:
        """Rows of the query in the window; traces that it returns more than once are counted more than once."""
        wrapped = f"SELECT count(*) AS n FROM ({self.options.query.strip().rstrip(';')}) AS traces"
        return next((int(r["n"]) for r in self._select(wrapped, start, end)), None)

    def trace_url(self, trace_id: str) -> str | None:
        return self.options.link.replace("{trace_id}", trace_id) if self.options.link else None

    def check(self) -> list[Check]:
        now = datetime.now(UTC)
        try:
            # the newest rows say most, and a day of them is found sooner than one row of all
            since = (now - timedelta(days=1), now - timedelta(days=30), datetime(1970, 1, 2, tzinfo=UTC))
            first = next((found for begin in since if (found := self._one(begin, now))), None)
        except (StoreError, DataError) as error:
            return [Check("database", False, str(error), f"correct [store] url (or {URL_VARIABLE}) and query")]
        out = [Check("database", True, f"{self._shown()} answers the query")]
        if first is None:
            return [*out, Check("sample trace", False, "the query returns no row up to now", "correct [store] query")]
        self._need(list(first))
        return [*out, recognised(self.mapping.row(Raw(first, _QUERY, 1), self.salt))]

    def _rows(self, found: Iterable[dict[str, Any]], start: datetime, end: datetime) -> Iterator[dict]:
        seen: set[str] = set()
        for number, values in enumerate(found, 1):
            raw = Raw(values, _QUERY, number)
            moment = self.mapping.time(raw)
            if moment is not None and start <= moment < end:
                made = self.mapping.row(raw, self.salt)
                if made["trace_id"] not in seen:
                    seen.add(made["trace_id"])
                    yield made

    def _one(self, start: datetime, end: datetime) -> dict[str, Any] | None:
        with closing(self._select(self.options.query, start, end)) as rows:
            return next(rows, None)

    def _select(self, query: str, start: datetime, end: datetime) -> Generator[dict[str, Any], None, None]:
        engine = self._engine()
        bound = {n: self._passed(m) for n, m in (("start", start), ("end", end)) if f":{n}" in query}
        try:
            with engine.connect() as connection:
                streamed = connection.execution_options(stream_results=True, yield_per=_FETCHED)
                for found in streamed.execute(sa.text(query), bound).mappings():
                    yield dict(found)
        except sa.exc.OperationalError as error:
            raise StoreError(f"{self._shown()}: {_brief(error)}", retryable=True) from None
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"{self._shown()}: {_brief(error)}; correct [store] query") from None
        finally:
            engine.dispose()

    def _engine(self) -> sa.Engine:
        if not self.url:
            raise StoreError(f"no database: set [store] url, or {URL_VARIABLE} where it holds a password")
        try:
            return sa.create_engine(self.url)
        except ImportError as error:
            raise missing_driver("[store] url", sa.make_url(self.url).drivername, _brief(error)) from None
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
            raise StoreError(f"[store] url: {_brief(error)}; install the driver or correct the URL") from None

    def _shown(self) -> str:
        return sa.make_url(self.url).render_as_string(hide_password=True)

    def _need(self, names: list[str]) -> None:
        self.mapping.need(names, "the query")
        if not any(p in names or p.split(".")[0] in names for p in self.mapping.paths["trace_id"]):
            raise DataError(
                f"the query: no column 'trace_id', and rows have no lasting number; its columns are {', '.join(names)}"
            )

    def _passed(self, moment: datetime) -> Any:
        utc = moment.astimezone(UTC)
        return {
            "timestamp": utc,
            "naive": utc.replace(tzinfo=None),
            "iso": utc.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds"),
            "epoch": utc.timestamp(),
            "epoch_ms": int(utc.timestamp() * 1000),
        }[self.options.times]


_QUERY = File(None, "", "the query", "parquet")


def _brief(error: Exception) -> str:
    """The driver's first line, without the statement and its parameters."""
    inner = getattr(error, "orig", None) or error
    return " ".join(str(inner).splitlines()[:1])[:160] or type(error).__name__
