"""Tables that cannot be right are not published."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from drift import checks
from drift.findings import Finding, to_table

DAY = date(2026, 11, 12)
GOOD = Finding(DAY, "refusal", "all", "", "level", "night", "share", "ordinary", p=0.4, q=0.9, low=-0.1, high=0.1, n=10)


def test_good_findings_pass():
    assert checks.check_tables(DAY, {"findings": to_table([GOOD, replace(GOOD, metric="latency_s")])}).passed
    assert checks.check_tables(DAY, {"findings": to_table([])}).passed


@pytest.mark.parametrize(
    ("change", "expectation"),
    [
        ({"p": 1.5}, "expect_column_values_to_be_between"),
        ({"q": -0.1}, "expect_column_values_to_be_between"),
        ({"low": 0.2}, "expect_column_pair_values_a_to_be_greater_than_b"),
        ({"day": DAY - timedelta(days=1)}, "expect_column_values_to_be_in_set"),
        ({"direction": "sideways"}, "expect_column_values_to_be_in_set"),
        ({}, "expect_compound_columns_to_be_unique"),
    ],
)
def test_impossible_findings_fail(change, expectation):
    report = checks.check_tables(DAY, {"findings": to_table([GOOD, replace(GOOD, **change)])})
    assert [line for line in report.failures if expectation in line]
    assert "rows of findings" in report.failures[0]


def _daily(**change) -> pa.Table:
    row = {"day": DAY, "metric": "refusal", "dimension": "all", "value": "", "n": 10, "missing": 0, "level": 0.1}
    row |= {"unit": "share"}
    row |= {"p50": 1.0, "p95": 2.0, "p99": 3.0, "low": 0.0, "high": 0.2}
    return pa.Table.from_pylist([row, row | {"metric": "error"} | change])


def test_daily_metrics():
    assert checks.check_tables(DAY, {"daily_metrics": _daily()}).passed
    assert not checks.check_tables(DAY, {"daily_metrics": _daily(level=1.2)}).passed
    assert checks.check_tables(DAY, {"daily_metrics": _daily(level=1.2, unit="s")}).passed
    assert not checks.check_tables(DAY, {"daily_metrics": _daily(metric="refusal")}).passed
    assert not checks.check_tables(DAY, {"daily_metrics": _daily(p95=0.5)}).passed


def test_a_table_without_a_column_fails_rather_than_passes():
    report = checks.check_tables(DAY, {"findings": pa.Table.from_pylist([asdict(GOOD)]).drop_columns(["p"])})
    assert any("could not be computed" in line for line in report.failures)
