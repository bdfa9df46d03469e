"""Questions of the traffic that belong into a golden set: those whose answer was corrected or voted down, and those of incidents.

The file holds texts of users; it is written where somebody asks for it and nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from drift import stores
from drift.config import Config
from drift.errors import DataError
from drift.golden.sets import add
from drift.lake import Lake
from drift.night import affected
from drift.results import Results
from drift.stores.by_id import pull_by_id, some_of

CORRECTED, VOTED_DOWN, INCIDENT = "corrected", "voted down", "incident"
# scores that people give, by their names, and what is a vote against the answer
_VOTE = re.compile(r"feedback|thumb|vote|rating|like", re.IGNORECASE)
_AGAINST = frozenset({"negative", "down", "thumbs_down", "thumbs down", "bad", "dislike", "disliked", "👎", "no", "false"})


@dataclass(frozen=True)
class Suggested:
    """A trace whose question is worth asking again. correction: the trace in which the user says what the answer should have been."""

    day: date
    trace_id: str
    why: str
    correction: str | None = None


def write_suggestions(config: Config, to: Path, days: Sequence[date], most: int = 50) -> Counter[str]:
    """Add up to `most` different questions of the days to the set, of each kind in turn; returns how many of each are new there.

    Where an answer was corrected, the correction is what is expected (a reference: similarity to it is measured). Raises ConfigError,
    DataError where the days' rows or all the texts are gone, StoreError.
    """
    lake = Lake(config.lake.url)
    stored = [day for day in days if day in set(lake.days("features"))]
    if not stored:
        raise DataError(
            f"no rows of {min(days)} to {max(days)} are stored; rows are kept for {config.lake.retention_days} days"
        )
    # more than are wanted, for several may ask the same
    found = _chosen([*_of_traffic(lake, stored), _of_incidents(config, stored, 4 * most)], 4 * most)
    wanted = {each.trace_id: each.day for each in found}
    wanted |= {each.correction: each.day for each in found if each.correction is not None}
    rows = pull_by_id(config, stores.open_store(config), lake, wanted) if found else {}
    if found and not rows:
        raise DataError("the store no longer has the traces whose questions are suggested")
    cases = (_case(each, rows) for each in found if each.trace_id in rows)
    return Counter(each["category"] for each in add(to, cases, most))


def _case(each: Suggested, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    row = rows[each.trace_id]
    correction = rows.get(each.correction) if each.correction is not None else None
    said = correction.get("input") if correction is not None else row.get("reference")
    case = {"id": each.trace_id, "input": row.get("input") or "", "category": each.why, "day": each.day.isoformat()}
    return case | ({"expected": said} if said else {})


def _chosen(kinds: Sequence[Sequence[Suggested]], most: int) -> list[Suggested]:
    """Up to `most` traces, each once, of every kind in turn; of a kind the same ones each time."""
    ordered = []
    for kind in kinds:
        own = {each.trace_id: each for each in kind}
        ordered.append([own[trace] for trace in some_of({trace: each.day for trace, each in own.items()}, most)])
    turns = {each.trace_id: each for turn in zip_longest(*ordered) for each in reversed(turn) if each is not None}
    return list(turns.values())[:most]


def _of_traffic(lake: Lake, days: Sequence[date]) -> tuple[list[Suggested], list[Suggested]]:
    """What was corrected, and what was voted down."""
    corrected: list[Suggested] = []
    down: list[Suggested] = []
    for day in days:
        table = lake.read("features", day)
        if table is None:
            continue
        votes = [name for name in table.column_names if name.startswith(("score.", "score_label.")) and _VOTE.search(name)]
        told = [name for name in ("session_id", "correction") if name in table.column_names]
        rows = table.select(["trace_id", "timestamp", *told, *votes]).to_pandas()
        for name in votes:
            against = rows[name] <= 0 if name.startswith("score.") else rows[name].astype(str).str.lower().isin(_AGAINST)
            down += [Suggested(day, trace, VOTED_DOWN) for trace in rows.trace_id[against]]
        if len(told) == 2:
            corrected += _corrected(day, rows.dropna(subset="session_id"))
    return corrected, down


def _corrected(day: date, rows: pd.DataFrame) -> Iterator[Suggested]:
    """Of each request that corrects the answer before it, the request that had that answer."""
    rows = rows.sort_values(["timestamp", "trace_id"])
    before = rows.groupby("session_id")[["trace_id", "correction"]].shift()
    # what corrects a correction expects what nobody can read without the talk before it
    own = (rows.correction == 1) & before.trace_id.notna() & (before.correction != 1)
    for trace, correction in zip(before.trace_id[own], rows.trace_id[own], strict=True):
        yield Suggested(day, trace, CORRECTED, correction)


def _of_incidents(config: Config, days: Sequence[date], most: int) -> list[Suggested]:
    results = Results.of(config)
    try:
        known = [each for each in results.incidents() if each.last_alarm >= min(days)]
    finally:
        results.close()
    out: list[Suggested] = []
    for incident in known:
        # an incident of what is no trace's, or whose rows are gone, has nothing to ask again
        with suppress(DataError):
            shown = {each.trace_id: each.day for each in affected.traces(config, incident.id) if each.day in days}
            out += [Suggested(day, trace, INCIDENT) for trace, day in some_of(shown, most).items()]
    return out
