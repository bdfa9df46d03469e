"""How the decision between two versions is told: one line, then a row for each metric that was watched."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift import metrics
from drift.compare.ab import Answer, Decision, Watched
from drift.text.escape import plain
from drift.text.wording import count

EXIT_CODES = {Answer.PROMOTE: 0, Answer.STOP: 3, Answer.NOT_YET: 4}
_SAYS = {
    Answer.PROMOTE: "promote {b}: in no watched metric worse by what matters",
    Answer.STOP: "stop {b}: worse in {worse}",
    Answer.NOT_YET: "not yet: {open} still open",
}


def told(decision: Decision, b: str) -> Group:
    """The answer with its hour, and the bounds: `b` is worse by at least and by at most so much, however often one has looked."""
    by_state = {
        state: ", ".join(each.metric for each in decision.watched if each.state == state) for state in ("worse", "open")
    }
    line = _SAYS[decision.answer].format(
        b=plain(b, 80), worse=by_state["worse"], open=by_state["open"] or "too few requests, everything"
    )
    when = f" (since hour {decision.hour})" if decision.hour is not None else ""
    sizes = f"{count(decision.traces[0], 'request')} against {decision.traces[1]:,}"
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("metric", "worse by", "at least", "at most", "matters", ""):
        table.add_column(heading, justify="left" if heading in ("metric", "") else "right")
    for each in decision.watched:
        sizes_of = (_size(each, value) for value in (each.change, each.least, each.most, each.margin))
        table.add_row(each.metric, *sizes_of, str(each.state))
    lines: list[RenderableType] = [Text(f"{line}{when}; {sizes}"), table]
    if decision.missing:
        lines.append(Text(f"not watched, for a side has no values of it: {', '.join(decision.missing)}", style="dim"))
    return Group(*lines)


def as_dict(decision: Decision) -> dict[str, Any]:
    """Everything of it, for `drift.text.json_form`: levels in the metric's unit, `worse_by` in the terms of `margin`."""
    return {
        "answer": decision.answer,
        "hour": decision.hour,
        "n": decision.traces,
        "watched": [_as_dict(each) for each in decision.watched],
        "missing": decision.missing,
    }


def _as_dict(each: Watched) -> dict[str, Any]:
    metric = metrics.lookup(each.metric)
    return {
        "metric": each.metric,
        "unit": metric.unit,
        "value_a": metric.level(each.level_a),
        "value_b": metric.level(each.level_b),
        "worse_by": each.change,
        "worse_by_interval": (each.least, each.most),
        "margin": each.margin,
        "state": each.state,
    }


def _size(each: Watched, value: float) -> str:
    metric = metrics.lookup(each.metric)
    if metric.kind == "rate":
        return f"{100 * value:+.2f} points".replace("-", "−")
    return f"{100 * value:+.1f} %".replace("-", "−") if metric.relative else f"{value:+.3g}".replace("-", "−")
