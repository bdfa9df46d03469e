"""`drift incident ID`: an incident on any morning, with questions and answers from before it and since, read from the store now.

Texts stay in memory and are stored nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from drift import stores
from drift.config import Config
from drift.errors import DriftError
from drift.experiment.kept import Kept, kept
from drift.lake import Lake
from drift.profiles.dimensions import within
from drift.results import Results, tables
from drift.results.account import IncidentAccount, of_incident
from drift.results.write import find_incident
from drift.stores.by_id import days_of, pull_by_id

PAIRS = 3
_COLUMNS = ("trace_id", "name", "input_characters", "input_embedding", "session_id")
# among more traces of a day the nearest is not looked for
_POOL = 4000


@dataclass(frozen=True)
class Said:
    """One request as the store has it now."""

    trace_id: str
    day: date
    question: str | None
    answer: str | None
    url: str


@dataclass(frozen=True)
class Pair:
    """A request that shows the change, and the ordinary one from before that asked what is nearest to it; None where there is none."""

    before: Said | None
    after: Said


@dataclass(frozen=True)
class Opened:
    """An incident with its state, what people decided about it, and its experiment. unread: why there are fewer than PAIRS pairs; empty
    where there are as many."""

    one: IncidentAccount
    state: str
    decisions: tuple[str, ...]
    proof: Kept | None
    pairs: tuple[Pair, ...]
    unread: str


def open_incident(config: Config, prefix: str, *, texts: bool = True) -> Opened:
    """The incident whose id begins so, as the tables have it, and its pairs from the store.

    texts: read questions and answers. Raises DriftError for an unknown or ambiguous id; a store that cannot be read is a sentence.
    """
    results = Results.of(config)
    try:
        with results.database.reading() as connection:
            row = find_incident(connection, prefix)
            table = tables.decisions
            said = connection.execute(sa.select(table).where(table.c.incident_id == row.id).order_by(table.c.number)).all()
        one = of_incident(results, row.id, config.report.url)
    finally:
        results.close()
    decided = tuple(f"{each.action} on {each.day}" + (f": {each.note}" if each.note else "") for each in said)
    state = "acknowledged" if row.acknowledged and row.state == "open" else row.state
    proof = kept(Lake(config.lake.url), row.id)
    if not texts:
        return Opened(one, state, decided, proof, (), "")
    try:
        pairs, unread = _pairs(config, one)
    except DriftError as error:
        pairs, unread = (), str(error)
    return Opened(one, state, decided, proof, pairs, unread)


def _pairs(config: Config, one: IncidentAccount) -> tuple[tuple[Pair, ...], str]:
    lake = Lake(config.lake.url)
    ids = [exemplar.trace_id for exemplar in one.exemplars][:PAIRS]
    if not ids:
        return (), "no trace was named that shows it"
    since = days_of(lake, ids)
    gone = f"feature rows are kept for {config.lake.retention_days} days"
    if not since:
        return (), f"the traces that show it are no longer among those measured: {gone}"
    first = one.since_low or one.since
    earlier = [day for day in lake.days("features") if day < first]
    chosen = neighbours(lake, one, since, earlier[-1]) if earlier else {}
    store = stores.open_store(config)
    days = {**since, **dict.fromkeys(chosen.values(), earlier[-1] if earlier else first)}
    rows = pull_by_id(config, store, lake, days)

    def said(trace_id: str | None) -> Said | None:
        row = rows.get(trace_id or "")
        if row is None or trace_id is None:
            return None
        return Said(trace_id, days[trace_id], row.get("input"), row.get("output"), store.trace_url(trace_id) or "")

    pairs = [Pair(said(chosen.get(trace)), after) for trace in ids if (after := said(trace)) is not None]
    if not earlier:
        return tuple(pairs), f"no earlier day is left to show what was before: {gone}"
    return tuple(pairs), "" if len(pairs) == PAIRS else f"the store has {len(pairs)} of the traces that show it"


def neighbours(lake: Lake, one: IncidentAccount, since: dict[str, date], day: date) -> dict[str, str]:
    """For each trace that shows the change the one of an ordinary `day`, in its place, that asked what is nearest; none twice."""
    usual = _rows(lake, day, one)
    if usual is None or not usual.num_rows:
        return {}
    chosen: dict[str, str] = {}
    free = np.ones(usual.num_rows, bool)
    for of in sorted(set(since.values())):
        rows = _rows(lake, of, one, [trace for trace, its in since.items() if its == of])
        for row in rows.to_pylist() if rows is not None else ():
            distance = np.where(free, _distance(row, usual), np.inf)
            nearest = int(np.argmin(distance))
            if np.isfinite(distance[nearest]):
                free[nearest] = False
                chosen[row["trace_id"]] = usual["trace_id"][nearest].as_py()
    return chosen


def _rows(lake: Lake, day: date, one: IncidentAccount, ids: Sequence[str] | None = None) -> pa.Table | None:
    wanted = [*_COLUMNS, *([one.dimension] if one.dimension not in (*_COLUMNS, "all") else [])]
    table = lake.read("features", day, wanted)
    if table is None:
        return None
    if ids is not None:
        return table.filter(pc.is_in(table["trace_id"], pa.array(list(ids), pa.string())))
    return within(table, (one.dimension, one.value)).slice(0, _POOL)


def _distance(row: dict[str, Any], usual: pa.Table) -> np.ndarray:
    """How far each usual question is from the row's, (n,): by meaning where both are embedded, else by endpoint and length."""
    far = np.zeros(usual.num_rows)
    if row.get("name") is not None:
        far += np.array([name != row["name"] for name in usual["name"].cast(pa.string()).to_pylist()], float) * 10
    mine = row.get("input_embedding")
    if mine is not None and "input_embedding" in usual.column_names:
        theirs = usual["input_embedding"].to_pylist()
        far += np.array([1 - float(np.dot(mine, each)) if each is not None else 5.0 for each in theirs])
        return far
    if row.get("input_characters") and "input_characters" in usual.column_names:
        length = usual["input_characters"].cast(pa.float64()).to_numpy(zero_copy_only=False)
        far += np.abs(np.log(np.maximum(np.nan_to_num(length, nan=1.0), 1.0) / row["input_characters"]))
    return far
