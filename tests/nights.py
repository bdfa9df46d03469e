"""Findings and nights for the tests of incidents, results and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from drift.findings import Explanation, Finding
from drift.results import DailyMetric, Results, Run

FIRST = date(2026, 11, 1)


def day(number: int) -> date:
    """Night 0 is FIRST."""
    return FIRST + timedelta(days=number)


def finding(on: date, metric: str = "refusal", where: str = "", change: float = 0.07, **rest) -> Finding:
    """A finding on a share that was 2 %; `where` is `name=chat` or empty for overall. A change of 0 is no alarm."""
    dimension, _, value = where.partition("=")
    made = Finding(
        day=on,
        metric=metric,
        dimension=dimension or "all",
        value=value,
        statistic="level",
        test="night",
        unit="share",
        reason="outside what an ordinary day shows" if change else "ordinary",
        value_from=0.02,
        value_to=0.02 + change,
        low=change - 0.01,
        high=change + 0.01,
        effect=change,
        matters=0.005,
        z=200 * change,
        p=1e-6 if change else 0.7,
        q=1e-4 if change else 0.9,
        alarm=bool(change),
        direction="worse" if change > 0 else "better" if change < 0 else "changed",
        n=1000,
        baseline_days=28,
        since=on,
        since_low=on,
        since_high=on,
        mix_part=0.0,
        within_part=change,
    )
    return replace(made, **rest)


def level(finding: Finding) -> DailyMetric:
    return DailyMetric(finding.metric, finding.dimension, finding.value, finding.n, 0, finding.value_to, finding.unit)


def write(results: Results, on: date, findings: Sequence[Finding] = (), note: Explanation | None = None) -> None:
    """One night as the pipeline writes it."""
    explain = (lambda incident, alarms: note) if note is not None else None
    results.write_night(on, Run(3000, 28), map(level, findings), findings, explain)


def dump(results: Results) -> dict[str, list[tuple]]:
    """Every table, row by row, but for those that hold times of this machine's clock."""
    from drift.results import tables

    with results.database.reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]
            for name, table in tables.metadata.tables.items()
            if name not in ("heartbeats", "audit")
        }


def story(results: Results, changes: Iterable[float], metric: str = "refusal", where: str = "") -> None:
    """One night after the other of one metric."""
    for number, change in enumerate(changes):
        write(results, day(number), [finding(day(number), metric, where, change)])
