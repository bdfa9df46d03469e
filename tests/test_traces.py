"""Whatever a store hands over becomes the trace table: wrong values become null and nothing crashes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift import traces

T = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _one(**values):
    return traces.table([{"trace_id": "a", "timestamp": T, **values}]).to_pylist()[0]


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T13:00:00+01:00",
        "2026-11-20 12:00:00",
        T.timestamp(),
        T.timestamp() * 1000,
        pd.Timestamp(T),
    ],
)
def test_times_of_every_form_are_the_same_utc_instant(time):
    assert _one(timestamp=time)["timestamp"] == T


@pytest.mark.parametrize("wrong", ["yesterday", pd.NaT, float("nan"), 1e300, [], {}, True, date.max.isoformat() + "T99"])
def test_what_is_no_time_is_unknown(wrong):
    assert _one(index_built_at=wrong)["index_built_at"] is None


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "much", [], {}, object()])
def test_what_is_no_number_is_unknown_and_never_zero(wrong):
    row = _one(latency_s=wrong, input_tokens=wrong)
    assert row["latency_s"] is None
    assert row["input_tokens"] is None


def test_scores_come_as_a_mapping_or_as_rows():
    mapping = _one(scores={"helpful": True, "judge": 0.5, "verdict": "good", "broken": float("nan")})["scores"]
    rows = _one(
        scores=[{"name": "helpful", "value": 1}, {"name": "judge", "value": 0.5}, {"name": "verdict", "value": "good"}]
    )["scores"]
    assert mapping == rows


def test_documents_keep_their_order_and_lose_only_what_is_broken():
    documents = [
        {"id": 7, "score": "0.9", "updated_at": "2026-01-01", "text": "x"},
        "broken",
        {"id": "b", "score": float("inf")},
    ]
    assert _one(documents=documents)["documents"] == [
        {"id": "7", "score": 0.9, "updated_at": datetime(2026, 1, 1, tzinfo=UTC), "text": "x"},
        {"id": "b", "score": None, "updated_at": None, "text": None},
    ]
    assert _one(documents=[])["documents"] == []
    assert _one(documents=None)["documents"] is None


def test_users_are_hashed_under_the_salt():
    assert traces.hash_user("ann", "salt") == traces.hash_user("ann", "salt")
    assert traces.hash_user("ann", "salt") != traces.hash_user("ann", "other")
    assert "ann" not in traces.hash_user("ann", "salt")
    assert traces.hash_user(None, "salt") is None


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just("\ud800") | st.just(T),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


# the shared machine is at times slower than Hypothesis takes for healthy
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(traces.SCHEMA.names), _anything))
def test_no_value_of_any_type_breaks_the_table(row):
    assert traces.table([row]).schema == traces.SCHEMA
