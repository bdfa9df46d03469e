"""What the report's charts show: a metric of a segment over days with its band, and what happened on the way.

From the tables alone; `Past.read` asks the database once for all the pages of a night.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from drift import metrics
from drift.findings import label_of
from drift.report import calendar
from drift.results import Incident, Results, frames
from drift.results.courses import Course, Key, alone, courses
from drift.results.rows import key_text
from drift.results.sentence import TAILS
from drift.results.verdict import Verdict
from drift.text import wording
from drift.text.escape import plain

WINDOW = 90
_EPOCH = date(1970, 1, 1)
_SPREADS = "× an ordinary day's movement"


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day and that a chart names: a prompt that appeared, a level that was accepted."""

    day: date
    text: str


@dataclass(frozen=True)
class Past:
    """The tables of the WINDOW days that end with `day`, or of those of them since the first that was run.

    verdicts: of the months that a calendar shows. daily: the course of each (metric, dimension, value). last: the rows of `daily_metrics`
    of that day, each with its columns as attributes. vectors: of the metrics that have no level, how far beyond what days ordinarily move.
    alarms: the days on which a series alarmed. incidents: every incident there is. causes: by incident, in words. nights: of incidents,
    within the window.
    """

    day: date
    first: date
    verdicts: dict[date, Verdict]
    daily: dict[Key, Course]
    last: dict[Key, Any]
    vectors: dict[Key, Course]
    alarms: dict[Key, frozenset[date]]
    incidents: tuple[Incident, ...]
    causes: dict[str, str]
    nights: pd.DataFrame
    decisions: pd.DataFrame
    announced: pd.DataFrame

    @classmethod
    def read(cls, results: Results, day: date, metric: str | None = None) -> Past:
        """The tables as they are; of one metric alone where it is named."""
        began, start = results.first_night(), day - timedelta(days=WINDOW - 1)
        start = max(start, min(began, day)) if began is not None else day
        keys = ["metric", "dimension", "value"]
        found = frames.findings(results, start, day, metric=metric, alarms_only=True)
        return cls(
            day=day,
            first=start,
            verdicts=results.verdicts(calendar.first_shown(results, day), day),
            daily=courses(results, start, day, metric),
            last={
                tuple(getattr(row, key) for key in keys): row
                for row in frames.daily_metrics(results, day, metric=metric).itertuples()
            },
            vectors=_vectors(results, start, day, metric),
            alarms={key: frozenset(each.date() for each in days) for key, days in found.groupby(keys)["day"]},
            incidents=tuple(results.incidents()),
            causes={row.id: wording.cause(row.cause, row.confidence) for row in frames.incidents(results).itertuples()},
            nights=frames.incident_days(results, start=start, end=day),
            decisions=frames.decisions(results),
            announced=frames.announced(results),
        )

    @cached_property
    def days(self) -> list[date]:
        """The days of the window, from the first that was run."""
        return [self.first + timedelta(days=n) for n in range((self.day - self.first).days + 1)]

    @cached_property
    def _of_metric(self) -> dict[str, list[Key]]:
        """The series of every metric, those of its labels among them."""
        out: dict[str, list[Key]] = {}
        for key in (*self.daily, *self.vectors):
            out.setdefault(key[0].split(":")[0], []).append(key)
        return out

    def names(self) -> list[str]:
        """The metrics that a page can be made of, in the catalogue's order, then the user's and the store's own."""
        there = {key[0].split(":")[0] for key, course in self.daily.items() if course.known}
        there |= {key[0] for key in self.vectors}
        order = {name: place for place, name in enumerate(metrics.CATALOGUE)}
        return sorted((name for name in there if metrics.find(name)), key=lambda name: (order.get(name, len(order)), name))

    def segments(self, metric: str) -> list[tuple[str, str]]:
        """The segments in which a metric is followed: overall, then by dimension, the busiest first."""
        sizes: dict[tuple[str, str], int] = {}
        for key in self._of_metric.get(metric, ()):
            for course in (self.daily.get(key), self.vectors.get(key)):
                if course is not None:
                    sizes[key[1:]] = max(sizes.get(key[1:], 0), course.last_n)
        return sorted(sizes, key=lambda each: (each[0] != "all", each[0], -sizes[each], each[1]))

    def labels(self, metric: str, segment: tuple[str, str]) -> list[str]:
        """The labels of a label metric in a segment, the most frequent first."""
        rows = {
            key[0].split(":", 1)[1]: self.daily[key].mean
            for key in self._of_metric.get(metric, ())
            if key[1:] == segment and key[0].startswith(f"{metric}:")
        }
        return sorted(rows, key=lambda label: (-rows[label], label))

    @cached_property
    def marks(self) -> list[Mark]:
        """What changed about the traffic, as the incidents' explanations found it, and what people accepted; oldest first."""
        found = set()
        for text in self.nights["explanation"]:
            for event in json.loads(text).get("events", []) if text else []:
                what = f"{event['dimension']} {plain(event['value'], 40)} {event['kind']}"
                found.add((date.fromisoformat(event["day"]), what))
        for row in self.decisions.itertuples():
            if row.action == "accept":
                found.add((row.day.date(), f"new normal of {plain(row.metric, 40)} accepted"))
        found |= {(row.day.date(), f"{row.kind} {plain(row.what, 60)}") for row in self.announced.itertuples()}
        return [Mark(*each) for each in sorted(found)]

    @cached_property
    def drawn_marks(self) -> list[list[Any]]:
        """The marks of the window as charts have them: days since 1970, and texts."""
        return [[_number_of(mark.day), mark.text] for mark in self.marks if self.days[0] <= mark.day <= self.days[-1]]


def of_incident(incident: Incident) -> tuple[str, str]:
    """The metric's name in `daily_metrics` and the column there that an incident is about."""
    label = label_of(incident.statistic)
    if label is not None:
        return key_text(f"{incident.metric}:{label}"), "level"
    return incident.metric, TAILS.get(incident.statistic, "level")


def unit_of(incident: Incident) -> str:
    """The unit of that column: the metric's own, whatever the incident's statistic is measured in."""
    known = metrics.find(incident.metric)
    return "share" if label_of(incident.statistic) is not None or known is None else known.unit


def chart(past: Past, key: Key, unit: str, column: str = "level", incident: Incident | None = None) -> dict[str, Any] | None:
    """A series as the page's script draws it; None where there is nothing to draw.

    x: days since 1970. y, expected, low, high: numbers in `unit`, null where unknown. alarms: places in x. since: first changed
    day and its interval, of `incident`. marks: days and texts.
    """
    course = past.daily.get(key)
    if course is None:
        course = past.vectors.get(key)
        if course is None:
            return None
        # nobody has a feeling for a distance in meaning: how far beyond what days ordinarily move is told
        unit = _SPREADS
    y: np.ndarray = getattr(course, column)
    if np.isnan(y).all():
        return None
    days = past.days
    alarms = past.alarms.get((key[0].split(":")[0], *key[1:]), frozenset())
    out: dict[str, Any] = {
        "kind": "series",
        "unit": unit,
        "x": [_number_of(day) for day in days],
        "y": _numbers(y),
        "alarms": [place for place, day in enumerate(days) if day in alarms],
        "marks": past.drawn_marks,
    }
    if column == "level" and np.isfinite(course.expected).any():
        out |= {name: _numbers(getattr(course, name)) for name in ("expected", "low", "high")}
    if incident is not None:
        first = incident.lead.since or incident.opened
        low, high = incident.lead.since_low or first, incident.lead.since_high or first
        out["since"] = [_number_of(first), _number_of(low), _number_of(high)]
    return out


def lines(past: Past, keys: Sequence[tuple[str, Key]], unit: str) -> dict[str, Any] | None:
    """Several series in one chart, as the page's script draws them: their names and numbers."""
    drawn = [(name, _numbers(past.daily[key].level)) for name, key in keys if key in past.daily]
    if not drawn:
        return None
    return {
        "kind": "lines",
        "unit": unit,
        "x": [_number_of(day) for day in past.days],
        "lines": [{"name": plain(name, 60), "y": y} for name, y in drawn],
        "marks": past.drawn_marks,
    }


def _vectors(results: Results, start: date, day: date, metric: str | None) -> dict[Key, Course]:
    """The courses of what has no level but findings; of several of a day the first."""
    names = [name for name, each in metrics.CATALOGUE.items() if each.kind == "vector" and metric in (None, name)]
    out: dict[Key, Course] = {}
    for name in names:
        found = frames.findings(results, start, day, metric=name)
        found = found[found["value_to"].notna()].drop_duplicates(["day", "metric", "dimension", "value"])
        for (own, dimension, value), rows in found.groupby(["metric", "dimension", "value"], sort=False):
            at = [(each.date() - start).days for each in rows["day"]]
            out[own, dimension, value] = alone((day - start).days + 1, at, rows["z"], rows["n"])
    return out


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if isnan(value) else float(f"{value:.4g}") for value in values.tolist()]


def _number_of(day: date) -> int:
    return (day - _EPOCH).days
