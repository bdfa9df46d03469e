"""Where the time of a typical request went, before an incident and on a night of it: its steps one after the other.

The steps and their order are those of the most frequent order of the night (`step_path`); each has the median of what requests that have
it spend in it. Steps that run side by side are therefore drawn one after the other, and medians need not add up to the median latency.
Text of names is not yet harmless for any place: see `drift.text`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import sqlalchemy as sa

from drift.features.scores import safe_name
from drift.results import tables
from drift.results.account import IncidentAccount
from drift.results.events import beginning
from drift.results.write import Results

# what an incident is about whose page has the picture
_OF_TIME = ("latency_s", "ttft_s", "tokens_per_second", "outside_s", "seconds.", "time_share.", "call_s.", "step_s.", "tool_s.")
_FAMILIES = ("call_s.", "step_s.", "tool_s.")
_PATH, _ARROW = "step_path:", " → "
_DAYS = 28
OUTSIDE = "outside any step"


@dataclass(frozen=True)
class Part:
    """One step in seconds: when it began and how long it took, before and now; None where it has no values then."""

    name: str
    then: tuple[float, float] | None
    now: tuple[float, float] | None


@dataclass(frozen=True)
class Typical:
    """share: of the requests that have this order of steps. longest: seconds to the end of the longer of both."""

    parts: tuple[Part, ...]
    share: float
    longest: float


def of(results: Results, one: IncidentAccount, night: date) -> Typical | None:
    """Of the incident's place, before it began and on that night; None where it is not about time, or steps are not known."""
    if not any(name.startswith(_OF_TIME) for name in (one.metric, *one.also)):
        return None
    first = (one.since_low or one.since) - timedelta(days=_DAYS)
    with results.database.reading() as connection:
        seen = _medians(connection, one.dimension, one.value, first, night)
        path, share = _path(connection, one.dimension, one.value, night)
    began = one.since_low or one.since
    then = {name: median(days.values()) for name, own in seen.items() if (days := {d: s for d, s in own.items() if d < began})}
    now = {name: own[night] for name, own in seen.items() if night in own}
    names = [name for name in dict.fromkeys(path) if name in now or name in then]
    if len(names) < 2:
        return None
    names += [OUTSIDE] if OUTSIDE in now or OUTSIDE in then else []
    before, since = _laid(names, then), _laid(names, now)
    parts = tuple(Part(name, before.get(name), since.get(name)) for name in names)
    longest = max((begin + long for laid in (before, since) for begin, long in laid.values()), default=0.0)
    return Typical(parts, share, longest) if longest > 0 else None


def _laid(names: list[str], seconds: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Each step's beginning and length, one after the other."""
    out, at = {}, 0.0
    for name in names:
        if name in seconds:
            out[name] = at, seconds[name]
            at += seconds[name]
    return out


def _medians(connection: sa.Connection, dimension: str, value: str, first: date, night: date) -> dict[str, dict[date, float]]:
    """By step's name and day, the median of its seconds."""
    table = tables.daily_metrics
    named = [beginning(connection, family) for family in _FAMILIES]
    query = sa.select(table.c.day, table.c.metric, table.c.p50).where(
        table.c.dimension == dimension,
        table.c.value == value,
        table.c.day.between(first, night),
        table.c.p50.is_not(None),
        sa.or_(*named, table.c.metric == "outside_s"),
    )
    out: dict[str, dict[date, float]] = defaultdict(dict)
    for row in connection.execute(query):
        name = OUTSIDE if row.metric == "outside_s" else row.metric.partition(".")[2]
        out[name][row.day] = out[name].get(row.day, 0.0) + row.p50
    return out


def _path(connection: sa.Connection, dimension: str, value: str, night: date) -> tuple[list[str], float]:
    """The names of the night's most frequent order of steps, as columns have them, and its share."""
    table = tables.daily_metrics
    query = (
        sa.select(table.c.metric, table.c.level)
        .where(
            table.c.dimension == dimension,
            table.c.value == value,
            table.c.day == night,
            beginning(connection, _PATH),
            table.c.level.is_not(None),
        )
        .order_by(table.c.level.desc(), table.c.metric)
    )
    for row in connection.execute(query):
        path = row.metric.removeprefix(_PATH)
        if path != "other":
            return [safe_name(name) for name in path.split(_ARROW)], float(row.level)
    return [], 0.0
