"""How a run of a golden set is told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift import metrics
from drift.compare.gate import Gate
from drift.compare.presenting import levels, title
from drift.compare.verdict import Verdict
from drift.golden.paired import FEWEST, Change
from drift.golden.power import Power, sentence
from drift.golden.run import Ran
from drift.text.escape import plain
from drift.text.wording import count, number, segment


def run_told(name: str, day: date, ran: Ran, found: Sequence[Change], powers: Sequence[Power] = ()) -> RenderableType:
    """One line, then what changed since the runs before, then why answers are missing and what such a night can show."""
    changed = [each for each in found if each.changed]
    lines: list[RenderableType] = [Text(_headline(name, day, ran, found, changed), style="bold")]
    if changed:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in ("metric", "of", "before", "now", "q"):
            table.add_column(heading)
        for each in changed:
            table.add_row(
                plain(each.metric, 80), _of(each), _level(each, each.value_from), _level(each, each.value_to), f"{each.q:.2g}"
            )
        lines.append(table)
    lines += [
        Text(f"{count(lost, 'example')} without answers: {plain(why, 80)}", style="yellow") for why, lost in ran.lost.items()
    ]
    lines += [
        Text(f"{count(number_of, 'answer')} not judged by a rubric: {plain(why, 80)}", style="yellow")
        for why, number_of in ran.unjudged.items()
    ]
    if ran.lost:
        lines.append(Text("run it again to ask what is missing; what was answered is not asked again", style="dim"))
    if powers:
        lines.append(Text(f"{count(powers[0].examples, 'example')} × {powers[0].times}:", style="dim"))
        lines += [Text(f"  {sentence(each, 'seen in 9 of 10 nights')}", style="dim") for each in powers]
    return Group(*lines)


def power_told(powers: Sequence[Power]) -> RenderableType:
    """What the gate could have stopped."""
    return Group(
        Text("this set against this run:", style="dim"), *(Text(f"  {sentence(each)}", style="dim") for each in powers)
    )


def where_told(result: Gate) -> RenderableType:
    """The examples' fields in which something changed; they stop no gate."""
    rows = [row for row in result.comparison.segments if row.verdict == Verdict.CHANGED]
    return Group(*(Text(f"{title(row)} of {plain(segment(row.dimension, row.value), 80)}: {levels(row)}") for row in rows))


def line(each: Change) -> str:
    """A change in one line, for a message."""
    where = f" of {_of(each)}" if each.dimension else ""
    return f"{each.metric}{where}: {_level(each, each.value_from)} → {_level(each, each.value_to)} (q {each.q:.2g}, {count(each.runs, 'run')} before)"


def run_as_dict(name: str, day: date, ran: Ran, found: Sequence[Change], powers: Sequence[Power] = ()) -> dict[str, Any]:
    """A run and what it changed, for `drift.text.json_form`: levels and intervals in the metric's unit."""
    return {
        "set": name,
        "day": day,
        "examples": ran.examples,
        "answered": ran.answered,
        "without_answer": ran.lost,
        "not_judged": ran.unjudged,
        "smallest": powers,
        "changes": [_as_dict(each) for each in found],
    }


def _as_dict(each: Change) -> dict[str, Any]:
    metric = metrics.lookup(each.metric)
    before = metric.level(each.value_from)
    ends = [before * math.expm1(end) if metric.relative else end for end in (each.low, each.high)]
    same = ("effect", "margin", "p", "q", "changed", "direction", "runs")
    return {
        "metric": each.metric,
        "dimension": each.dimension,
        "value": each.value,
        "unit": _unit(each),
        "value_from": before,
        "value_to": metric.level(each.value_to),
        "low": ends[0],
        "high": ends[1],
        **{name: getattr(each, name) for name in same},
    }


def _headline(name: str, day: date, ran: Ran, found: Sequence[Change], changed: Sequence[Change]) -> str:
    begin = f"{plain(name, 60)}, {day}: {ran.answered} of {count(ran.examples, 'example')} answered"
    if not found:
        return f"{begin}; nothing to compare with yet (two runs before are needed)"
    runs = max(each.runs for each in found)
    provisional = f" (provisional: {count(runs, 'run')} before, {FEWEST} are needed)" if runs < FEWEST else ""
    return (
        f"{begin}; {count(len({each.metric for each in changed}), 'metric')} changed{provisional}"
        if changed
        else f"{begin}; nothing changed{provisional}"
    )


def _of(each: Change) -> str:
    return plain(segment(each.dimension, each.value), 80) if each.dimension else "all"


def _level(each: Change, value: float) -> str:
    return number(metrics.lookup(each.metric).level(value), _unit(each))


def _unit(each: Change) -> str:
    metric = metrics.lookup(each.metric)
    return "share" if metric.kind in ("rate", "label") else metric.unit
