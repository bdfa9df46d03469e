"""Which day a scheduled run is about, and what has to be pulled for it. Pure functions; no scheduler is imported here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drift.config import Config
from drift.errors import ConfigError, DataError

_LONG_BEFORE = timedelta(days=180)


@dataclass(frozen=True)
class Piece:
    """One task's share of the pulling: a shard of a day."""

    day: str
    shard: int
    shards: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def resolve_day(
    params: Mapping[str, Any], partition_key: str | None, data_interval_start: datetime | None, tz: ZoneInfo
) -> date:
    """The day a run is about: `params["day"]`, else the partition key, else the day in `tz` in which its interval begins.

    The logical date is never asked: for a manual run it is the end of the interval. Raises ConfigError where nothing says
    which day is meant, or what says so is no date.
    """
    for source, given in (("params.day", params.get("day")), ("the partition key", partition_key)):
        if given:
            try:
                return datetime.fromisoformat(str(given)).date()
            except ValueError:
                raise ConfigError(f"{source}: {str(given)!r:.40} is not a day; write YYYY-MM-DD") from None
    if data_interval_start is None:
        raise ConfigError('this run has no data interval; give it the day, as in --conf \'{"day": "2026-11-20"}\'')
    return data_interval_start.astimezone(tz).date()


def days_to_pull(config: Config, day: date, pulled: Collection[date], *, backfill: bool = False) -> list[date]:
    """The day, and before it the days of `pull.lookback_days` that were pulled once: rows of theirs may have come late.

    A backfill is late enough for every row and pulls the day alone.
    """
    if backfill:
        return [day]
    earlier = [day - timedelta(days=n) for n in range(config.pull.lookback_days, 0, -1)]
    return [*(each for each in earlier if each in pulled), day]


def pieces(config: Config, days: Collection[date]) -> list[Piece]:
    """Every shard of every day."""
    shards = config.pull.shards
    return [Piece(day.isoformat(), shard, shards) for day in days for shard in range(shards)]


def refuse_unfinished(config: Config, *days: date, now: datetime | None = None) -> None:
    """Raises DataError where one of the days is not over: half a day is no day to compare, or to compare with."""
    now = now or datetime.now(UTC)
    if unfinished := [day for day in days if not config.is_over(day, now)]:
        clock = f"{now.astimezone(config.zone):%Y-%m-%d %H:%M} in {config.timezone} by this machine's clock"
        raise DataError(f"{max(unfinished)} is not over: it is {clock}; name an earlier day")


def refuse_mistyped(day: date, known: Collection[date]) -> None:
    """Raises DataError where the day lies so long before every night there is that its year must be a slip.

    known: the days that have a night. `drift backfill` is not asked: who names two days means them.
    """
    first = min(known, default=day)
    if first - day > _LONG_BEFORE:
        raise DataError(
            f"{day} is {(first - day).days} days before the first night there is ({first}): is the year right? "
            f"If that day is meant: drift backfill --from {day} --to {day}"
        )


def ready_at(config: Config, day: date) -> datetime:
    """When the day is over and `pull.settle_minutes` have passed; aware, UTC."""
    return config.window(day)[1] + timedelta(minutes=config.pull.settle_minutes)


def midnights(config: Config, day: date, count: int) -> list[datetime]:
    """The starts of the `count` days before `day`, which are the logical dates of their nightly runs."""
    return [config.window(day - timedelta(days=n))[0] for n in range(1, count + 1)]
