"""Cells of traffic that both sides of a comparison have, so that an upgrade is not taken for a change of the traffic's mix.

The mix of cells is held fixed because users choose it. Which model, prompt, release or version answers the team chooses: where
one of them replaces another, its cells have no counterpart, and all that it changes would be called mix. Such a cell is joined
with the cells that differ from it in nothing but that: the same endpoint before and after its new prompt.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from drift.profiles import CELL, CELL_SEPARATOR, OTHER, add
from drift.profiles.day import DayProfile
from drift.profiles.dimensions import DEPLOYED, subsets

# a cell with less of its side's traffic hides no change that matters
_FEW = 0.01
_JOINED = " + "
Cell = TypeVar("Cell", str, int)


def shared(
    a: Sequence[DayProfile], b: Sequence[DayProfile], dimensions: Sequence[str]
) -> tuple[list[DayProfile], list[DayProfile]]:
    """The days of both sides with cells joined so that none is of one side alone, as far as what is deployed tells them apart.

    dimensions: in the order in which cells name them. Their own shares lose their cells, which would explain all of them.
    """
    shares = _traffic(a), _traffic(b)
    parts = {cell: tuple(cell.split(CELL_SEPARATOR)) for cell in {*shares[0], *shares[1]}}
    named = {cell: each for cell, each in parts.items() if len(each) == len(dimensions)}
    names = {cell: _JOINED.join(together) for cell, together in joined(*shares, named, dimensions).items()}
    left, right = ([_renamed(day, names, dimensions) for day in side] for side in (a, b))
    return left, right


def joined(
    a: Mapping[Cell, float], b: Mapping[Cell, float], parts: Mapping[Cell, Sequence[str]], dimensions: Sequence[str]
) -> dict[Cell, list[Cell]]:
    """The cells that are joined with others: each with all that it is joined with, itself among them, in order.

    a, b: each cell's share of the side's traffic. parts: a cell's value of each of the `dimensions`.
    """
    places = [place for place, name in enumerate(dimensions) if name in DEPLOYED]
    group = {cell: {cell} for cell in parts}
    for mine, theirs in ((a, b), (b, a)):
        for cell in sorted(parts):
            if mine.get(cell, 0.0) >= _FEW and not theirs.get(cell):
                for other in _counterparts(cell, parts, places, theirs):
                    together = group[cell] | group[other]
                    group.update(dict.fromkeys(together, together))
    return {cell: sorted(together) for cell, together in group.items() if len(together) > 1}


def _traffic(days: Sequence[DayProfile]) -> dict[str, float]:
    """Each cell's share of the side's traces: those of the metric that a cell has most of."""
    n: dict[str, float] = defaultdict(float)
    for day in days:
        rows = day.table.filter(pc.equal(day.table["dimension"], CELL)).select(["value", "n", "missing"]).to_pylist()
        most: dict[str, int] = defaultdict(int)
        for row in rows:
            most[row["value"]] = max(most[row["value"]], row["n"] + row["missing"])
        for value, traces in most.items():
            n[value] += traces
    total = sum(n.values())
    return {value: traces / total for value, traces in n.items() if traces and value != OTHER}


def _counterparts(
    cell: Cell, parts: Mapping[Cell, Sequence[str]], places: Sequence[int], theirs: Mapping[Cell, float]
) -> list[Cell]:
    """The cells that differ from it in as few deployed dimensions as the other side's traffic allows; none where it has none."""
    for left_out in subsets(places):
        kept = [place for place in range(len(parts[cell])) if place not in left_out]
        same = [other for other, each in parts.items() if all(each[place] == parts[cell][place] for place in kept)]
        if any(theirs.get(other) for other in same):
            return same
    return []


def _renamed(day: DayProfile, names: Mapping[str, str], dimensions: Sequence[str]) -> DayProfile:
    """The day with the rows of joined cells added up."""
    is_cell = pc.equal(day.table["dimension"], CELL)
    own = pc.is_in(day.table["metric"], pa.array(list(dimensions), pa.string()))
    changes = pc.and_(is_cell, pc.is_in(day.table["value"], pa.array(list(names), pa.string())))
    kept = day.table.filter(pc.invert(pc.or_(changes, pc.and_(is_cell, own))))
    # one table a row of a key: what profiles.add adds up are tables
    apart: list[list[dict]] = []
    seen: Counter[tuple[str, str]] = Counter()
    for row in day.table.filter(pc.and_(changes, pc.invert(own))).to_pylist():
        key = names[row["value"]], row["metric"]
        if seen[key] == len(apart):
            apart.append([])
        apart[seen[key]].append({**row, "value": key[0]})
        seen[key] += 1
    added = [add([pa.Table.from_pylist(rows, day.table.schema) for rows in apart])] if apart else []
    return replace(day, table=pa.concat_tables([kept, *added]))
