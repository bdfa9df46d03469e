"""A run among the runs of its set: what changed since the runs before, and the run that a gate compares with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from drift import features
from drift.compare.gate import Gate, gate
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.detect.settings import Settings
from drift.errors import DataError
from drift.golden import power
from drift.golden.answers import ASKED, EXAMPLE, fields_of
from drift.golden.paired import Change, changes
from drift.golden.power import Power
from drift.golden.run import kind, section_of
from drift.lake import Lake

# runs that one is compared with, at most
_MOST = 28


@dataclass(frozen=True)
class Run:
    """A run, one row an answer. fields: the columns that are the examples' own, by which it is looked into."""

    rows: pd.DataFrame
    fields: Sequence[str]


def measured(config: Config, name: str, day: date) -> Run:
    """A run as one table. Raises DataError where there is none."""
    table = Lake(config.lake.url).read(kind(name), day)
    if table is None:
        raise DataError(f"golden set {name}: no run of {day}; ask it with `drift golden run {name}`")
    return Run(features.finish(table, config).to_pandas(), fields_of(table))


def days(config: Config, name: str) -> list[date]:
    """The days that have a run, oldest first."""
    return Lake(config.lake.url).days(kind(name))


def since_before(config: Config, name: str, day: date) -> list[Change]:
    """What changed on a day against the runs before it."""
    today = measured(config, name, day)
    return changes(
        today.rows, _before(config, name, day, today), Settings.of(config), section_of(config, name).budget, today.fields
    )


def shown(config: Config, name: str, day: date) -> list[Power]:
    """What a night can show, from the runs up to a day: the smallest changes that are seen with a chance of 0.9."""
    today = measured(config, name, day)
    runs = [*_before(config, name, day, today), today.rows]
    return power.of_a_night(runs, Settings.of(config), section_of(config, name).budget)


def _before(config: Config, name: str, day: date, today: Run) -> list[pd.DataFrame]:
    """The runs before, as far as the same was asked and expected."""
    earlier = [each for each in days(config, name) if each < day][-_MOST:]
    runs = (_alike(measured(config, name, each).rows, today.rows) for each in earlier)
    return [run for run in runs if len(run)]


def _alike(run: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    """Without the examples of which something else is asked or expected today. Runs from before examples had a hash are taken as they are."""
    if ASKED not in run or ASKED not in today:
        return run
    now = run[EXAMPLE].map(today.drop_duplicates(EXAMPLE).set_index(EXAMPLE)[ASKED])
    return run[now.isna() | run[ASKED].isna() | (now == run[ASKED])]


def against(config: Config, name: str, last: str, day: date | None = None) -> tuple[Gate, list[Power]]:
    """The newest run (or a day's) against an earlier one, as a gate; and what a gate against that run can stop.

    last: a day, or LAST: the run before. Raises DataError where a run is missing.
    """
    there = days(config, name)
    if not there:
        raise DataError(f"golden set {name}: no run yet; ask it with `drift golden run {name}`")
    new = day or there[-1]
    if last.upper() == "LAST":
        earlier = [each for each in there if each < new]
        if not earlier:
            raise DataError(f"golden set {name}: no run before {new}; one is needed to compare with")
        old = earlier[-1]
    else:
        try:
            old = date.fromisoformat(last)
        except ValueError:
            raise DataError(f"--against {last!r:.40}: write LAST, or the day of a run such as 2026-11-20") from None
    b = measured(config, name, new)
    a = _alike(measured(config, name, old).rows, b.rows)
    if not len(a):
        raise DataError(f"golden set {name}: nothing of what was asked on {old} is asked on {new} as it was")
    names = (f"{name}, {old}", f"{name}, {new}")
    compared = compare_rows(a, b.rows, _by_fields(config, b.fields), names=names, pair_on=EXAMPLE)
    there_are = {row.metric for row in compared.rows}
    margins = {metric: margin for metric, margin in power.MARGINS.items() if metric in there_are}
    return gate(compared, margins), power.told(a, config)


def _by_fields(config: Config, fields: Sequence[str]) -> Config:
    """The same, with the examples' fields as segments."""
    dimensions = list(dict.fromkeys([*config.segments.dimensions, *fields]))
    return config.model_copy(update={"segments": config.segments.model_copy(update={"dimensions": dimensions})})
