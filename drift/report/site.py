"""The report: static pages below `report/` in the lake, each whole in itself.

    index.html   night/DAY.html   incident/ID.html   metric/NAME.html   costs.html   comparison/DIGEST.html

`write_night` writes what belongs to one night; `write_overview` what spans them, once after one night or after many. The same
tables give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import Any

import pandas as pd

from drift import metrics
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.experiment.kept import kept
from drift.findings import CAUSES, FindingTest, Visible
from drift.judge import leaving
from drift.lake import Lake
from drift.metrics import Metric
from drift.profiles import OVERALL
from drift.report import calendar, costs, distribution, series
from drift.report.comparison import comparisons
from drift.report.rendering import metric_page, page, write_page
from drift.report.series import Past
from drift.results import Incident, Results, frames, ledger, silence, typical
from drift.results.account import of_incident, tell
from drift.results.courses import Course, Key
from drift.text import names, wording
from drift.text.escape import url

_UNUSUAL = 20
_SEGMENTS = 40
_LISTED = 30
_LABELS = 8
_NAMES = {"opened": "New", "worse": "Worse", "better": "Better", "lasting": "Lasting", "closed": "Closed"}
_STATES = {
    "open": "Open",
    "closed": "Closed",
    "accepted": "Accepted as the new normal",
    "settled": "Accepted by itself as the new level (turn it back with drift reopen)",
}
_TESTS = {
    FindingTest.SLOW: "over the last nights",
    FindingTest.PINNED: "against the accepted baseline",
    FindingTest.RULE: "a rule of drift.toml",
    FindingTest.ARRIVAL: "whether it still arrives",
}
_SMALLEST_Q = 0.0001
_SIDES = ("quality", "safety", "output", "input", "retrieval", "freshness", "system", "cost", "traffic")


@dataclass(frozen=True)
class IncidentRow:
    """An incident as the lists show it."""

    id: str
    sentence: str
    where: str
    opened: date
    nights: int
    state: str


def night_path(day: date) -> str:
    """Where a night's page is, below the report's folder."""
    return f"night/{day}.html"


def write_night(config: Config, lake: Lake, results: Results, day: date) -> None:
    """The page of one night."""
    account = tell(results, day)
    told = [one for one in account.incidents if not one.silent and one.event in _NAMES]
    held = [one for one in account.incidents if one.silent and one.event not in ("ordinary", "closed")]
    found = frames.findings(results, day, day)
    # who uses what is somebody's decision: it is told as an event, on its day
    found = found[(found["p"].notna() | found["alarm"]) & ~found["metric"].map(metrics.is_decision)].sort_values(
        ["alarm", "p", "id"], ascending=[False, True, True]
    )
    levels = frames.daily_metrics(results, day)
    overall = levels[(levels["dimension"] == OVERALL) & levels["level"].notna() & ~levels["metric"].str.contains(":")]
    shown = [{**_level(row, metric_page(row.metric)), "labels": "", "series": [row.level]} for row in _in_order(overall)]
    write_page(
        lake,
        night_path(day),
        page(
            "night.html.jinja",
            "../",
            wording.day(day),
            config.timezone,
            account=account,
            told=told,
            held=held,
            typical={one.id: typical.of(results, one, day) for one in told if one.in_full},
            names=_NAMES,
            budget=config.detect.budget,
            previous=results.last_night(day - timedelta(days=1)),
            checks=f"../../checks/day={day}/index.html",
            texts=leaving.told(config),
            drill=[_drilled(row) for row in account.drill],
            silence=account.silence,
            unusual=[_comparison(row) for row in found.head(_UNUSUAL).itertuples()],
            metrics=_by_news({"": shown}),
            zero=[row for row in shown if _is_folded(row)],
        ),
    )


def _drilled(row: Visible) -> dict[str, Any]:
    """A line of the drill: blind, or the smallest change that would have been told beside the smallest that matters."""
    return {
        "what": silence.subject(row),
        "where": wording.segment(row.dimension, row.value),
        "n": row.n,
        "level": wording.number(row.level, row.unit) if row.level is not None else "",
        "way": "↑" if row.direction == "up" else "↓",
        "blind": row.blind_reason,
        "one": silence.size(row, row.one_night) if row.one_night is not None else "none" if not row.blind_reason else "",
        "seven": silence.size(row, row.seven_nights) if row.seven_nights is not None else "",
        "matters": silence.size(row, row.matters) if row.matters is not None else "",
    }


def write_overview(
    config: Config,
    lake: Lake,
    results: Results,
    day: date,
    panel: Panel,
    since: date,
    list_url: Callable[..., str | None] = lambda dimension, value, days: None,
) -> None:
    """The pages that span nights, as of `day`: index, metrics, costs, and the incidents that were there since `since`.

    panel: the day profiles up to `day`, which is last. list_url: the store's list of a segment's traces, if it has one.
    """
    past = Past.read(results, day)
    write_page(lake, "index.html", _index(config, lake, results, past))
    write_page(lake, "costs.html", _costs(config, lake, past))
    for name in past.names():
        write_page(lake, f"metric/{metric_page(name)}.html", _metric(config, results, past, panel, metrics.lookup(name)))
    for incident in past.incidents:
        if incident.days and incident.days[-1].day >= since:
            write_page(lake, f"incident/{incident.id}.html", _incident(config, lake, results, past, panel, incident, list_url))


def write_decided(
    config: Config,
    lake: Lake,
    results: Results,
    day: date,
    panel: Panel,
    incident_id: str,
    list_url: Callable[..., str | None] = lambda dimension, value, days: None,
) -> None:
    """The index and the page of one incident, as of `day`, after a person decided about it."""
    past = Past.read(results, day)
    write_page(lake, "index.html", _index(config, lake, results, past))
    incident = next(each for each in past.incidents if each.id == incident_id)
    write_page(lake, f"incident/{incident.id}.html", _incident(config, lake, results, past, panel, incident, list_url))


def _index(config: Config, lake: Lake, results: Results, past: Past) -> bytes:
    account = tell(results, past.day)
    listed = sorted(past.incidents, key=lambda each: (each.state == "open", each.opened, each.id), reverse=True)
    by_side: dict[str, list[dict[str, Any]]] = {side: [] for side in _SIDES}
    for name in past.names():
        metric = metrics.lookup(name)
        row = _row(past, metric, (OVERALL, ""))
        if row is not None:
            by_side[metric.side].append(
                {**row, "name": name, "side": metric.side, "page": metric_page(name), "unit": metric.unit}
            )
    return page(
        "index.html.jinja",
        "",
        "Is it ordinary?",
        config.timezone,
        last=account,
        months=calendar.months(past.verdicts),
        incidents=[_listed(results, each) for each in listed[:_LISTED]],
        comparisons=[{"page": digest, "name": name} for digest, name in sorted(comparisons(lake).items())],
        metrics=_by_news(by_side),
        zero=[row for rows in by_side.values() for row in rows if _is_folded(row)],
        days=len(past.days),
        as_of=_as_of(config, past.day),
        ledger=ledger.read(results),
        budget=config.detect.budget,
    )


def _by_news(by_side: Mapping[str, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The metrics in the order in which one reads them: those outside their band first, the farthest before the others, then by side."""
    rows = [{**row, "outside": _is_outside(row)} for of_side in by_side.values() for row in of_side if not _is_folded(row)]
    return sorted(rows, key=lambda row: -abs(row["z"] or 0.0) if row["outside"] else 0.0)


def _is_outside(row: Mapping[str, Any]) -> bool:
    low, high, level = row["low"], row["high"], row["level"]
    return None not in (low, high, level) and not low <= level <= high


def _is_folded(row: Mapping[str, Any]) -> bool:
    """Whether a metric was 0 on every day of its series, as it may well be: it says nothing but that it is measured."""
    known = [value for value in row["series"] if value is not None]
    return not row["labels"] and bool(known) and not any(known) and not _is_outside(row)


def _as_of(config: Config, day: date) -> date | None:
    """The day that a page is as of; None for the demo, whose last day is always long ago."""
    return None if config.store.type == "demo" else day


def _costs(config: Config, lake: Lake, past: Past) -> bytes:
    whole, tables = costs.whole(past), costs.by_dimension(past)
    course = series.chart(past, (costs.TOTAL, OVERALL, ""), "USD") if whole else None
    drawn = [course] if course else []
    shown = []
    for table in tables:
        shown.append({"chart": len(drawn) if table.drawn else None, **_costs_of(table)})
        drawn += [table.drawn] if table.drawn else []
    features = lake.read("features", past.day, ["user", "cost_usd"]) if whole and whole["last"] is not None else None
    return page(
        "costs.html.jinja",
        "",
        "Costs",
        config.timezone,
        drawn,
        whole=whole,
        tables=shown,
        users=costs.by_user(features),
        day=past.day,
        as_of=_as_of(config, past.day),
    )


def _costs_of(table: costs.CostTable) -> dict[str, Any]:
    return {"dimension": table.dimension, "name": table.name, "names": table.names, "rows": table.rows}


def _incident(
    config: Config,
    lake: Lake,
    results: Results,
    past: Past,
    panel: Panel,
    incident: Incident,
    list_url: Callable[..., str | None],
) -> bytes:
    one = of_incident(results, incident.id)
    metric, column = series.of_incident(incident)
    place = incident.dimension, incident.value
    drawn = series.chart(past, (metric, *place), series.unit_of(incident), column, incident)
    usual, now = distribution.days_of(panel.days, incident)
    spread = distribution.histogram(panel, incident.metric, place, usual, now) if now else None
    charts = [chart for chart in (drawn, spread) if chart is not None]
    considered = [CAUSES.get(name, name) for name, _ in one.note.get("considered", []) if name != one.cause]
    nights = [
        (line, wording.change(incident.statistic, line.value_from, line.value_to, incident.unit)) for line in incident.days
    ]
    return page(
        "incident.html.jinja",
        "../",
        one.sentence,
        config.timezone,
        charts,
        nights=nights,
        incident=incident,
        one=one,
        note={**dict.fromkeys(("where", "evidence", "against", "events", "before", "unrecorded"), []), **one.note},
        state=_STATES[incident.state],
        series=charts.index(drawn) if drawn is not None else None,
        distribution=charts.index(spread) if spread is not None else None,
        considered=considered,
        typical=typical.of(results, one, one.last),
        proof=kept(lake, incident.id),
        dimensions=_by_dimension(one.note.get("parts", [])),
        decisions=[_decision(row) for row in past.decisions.itertuples() if row.incident_id == incident.id],
        traces=url(list_url(*place, (incident.days[0].day, incident.days[-1].day))),
        labels=distribution.labels(panel, incident.metric, place, usual, now) if now else [],
    )


def _by_dimension(parts: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The parts of a change as tables, one a dimension."""
    tables = {part["dimension"]: [each for each in parts if each["dimension"] == part["dimension"]] for part in parts}
    return [(wording.dimension(name), rows) for name, rows in tables.items()]


def _decision(row: Any) -> str:
    """What a person decided, in words: `ack on 2026-11-20: anna: rolled back`."""
    until = f" until {row.until.date()}" if not pd.isna(row.until) else ""
    return f"{row.action}{until} on {row.day.date()}" + (f": {row.note}" if row.note else "")


def _metric(config: Config, results: Results, past: Past, panel: Panel, metric: Metric) -> bytes:
    segments = past.segments(metric.name)[:_SEGMENTS]
    charts: list[dict[str, Any]] = []
    views, rows = [], []
    last = len(panel) - 1
    usual, now = list(range(max(0, last - distribution.USUAL_DAYS), last)), [last] if panel.days[last] == past.day else []
    for number, place in enumerate(segments):
        where = wording.segment(*place)
        view: dict[str, Any] = {"id": f"s{number}", "name": where, "kind": "series", "series": None, "distribution": None}
        drawn = _drawn(past, metric, place)
        if drawn is not None:
            view |= {"series": len(charts), "kind": _kind(drawn)}
            charts.append(drawn)
        spread = distribution.histogram(panel, metric.name, place, usual, now) if now else None
        if spread is not None:
            view["distribution"] = len(charts)
            charts.append(spread)
        views.append(view)
        row = _row(past, metric, place)
        if row is not None:
            rows.append({"where": where, **row})
    mine = [each for each in reversed(past.incidents) if metric.name in {each.metric, *each.names}]
    return page(
        "metric.html.jinja",
        "../",
        names.sentence(names.called(metric.name)),
        config.timezone,
        charts,
        metric=metric,
        as_of=_as_of(config, past.day),
        views=views,
        rows=rows,
        day=past.day,
        days=len(past.days),
        usual_days=len(usual),
        incidents=[_listed(results, each) for each in mine[:_LISTED]],
    )


def _drawn(past: Past, metric: Metric, place: tuple[str, str]) -> dict[str, Any] | None:
    if metric.kind != "label":
        return series.chart(past, (metric.name, *place), metric.unit)
    names = past.labels(metric.name, place)[:_LABELS]
    return series.lines(past, [(name, (f"{metric.name}:{name}", *place)) for name in names], "share")


def _kind(drawn: dict[str, Any]) -> str | list[str]:
    return [line["name"] for line in drawn["lines"]] if drawn["kind"] == "lines" else drawn["kind"]


def _row(past: Past, metric: Metric, place: tuple[str, str]) -> dict[str, Any] | None:
    """A metric in a segment on the last day, and its levels as a small series; None where it was not measured that day."""
    if metric.kind == "label":
        names = past.labels(metric.name, place)
        today = {name: _today(past, (f"{metric.name}:{name}", *place)) for name in names}
        there = {name: row for name, row in today.items() if row is not None}
        if not there:
            return None
        told = [f"{name} {wording.number(row.level, 'share')}" for name, row in list(there.items())[:_LABELS]]
        top = past.daily[f"{metric.name}:{names[0]}", *place]
        n = int(next(iter(there.values())).n)
        return {"labels": ", ".join(told), "n": n, "series": _levels(top), **dict.fromkeys(_LEVELS)}
    row = _today(past, (metric.name, *place))
    if row is None:
        return None
    return {"labels": "", "series": _levels(past.daily[metric.name, *place]), **_level(row)}


_LEVELS = ("level", "expected", "low", "high", "z", "p50", "p95", "p99")


def _today(past: Past, key: Key) -> Any | None:
    return past.last.get(key)


def _level(row: Any, page_name: str = "") -> dict[str, Any]:
    values = {name: None if pd.isna(getattr(row, name)) else float(getattr(row, name)) for name in _LEVELS}
    return {"name": row.metric, "page": page_name, "unit": row.unit, "n": int(row.n), **values}


def _levels(course: Course) -> list[float | None]:
    return [None if isnan(level) else level for level in course.level.tolist()]


def _in_order(levels: pd.DataFrame) -> Iterator[Any]:
    order = {name: place for place, name in enumerate(metrics.CATALOGUE)}
    yield from sorted(levels.itertuples(), key=lambda row: (order.get(row.metric, len(order)), row.metric))


def _comparison(row: Any) -> dict[str, Any]:
    z = "" if pd.isna(row.z) else f"{row.z:+.1f}"
    q = "" if pd.isna(row.q) else f"{row.q:.2g}" if row.q >= _SMALLEST_Q else f"< {_SMALLEST_Q}"
    return {
        "what": wording.titled(row.metric, row.statistic),
        "where": wording.segment(row.dimension, row.value),
        "change": wording.change(row.statistic, row.value_from, row.value_to, row.unit),
        "z": z,
        "q": q,
        "alarm": bool(row.alarm),
        "reason": row.reason,
        "test": _TESTS.get(row.test, row.test),
    }


def _listed(results: Results, incident: Incident) -> IncidentRow:
    one = of_incident(results, incident.id)
    return IncidentRow(
        id=incident.id,
        sentence=one.sentence,
        where=one.where,
        opened=incident.opened,
        nights=incident.nights,
        state="acknowledged" if incident.acknowledged and incident.state == "open" else incident.state,
    )
