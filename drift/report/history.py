"""What `drift diagnose` prints: the whole stored history in about ten lines."""

from __future__ import annotations

from datetime import date

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from drift.text import wording
from drift.text.escape import plain

_MOST = 7
_NAMED = 12


def history(runs: pd.DataFrame, incidents: pd.DataFrame, metrics: list[str]) -> RenderableType:
    """When behaviour changed, what, by how much, where and why, and what has been ordinary.

    runs, incidents: frames of `drift.results.frames`. metrics: the names of all that were compared.
    """
    lines: list[RenderableType] = [_span(runs)]
    shown = incidents.sort_values(["opened", "id"]).tail(_MOST)
    lines += [_change(row) for row in shown.itertuples()]
    if len(incidents) > len(shown):
        lines.append(Text(f"and {wording.count(len(incidents) - len(shown), 'earlier change')}: drift incidents --all", style="dim"))
    if incidents.empty:
        lines.append(Text("No change: every day was like the days before it.", style="bold green"))
    moved = {name for names in incidents["metrics"] for name in names.split(", ")} | set(incidents["metric"])
    ordinary = [name for name in metrics if name not in moved]
    named = ", ".join(ordinary[:_NAMED]) + (f" and {len(ordinary) - _NAMED} more" if len(ordinary) > _NAMED else "")
    lines.append(Text(f"Ordinary all along: {plain(named, 600) or 'nothing'}", style="green" if ordinary else ""))
    return Group(*lines)


def _span(runs: pd.DataFrame) -> Text:
    first, last = _date(runs["day"].min()), _date(runs["day"].max())
    compared = int((runs["baseline_days"].fillna(0) > 0).sum())
    failed = int((runs["status"] == "failed").sum())
    parts = [
        f"{wording.count(len(runs), 'day')} from {wording.day(first)} to {wording.day(last)}",
        f"{wording.number(float(runs['traces'].median()))} traces a day",
        f"{compared} compared with earlier ones",
    ]
    if failed:
        parts.append(f"{failed} not fit to compare")
    return Text(", ".join(parts) + ".", style="bold")


def _change(row) -> Text:
    since = _date(row.since) if not pd.isna(row.since) else _date(row.opened)
    until = "still so" if row.state == "open" else row.state
    change = f"{wording.number(row.value_from, row.unit)} → {wording.number(row.value_to, row.unit)}"
    cause = f"; {plain(wording.cause(row.cause, row.confidence), 80)}" if row.cause else ""
    what = f"{plain(wording.subject(row.metric, row.statistic), 80)} {wording.arrow(row.value_from, row.value_to)} {change}"
    where = plain(wording.segment(row.dimension, row.value), 80)
    return Text(f"since {wording.day(since)}: {what}, {where}{cause}; {wording.count(row.nights, 'night')}, {until}  [{row.id[:8]}]")


def _date(value: pd.Timestamp) -> date:
    return value.date()
