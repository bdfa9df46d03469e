"""Where a sample of the requests is traced and the share is known, volume and totals are those of all requests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from written import read, span

from drift import features, profiles, traces
from drift.config import Config
from drift.features import Context
from drift.stores import sampling

DAY = date(2026, 3, 2)


def day_of(rates: list[float | None], **context: float) -> dict[str, dict]:
    rows = [
        {"trace_id": str(n), "timestamp": f"2026-03-02T10:00:{n:02d}Z", "name": "chat", "cost_usd": 0.5, "sampling_rate": rate}
        for n, rate in enumerate(rates)
    ]
    measured = features.finish(features.extract(traces.table(rows), Context(**context)))
    profile = profiles.build(measured, Config(), DAY)
    return {r["metric"]: r for r in profile.to_pylist() if r["dimension"] == "all"}


def test_each_trace_stands_for_as_many_requests_as_its_rate_says():
    made = day_of([0.1, 0.1, 0.5, None])
    assert made["volume"]["total"] == pytest.approx(10 + 10 + 2 + 1) and made["volume"]["n"] == 4
    assert made["total_cost_usd"]["total"] == pytest.approx(0.5 * 23)


def test_the_configured_share_is_that_of_traces_that_do_not_say_it():
    assert day_of([None, None, 1.0], sampling_rate=0.25)["volume"]["total"] == pytest.approx(4 + 4 + 1)


def test_what_is_measured_on_a_request_is_not_weighted():
    assert day_of([0.1, None])["cost_usd"]["total"] == pytest.approx(1.0)


def test_a_day_that_is_not_sampled_has_no_column_for_it():
    table = traces.table([{"trace_id": "t", "timestamp": "2026-03-02T10:00:00Z"}])
    assert traces.SAMPLING_RATE not in features.extract(table, Context()).column_names


def test_parts_with_and_without_a_rate_add_up():
    parts = [pa.table({"trace_id": ["a"]}), pa.table({"trace_id": ["b"], traces.SAMPLING_RATE: [0.5]})]
    both = pa.concat_tables(parts, promote_options="default")
    assert np.array_equal(traces.requests(both), [1.0, 2.0])


@pytest.mark.parametrize("given", [0, -1, 1.5, float("nan")])
def test_a_share_that_cannot_be_is_unknown(given):
    (row,) = traces.table([{"trace_id": "t", "timestamp": "2026-03-02T10:00:00Z", "sampling_rate": given}]).to_pylist()
    assert row["sampling_rate"] is None


def test_a_span_says_it_in_its_attributes_or_its_trace_state(tmp_path):
    assert read(tmp_path, span("app", SampleRate=20, input__value="q", output__value="a"))["sampling_rate"] == 0.05
    stated = {**span("app", input__value="q", output__value="a"), "traceState": "vendor=1,ot=th:c"}
    assert read(tmp_path, stated)["sampling_rate"] == 0.25


def test_the_rate_of_a_sound_is_none():
    assert sampling.of_metadata({"sample_rate": 16000, "sampling_rate": "44100"}) is None
