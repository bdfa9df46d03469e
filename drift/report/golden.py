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
from drift.golden.paired import FEWEST, Change
from drift.golden.power import Power, sentence
from drift.golden.run import Ran
from drift.text.escape import plain
from drift.text.wording import count, number


def run_told(name: str, day: date, ran: Ran, found: Sequence[Change]) -> RenderableType:
    """One line, then what changed since the runs before, then why answers are missing."""
    changed = [each for each in found if each.changed]
    lines: list[RenderableType] = [Text(_headline(name, day, ran, found, changed), style="bold")]
    if changed:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in ("metric", "before", "now", "q"):
            table.add_column(heading)
        for each in changed:
            table.add_row(plain(each.metric, 80), _level(each, each.value_from), _level(each, each.value_to), f"{each.q:.2g}")
        lines.append(table)
    lines += [
        Text(f"{count(lost, 'example')} without answers: {plain(why, 80)}", style="yellow") for why, lost in ran.lost.items()
    ]
    if ran.lost:
        lines.append(Text("run it again to ask what is missing; what was answered is not asked again", style="dim"))
    return Group(*lines)


def power_told(powers: Sequence[Power]) -> RenderableType:
    """What the gate could have stopped."""
    return Group(
        Text("this set against this run:", style="dim"), *(Text(f"  {sentence(each)}", style="dim") for each in powers)
    )


def line(each: Change) -> str:
    """A change in one line, for a message."""
    return f"{each.metric}: {_level(each, each.value_from)} → {_level(each, each.value_to)} (q {each.q:.2g}, {count(each.runs, 'run')} before)"


def run_as_dict(name: str, day: date, ran: Ran, found: Sequence[Change]) -> dict[str, Any]:
    """A run and what it changed, for `drift.text.json_form`: levels and intervals in the metric's unit."""
    return {
        "set": name,
        "day": day,
        "examples": ran.examples,
        "answered": ran.answered,
        "without_answer": ran.lost,
        "changes": [_as_dict(each) for each in found],
    }


def _as_dict(each: Change) -> dict[str, Any]:
    metric = metrics.lookup(each.metric)
    before = metric.level(each.value_from)
    ends = [before * math.expm1(end) if metric.relative else end for end in (each.low, each.high)]
    same = ("effect", "margin", "p", "q", "changed", "direction", "runs")
    return {
        "metric": each.metric,
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
        f"{begin}; {count(len(changed), 'metric')} changed{provisional}"
        if changed
        else f"{begin}; nothing changed{provisional}"
    )


def _level(each: Change, value: float) -> str:
    return number(metrics.lookup(each.metric).level(value), _unit(each))


def _unit(each: Change) -> str:
    metric = metrics.lookup(each.metric)
    return "share" if metric.kind in ("rate", "label") else metric.unit
