"""Figures for notebooks: a series with its band, an incident, a distribution, a comparison. Numbers are those of the report.

Each function returns a matplotlib figure that shows itself as the result of a cell. Text from traces stands in it as text: no
markup of matplotlib's is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from drift import metrics
from drift.compare import sides
from drift.compare.presenting import ordered
from drift.compare.presenting import title as title_of
from drift.compare.verdict import Row, Verdict
from drift.detect.statistics.panel import Panel
from drift.errors import DataError, MissingExtra
from drift.lake import Lake
from drift.notebook import read
from drift.notebook.read import ALL, Compared, Day
from drift.report import distribution as spread
from drift.report.series import Past, chart, of_incident, unit_of
from drift.results import Results, frames, sentence
from drift.text import wording
from drift.text.escape import plain

try:
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure as _Figure
    from matplotlib.ticker import FuncFormatter
except ImportError:
    raise MissingExtra("figures need matplotlib", "notebook") from None

_BLUE, _RED, _GREY, _GREEN = "#1f5fa8", "#c22f2f", "#6b7280", "#2e7d4f"
_COLOURS = {Verdict.CHANGED: _RED, Verdict.EQUIVALENT: _GREEN}
_STYLE = {"text.parse_math": False, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 100}
_EPOCH, _DAY = date(1970, 1, 1), timedelta(days=1)
_MOST_ROWS = 30
# characters that a figure's title has room for
_TITLE = 100
# of a series, for its legend
_HEADROOM = 0.25
# a change is drawn in margins; beyond this many the picture would be of one row alone
_FARTHEST = 12.0


class Figure(_Figure):
    """A figure that a notebook shows without a plotting backend, with the same bytes each time."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()

    def draw(self, renderer) -> None:
        # ticks are made when they are drawn
        with matplotlib.rc_context(_STYLE):
            super().draw(renderer)


def _styled(function: Callable[..., Figure]) -> Callable[..., Figure]:
    @wraps(function)
    def styled(*args: Any, **kwargs: Any) -> Figure:
        with matplotlib.rc_context(_STYLE):
            return function(*args, **kwargs)

    return styled


@_styled
def series(metric: str, segment: str = ALL, start: Day | None = None, end: Day | None = None) -> Figure:
    """A metric of a segment over days, with the band that 95 % of ordinary days lie in, its alarms, and what happened then.

    metric: as `drift.read.series` takes it; of a label metric name the label (`model:gpt-4o`). At most the last 90 days.
    """
    read.series(metric, segment, start, end)
    dimension, value = read.parse_segment(segment)
    with read.opened() as results:
        first, last = read.span(results, start, end)
        past = Past.read(results, last, metric.split(":")[0])
        unit = _unit(metric)
        drawn = chart(past, (metric, dimension, value), unit)
    if drawn is None:
        labels = ", ".join(f"{metric}:{label}" for label in past.labels(metric, (dimension, value)))
        raise DataError(
            f"{metric}: nothing to draw; name a label of it: {plain(labels, 400)}" if labels else f"{metric}: no level to draw"
        )
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    _draw_series(figure.subplots(), drawn, f"{metric}, {wording.segment(dimension, value)}", first)
    return figure


@_styled
def incident(id: str) -> Figure:
    """An incident: its series with the first changed day and, where it is known, its distribution then over the usual one."""
    one = read.incident(id)
    config = read.configuration()
    with read.opened() as results:
        found = next(each for each in results.incidents() if each.id == one.id)
        last = max(day for day in frames.runs(results)["day"].dt.date if config.is_over(day))
        past = Past.read(results, last, found.metric)
        key, column = of_incident(found)
        place = found.dimension, found.value
        drawn = chart(past, (key, *place), unit_of(found), column, found)
    lake = Lake(config.lake.url)
    first = min(found.began[1], found.opened) - timedelta(days=spread.USUAL_DAYS)
    panel = Panel(sides.day_profiles(config, lake, sides.Side(first, found.last_alarm)))
    usual, now = spread.days_of(panel.days, found)
    histogram = spread.histogram(panel, found.metric, place, usual, now) if usual and now else None
    shown = [each for each in (drawn, histogram) if each is not None]
    if not shown:
        raise DataError(f"{one.id[:8]}: {plain(one.account.what, 80)} has no level and no distribution to draw")
    figure = Figure(figsize=(8, 2.8 * len(shown)), layout="constrained")
    axes = figure.subplots(len(shown), squeeze=False)[:, 0]
    if drawn is not None:
        _draw_series(axes[0], drawn, sentence.of(one.account, _TITLE))
    if histogram is not None:
        days = (
            wording.count(len(usual), "usual day"),
            wording.count(len(now), "night of the incident", "nights of the incident"),
        )
        _draw_histogram(axes[-1], histogram, *days, found.metric)
    return figure


@_styled
def distribution(
    metric: str,
    segment: str = ALL,
    now: Day | None = None,
    usual: Day | None = None,
) -> Figure:
    """A metric's values on the days `now` (default: the last) over those on the days `usual` (default: the 28 before).

    A day or a window "FROM..TO". Of a label metric the labels that changed most. Raises DataError where a side has no
    values, or the metric is neither a number nor a label.
    """
    dimension, value = read.parse_segment(segment)
    read.series(metric, segment)
    with read.opened() as results:
        second = _window(results, now, None)
        first = _window(results, usual, second)
    config = read.configuration()
    lake = Lake(config.lake.url)
    both = [sides.day_profiles(config, lake, side) for side in (first, second)]
    panel = Panel([*both[0], *both[1]])
    places = list(range(len(both[0]))), list(range(len(both[0]), len(panel)))
    names = first.name, second.name
    found = spread.histogram(panel, metric, (dimension, value), *places) if all(places) else None
    rows = spread.labels(panel, metric, (dimension, value), *places) if all(places) else []
    if found is None and not rows:
        raise DataError(f"{metric}: no distribution in {segment!r:.80} on {names[0]} and on {names[1]}")
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    axes = figure.subplots()
    title = f"{metric}, {wording.segment(dimension, value)}"
    if found is not None:
        _draw_histogram(axes, found, *names, title)
    else:
        _draw_labels(axes, rows, *names, title)
    return figure


@_styled
def comparison(compared: Compared) -> Figure:
    """Every metric's change with its interval, in margins: outside the shaded band it is as large as what matters.

    Intervals are those of 90 % that the verdicts of equivalence use. One statistic a metric, that which changed most certainly;
    what changed first, then what is undecided, then what did not change, each in the order in which people ask for it.
    """
    gate = compared.gate
    rows: dict[str, Row] = {}
    for row in gate.comparison.rows:
        rows.setdefault(row.metric, row)
    shown = _chosen(ordered(rows.values()))
    figure = Figure(figsize=(8, 1.4 + 0.22 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(-1, 1, color=_GREEN, alpha=0.12, linewidth=0)
    axes.axvline(0, color=_GREY, linewidth=0.8)
    for place, row in enumerate(shown):
        low, middle, high = (
            max(-_FARTHEST, min(_FARTHEST, each / gate.margin(row))) for each in (row.effect_low, row.effect, row.effect_high)
        )
        colour = _COLOURS.get(row.verdict, _GREY)
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot([middle], [place], marker="o" if abs(middle) < _FARTHEST else ">" if middle > 0 else "<", color=colour)
    labels = [f"{plain(title_of(row), 44)}  {_change(row)}" for row in shown]
    axes.set_yticks(range(len(shown)), labels=labels)
    more = len(rows) - len(shown)
    axes.set_xlabel("change (the smallest that matters is 1)" + (f"; {more} more not shown" if more else ""))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    title = f"{plain(gate.comparison.a, 100)}\n→ {plain(gate.comparison.b, 100)}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    for colour, name in ((_RED, "changed"), (_GREY, "not enough data"), (_GREEN, "no change that matters")):
        axes.plot([], [], color=colour, marker="o", label=name)
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, loc="outside lower left", ncols=3)
    return figure


def _chosen(rows: list[Row]) -> list[Row]:
    """All that changed, and of what did not and what is undecided about as many each; in the order of `rows`."""
    changed = [row for row in rows if row.verdict == Verdict.CHANGED]
    rest = [
        [row for row in rows if (row.verdict == Verdict.EQUIVALENT) == same and row not in changed] for same in (False, True)
    ]
    room = max(_MOST_ROWS - len(changed), 0)
    undecided = min(len(rest[0]), max(room // 2, room - len(rest[1])))
    return [*changed[:_MOST_ROWS], *rest[0][:undecided], *rest[1][: room - undecided]]


def _window(results: Results, days: Day | None, before: sides.Side | None) -> sides.Side:
    if days is not None:
        begins, _, ends = str(days).partition("..")
        return sides.Side(*read.span(results, begins, ends or begins))
    first, last = read.span(results, None, None)
    if before is None:
        return sides.Side(last, last)
    return sides.Side(*read.span(results, max(first, before.start - timedelta(days=spread.USUAL_DAYS)), before.start - _DAY))


def _draw_series(axes: Axes, drawn: dict[str, Any], title: str, start: date | None = None) -> None:
    kept = [place for place, x in enumerate(drawn["x"]) if start is None or x >= (start - _EPOCH).days]
    x = [_EPOCH + timedelta(days=drawn["x"][place]) for place in kept]

    def values(name: str) -> list[float]:
        return [math.nan if drawn[name][place] is None else drawn[name][place] for place in kept]

    if "expected" in drawn:
        axes.fill_between(x, values("low"), values("high"), color=_BLUE, alpha=0.15, linewidth=0, label="95 % of ordinary days")
        axes.plot(x, values("expected"), color=_BLUE, alpha=0.5, linewidth=1, linestyle="--", label="expected")
    y = values("y")
    axes.plot(x, y, color=_BLUE, marker=".", label="seen")
    alarms = [at for at, place in enumerate(kept) if place in set(drawn["alarms"])]
    axes.plot([x[at] for at in alarms], [y[at] for at in alarms], "o", color=_RED, markersize=6, label="alarm")
    if "since" in drawn:
        first, low, high = (_EPOCH + timedelta(days=each) for each in drawn["since"])
        half = timedelta(hours=12)
        axes.axvspan(low - half, high + half, color=_RED, alpha=0.1, linewidth=0)
        axes.axvline(first - half, color=_RED, linewidth=1, label=f"changed on {first.day} {first:%b}")
    marks: dict[date, list[str]] = {}
    for at, text in drawn["marks"]:
        marks.setdefault(_EPOCH + timedelta(days=at), []).append(text)
    for day in (day for day in marks if x[0] <= day <= x[-1]):
        text = plain(f"{day.day} {day:%b}: {', '.join(marks[day])}", 90)
        axes.axvline(day, color=_GREY, linewidth=1, linestyle=":", label=text)
    locator = AutoDateLocator(maxticks=10)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.yaxis.set_major_formatter(_in_units(drawn["unit"]))
    axes.set_title(plain(title, 110), loc="left")
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, top + _HEADROOM * (top - bottom))
    axes.legend(frameon=False, fontsize=7, loc="upper left", ncols=3)


def _draw_histogram(axes: Axes, found: dict[str, Any], usual: str, now: str, title: str) -> None:
    axes.stairs(found["usual"], found["edges"], fill=True, color=_GREY, alpha=0.35, label=usual)
    axes.stairs(found["now"], found["edges"], color=_RED, linewidth=1.5, label=now)
    if found["log"]:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
    axes.xaxis.set_major_formatter(_in_units(found["unit"]))
    axes.yaxis.set_major_formatter(_in_units("share"))
    axes.set_title(plain(f"{title}: share of the traces", 110), loc="left")
    axes.legend(frameon=False)


def _draw_labels(axes: Axes, rows: list[tuple[str, float, float]], usual: str, now: str, title: str) -> None:
    places = range(len(rows))
    axes.barh([place - 0.2 for place in places], [row[1] for row in rows], 0.4, color=_GREY, alpha=0.5, label=usual)
    axes.barh([place + 0.2 for place in places], [row[2] for row in rows], 0.4, color=_RED, alpha=0.8, label=now)
    axes.set_yticks(places, labels=[row[0] for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(_in_units("share"))
    axes.set_title(plain(title, 110), loc="left")
    axes.legend(frameon=False)


def _change(row: Row) -> str:
    # a distance is from nowhere
    return "" if row.is_distance else f"{wording.number(row.value_a, row.unit)} → {wording.number(row.value_b, row.unit)}"


def _unit(metric: str) -> str:
    known = metrics.find(metric)
    return known.unit if known else "share" if ":" in metric else ""


def _in_units(unit: str) -> FuncFormatter:
    return FuncFormatter(lambda value, _: wording.number(value, unit))
