"""Is a pulled day fit to compare?

Two frames are checked: the traces (ids and times) and, one row a metric, what share of the traces has a value and between
which extremes the values lie. So the cost hardly grows with the day, and no result can hold a value of a trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import great_expectations.expectations as expect
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from great_expectations.expectations.expectation import Expectation

from drift import metrics
from drift.checks.expectations import raised, validate
from drift.checks.measured import KEYS, Measured, Values, keys, metric_of
from drift.checks.page import CheckReport, Outcome, Severity
from drift.checks.size import SUCH_DAYS, TOO_FEW, is_too_few
from drift.profiles import of_this_version
from drift.profiles.build import total_is_known

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

    from drift.config import Config
    from drift.profiles.day import DayProfile

# a day this much larger than the largest ordinary one
_TOO_MANY = 5.0
# a metric may be known for half as many traces as on its worst ordinary day, or for a tenth of all traces fewer
_KNOWN_FACTOR, _KNOWN_DROP = 0.5, 0.1
# a metric arrived on a day that knows it for so much of what the median day does
_ARRIVED = 0.2


@dataclass(frozen=True)
class _Usual:
    """What the days before were like: fewest and most traces, and by metric the smallest share of traces with a value."""

    days: int
    fewest: int
    most: int
    known: dict[str, float]


def check_day(
    features: pa.Table,
    day: date,
    window: tuple[datetime, datetime],
    history: Sequence[DayProfile],
    config: Config,
    smaller: Sequence[int] = (),
) -> CheckReport:
    """Check the features of a day (one row a trace) against what every day must be and what the days before were.

    window: [start, end) in UTC. history: the ordinary days before, any order. smaller: the sizes, in requests, of the days before that had far
    too few themselves (`CheckReport.too_few`); three of today's size, and it is a size that days have.
    A critical failure means that the day must not be compared; a warning names the metrics it makes doubtful.
    """
    return check_measured(Measured.of(features), [keys(features)], day, window, history, config, smaller)


def check_measured(
    measured: Measured,
    traces: Iterable[pa.Table],
    day: date,
    window: tuple[datetime, datetime],
    history: Sequence[DayProfile],
    config: Config,
    smaller: Sequence[int] = (),
) -> CheckReport:
    """`check_day` of a day that is not held in memory. traces: the `keys` of its parts; a trace that is there twice is so in one part."""
    usual = _usual(history, config)
    if sum(not is_too_few(round(measured.requests), each) for each in smaller) >= SUCH_DAYS:
        usual = replace(usual, fewest=0)
    if measured.traces:
        # as many traces as those days would have had, were the same share of them traced
        share = measured.traces / measured.requests
        usual = replace(usual, fewest=round(usual.fewest * share), most=round(usual.most * share))
    table = _metric_table(measured, usual, config)
    found = _traces(measured.traces, traces, window, usual)
    return CheckReport(f"{day}", (*found, *_metrics(table), *_priced(measured), *_lost(measured)))


def _usual(history: Sequence[DayProfile], config: Config) -> _Usual:
    volumes: list[int] = []
    known: dict[str, list[float]] = {}
    own = 0
    for past in history:
        overall = past.table.filter(pc.equal(past.table["dimension"], "all"))
        counts = overall.select(["metric", "kind", "n", "missing", "total"]).to_pylist()
        rows = [row for row in counts if row["kind"] not in ("count", "vector")]
        traces = max((row["n"] + row["missing"] for row in rows), default=0)
        volumes.append(next((round(row["total"]) for row in counts if row["metric"] == "volume"), traces))
        if not of_this_version(past.table):
            # it may have read a value where this version knows of none
            continue
        own += 1
        for row in rows:
            if traces:
                known.setdefault(row["metric"], []).append(row["n"] / traces)
    if len(volumes) < config.baseline.min_days:
        return _Usual(len(volumes), 0, 0, {})
    often = {name: usual for name, shares in known.items() if (usual := _least_known(shares, own)) is not None}
    return _Usual(len(volumes), min(volumes), max(volumes), often)


def _least_known(shares: Sequence[float], days: int) -> float | None:
    """The smallest share of a day on which the metric arrived; None where that is less than half of the days.

    A day on which it hardly did is not what is required of the next: one empty day would otherwise disarm the check for ever.
    """
    all_days = np.array([*shares, *[0.0] * (days - len(shares))])
    usual = np.median(all_days)
    return float(all_days[all_days > _ARRIVED * usual].min()) if usual else None


def _metric_table(measured: Measured, usual: _Usual, config: Config) -> pd.DataFrame:
    """One row a metric: share known and the share required, extremes and the range allowed, how many values are infinite."""
    rows = []
    for name in sorted({*measured.columns, *usual.known}):
        metric = metric_of(name)
        if metric is None or metric.kind in ("vector", "count") or name in config.metrics and not config.metrics[name].enabled:
            continue
        own = measured.columns.get(name, Values(0))
        known = own.known / measured.traces if measured.traces else None
        lowest, highest = (own.lowest, own.highest) if own.lowest <= own.highest else (None, None)
        required = usual.known.get(name)
        limit = None if required is None else max(required * _KNOWN_FACTOR, required - _KNOWN_DROP)
        low, high = _range(metric)
        rows.append((name, known, limit, lowest, highest, low, high, math.nan if known is None else float(own.infinite)))
    columns = ["metric", "known", "required", "lowest", "highest", "low", "high", "infinite"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], float))


def _range(metric: metrics.Metric) -> tuple[float | None, float | None]:
    if metric.kind == "rate":
        return 0.0, 1.0
    if metric.scale == "bounded":
        return metric.low, metric.high
    return (0.0, None) if metric.scale == "log" else (None, None)


def _traces(n: int, parts: Iterable[pa.Table], window: tuple[datetime, datetime], usual: _Usual) -> list[Outcome]:
    start, end = window
    volume = f"{n:,} traces"
    if usual.days and usual.fewest:
        volume += f"; the {usual.days} days before had {usual.fewest:,} to {usual.most:,}"
    each = [
        *((expect.ExpectColumnToExist(column=name), name, "the column is there") for name in KEYS),
        *((expect.ExpectColumnValuesToNotBeNull(column=name), name, "every trace has one") for name in KEYS),
        (expect.ExpectColumnValuesToBeUnique(column="trace_id"), "trace_id", "each trace once"),
        (
            expect.ExpectColumnValuesToBeBetween(column="timestamp", min_value=start, max_value=end, strict_max=True),
            "timestamp",
            f"within {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC",
        ),
    ]
    size = pd.DataFrame(index=pd.RangeIndex(n))
    some = (expect.ExpectTableRowCountToBeBetween(min_value=1), "at least 1 trace")
    outcomes = [_sized(size, *some, volume, Severity.CRITICAL), *_of_traces(parts, each)]
    fewest = int(usual.fewest * TOO_FEW)
    if n and fewest:
        least = (expect.ExpectTableRowCountToBeBetween(min_value=fewest), f"at least {fewest:,} traces")
        outcomes.append(_sized(size, *least, volume, Severity.SIZE))
    if usual.most:
        most = int(usual.most * _TOO_MANY)
        upper = (expect.ExpectTableRowCountToBeBetween(max_value=most), f"at most {most:,} traces")
        outcomes.append(replace(_sized(size, *upper, volume, Severity.WARNING), metrics=("volume",)))
    return outcomes


def _sized(frame: pd.DataFrame, expectation: Expectation, says: str, found: str, severity: Severity) -> Outcome:
    (result,) = validate(frame, [expectation])
    return Outcome(result.expectation_config.type, "volume", severity, bool(result.success), says, found)


def _of_traces(parts: Iterable[pa.Table], expected: Sequence[tuple[Expectation, str, str]]) -> list[Outcome]:
    """What is expected of every trace, of all parts together."""
    found = [validate(part.to_pandas(), [expectation for expectation, *_ in expected]) for part in parts]
    return [
        Outcome(
            results[0].expectation_config.type,
            about,
            Severity.CRITICAL,
            all(result.success for result in results),
            says,
            _found(results, about),
        )
        for (_, about, says), results in zip(expected, zip(*found, strict=True), strict=True)
    ]


def _found(results: Sequence[ExpectationValidationResult], about: str) -> str:
    error = next((error for result in results if (error := raised(result))), None)
    if error:
        return f"could not be computed: {error}"
    counts = [result.result or {} for result in results]
    if "unexpected_count" in counts[0]:
        wrong, of = (sum(each[name] for each in counts) for name in ("unexpected_count", "element_count"))
        return f"{about}: {wrong:,} of {of:,} traces are not as expected"
    return f"{about}: {'as expected' if all(result.success for result in results) else 'not there'}"


def _metrics(table: pd.DataFrame) -> list[Outcome]:
    """Expectations on the table of metrics: each is one outcome that passed, or one for every metric at fault."""
    missing = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}
    expected = [
        (
            expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="known", column_B="required", **missing),
            "known for about as many traces as before",
            "{metric}: {known:.1%} of the traces have a value, at least {required:.1%} expected",
        ),
        (
            expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="lowest", column_B="low", **missing),
            "no value below what is possible",
            "{metric}: the smallest value is {lowest:g}, below {low:g}",
        ),
        (
            expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="high", column_B="highest", **missing),
            "no value above what is possible",
            "{metric}: the largest value is {highest:g}, above {high:g}",
        ),
        (
            expect.ExpectColumnValuesToBeBetween(column="infinite", max_value=0),
            "no infinite value",
            "{metric}: {infinite:.0f} values are infinite",
        ),
    ]
    # the critical checks on an empty day have said what there is to say
    if not table["known"].notna().any():
        return []
    results = validate(table, [expectation for expectation, *_ in expected], row_names="metric")
    outcomes = []
    by_name = table.set_index("metric", drop=False)
    for result, (_, says, template) in zip(results, expected, strict=True):
        kind, error = result.expectation_config.type, raised(result)
        if error:
            outcomes.append(Outcome(kind, "metrics", Severity.CRITICAL, False, says, f"could not be computed: {error}"))
        elif result.success:
            outcomes.append(Outcome(kind, "metrics", Severity.WARNING, True, says, f"all {len(table)} metrics"))
        else:
            for row in result.result["unexpected_index_list"]:
                name = row["metric"]
                found = template.format(**by_name.loc[name].to_dict())
                outcomes.append(Outcome(kind, name, Severity.WARNING, False, says, found, (name,)))
    return outcomes


def _priced(measured: Measured) -> list[Outcome]:
    """A warning where so many requests used tokens at an unknown price that the day's total is unknown."""
    if measured.priced is None or not measured.priced + measured.unpriced:
        return []
    n, of = measured.priced, measured.priced + measured.unpriced
    known = bool(total_is_known(n, measured.unpriced))
    found = f"cost_usd: {n / of:.1%} of {of:,} requests that used tokens have a known price"
    if not known:
        found += "; the day's total cost is unknown, and total_cost_usd by model says where"
    says = "99 % of the requests that used tokens have a known price"
    return [
        Outcome("priced", "cost_usd", Severity.WARNING, known, says, found, () if known else ("cost_usd", "total_cost_usd"))
    ]


def _lost(measured: Measured) -> list[Outcome]:
    """A warning for every measurement that raised on some traces. What it did to its metrics, the shares above tell."""
    outcomes = []
    for name, lost in measured.lost.items():
        found = f"{name}: could not be measured on {lost:,} of {measured.traces:,} traces"
        outcomes.append(Outcome("measured", name, Severity.WARNING, not lost, "no trace makes a measurement fail", found))
    return outcomes
