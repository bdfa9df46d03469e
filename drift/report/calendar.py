"""The nights as a calendar: months, weeks, and the verdict of each day."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

import pandas as pd

from drift.text import wording
from drift.text.escape import plain

_MONTHS = 4
_MARKS = {"ordinary": "✓", "drift": "!", "known": "~", "failed": "✗", "": "·"}
_NEWS = ("opened", "worse")


@dataclass(frozen=True)
class Cell:
    """A day: `verdict` is ordinary, drift (something new or worse), known (only what was known), failed or empty (not run)."""

    day: date
    verdict: str = ""
    says: str = ""

    @property
    def mark(self) -> str:
        return _MARKS[self.verdict]


@dataclass(frozen=True)
class Month:
    """name: `November 2026`. weeks: seven cells each, Monday first; None where the day is another month's."""

    name: str
    weeks: list[list[Cell | None]]


def months(runs: pd.DataFrame, nights: pd.DataFrame) -> list[Month]:
    """The last four months in which a day was run, the latest first; from the frames of `read.runs` and `read.incident_days`."""
    cells = {row.day.date(): _cell(row, nights) for row in runs.itertuples()}
    found = sorted({(day.year, day.month) for day in cells}, reverse=True)[:_MONTHS]
    return [_month(year, month, cells) for year, month in found]


def _month(year: int, month: int, cells: dict[date, Cell]) -> Month:
    weeks = [
        [cells.get(day, Cell(day)) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return Month(f"{date(year, month, 1):%B %Y}", weeks)


def _cell(run, nights: pd.DataFrame) -> Cell:
    day = run.day.date()
    if run.status == "failed":
        return Cell(day, "failed", f"{wording.day(day)}: could not be compared, {plain(run.reason, 100)}")
    events = nights[(nights["day"] == run.day) & ~nights["silent"]]["event"]
    news = int(events.isin(_NEWS).sum())
    lasting = int(events.isin(["lasting", "better"]).sum())
    verdict = "drift" if news else "known" if lasting else "ordinary"
    told = [wording.count(news, "new or worse incident")] if news else []
    told += [wording.count(lasting, "lasting incident")] if lasting else []
    return Cell(day, verdict, f"{wording.day(day)}: {', '.join(told) or 'ordinary'}")
