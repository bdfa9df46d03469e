"""Phoenix and MLflow without their servers: the recorded answers mapped, and a server that is not there.

Against the real servers they run in test_conformance.py (slow).
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drift import traces
from drift.errors import StoreError
from drift.stores.mlflow import MlflowOptions, MlflowStore, _evaluator
from drift.stores.otlp import otlp_span
from drift.stores.phoenix import PhoenixOptions, PhoenixStore, _scores, _span
from drift.stores.spans import row

DAY = datetime(2026, 11, 20, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9"


def as_row(spans: list) -> dict:
    return traces.table([row(spans, "salt")]).to_pylist()[0]


def test_a_recorded_trace_of_phoenix(recorded):
    given = json.loads((recorded / "phoenix_spans.json").read_text())
    whole = [_span(g) for g in given if g["context"]["trace_id"] == "501c3f494ba042e8d245953006279d9b"]
    out = as_row(whole)
    assert (out["input"], out["output"], out["model"], out["prompt_version"]) == ("q169", "a169", "gpt-4o", "v3")
    assert (out["input_tokens"], out["output_tokens"], out["name"]) == (100, 20, "rag-request")
    assert [(d["id"], d["score"], d["text"]) for d in out["documents"]][:2] == [
        ("doc-0", 0.9, "text 0"),
        ("doc-1", 0.8, "text 1"),
    ]
    assert out["session_id"] is not None and out["tags"]
    assert dict(out["metadata"])["tenant"] == "acme" and out["user"] == traces.hash_user("u1", "salt")


def test_annotations_are_numbers_or_labels():
    assert _scores({"name": "a", "result": {"score": 1, "label": "good"}}) == [{"name": "a", "value": 1.0}]
    assert _scores({"name": "a", "result": {"label": "good"}}) == [{"name": "a", "label": "good"}]
    assert _scores({"name": "note", "result": {"explanation": "x"}}) == [] == _scores({"name": "a", "result": None})


def test_a_recorded_trace_of_mlflow(recorded):
    given = json.loads((recorded / "mlflow_trace.json").read_text())
    store = MlflowStore(MlflowOptions(), salt="salt")
    out = as_row(store._one(given["info"], given["data"]["spans"]))
    assert out["trace_id"] == "tr-2df081d7a3b60cfc097d117a855faf47" and out["timestamp"] == datetime(
        2026, 11, 21, 1, 45, 33, 853000, UTC
    )
    assert (out["input"], out["output"], out["model"], out["name"], out["environment"]) == (
        "q59",
        "a",
        "gpt-4o",
        "rag-request",
        "production",
    )
    assert (out["input_tokens"], out["cost_usd"], out["session_id"]) == (100, 0.00045, "s1")
    assert {s["name"]: s["value"] for s in out["scores"]} == {"faithfulness": 0.9, "thumbs": 1.0}
    assert [(d["id"], d["score"], d["text"]) for d in out["documents"]][0] == ("doc-0", 0.9, "text 0")


def test_spans_in_snake_case_and_camel_case_are_the_same(recorded):
    given = json.loads((recorded / "phoenix_rest_otlpv1.json").read_text())["data"][0]

    def camel(value: object) -> object:
        if isinstance(value, dict):
            return {"".join([k.split("_")[0], *(p.title() for p in k.split("_")[1:])]): camel(v) for k, v in value.items()}
        return [camel(v) for v in value] if isinstance(value, list) else value

    assert asdict(otlp_span(camel(given))) == asdict(otlp_span(given))


@pytest.mark.parametrize(
    "store",
    [
        PhoenixStore(PhoenixOptions(host=NOWHERE, patience_seconds=0.05), salt=""),
        MlflowStore(MlflowOptions(host=NOWHERE, patience_seconds=0.05), salt=""),
    ],
    ids=["phoenix", "mlflow"],
)
def test_a_server_that_is_not_there(store):
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        list(store.pull(DAY, DAY + timedelta(days=1)))
    assert caught.value.retryable and "\n" not in str(caught.value)
    checks = store.check()
    assert not checks[0].ok and checks[0].remedy and store.trace_url("x") is None


class Answers(BaseHTTPRequestHandler):
    """A server that has nothing, or asks for a key, or shows a web page: by the first step of the path."""

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        status = {"empty": 404, "locked": 401, "page": 200}[kind]
        body = b"<!doctype html><html>Sign in</html>" if kind == "page" else b'{"message": "no"}'
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if kind == "page" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def answers():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "says"),
    [("empty", "has no (project 'my app'|experiment 'my app'); set .store. (project|experiments), or host"),
     ("locked", "refused the key .401.*(PHOENIX_API_KEY|MLFLOW_TRACKING_TOKEN)"), ("page", "answered a web page")],
)  # fmt: skip
def test_what_a_server_that_does_not_have_it_is_said_to_lack(answers, kind, says):
    for store in (
        PhoenixStore(PhoenixOptions(host=f"{answers}/{kind}", project="my app", patience_seconds=0.05), salt=""),
        MlflowStore(MlflowOptions(host=f"{answers}/{kind}", experiments=["my app"], patience_seconds=0.05), salt=""),
    ):
        with pytest.raises(StoreError, match=says) as caught:
            list(store.pull(DAY, DAY + timedelta(days=1)))
        assert not caught.value.retryable and "\n" not in str(caught.value)
        failed = [c for c in store.check() if not c.ok]
        assert len(failed) == 1 and failed[0].remedy


@pytest.mark.parametrize(
    ("given", "host"),
    [({"PHOENIX_HOST": "phoenix"}, "http://phoenix:6006"), ({"PHOENIX_HOST": "phoenix", "PHOENIX_PORT": "80"}, "http://phoenix:80"),
     ({"PHOENIX_HOST": "phoenix:1234"}, "http://phoenix:1234"), ({"PHOENIX_HOST": "https://p.example.com/"}, "https://p.example.com"),
     ({"PHOENIX_COLLECTOR_ENDPOINT": "http://p:6006/v1/traces"}, "http://p:6006"), ({}, "http://localhost:6006")],
)  # fmt: skip
def test_the_host_of_phoenix_is_read_as_its_own_client_reads_it(monkeypatch, given, host):
    for name in ("PHOENIX_HOST", "PHOENIX_PORT", "PHOENIX_COLLECTOR_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert PhoenixStore(PhoenixOptions(), salt="").host == host


def test_a_judge_and_its_version_are_known_and_a_person_is_not():
    judged = {"name": "a", "result": {"score": 1}, "metadata": {"evaluator": "tone", "evaluator_version": 3, "model": "gpt-4o"}}
    assert _scores(judged | {"annotator_kind": "LLM"}) == [{"name": "a", "value": 1.0, "evaluator": "tone@3 (gpt-4o)"}]
    assert _scores(judged | {"annotator_kind": "HUMAN"}) == [{"name": "a", "value": 1.0}]
    assert _evaluator({"source": {"source_type": "LLM_JUDGE", "source_id": "openai:/gpt-4o"}}) == "openai:/gpt-4o"
    assert _evaluator({"source": {"source_type": "HUMAN", "source_id": "ann@example.com"}}) is None
