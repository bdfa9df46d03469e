"""The rules of drift.toml held against a day's profile, as findings. How a rule is written: `drift.detect.rule`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from drift.detect.rule import Rule, parse_all
from drift.detect.settings import Settings
from drift.findings import Direction, Finding, FindingTest, label_of, said_by
from drift.profiles import CELL, CELL_SEPARATOR
from drift.profiles.build import total_is_known
from drift.profiles.day import DayProfile
from drift.profiles.quantiles import in_units


def evaluate(today: DayProfile, baseline: Sequence[DayProfile], settings: Settings) -> list[Finding]:
    """One finding a rule of drift.toml, test "rule": an alarm where the rule holds today.

    value_from: the limit, None where the rule names a baseline that is not there yet; value_to: what was seen today. A rule
    without data today does not alarm and says so. baseline: the ordinary days; those not `ok` are left out.
    Raises ConfigError for a rule that cannot be read.
    """
    usable = [day for day in baseline if day.ok and day.day < today.day]
    return [_evaluate(rule, today, usable, settings.dimensions) for rule in parse_all(settings)]


def _evaluate(rule: Rule, today: DayProfile, baseline: Sequence[DayProfile], dimensions: Sequence[str]) -> Finding:
    seen, n = measure(rule, [today.table], dimensions)
    usual = None
    if rule.factor is not None:
        usual, _ = measure(rule, [day.table for day in baseline], dimensions)
    limit = rule.offset if rule.factor is None else None if usual is None else rule.factor * usual + rule.offset
    alarm = seen is not None and limit is not None and _holds(rule.comparison, seen, limit)
    where = "".join(f", {dimension} {value}" for dimension, value in rule.where)
    name = f"rule “{rule.name}” ({rule.text})"
    if seen is None:
        reason = f"{name}: no data today"
    elif limit is None:
        reason = f"{name}: no baseline yet"
    else:
        verb = "holds" if alarm else "does not hold"
        of = f", where the baseline is {_shown(rule, usual)}" if usual is not None else ""
        reason = f"{name} {verb}: {_shown(rule, seen)}{where} against a limit of {_shown(rule, limit)}{of}"
    effect = None
    if seen is not None and limit is not None:
        effect = seen - limit if not rule.metric.relative else seen / limit - 1 if limit else None
    return Finding(
        day=today.day,
        metric=rule.metric.name,
        dimension=rule.segment[0],
        value=rule.segment[1],
        statistic=said_by(rule.name),
        test=FindingTest.RULE,
        unit=_unit(rule),
        reason=reason,
        value_from=limit,
        value_to=seen,
        effect=effect,
        alarm=alarm,
        direction=Direction.WORSE,
        n=n,
        baseline_days=len(baseline) if rule.factor is not None else 0,
    )


def _holds(comparison: str, seen: float, limit: float) -> bool:
    return {">": seen > limit, ">=": seen >= limit, "<": seen < limit, "<=": seen <= limit}[comparison]


def _unit(rule: Rule) -> str:
    return "share" if label_of(rule.statistic) is not None else rule.metric.unit


def _shown(rule: Rule, value: float) -> str:
    if _unit(rule) in ("share", "0–1"):
        return f"{100 * value:.3g} %"
    return f"{value:.3g} {_unit(rule)}".strip() if abs(value) < 1000 else f"{value:,.0f} {_unit(rule)}".strip()


def measure(rule: Rule, tables: Sequence[pa.Table], dimensions: Sequence[str]) -> tuple[float | None, int]:
    """The rule's statistic over profiles together, and the traces behind it; (None, 0) where nothing is known.

    A count is averaged over the days, so that a baseline's total is that of an ordinary day.
    """
    by_table = [_rows(rule, table, dimensions) for table in tables]
    if rule.statistic == "total":
        by_table = [rows for rows in by_table if rows and _total_is_known(rows)]
    rows = [row for rows in by_table for row in rows]
    n = int(sum(row["n"] or 0 for row in rows))
    if n == 0:
        return None, 0
    if rule.statistic == "total":
        return math.fsum(row["total"] for row in rows) / len(by_table), n
    if rule.statistic == "mean":
        return math.fsum(row["total"] for row in rows) / n, n
    label = label_of(rule.statistic)
    if label is not None:
        by_label = (dict(zip(row["labels"] or (), row["counts"] or (), strict=True)) for row in rows)
        return sum(own.get(label, 0) for own in by_label) / n, n
    counts = _histogram(rows)
    places = sorted(counts)
    return in_units(rule.metric, places, [counts[place] for place in places], int(rule.statistic[1:]) / 100), n


def _total_is_known(rows: Sequence[dict]) -> bool:
    return bool(total_is_known(sum(row["n"] or 0 for row in rows), sum(row["missing"] or 0 for row in rows)))


def _histogram(rows: Sequence[dict]) -> dict[int, int]:
    out: dict[int, int] = {}
    for row in rows:
        for place, count in zip(row["bins"] or (), row["counts"] or (), strict=True):
            out[place] = out.get(place, 0) + count
    return out


def _rows(rule: Rule, table: pa.Table, dimensions: Sequence[str]) -> list[dict]:
    dimension, value = rule.segment
    mask = pc.and_(pc.equal(table["metric"], rule.metric.name), pc.equal(table["dimension"], dimension))
    rows = table.filter(mask).select(["value", "n", "missing", "total", "bins", "counts", "labels"]).to_pylist()
    if dimension != CELL:
        return [row for row in rows if row["value"] == value]
    wanted = dict(rule.where)
    found = []
    for row in rows:
        parts = dict(zip(dimensions, row["value"].split(CELL_SEPARATOR), strict=False))
        if all(parts.get(name) == value for name, value in wanted.items()):
            found.append(row)
    return found
