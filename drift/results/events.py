"""Events: decisions about the traffic, read from the tables of what was measured.

An endpoint, prompt, model, release, tool or judge of a score that appeared or went, a tool's schema that changed, or a mix that somebody
moved; each is told once, on its day.
And drift's own judge that changed: by configuration, or by itself, as its anchors show (`drift.results.ruler`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

import sqlalchemy as sa

from drift.findings import JUDGE_CHANGED, JUDGE_SET, Event
from drift.metrics import DECISIONS, SCORED_BY, TOOL_SCHEMA
from drift.results import tables
from drift.results.ruler import Epoch, epochs

# days that are looked through before the first of the digest, to know what is new
_BEFORE = 28
# a value below this share is an experiment or a stray; a mix that moves by so much was moved
_SHARE, _SHIFT = 0.02, 0.15
# days without a value after which it is gone, and days over which a mix is said to have moved
_GONE, _OVER = 3, 7
# the dimension of tools; what has a value where one is called; requests that call tools of which a day says which there are
TOOL, _OF_A_TOOL, _CALLERS, _FOLDED, _FEWEST = "tool", "tool_s.", "tool_failure", "other", 200


def events_between(connection: sa.Connection, first: date, last: date) -> tuple[Event, ...]:
    """The events of the days from `first` to `last`, both included, in order."""
    shares = _shares(connection, first - timedelta(days=_BEFORE), last) | _tools(
        connection, first - timedelta(days=_BEFORE), last
    )
    found = [event for dimension, series in shares.items() for event in events(dimension, series)]
    found += [event for own in epochs(connection, last).values() for event in _of_judge(own)]
    found = [event for event in found if first <= event.day <= last and not _of_no_interest(event)]
    return tuple(sorted(found, key=lambda event: (event.day, event.dimension, event.kind, event.value)))


def _of_no_interest(event: Event) -> bool:
    """How often tools are called is what is asked of them, and an old schema went with the new one."""
    return (
        event.kind == "shifted" and event.dimension == TOOL or event.kind == "gone" and event.dimension.startswith(TOOL_SCHEMA)
    )


def _of_judge(own: Sequence[Epoch]) -> Iterator[Event]:
    """The beginnings of epochs but the first. Of a judge that changed by itself, `share_to` is the share of anchors that turned."""
    for before, after in pairwise(own):
        if before.evaluator != after.evaluator:
            yield Event(JUDGE_SET, f"judge.{after.rubric}", after.evaluator, after.start, 0.0, 0.0)
        else:
            turned = after.turned / after.anchors
            yield Event(JUDGE_CHANGED, f"judge.{after.rubric}", after.evaluator, after.start, 0.0, turned)


def _shares(connection: sa.Connection, first: date, last: date) -> dict[str, dict[date, dict[str, float]]]:
    """By dimension and day, the share of each value of what is decided; days that were compared."""
    begins = [*(f"{name}:" for name in sorted(DECISIONS)), SCORED_BY, TOOL_SCHEMA]
    query = _of_days(first, last, "level", [beginning(connection, begin) for begin in begins])
    out: dict[str, dict[date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in connection.execute(query):
        dimension, _, value = row.metric.partition(":")
        if row.level is not None:
            out[dimension][row.day][value] = row.level
    return out


def _tools(connection: sa.Connection, first: date, last: date) -> dict[str, dict[date, dict[str, float]]]:
    """By day, the share of the requests that call each tool, among those that call one; of the dimension `tool`."""
    named = [beginning(connection, _OF_A_TOOL), tables.daily_metrics.c.metric == _CALLERS]
    query = _of_days(first, last, "n", named)
    called: dict[date, dict[str, float]] = defaultdict(dict)
    for row in connection.execute(query):
        called[row.day][row.metric.removeprefix(_OF_A_TOOL)] = row.n
    shares = {
        day: {tool: n / callers for tool, n in own.items() if n and tool != _FOLDED}
        for day, own in called.items()
        if (callers := own.pop(_CALLERS, 0)) >= _FEWEST
    }
    return {TOOL: shares} if shares else {}


def _of_days(
    first: date, last: date, column: str, named: Sequence[sa.ColumnElement[bool]]
) -> sa.CompoundSelect[tuple[date, str, float]]:
    """`day`, `metric` and a column of all traffic, of the metrics that fit one of `named`, which exclude each other."""
    table, runs = tables.daily_metrics, tables.runs
    # day by day and name by name the key leads to the rows; asked for all at once, SQLite reads every row of the days, or of the names
    days = sa.select(runs.c.day).where(runs.c.day.between(first, last))
    columns = table.c.day, table.c.metric, table.c[column]
    return sa.union_all(*(sa.select(*columns).where(table.c.dimension == "all", table.c.day.in_(days), one) for one in named))


def beginning(connection: sa.Connection, begin: str) -> sa.ColumnElement[bool]:
    """Metrics' names that begin so."""
    column = tables.daily_metrics.c.metric
    named = column.startswith(begin, autoescape=True)
    # SQLite's LIKE knows no case and so no index: without the range it would read the table of all nights
    after = begin[:-1] + chr(ord(begin[-1]) + 1)
    return sa.and_(column > begin, column < after, named) if connection.dialect.name == "sqlite" else named


def events(dimension: str, shares: dict[date, dict[str, float]]) -> list[Event]:
    """What was decided about one dimension. shares: by day, the share of each value.

    A value appeared on the first day on which it is seen, if it comes to a share that counts; it is gone after three days without it; a
    mix was moved where a share differs from a week before by 15 points and the value was there on both days.
    """
    days = sorted(shares)
    out: list[Event] = []
    for value in sorted({value for each in shares.values() for value in each}):
        series = [shares[day].get(value, 0.0) for day in days]
        seen = [i for i, share in enumerate(series) if share > 0]
        if max(series) < _SHARE:
            continue
        first, last = seen[0], seen[-1]
        if first > 0:
            out.append(Event("appeared", dimension, value, days[first], 0.0, max(series[first : first + _OVER])))
        if last < len(days) - _GONE:
            out.append(Event("gone", dimension, value, days[last + 1], series[last], 0.0))
        out += _shifts(dimension, value, days[first : last + 1], series[first : last + 1])
    return out


def _shifts(dimension: str, value: str, days: list[date], series: list[float]) -> list[Event]:
    """The days on which the share has moved by `_SHIFT` from where it was when it was last told."""
    out: list[Event] = []
    told = series[0]
    # a newcomer's way to its place is told with its appearance
    for i in range(_OVER, len(series)):
        if i == _OVER:
            told = series[i]
        elif abs(series[i] - told) >= _SHIFT and abs(series[i - 1] - told) >= _SHIFT:
            out.append(Event("shifted", dimension, value, days[i], told, series[i]))
            told = series[i]
    return out
