"""What a night says, as data that may be stored: a comparison's outcome, and why an incident is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

import pyarrow as pa


class FindingTest(StrEnum):
    """What was asked: about today alone, about the last days together or what creeps, about the pinned baseline, or by a rule; or whether values
    arrive at all."""

    NIGHT = "night"
    SLOW = "slow"
    PINNED = "pinned"
    RULE = "rule"
    ARRIVAL = "arrival"


class StatisticName(StrEnum):
    """What of a metric's day is compared; beside these the share of a label (`share_of`) and what a rule says (`said_by`)."""

    LEVEL = "level"
    MEAN = "mean"
    GIVEN = "at given length"
    TAIL = "tail"
    FAR_TAIL = "far tail"
    LOW_TAIL = "low tail"
    SHAPE = "shape"
    # of vectors
    AXIS = "axis"
    ENERGY = "energy"
    DISCREPANCY = "discrepancy"
    VECTOR = "vector"
    # whether a trace has a value at all
    KNOWN = "known"


_SHARE, _RULE = "share:", "rule:"


def share_of(label: str) -> str:
    """The statistic that is a label's share."""
    return _SHARE + label


def label_of(statistic: str) -> str | None:
    """The label whose share the statistic is; None of others."""
    return statistic.removeprefix(_SHARE) if statistic.startswith(_SHARE) else None


def is_level(statistic: str) -> bool:
    """Whether it is a level, or a label's share, which is one, too."""
    return statistic == StatisticName.LEVEL or statistic.startswith(_SHARE)


def said_by(rule: str) -> str:
    """The statistic of what a rule of drift.toml says."""
    return _RULE + rule


def rule_of(statistic: str) -> str | None:
    """The name of the rule that says it: its numbers are a limit and what was seen, not a before and an after. None of others."""
    return statistic.removeprefix(_RULE) if statistic.startswith(_RULE) else None


_SPEND_A_DAY, _SPEND_IN = "spend a day", "spend in "


def spend_in(month: date | None, place: str) -> str:
    """The statistic of a limit of `[spend]`, a rule too: of one calendar month, else of a day. place: whose, for each is told by itself."""
    when = _SPEND_A_DAY if month is None else f"{_SPEND_IN}{month:%Y-%m}"
    return said_by(f"{when} {place}")


def month_of_spend(statistic: str) -> str | None:
    """Of a limit of `[spend]` its month as `2026-11`, empty where it is a day's; None of others."""
    rule = rule_of(statistic) or ""
    if rule.startswith(f"{_SPEND_A_DAY} "):
        return ""
    return rule.removeprefix(_SPEND_IN)[:7] if rule.startswith(_SPEND_IN) else None


class Direction(StrEnum):
    """What a change means: for the worse or the better, or a change of a metric that has no worse side."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"


# a level, that of a comparison of rows or at a given length of the answer, the p95 and the p99
_DIRECTED = frozenset(
    {StatisticName.LEVEL, StatisticName.MEAN, StatisticName.GIVEN, StatisticName.TAIL, StatisticName.FAR_TAIL}
)


def direction(worse: str, statistic: str, change: float) -> Direction:
    """What a change of one of a metric's statistics means. worse: `Metric.worse`.

    Only of a level and of what lies at its upper end is it known which way is worse.
    """
    sign = {"up": 1, "down": -1}.get(worse, 0) if statistic in _DIRECTED else 0
    if not sign or not change:
        return Direction.CHANGED
    return Direction.WORSE if sign * change > 0 else Direction.BETTER


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
    direction: str = Direction.CHANGED
    n: int = 0
    baseline_days: int = 0
    since: date | None = None
    since_low: date | None = None
    since_high: date | None = None
    mix_part: float | None = None
    within_part: float | None = None


@dataclass(frozen=True)
class Visible:
    """The smallest change of a metric somewhere that a night would have told with a chance of 0.9: that night, and within seven.

    level: what was to be expected, in `unit`. one_night, seven_nights, matters: sizes of a change in the terms of `Metric.matters`,
    None where no change would have been told; direction: up or down, the worse one where there is one. n: traces of the day.
    blind_reason: why nothing is promised, empty where something is.
    """

    day: date
    metric: str
    dimension: str
    value: str
    statistic: str
    unit: str
    n: int
    baseline_days: int
    level: float | None = None
    one_night: float | None = None
    seven_nights: float | None = None
    matters: float | None = None
    direction: str = "up"
    blind_reason: str = ""


_TYPES = {
    "date": pa.date32(),
    "date | None": pa.date32(),
    "str": pa.string(),
    "float | None": pa.float64(),
    "bool": pa.bool_(),
    "int": pa.int64(),
}
SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Finding)])

VISIBLE_SCHEMA = pa.schema([(field.name, _TYPES[str(field.type)]) for field in fields(Visible)])


def to_table(findings: Iterable[Finding]) -> pa.Table:
    """Findings as a table (schema `SCHEMA`), one row a finding, in their order."""
    return pa.Table.from_pylist([vars(finding) for finding in findings], SCHEMA)


def from_table(table: pa.Table) -> list[Finding]:
    """The findings that `to_table` wrote."""
    return [Finding(**row) for row in table.to_pylist()]


def visible_to_table(rows: Iterable[Visible]) -> pa.Table:
    """A drill as a table (schema `VISIBLE_SCHEMA`), in its order."""
    return pa.Table.from_pylist([vars(row) for row in rows], VISIBLE_SCHEMA)


def visible_from_table(table: pa.Table) -> list[Visible]:
    """The drill that `visible_to_table` wrote."""
    return [Visible(**row) for row in table.to_pylist()]


CAUSES = {
    "silent_model_update": "silent model update",
    "model_change": "change of model",
    "prompt_change": "prompt change",
    "parameter_change": "change of parameters",
    "audience": "other audience",
    "stale_index": "stale index",
    "broken_index": "broken index",
    "provider_incident": "provider incident",
    "price": "price",
    "tool_failure": "failing tool",
    "tool_results": "other results of a tool",
    "step_failure": "failing step",
    "slower_step": "slower step",
    "cache_lost": "lost prompt cache",
    "throttled": "throttled by the provider",
    "release": "application release",
    "judge_change": "change of judge",
    "unclear": "unclear",
}
# the causes that somebody deployed
DEPLOYMENTS = frozenset({"prompt_change", "model_change", "release", "judge_change", "parameter_change"})


@dataclass(frozen=True)
class Part:
    """A segment's part in a change: its share of the change within segments, and its share of the traffic."""

    dimension: str
    value: str
    share: float
    traffic: float


# kinds of an event that is a judge's and no traffic's: another was configured, or the same one judges otherwise
JUDGE_SET, JUDGE_CHANGED = "set to another", "changed by itself"


@dataclass(frozen=True)
class Event:
    """Something that changed about the traffic: a value of a dimension that appeared, went, or shifted, on a day."""

    kind: str
    dimension: str
    value: str
    day: date
    share_from: float
    share_to: float


@dataclass(frozen=True)
class Shift:
    """Where a distribution moved: the share of a metric's values from `low` to `high`, or with `label`, usually and now.

    low, high: in the metric's unit; None where the range has no end.
    """

    share_from: float
    share_to: float
    label: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Magnitude:
    """A change in people's units, at the same mix of traffic.

    requests: how many of the place's requests that day have a value. mean_from, mean_to: of a cost, in dollars. moved: where its
    distribution moved most.
    """

    requests: int = 0
    mean_from: float | None = None
    mean_to: float | None = None
    moved: Shift | None = None


@dataclass(frozen=True)
class Checked:
    """Something that was looked at for the cause, in words, and its state: `moved`, `did not move` or `not recorded`; and the
    metrics that say so."""

    what: str
    state: str
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exemplar:
    """A trace that shows the change. `measured` is the metric's value on it."""

    trace_id: str
    url: str = ""
    measured: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why an incident is there, as far as one night shows it.

    cause: a key of CAUSES; `unclear` where the evidence does not decide. confidence: likely, possible or empty.
    summary: the cause's evidence as a few plain sentences. where: the segments that carry the change, the most telling first.
    parts: every segment's part, dimension by dimension, the shares of each adding up to 1.
    events: what changed about the traffic at that time. before, along: metrics that moved before it and with it.
    named: the metric that says which step or tool the cause is, where it is one.
    """

    cause: str = "unclear"
    confidence: str = ""
    summary: str = ""
    where: tuple[Part, ...] = ()
    events: tuple[Event, ...] = ()
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    considered: tuple[tuple[str, float], ...] = field(default=())
    exemplars: tuple[Exemplar, ...] = ()
    magnitude: Magnitude = field(default=Magnitude())
    checked: tuple[Checked, ...] = ()
    unrecorded: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    named: str = ""


def most_telling(notes: Sequence[Mapping[str, Any]]) -> int:
    """Which of an incident's explanations, one a night, is told: the latest that names a cause, else the latest; its place."""
    named = [place for place, note in enumerate(notes) if note.get("cause", "unclear") != "unclear"]
    return named[-1] if named else len(notes) - 1
