"""What `drift trace` prints: question and answer, and where each measure stands among its endpoint's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift.metrics import Metric
from drift.text import names, wording
from drift.text.escape import plain, url

_TEXT = 2000
_FACTS = ("name", "model", "prompt_name", "prompt_version", "release", "environment", "session_id", "error", "finish_reason")
# beyond these a measure is marked: one of fifty requests is so far out
_RARE = 0.02


def opened(
    row: Mapping[str, Any],
    link: str | None,
    among: str,
    places: Sequence[tuple[Metric, float | bool, float | None, float | None]],
) -> RenderableType:
    """row: of the trace table. places: metric, value, share of the requests below (of a rate: alike), their middle (or share)."""
    facts = ", ".join(f"{wording.dimension(name)} {plain(row[name], 80)}" for name in _FACTS if row.get(name))
    lines: list[RenderableType] = [
        Text(f"{plain(row['trace_id'], 80)}  {row['timestamp']:%Y-%m-%d %H:%M:%S} UTC", style="bold")
    ]
    if facts:
        lines.append(Text(facts, style="dim"))
    if link and url(link):
        lines.append(Text(url(link), style="dim"))
    for title, field in (("question", "input"), ("answer", "output")):
        lines += [Text(f"\n{title}", style="bold"), Text(plain(row[field], _TEXT) if row.get(field) else "not recorded")]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("measure", "here", "usual", f"among {among}"):
        table.add_column(heading, overflow="fold")
    told = [place for place in places if not _is_idle(*place)]
    for metric, value, below, usual in sorted(told, key=lambda place: _how_common(*place)):
        table.add_row(
            *_cells(metric, value, below, usual), style="bold" if _how_common(metric, value, below, usual) <= _RARE else None
        )
    lines += [Text(), table]
    if idle := [names.called(place[0].name) for place in places if _is_idle(*place)]:
        lines.append(Text(f"neither here nor in any of them: {', '.join(idle)}", style="dim"))
    return Group(*lines)


def _is_idle(metric: Metric, value: float | bool, below: float | None, usual: float | None) -> bool:
    """Whether it is a no where all have a no."""
    return metric.kind == "rate" and not value and usual == 0


def _how_common(metric: Metric, value: float | bool, below: float | None, usual: float | None) -> float:
    """Share of the requests that are at least so far out, 1 where that is not known."""
    if below is None:
        return 1.0
    return below if metric.kind == "rate" else min(below, 1 - below)


def _cells(metric: Metric, value: float | bool, below: float | None, usual: float | None) -> tuple[Text, Text, Text, Text]:
    if metric.kind == "rate":
        place = "" if below is None else f"like {_share(below)}"
        return Text(metric.name), Text("yes" if value else "no"), Text("" if usual is None else _share(usual)), Text(place)
    shown, middle = (
        wording.number(each, metric.unit) if wording.is_told(metric.unit) else "" for each in (float(value), usual)
    )
    if below is None or usual is None:
        return Text(metric.name), Text(shown), Text(""), Text("")
    place = f"more than {_share(below)}" if below >= 0.5 else f"less than {_share(1 - below)}"
    return (
        Text(metric.name),
        Text(shown),
        Text(middle),
        Text("like most" if 0.2 < below < 0.8 else place),
    )


def _share(share: float) -> str:
    return f"{wording.percent(share)}" if 0.01 <= share <= 0.99 or share in (0, 1) else f"{wording.percent(share, 1)}"
