"""The traces of a Langfuse experiment: a dataset run through one version of an application, item by item.

Two experiments on one dataset are pairs: `experiment_item` says which trace answers which item.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift import traces
from drift.config import Config
from drift.errors import ConfigError, DataError, StoreError
from drift.stores import messages, own_store
from drift.stores.http import Http, NotFound
from drift.stores.langfuse import LangfuseStore
from drift.stores.langfuse_api import API
from drift.stores.paging import PageSize, by_cursor
from drift.stores.pulling import iso
from drift.stores.redact import as_configured

ITEM = "experiment_item"
# the API wants a beginning; no experiment is older
_EVER = datetime(2020, 1, 1, tzinfo=UTC)
_PAGE = 100


def pull(config: Config, name: str) -> tuple[str, pa.Table]:
    """The full name of the experiment that `name` means, and its traces (`drift.traces.SCHEMA` and the column `experiment_item`).

    name: an experiment's name or id, or what Langfuse's SDK was given as name, to which it appended the time: then the latest.
    What a dataset expects is the traces' `reference`. Raises ConfigError for a store without experiments, DataError where there
    is none of that name, StoreError where the server does not give every trace of it.
    """
    store = own_store(config)
    if not isinstance(store, LangfuseStore):
        raise ConfigError(f"experiment:{name:.80}: experiments are read from Langfuse; store.type is {config.store.type!r}")
    http = store.http()
    try:
        found = _find(http, name)
        items = _items(http, found)
    finally:
        http.close()
    return found["name"], as_configured(config, _traces(store, found["name"], items))


def _find(http: Http, name: str) -> dict[str, Any]:
    """The experiment of that id or name, else the latest whose name is this one and a time."""
    try:
        pages = list(by_cursor(http, f"{API}/experiments", {"fromStartTime": iso(_EVER)}, PageSize(_PAGE)))
    except NotFound:
        raise StoreError(
            f"{http.host} has no {API}/experiments; comparing experiments needs Langfuse Cloud or version 4"
        ) from None
    # latest activity first
    listed = [each for page in pages for each in page]
    for wanted in (
        lambda each: each["id"] == name,
        lambda each: each["name"] == name,
        lambda each: _is_run_of(each["name"], name),
    ):
        for each in filter(wanted, listed):
            return each
    latest = ", ".join(repr(each["name"])[:80] for each in listed[:5]) or "none"
    raise DataError(f"experiment:{name:.80}: no experiment of this project has that name or id; the latest are {latest}")


def _is_run_of(full: str, name: str) -> bool:
    rest = full.removeprefix(f"{name} - ")
    return rest != full and traces.parse_time(rest) is not None


def _items(http: Http, experiment: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The experiment's items by the trace that answers them."""
    # the API wants a beginning, which an experiment without a readable one does not narrow
    start = traces.parse_time(experiment.get("startTime")) or _EVER
    params = {"fields": "core,io", "experimentId": experiment["id"], "fromStartTime": iso(start - timedelta(minutes=1))}
    found: dict[str, dict[str, Any]] = {}
    for item in (item for page in by_cursor(http, f"{API}/experiment-items", params, PageSize(_PAGE)) for item in page):
        before = found.setdefault(item["traceId"], item)
        if before["experimentItemId"] != item["experimentItemId"]:
            raise DataError(
                f"experiment {experiment['name']!r:.80}: two items share one trace; give each item a trace of its own"
            )
    return found


def _traces(store: LangfuseStore, name: str, items: dict[str, dict[str, Any]]) -> pa.Table:
    if not items:
        raise DataError(f"experiment {name!r:.80} has no items")
    starts = [start for item in items.values() if (start := traces.parse_time(item.get("startTime"))) is not None]
    if not starts:
        raise StoreError(f"experiment {name!r:.80}: Langfuse says of none of its {len(items)} items when it started")
    # experiments live in an environment of their own, which nights leave out; filters are for the nights' traffic
    environments = sorted({item.get("environment") or "default" for item in items.values()})
    only = {"environments": environments, "exclude_environments": [], "names": [], "tags": []}
    every = LangfuseStore(store.options.model_copy(update=only), salt=store.salt)
    wanted = pa.array(list(items))
    pulled = every.pull(min(starts), max(starts) + timedelta(milliseconds=1))
    table = pa.concat_tables([traces.empty(), *(batch.filter(pc.is_in(batch["trace_id"], wanted)) for batch in pulled)])
    if table.num_rows < len(items):
        raise StoreError(
            f"experiment {name!r:.80} has {len(items)} items and Langfuse gave the traces of {table.num_rows}; run again in a minute",
            retryable=True,
        )
    answered = [items[key] for key in table["trace_id"].to_pylist()]
    expected = pa.array([messages.answer(item.get("expectedOutput")) for item in answered], pa.string())
    table = table.set_column(table.schema.get_field_index("reference"), "reference", pc.coalesce(expected, table["reference"]))
    return table.append_column(ITEM, pa.array([item["experimentItemId"] for item in answered]))
