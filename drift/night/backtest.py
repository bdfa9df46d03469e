"""What the last nights would have said with other settings, from profiles alone; nothing is stored and nobody is told."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift import detect as detection
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night import baseline
from drift.profiles import CELL, OVERALL
from drift.profiles.day import DayProfile
from drift.results import Incident, Results, Run


@dataclass(frozen=True)
class Backtest:
    """The nights judged again: incidents that the present settings open, and those that the other settings do."""

    nights: int
    now: tuple[Incident, ...]
    then: tuple[Incident, ...]

    @staticmethod
    def only(mine: Sequence[Incident], others: Sequence[Incident]) -> list[Incident]:
        """Those of `mine` that open nowhere near among `others`: the same metric within two days."""
        return [
            each
            for each in mine
            if not any(each.metric in other.names and abs((each.opened - other.opened).days) <= 2 for other in others)
        ]


def with_settings(config: Config, given: Sequence[str]) -> Config:
    """The configuration with `key=value` settings, the value as in TOML or plain text. Raises ConfigError."""
    values = config.model_dump()
    for setting in given:
        key, sign, text = setting.partition("=")
        if not sign or not key.strip():
            raise ConfigError(f"{setting!r}: not a setting; write one as detect.budget=0.02")
        *path, last = key.strip().split(".")
        section: Any = values
        for step in path:
            section = section.setdefault(step, {})
            if not isinstance(section, dict):
                raise ConfigError(f"{key.strip()}: there is no such key")
        section[last] = _value(text.strip())
    return Config.of(values)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def run(config: Config, other: Config, last: int) -> Backtest:
    """Judge the last so many profiled days with both configurations. Raises DataError where there are none."""
    lake = Lake(config.lake.url)
    days = [day for day in lake.days("profiles") if baseline.facts(lake, day)["ok"]]
    if not days:
        raise DataError("no profiles yet; a first night is `drift run`")
    chosen = [day for day in days if (days[-1] - day).days < last]
    return Backtest(len(chosen), tuple(_incidents(config, lake, chosen)), tuple(_incidents(other, lake, chosen)))


def _incidents(config: Config, lake: Lake, days: Sequence[date]) -> Iterator[Incident]:
    """The incidents that the nights open, one after the other, as in a fresh installation that has all the profiles."""
    with tempfile.TemporaryDirectory() as folder:
        results = Results(f"sqlite:///{Path(folder) / 'backtest.db'}")
        try:
            for day in days:
                known = results.incidents(before=day)
                today = _followed(DayProfile(day, baseline.profile_of(lake, day)), config)
                past = [_followed(each, config) for each in baseline.history(config, lake, day)]
                judged = detection.judge(
                    baseline.comparable_with(lake, today, past),
                    today,
                    detection.Settings.of(config),
                    excluded=baseline.excluded(config, known),
                    warned=frozenset(baseline.facts(lake, day)["warned"]),
                )
                results.write_night(day, Run(), findings=judged.findings)
            yield from results.incidents(before=days[-1] + timedelta(days=1))
        finally:
            results.close()


def _followed(day: DayProfile, config: Config) -> DayProfile:
    """The day without metrics and dimensions that the configuration does not follow."""
    off = [name for name, section in config.metrics.items() if not section.enabled]
    dimensions = [OVERALL, CELL, *config.segments.dimensions]
    kept = pc.and_(
        pc.invert(pc.is_in(day.table.column("metric"), value_set=_texts(off))),
        pc.is_in(day.table.column("dimension"), value_set=_texts(dimensions)),
    )
    return replace(day, table=day.table.filter(kept))


def _texts(values: Sequence[str]) -> pa.Array:
    return pa.array(values, pa.string())
