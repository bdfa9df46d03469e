"""A run among the runs of its set: what changed since the runs before, and the run that a gate compares with."""

from __future__ import annotations

from datetime import date

import pandas as pd

from drift import features
from drift.compare.gate import Gate, gate
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.detect.settings import Settings
from drift.errors import DataError
from drift.golden import power
from drift.golden.paired import Change, changes
from drift.golden.power import Power
from drift.golden.run import EXAMPLE, kind, section_of
from drift.lake import Lake

# runs that one is compared with, at most
_MOST = 28


def measured(config: Config, name: str, day: date) -> pd.DataFrame:
    """A run as one table, one row an answer. Raises DataError where there is none."""
    table = Lake(config.lake.url).read(kind(name), day)
    if table is None:
        raise DataError(f"golden set {name}: no run of {day}; ask it with `drift golden run {name}`")
    return features.finish(table, config).to_pandas()


def days(config: Config, name: str) -> list[date]:
    """The days that have a run, oldest first."""
    return Lake(config.lake.url).days(kind(name))


def since_before(config: Config, name: str, day: date) -> list[Change]:
    """What changed on a day against the runs before it."""
    before = [each for each in days(config, name) if each < day][-_MOST:]
    past = [measured(config, name, each) for each in before]
    return changes(measured(config, name, day), past, Settings.of(config), section_of(config, name).budget)


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
    a, b = measured(config, name, old), measured(config, name, new)
    names = (f"{name}, {old}", f"{name}, {new}")
    compared = compare_rows(a, b, config, names=names, pair_on=EXAMPLE)
    there_are = {row.metric for row in compared.rows}
    margins = {metric: margin for metric, margin in power.MARGINS.items() if metric in there_are}
    return gate(compared, margins), power.told(a, config)
