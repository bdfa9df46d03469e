"""Great Expectations without its extras: no telemetry, no progress bars, nothing on disk, exceptions as failures."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

# read when great_expectations is imported
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
from great_expectations.core import ExpectationSuite
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    Expectation,
    MulticolumnMapExpectation,
)

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.result_format import ResultFormatUnion
    from great_expectations.datasource.fluent.interfaces import Batch

_OF_ROWS = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
# its warnings about rendering and unused indexes are not for the reader of a nightly log
logging.getLogger("great_expectations").setLevel(logging.ERROR)


@cache
def _batch_definition():
    # without the folder for Data Docs that it would leave in /tmp
    memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=memory))
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context.data_sources.add_pandas("drift").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def validate(
    frame: pd.DataFrame, expectations: list[Expectation], *, row_names: str | None = None
) -> list[ExpectationValidationResult]:
    """One result an expectation, in their order.

    row_names: the column that names the rows at fault in a result. Without it a result holds counts and no value of the
    frame.
    """
    batch = _batch_definition().get_batch({"dataframe": frame})
    if row_names is not None:
        return _in_order(batch, expectations, {"result_format": "COMPLETE", "unexpected_index_column_names": [row_names]})
    # whether rows are at fault is asked first, which is half the work, and how many only where some are
    results = _in_order(batch, expectations, {"result_format": "BOOLEAN_ONLY"})
    if not all(result.success for result in results):
        return _in_order(batch, expectations, {"result_format": "SUMMARY", "partial_unexpected_count": 0})
    for result, expectation in zip(results, expectations, strict=True):
        if isinstance(expectation, _OF_ROWS):
            result.result = {"unexpected_count": 0, "element_count": len(frame)}
    return results


def _in_order(batch: Batch, expectations: list[Expectation], form: ResultFormatUnion) -> list[ExpectationValidationResult]:
    """As one suite, so that what several of them need is computed once. Its results come back in an order of their own."""
    numbered = [each.copy(update={"meta": {"place": place}}) for place, each in enumerate(expectations)]
    results = batch.validate(ExpectationSuite("expected", expectations=numbered), result_format=form).results
    return sorted(results, key=lambda result: result.expectation_config.meta["place"])


def raised(result: ExpectationValidationResult) -> str | None:
    """The message of the exception that an expectation ran into, None where it was computed."""
    info = result.exception_info or {}
    for entry in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "it raised an exception").splitlines()[0]
    return None
