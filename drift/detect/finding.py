"""One comparison's outcome, and the table that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

import pyarrow as pa

from drift.metrics import DECISIONS


@dataclass(frozen=True)
class DayProfile:
    """A day as it is compared: its profile (schema `drift.profiles.SCHEMA`) and whether it is fit to be compared with."""

    day: date
    table: pa.Table
    ok: bool = True


@dataclass(frozen=True)
class Finding:
    """What one comparison of one night said, whether it alarmed or not.

    value_from, value_to: what was to be expected and what was seen, in `unit`.
    low, high: 95 % interval of the change value_to − value_from beyond ordinary variation, in `unit`.
    effect, matters: the change and the smallest one that matters, both in the terms of `Metric.matters`.
    z: the change in standard deviations of the prediction; p: its two-sided p-value after calibration;
    q: p adjusted for every comparison of the night; an alarm needs q at most the night's budget and |effect| ≥ matters.
    mix_part, within_part: how much of the raw change the mix of segments explains and what is left, in the terms of
    `effect`; the test is on what is left.
    since, since_low, since_high: first changed day and its 95 % interval.
    """

    day: date
    metric: str
    dimension: str
    value: str
    statistic: str
    test: str
    unit: str
    reason: str
    value_from: float | None = None
    value_to: float | None = None
    low: float | None = None
    high: float | None = None
    effect: float | None = None
    matters: float | None = None
    z: float | None = None
    p: float | None = None
    q: float | None = None
    alarm: bool = False
    provisional: bool = False
    direction: str = "changed"
    n: int = 0
    baseline_days: int = 0
    since: date | None = None
    since_low: date | None = None
    since_high: date | None = None
    mix_part: float | None = None
    within_part: float | None = None


_TYPES = {
    "date": pa.date32(),
    "date | None": pa.date32(),
    "str": pa.string(),
    "float | None": pa.float64(),
    "bool": pa.bool_(),
    "int": pa.int64(),
}
SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Finding)])


def to_table(findings: Iterable[Finding]) -> pa.Table:
    """Findings as a table (schema `SCHEMA`), one row a finding, in their order."""
    return pa.Table.from_pylist([vars(finding) for finding in findings], SCHEMA)


def from_table(table: pa.Table) -> list[Finding]:
    """The findings that `to_table` wrote."""
    return [Finding(**row) for row in table.to_pylist()]


def reason(metric: str, warned: bool, q: float, z: float, large: bool, budget: float) -> str:
    """Why a comparison is an alarm, or is none. large: whether the change matters."""
    if metric in DECISIONS:
        return f"a mix that somebody decides (z {z:+.1f}): an event, never an alarm"
    if warned:
        return "the metric's data failed a check, so it does not alarm"
    if q > budget:
        return f"within what ordinary days do (z {z:+.1f}; q {q:.2g} is above the budget of {budget:g})"
    if not large:
        return f"out of the ordinary (q {q:.2g}), but smaller than the smallest change that matters"
    return f"q {q:.2g} is within the budget of {budget:g}, and the change is large enough to matter"
