"""Offered traces in an annotation queue, by Langfuse's own SDK over real HTTP: ids go there, and nothing else."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drift.config import Config
from drift.errors import ConfigError
from drift.judge.queue import put

WHEN = "2026-11-02T10:00:00Z"


@pytest.fixture
def langfuse(monkeypatch):
    """A server with one queue; `items` are what was put into it."""
    items: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def _send(self, given: dict) -> None:
            data = json.dumps(given).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _page(self, data: list[dict]) -> None:
            self._send({"data": data, "meta": {"page": 1, "limit": 100, "totalItems": len(data), "totalPages": 1}})

        def do_GET(self) -> None:
            if "/items" in self.path:
                self._page(items if "page=1" in self.path else [])
            else:
                queue = {"id": "q1", "name": "review", "scoreConfigIds": [], "createdAt": WHEN, "updatedAt": WHEN}
                self._page([queue])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            item = {"id": f"i{len(items)}", "queueId": "q1", "status": "PENDING", "createdAt": WHEN, "updatedAt": WHEN, **body}
            items.append(item)
            self._send(item)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    yield Config.of({"store": {"type": "langfuse", "host": f"http://127.0.0.1:{server.server_port}"}}), items
    server.shutdown()
    server.server_close()


def test_traces_are_put_into_the_queue_once(langfuse):
    config, items = langfuse
    assert put(config, "review", ["t1", "t2", "t1"]) == 2
    assert put(config, "review", ["t2", "t3"]) == 1
    assert [item["objectId"] for item in items] == ["t1", "t2", "t3"]
    assert {item["objectType"] for item in items} == {"TRACE"}


def test_a_queue_that_is_not_there_and_a_store_that_has_none_are_said(langfuse):
    config, _ = langfuse
    with pytest.raises(ConfigError, match="no annotation queue 'mine'; there are review"):
        put(config, "mine", ["t1"])
    with pytest.raises(ConfigError, match="store.type is 'demo'"):
        put(Config.of({}), "review", ["t1"])
    config.privacy.texts_leave = False
    with pytest.raises(ConfigError, match="texts_leave"):
        put(config, "review", ["t1"])
