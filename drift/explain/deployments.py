"""What speaks for a deployment as the cause of a change, and what against it: that it happened is no evidence where something is
deployed all the time.

A new prompt, model or release is a cause if the requests that have it differ from those that have not. Where old and new run
side by side, as in a staged rollout or on the day of a switch, they are compared within the same days and cells of traffic;
that needs no past. Else the change is held against what earlier deployments of this application did to the metric.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.explain import segments
from drift.findings import Event, Finding
from drift.profiles import CELL_SEPARATOR, OVERALL

# requests of each side in a cell and day for a comparison there, and how certain it must be (standard errors, of the change)
_ENOUGH, _PRECISE = 20, 0.3
# a value below this share is an experiment or a stray; days around a deployment whose levels are compared
_SHARE, _AROUND = 0.03, 3
# a value gives way to a new one if it loses so much of what that has
_LOST = 0.2
# a prompt belongs to an endpoint: cells that differ in it alone are those of its other versions
_FAMILY = "@"


@dataclass(frozen=True)
class Deployment:
    """every: days between such deployments before this one; None where it is the first. beside: how much of the change is that of the
    requests with the new value against those without it on the same days, 1 being all of it; None where the two never ran side by
    side, or too few to tell. beyond: the change in multiples of the largest that came with an earlier one; None with fewer than two.
    """

    every: float | None = None
    beside: float | None = None
    beyond: float | None = None
    ahead: date | None = None


def weigh(panel: Panel, lead: Finding, event: Event, place: Segment, ordinary: Sequence[int], low: date) -> Deployment:
    """The evidence about one event, for the change of `lead` in its place against the ordinary days (rows of the panel).

    low: the earliest day on which the change can have begun.
    """
    change = _change(panel, lead, place, ordinary)
    earlier = _earlier(panel, event, place)
    first = panel.days.index(event.day) if event.day in panel.days else len(panel) - 1
    every = first / len(earlier) if earlier else None
    if change is None or abs(change) < 1e-12:
        return Deployment(every, ahead=_ahead(panel, event, place, low))
    steps = [step for day in earlier if (step := _step(panel, lead, place, day)) is not None]
    beyond = abs(change) / max(max(map(abs, steps)), 1e-12) if len(steps) > 1 else None
    return Deployment(every, _beside(panel, lead, event, place, change, ordinary), beyond, _ahead(panel, event, place, low))


def _change(panel: Panel, lead: Finding, place: Segment, ordinary: Sequence[int]) -> float | None:
    usual = segments.level(panel, lead.metric, lead.statistic, place, ordinary)
    seen = segments.level(panel, lead.metric, lead.statistic, place, [len(panel) - 1])
    return None if usual is None or seen is None else seen - usual


def _ahead(panel: Panel, event: Event, place: Segment, low: date) -> date | None:
    share = _shares(panel, event.dimension, place).get(event.value)
    if share is None:
        return None
    days = (day for day, had in zip(panel.days, share, strict=True) if event.day <= day < low and had >= 0.5 * share[-1] > 0)
    return next(days, None)


def _shares(panel: Panel, dimension: str, place: Segment) -> dict[str, np.ndarray]:
    """By value of a dimension its share of the place's requests on each day, 0 where there are none; shape (days,)."""
    row = panel.row.get(place, panel.row.get((OVERALL, "")))
    if row is None or dimension not in panel.column:
        return {}
    names, counts = panel.labels(row, panel.column[dimension])
    counts = np.nan_to_num(counts)
    return dict(zip(names, (counts / np.maximum(counts.sum(1, keepdims=True), 1.0)).T, strict=True))


def _earlier(panel: Panel, event: Event, place: Segment) -> list[int]:
    """The days (rows of the panel) before the event's on which another value of its dimension came up."""
    shares = _shares(panel, event.dimension, place).values()
    days = {int((share > 0).argmax()) for share in shares if share.max() >= _SHARE}
    return sorted(day for day in days if day > 0 and panel.days[day] < event.day)


def _step(panel: Panel, lead: Finding, place: Segment, day: int) -> float | None:
    """What the metric's level did on a day: the days from it on against those before it."""
    after = segments.level(panel, lead.metric, lead.statistic, place, range(day, min(day + _AROUND, len(panel) - 1)))
    before = segments.level(panel, lead.metric, lead.statistic, place, range(max(0, day - _AROUND), day))
    return None if after is None or before is None else after - before


def _gave_way(panel: Panel, lead: Finding, new: list[int], others: list[int], ordinary: Sequence[int], first: int) -> list[int]:
    """Of the other cells those that lost traffic to the new ones: what else runs there was never like them."""
    size = np.nan_to_num(panel.n[:, :, panel.column[lead.metric]])
    rows = [*new, *others]
    now, usual = size[first:, rows].sum(0), size[list(ordinary)][:, rows].sum(0)
    if not now.sum() > 0 or not usual.sum() > 0:
        return []
    lost = usual / usual.sum() - now / now.sum()
    taken = -lost[: len(new)].sum()
    return [row for row, share in zip(others, lost[len(new) :], strict=True) if share > _LOST * taken > 0]


def _beside(panel: Panel, lead: Finding, event: Event, place: Segment, change: float, ordinary: Sequence[int]) -> float | None:
    """The difference between requests with the new value and those whose place it takes, on the same days in the same cells, by the
    change."""
    if event.dimension not in panel.dimensions or lead.metric not in panel.column:
        return None
    at = panel.dimensions.index(event.dimension)
    family: dict[tuple[str, ...], list[tuple[int, bool]]] = defaultdict(list)
    for row in panel.cells(place):
        parts = panel.segments[row][1].split(CELL_SEPARATOR)
        if len(parts) == len(panel.dimensions):
            new = parts[at] == event.value
            rest = tuple(_without_version(part) for i, part in enumerate(parts) if i != at)
            family[(parts[at].partition(_FAMILY)[0] if event.dimension == "prompt" else "", *rest)].append((row, new))
    first = panel.days.index(event.day) if event.day in panel.days else len(panel) - 1
    differences, weights = [], []
    for rows in family.values():
        with_it = [row for row, new in rows if new]
        without = _gave_way(panel, lead, with_it, [row for row, new in rows if not new], ordinary, first)
        if not with_it or not without:
            continue
        (n1, m1, v1), (n0, m0, v0) = (_moments(panel, lead, each, range(first, len(panel))) for each in (with_it, without))
        both = (n1 >= _ENOUGH) & (n0 >= _ENOUGH)
        error = v1[both] / n1[both] + v0[both] / n0[both]
        differences += list((m1 - m0)[both])
        weights += list(1 / np.maximum(error, 1e-12))
    if not differences:
        return None
    weight = np.array(weights)
    if weight.sum() ** -0.5 > _PRECISE * abs(change) / max(_share(panel, lead, event.value, at, place), 1e-9):
        return None
    part = _share(panel, lead, event.value, at, place)
    return float(part * (np.array(differences) * weight).sum() / weight.sum() / change)


def _share(panel: Panel, lead: Finding, value: str, at: int, place: Segment) -> float:
    """The part of the place's requests today that have the value of the dimension `at`."""
    rows = panel.cells(place)
    n = np.nan_to_num(panel.n[-1, rows, panel.column[lead.metric]])
    mine = np.array([panel.segments[row][1].split(CELL_SEPARATOR)[at : at + 1] == [value] for row in rows], bool)
    return float(n[mine].sum() / max(n.sum(), 1.0))


def _without_version(value: str) -> str:
    return value.partition(_FAMILY)[0]


def _moments(panel: Panel, lead: Finding, rows: list[int], days: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Size, level and variance of one request by day, each (days,), of some cells together."""
    sizes, sums = (
        np.nansum(part, axis=0)
        for part in zip(*(segments.series(panel, lead.metric, lead.statistic, r) for r in rows), strict=True)
    )
    column = panel.column[lead.metric]
    squares = np.nansum(panel.squares[:, rows, column], axis=1) if panel.metrics[column].kind == "number" else sums
    own = list(days)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = sums[own] / sizes[own]
        variance = np.maximum(squares[own] / sizes[own] - level**2, 1e-9)
    return sizes[own], np.nan_to_num(level), np.nan_to_num(variance, nan=1.0)
