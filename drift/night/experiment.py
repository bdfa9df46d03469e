"""`drift experiment ID`: which nights' calls are asked again, what is measured, and what stays of it (numbers, no text)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

import numpy as np
import pyarrow as pa

from drift import features, metrics
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.experiment import asking, calls
from drift.experiment.asking import Plan
from drift.experiment.effects import difference
from drift.experiment.factors import Exchange
from drift.experiment.kept import Kept, keep
from drift.experiment.run import Level, Outcome, Series, can_be_asked, prepare, run
from drift.features import custom
from drift.findings import label_of
from drift.judge.chat import host_of
from drift.judge.spending import Budget
from drift.lake import Lake
from drift.night import baseline
from drift.night.publish import write_decided
from drift.profiles.day import DayProfile
from drift.profiles.dimensions import within
from drift.report import experiment as telling
from drift.results import Incident, Results
from drift.results.database import Database
from drift.text.escape import plain

# ordinary days before the incident whose calls are asked again
_BEFORE = 7


@dataclass(frozen=True)
class Prepared:
    """An experiment before anything is asked. then, now: the days whose calls it takes."""

    config: Config
    incident: Incident
    series: Series
    then: tuple[date, ...]
    now: tuple[date, ...]
    exchange: Exchange
    plan: Plan
    profiles: tuple[DayProfile, ...]

    @property
    def host(self) -> str:
        """Where the texts of the calls would go."""
        return host_of(self.config.experiment.provider, self.config.experiment.endpoint)

    @cached_property
    def level(self) -> Level:
        """The metric on all stored requests of what is asked about, on both sides."""
        lake = Lake(self.config.lake.url)
        place = (self.incident.dimension, self.incident.value)
        own = {name: value for name, value in self.exchange.sides.whose.items() if name == "name"}
        then, now = (np.concatenate([self._of_day(lake, day, place, own) for day in side]) for side in (self.then, self.now))
        if not np.isfinite(then).any() or not np.isfinite(now).any():
            raise DataError(f"{self.series.metric} is not among the rows of both sides that are still stored")
        return Level(float(np.nanmean(then)), float(np.nanmean(now)), difference(then, now))

    def _of_day(self, lake: Lake, day: date, place: tuple[str, str], own: dict[str, str]) -> np.ndarray:
        table = lake.read("features", day)
        rows = within(table, place) if table is not None else pa.table({"name": pa.array([], pa.string())})
        for each in own.items():
            rows = within(rows, each)
        return self.series.values(rows)


def prepare_experiment(config: Config, incident: str) -> Prepared:
    """Everything but the asking. Raises ConfigError where texts may not leave or a price is not known, DataError where nothing can be asked."""
    if not config.privacy.texts_leave:
        raise ConfigError("privacy.texts_leave is false: no experiment is made")
    custom.load(config.custom.modules)
    results = Results.of(config)
    try:
        found, everything = results.find(incident), results.incidents()
    finally:
        results.close()
    series = _series(found)
    lake = Lake(config.lake.url)
    stored = set(lake.days("features"))
    ordinary = _ordinary(config, lake, found, everything)
    then = tuple(day.day for day in ordinary if day.day in stored)[-_BEFORE:]
    now = tuple(sorted({line.day for line in found.days if line.alarms and line.day >= found.began[2]} & stored))
    if not then or not now:
        kept = f"feature rows are kept for {config.lake.retention_days} days"
        raise DataError(
            f"incident {found.id[:8]}: no rows of {'ordinary days before it' if not then else 'its days'} are stored; {kept}"
        )
    most = config.experiment.calls_an_arm
    sides = calls.read(config, (found.dimension, found.value), then, now, (most, most))
    exchange, plan = prepare(sides, config)
    return Prepared(config, found, series, then, now, exchange, plan, tuple(ordinary))


def make(
    prepared: Prepared, progress: Callable[[int, int], None] = lambda done, of: None, model: asking.Models | None = None
) -> Outcome:
    """Ask and judge; what was found is kept in the lake under the incident's id, and stands on its page. model: who is asked, instead of the configured service."""
    config, section = prepared.config, prepared.config.experiment
    day = datetime.now(UTC).astimezone(config.zone).date()
    kind = f"experiment-{prepared.incident.id}"
    database = Database(config.results.url)
    try:
        budget = Budget(database, day, f"experiment:{prepared.incident.id}", section.calls, section.usd)
        outcome = run(
            config,
            prepared.exchange,
            prepared.plan,
            prepared.series,
            prepared.level,
            _told(prepared.incident, prepared.series),
            kind,
            day,
            budget,
            model or asking.models(section, budget),
            features.json_endpoints_of(each.table for each in prepared.profiles),
            progress,
        )
    finally:
        database.close()
    said = outcome.verdict
    keep(
        Lake(config.lake.url),
        prepared.incident.id,
        Kept(str(day), telling.sentence(outcome), tuple(said.causes), said.not_there),
    )
    write_decided(config, prepared.incident.id)
    return outcome


def _series(incident: Incident) -> Series:
    """What is measured: the incident's own metric, else another of its that is measured on answers."""
    own = (incident.metric, incident.statistic)
    others = [(key[0], key[3]) for key in sorted(incident.keys)]
    for metric, statistic in (own, *others):
        if can_be_asked(metric, statistic):
            return Series(metric, statistic)
    raise DataError(
        f"incident {incident.id[:8]} is of {plain(incident.metric, 80)} ({plain(incident.statistic, 80)}), which asking a model again cannot "
        "show: an experiment takes levels and shares that are measured on an answer's text"
    )


def _ordinary(config: Config, lake: Lake, incident: Incident, everything: list[Incident]) -> list[DayProfile]:
    series = (incident.metric, incident.dimension, incident.value)
    left_out = baseline.excluded(config, [each for each in everything if each.opened < incident.opened])
    days = baseline.history(config, lake, incident.began[1])
    return [day for day in days if series not in left_out.get(day.day, ())][-config.baseline.days :]


def _told(incident: Incident, series: Series) -> float | None:
    """The change that the incident was told with, on the metric's scale; None where another metric is measured."""
    line = incident.told_as
    if incident.metric != series.metric or line.value_from is None or line.value_to is None:
        return None
    metric = metrics.lookup(series.metric)
    if label_of(series.statistic) is None and metric.relative and min(line.value_from, line.value_to) > 0:
        return float(np.log(line.value_to / line.value_from))
    return line.value_to - line.value_from
