"""Days that are known to be unlike others: a country's public holidays, month ends, and what was announced in `[calendar]`."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from drift.config import Config
from drift.errors import ConfigError, MissingExtra

HOLIDAY, MONTH_END = "public holiday", "month end"


@dataclass(frozen=True)
class Special:
    """Why a day is no ordinary one. kind: days of one kind are alike; name: what people call it."""

    kind: str
    name: str


def special(config: Config, day: date) -> Special | None:
    """What the calendar says of a day: what was announced before a holiday, that before a month's end; None of an ordinary day.

    Raises ConfigError for a country or subdivision that the `holidays` package does not have, MissingExtra without the package.
    """
    section = config.calendar
    for event in section.events:
        if event.first <= day <= (event.last or event.first):
            return Special(event.name, event.name)
    if section.country and (name := _holidays(section.country, section.subdivision, day.year).get(day)):
        return Special(HOLIDAY, name)
    if day.day > monthrange(day.year, day.month)[1] - section.month_end_days:
        return Special(MONTH_END, MONTH_END)
    return None


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str, year: int) -> dict[date, str]:
    try:
        import holidays
    except ImportError:
        raise MissingExtra(f"calendar.country {country}: public holidays need a package", "calendar") from None
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US"))
    except NotImplementedError as error:
        raise ConfigError(
            f"calendar.country {country} {subdivision}: {error}; use a code such as DE, with a subdivision such as BY"
        ) from None
