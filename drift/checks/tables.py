"""Are a night's tables fit to publish? A number that cannot be is our fault and stops the night before anyone reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import great_expectations.expectations as expect
import pandas as pd
import pyarrow as pa
from great_expectations.expectations.expectation import Expectation

from drift.checks.expectations import raised, validate
from drift.checks.page import CheckReport, Outcome, Severity
from drift.findings import Direction

_PAIR = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}


def check_tables(day: date, tables: Mapping[str, pa.Table]) -> CheckReport:
    """Check the rows of `day` that are about to be published, by the name of their table: `findings`, `daily_metrics`.

    Every failure is critical. Raises KeyError for a table that has no expectations.
    """
    outcomes: list[Outcome] = []
    for name, table in tables.items():
        frame = table.to_pandas()
        for about, part, expectations in _SUITES[name](frame, day):
            if len(part):
                outcomes += _outcomes(f"{name}{about}", part, expectations)
    return CheckReport(f"the tables of {day}", tuple(outcomes))


def _findings(frame: pd.DataFrame, day: date) -> list[tuple[str, pd.DataFrame, list[Expectation]]]:
    return [
        (
            "",
            frame,
            [
                expect.ExpectColumnValuesToBeInSet(column="day", value_set=[day]),
                expect.ExpectCompoundColumnsToBeUnique(
                    column_list=["metric", "dimension", "value", "statistic", "test", "reason"]
                ),
                expect.ExpectColumnValuesToBeBetween(column="p", min_value=0, max_value=1),
                expect.ExpectColumnValuesToBeBetween(column="q", min_value=0, max_value=1),
                expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="high", column_B="low", **_PAIR),
                expect.ExpectColumnValuesToBeInSet(column="direction", value_set=[each.value for each in Direction]),
                expect.ExpectColumnValuesToBeBetween(column="n", min_value=0),
                expect.ExpectColumnValuesToNotBeNull(column="reason"),
            ],
        )
    ]


def _daily_metrics(frame: pd.DataFrame, day: date) -> list[tuple[str, pd.DataFrame, list[Expectation]]]:
    whole = [
        expect.ExpectColumnValuesToBeInSet(column="day", value_set=[day]),
        expect.ExpectCompoundColumnsToBeUnique(column_list=["metric", "dimension", "value"]),
        expect.ExpectColumnValuesToBeBetween(column="n", min_value=0),
        expect.ExpectColumnValuesToBeBetween(column="missing", min_value=0),
        expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="high", column_B="low", **_PAIR),
        expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="p95", column_B="p50", **_PAIR),
        expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="p99", column_B="p95", **_PAIR),
    ]
    shares = [expect.ExpectColumnValuesToBeBetween(column="level", min_value=0, max_value=1)]
    return [("", frame, whole), (" (shares)", frame[frame["unit"] == "share"], shares)]


_SUITES = {"findings": _findings, "daily_metrics": _daily_metrics}


def _outcomes(about: str, frame: pd.DataFrame, expectations: list[Expectation]) -> list[Outcome]:
    outcomes = []
    for result in validate(frame, expectations):
        config, error = result.expectation_config, raised(result)
        given = {key: value for key, value in config.kwargs.items() if key not in ("batch_id", "ignore_row_if")}
        says = ", ".join(f"{key} {value}" for key, value in sorted(given.items()))
        if error:
            found = f"could not be computed: {error}"
        else:
            found = f"{result.result.get('unexpected_count', 0):,} of {len(frame):,} rows of {about} are not as expected"
        outcomes.append(Outcome(config.type, about, Severity.CRITICAL, bool(result.success), says, found))
    return outcomes
