"""An incident left in Langfuse: once, however often it is written and wherever it was killed."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from drift.config import Config
from drift.errors import ConfigError, StoreError
from drift.night.write_back import write_back
from drift.stores.spans import merge_scores
from drift.writing.langfuse import Item, Leaving, write

LEAVING = Leaving(
    "3f2a1b2c9d0e",
    "Refusals in chat rose 4-fold.",
    "https://drift.example/incident/3f2a.html",
    [Item("t1", "Where?", "I cannot help.", False), Item("t0", "Where is it?", "In Bonn.", True)],
    ["t1", "t2", "t3"],
    ["t1", "t2"],
)
WHEN = "2026-11-02T10:00:00Z"


class Langfuse:
    """What was written, under the ids by which Langfuse keeps one. kill: the write after which nothing is answered."""

    def __init__(self) -> None:
        self.datasets: dict[str, dict] = {}
        self.items: dict[str, dict] = {}
        self.scores: dict[str, dict] = {}
        self.comments: list[dict] = []
        self.queued: list[dict] = []
        self.writes, self.kill = 0, None
        double = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def _send(self, given: object) -> None:
                data = json.dumps(given).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                query = parse_qs(asked.query)
                meta = {"page": 1, "limit": 100, "totalItems": 1, "totalPages": 1}
                if asked.path.endswith("/projects"):
                    data = [{"id": "p1"}]
                elif asked.path.endswith("/comments"):
                    data = [each for each in double.comments if each["objectId"] == query["objectId"][0]]
                elif asked.path.endswith("/items"):
                    data = double.queued if query["page"] == ["1"] else []
                else:
                    data = [{"id": "q1", "name": "review", "scoreConfigIds": [], "createdAt": WHEN, "updatedAt": WHEN}]
                self._send({"data": data, "meta": meta})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.take(urlsplit(self.path).path, body)
                double.writes += 1
                if double.kill == double.writes:
                    data = b'{"message": "gone"}'
                    self.send_response(403)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                    return
                more = {"queueId": "q1", "status": "PENDING", "createdAt": WHEN, "updatedAt": WHEN}
                self._send({"id": "x", **more, **body})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, path: str, body: dict) -> None:
        if path.endswith("/v2/datasets"):
            self.datasets[body["name"]] = body
        elif path.endswith("/dataset-items"):
            self.items[body["id"]] = body
        elif path.endswith("/scores"):
            self.scores[body["id"]] = body
        elif path.endswith("/comments"):
            self.comments.append(body)
        else:
            self.queued.append(
                {
                    "id": f"i{len(self.queued)}",
                    "queueId": "q1",
                    "status": "PENDING",
                    "createdAt": WHEN,
                    "updatedAt": WHEN,
                    **body,
                }
            )

    @property
    def state(self) -> tuple:
        said = sorted((each["objectId"], each["content"]) for each in self.comments)
        return self.datasets, self.items, self.scores, said, sorted(each["objectId"] for each in self.queued)


@pytest.fixture
def langfuse(monkeypatch):
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    double = Langfuse()
    yield double
    double.server.shutdown()
    double.server.server_close()


def config(double: Langfuse, **section) -> Config:
    return Config.of({"store": {"type": "langfuse", "host": double.url}, "write_back": section})


ALL = {"dataset": True, "score": True, "comment": True, "queue": "review"}


def test_what_is_written_twice_is_there_once(langfuse):
    first = write(config(langfuse, **ALL), LEAVING)
    before = json.dumps(langfuse.state, default=str)
    assert write(config(langfuse, **ALL), LEAVING) == first
    assert json.dumps(langfuse.state, default=str) == before
    assert first == {"dataset items": 2, "scores": 3, "comments": 2, "queue entries": 2}
    ordinary = langfuse.items["drift-incident-3f2a1b2c9d0e-t0"]
    assert (ordinary["sourceTraceId"], ordinary["expectedOutput"]) == ("t0", "In Bonn.")
    assert "expectedOutput" not in langfuse.items["drift-incident-3f2a1b2c9d0e-t1"]
    assert {each["value"] for each in langfuse.scores.values()} == {LEAVING.incident}


def test_killed_at_each_write_the_next_one_leaves_the_same(langfuse):
    write(config(langfuse, **ALL), LEAVING)
    whole, writes = json.dumps(langfuse.state, default=str), langfuse.writes
    for kill in range(1, writes + 1):
        for kept in (langfuse.datasets, langfuse.items, langfuse.scores, langfuse.comments, langfuse.queued):
            kept.clear()
        langfuse.writes, langfuse.kill = 0, kill
        with pytest.raises(StoreError):
            write(config(langfuse, **ALL), LEAVING)
        write(config(langfuse, **ALL), LEAVING)
        assert json.dumps(langfuse.state, default=str) == whole, kill


def test_each_is_switched_on_by_itself(langfuse):
    assert write(config(langfuse, score=True), LEAVING) == {"scores": 3}
    assert not langfuse.datasets and not langfuse.comments and not langfuse.queued


def test_nothing_is_written_where_nothing_is_switched_on_or_texts_may_not_leave(langfuse):
    with pytest.raises(ConfigError, match="nothing is switched on"):
        write_back(config(langfuse), "3f2a")
    shut = Config.of({"write_back": ALL, "privacy": {"texts_leave": False}})
    with pytest.raises(ConfigError, match="texts_leave is false"):
        write_back(shut, "3f2a")


def test_drift_does_not_measure_its_own_scores():
    given = [{"name": "drift.incident", "value": None, "label": "3f2a"}, {"name": "helpful", "value": 1.0, "label": None}]
    assert [each["name"] for each in merge_scores(given)] == ["helpful"]
