"""A dataset of Langfuse as a golden set, through Langfuse's SDK and real HTTP: its items are asked, and the run is an experiment there."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.golden.run import run

pytest.importorskip("langfuse")
trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")

DAY = date(2026, 11, 2)
WHEN = "2026-11-02T10:00:00Z"


def item(key: str, asked: object, expected: object = None, told: object = None, status: str = "ACTIVE") -> dict:
    of = {"datasetId": "d1", "datasetName": "support", "createdAt": WHEN, "updatedAt": WHEN}
    of |= {"sourceTraceId": None, "sourceObservationId": None, "mediaReferences": []}
    return {"id": key, "status": status, "input": asked, "expectedOutput": expected, "metadata": told, **of}


ITEMS = [
    item("i1", "Where is order 7?", "On its way.", {"category": "orders", "regex": "WHERE", "nested": {"a": 1}}),
    item("i2", [{"role": "user", "content": "May I return it?"}], {"role": "assistant", "content": "Within 30 days."}),
    item("i3", "An old question?", status="ARCHIVED"),
]


class Server:
    """What Langfuse answers about one dataset, two items a page, and the spans that it was sent."""

    def __init__(self) -> None:
        self.spans: list[dict[str, str]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def _send(self, given: object, status: int = 200) -> None:
                data = json.dumps(given).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path.endswith("/v2/datasets/support"):
                    told = {"projectId": "p1", "createdAt": WHEN, "updatedAt": WHEN, "description": None, "metadata": None}
                    self._send({"id": "d1", "name": "support", "inputSchema": None, "expectedOutputSchema": None, **told})
                elif asked.path.endswith("/dataset-items"):
                    page = int(parse_qs(asked.query)["page"][0])
                    meta = {"page": page, "limit": 2, "totalItems": 3, "totalPages": 2}
                    self._send({"data": ITEMS[2 * page - 2 : 2 * page], "meta": meta})
                elif asked.path.endswith("/projects"):
                    self._send({"data": [{"id": "p1", "name": "p", "metadata": {}, "organization": {"id": "o", "name": "o"}}]})
                else:
                    self._send({"message": "not found"}, 404)

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.endswith("/otel/v1/traces"):
                    plain = gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data
                    sent = trace_service.ExportTraceServiceRequest.FromString(plain)
                    for span in (s for r in sent.resource_spans for scope in r.scope_spans for s in scope.spans):
                        double.spans.append({each.key: each.value.string_value for each in span.attributes})
                self._send({})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def langfuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    double = Server()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    # the SDK keeps one client a key
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", f"pk-{double.server.server_port}")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    Path("upper_application.py").write_text("def answer(question):\n    return question.upper()\n", "utf-8")
    yield double
    double.server.shutdown()
    double.server.server_close()


def config(double: Server, folder: Path, **more) -> Config:
    golden = {"file": "langfuse://support", "target": "upper_application:answer", "times": 2}
    given = {"store": {"type": "langfuse", "host": double.url}, "golden": {"support": golden}, "embeddings": {"enabled": False}}
    out = Config.of(given | more)
    out.lake.url, out.results.url = str(folder / "lake"), f"sqlite:///{folder}/drift.db"
    return out


def test_a_datasets_items_are_asked_and_the_run_is_an_experiment_there(langfuse, tmp_path):
    ran = run(config(langfuse, tmp_path), "support", DAY)
    rows = {row["example_id"]: row for row in ran.table.to_pylist()}
    assert set(rows) == {"i1", "i2"} and ran.table.num_rows == 4
    assert rows["i1"]["golden.expected"] == 1.0 and rows["i2"]["golden.expected"] is None
    assert rows["i1"]["category"] == "orders" and "nested" not in rows["i1"]
    named = [each for each in langfuse.spans if each.get("langfuse.experiment.name") == "drift support 2026-11-02"]
    said = {each["langfuse.experiment.item.id"]: each.get("langfuse.observation.output") for each in named}
    assert said == {"i1": "WHERE IS ORDER 7?", "i2": "MAY I RETURN IT?"}
    assert {each["langfuse.environment"] for each in named} == {"sdk-experiment"}


def test_what_was_asked_before_is_not_sent_again(langfuse, tmp_path):
    settings = config(langfuse, tmp_path)
    run(settings, "support", DAY)
    sent = len(langfuse.spans)
    assert run(settings, "support", DAY).answered == 2
    assert len(langfuse.spans) == sent > 0


def test_a_dataset_that_is_not_there_and_a_store_that_has_none_are_said(langfuse, tmp_path):
    settings = config(langfuse, tmp_path)
    settings.golden["support"].file = "langfuse://other"
    with pytest.raises(DataError, match="no dataset 'other'"):
        run(settings, "support", DAY)
    with pytest.raises(ConfigError, match=r"store.type is 'demo'"):
        run(config(langfuse, tmp_path, store={"type": "demo"}), "support", DAY)


def test_texts_that_may_not_leave_are_not_even_asked_for(langfuse, tmp_path):
    with pytest.raises(ConfigError, match="texts_leave is false"):
        run(config(langfuse, tmp_path, privacy={"texts_leave": False}), "support", DAY)
    assert not langfuse.spans
