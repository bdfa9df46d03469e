"""Whatever a server sends is rows or one clear error of the store, and never a stack; benchmarks/fuzz.py tries thousands of such answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift import traces
from drift.config import Config
from drift.errors import DriftError, StoreError
from drift.stores import http, open_store

DAY = datetime(2026, 11, 20, tzinfo=UTC)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "meta", "traces", "trace_id", "trace_info", "spans", "experiment", "experiment_id", "cursor", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture
def answered(monkeypatch):
    """answered(store, value) pulls a few hours from a server that answers everything with that."""
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    monkeypatch.setattr(http.Http, "_sleep", lambda *_: None)
    client = httpx.Client
    content = b""

    def serve(**options):
        options.pop("limits")
        return client(**options, transport=httpx.MockTransport(lambda request: httpx.Response(200, content=content)))

    monkeypatch.setattr(http.httpx, "Client", serve)

    def pull(kind: str, value: object) -> int:
        nonlocal content
        content = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8", "surrogatepass")
        config = Config.of({"store": {"type": kind, "host": "http://server", "patience_seconds": 0}})
        return sum(batch.num_rows for batch in open_store(config).pull(DAY, DAY + timedelta(hours=3)))

    return pull


@pytest.mark.parametrize("kind", ["langfuse", "phoenix", "mlflow"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=anything | st.binary(max_size=40))
def test_any_answer_is_rows_or_a_clear_error(answered, kind, value):
    try:
        assert answered(kind, value) == 0
    except DriftError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "kind, value",
    [
        ("langfuse", {"data": [], "meta": "x"}),
        ("langfuse", {"data": [7], "meta": 1.5}),
        ("mlflow", {"experiment": {"experiment_id": 1}, "traces": 7}),
        ("mlflow", {"experiment": {"experiment_id": 1}, "traces": ["x"]}),
        ("mlflow", {"experiment": {"experiment_id": 1}, "traces": [{"trace_id": "a"}, {"trace_info": "x"}]}),
    ],
)
def test_answers_that_once_were_a_stack(answered, kind, value):
    try:
        answered(kind, value)
    except DriftError as error:
        assert "cannot read" not in str(error), "its reader says what is wrong"


def test_what_no_reader_foresaw_is_told_by_its_kind_and_not_by_its_text(tmp_path, monkeypatch):
    from drift.stores.files import FilesStore

    def pull(self, start, end):
        yield traces.empty()
        raise KeyError("the text of a trace")

    monkeypatch.setattr(FilesStore, "pull", pull)
    store = open_store(Config.of({"store": {"type": "files", "path": str(tmp_path)}}))
    with pytest.raises(StoreError, match="the store 'files' sent what this drift cannot read .*KeyError") as raised:
        list(store.pull(DAY, DAY))
    assert "the text" not in str(raised.value) and raised.value.retryable
