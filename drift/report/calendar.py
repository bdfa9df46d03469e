"""The nights as a calendar: months, weeks, and the verdict of each day."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from drift.results import Results
from drift.results.verdict import Answer, Verdict
from drift.text.escape import plain

_MONTHS = 4


@dataclass(frozen=True)
class Cell:
    """A day: what it was, None where it was not run, and the same in a sentence."""

    day: date
    verdict: Answer | None = None
    says: str = ""

    @property
    def mark(self) -> str:
        return self.verdict.mark if self.verdict else "·"


@dataclass(frozen=True)
class Month:
    """name: `November 2026`. weeks: seven cells each, Monday first; None where the day is another month's."""

    name: str
    weeks: list[list[Cell | None]]


def first_shown(results: Results, day: date) -> date:
    """The first day of the months that a calendar as of `day` shows."""
    first, last = day.replace(day=1), results.last_night(day)
    for _ in range(_MONTHS):
        if last is None:
            break
        first = last.replace(day=1)
        last = results.last_night(first - timedelta(days=1))
    return first


def months(verdicts: Mapping[date, Verdict]) -> list[Month]:
    """The last four months in which a day was run, the latest first."""
    found = sorted({(day.year, day.month) for day in verdicts}, reverse=True)[:_MONTHS]
    shown = {day: said for day, said in verdicts.items() if (day.year, day.month) in found}
    cells = {day: Cell(day, said.answer, plain(said.of(day), 200)) for day, said in shown.items()}
    return [_month(year, month, cells) for year, month in found]


def _month(year: int, month: int, cells: dict[date, Cell]) -> Month:
    weeks = [
        [cells.get(day, Cell(day)) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return Month(f"{date(year, month, 1):%B %Y}", weeks)
