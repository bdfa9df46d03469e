"""An incident left in Langfuse, as a double of it keeps things: once, however often it is written and wherever it was killed."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from nights import day, finding
from nights import write as write_night

from drift import traces
from drift.config import Config
from drift.errors import ConfigError, StoreError
from drift.lake import Lake
from drift.night.write_back import write_back
from drift.results import Results
from drift.stores.langfuse import LangfuseStore
from drift.stores.spans import merge_scores
from drift.writing.leaving import Item, Leaving
from drift.writing.places import place_of

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


def write(settings: Config, leaving: Leaving) -> dict[str, int]:
    return place_of(settings).write(settings, leaving)


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
    shut = Config.of(
        {"store": {"type": "langfuse", "host": langfuse.url}, "write_back": ALL, "privacy": {"texts_leave": False}}
    )
    with pytest.raises(ConfigError, match="texts_leave is false"):
        write_back(shut, "3f2a")


@pytest.mark.parametrize(
    ("store", "wanted", "says"),
    [
        ({"type": "mlflow"}, {"score": True, "dataset": True}, "write_back.dataset: mlflow can keep score alone"),
        ({"type": "phoenix"}, {"queue": "review"}, "write_back.queue: phoenix can keep dataset and score and comment alone"),
        ({"type": "files", "path": "x"}, {"score": True}, "store.type is 'files'"),
    ],
)
def test_what_a_store_cannot_keep_is_said_before_anything_is_read_or_written(store, wanted, says):
    with pytest.raises(ConfigError, match=says):
        write_back(Config.of({"store": store, "write_back": wanted}), "3f2a", dry_run=True)


@pytest.mark.parametrize("earlier", [True, False], ids=["with an ordinary day before", "without"])
def test_the_affected_are_in_the_dataset_with_their_texts(langfuse, monkeypatch, tmp_path, earlier):
    """Also of an incident of the first days, which has no ordinary neighbours."""
    settings = Config.of(
        {
            "store": {"type": "langfuse", "host": langfuse.url},
            "lake": {"url": str(tmp_path / "lake")},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "write_back": {"dataset": True},
        }
    )
    lake, results = Lake(settings.lake.url), Results.of(settings)
    held = {}
    for number in (0, 1) if earlier else (1,):
        ids = [f"{number}-{i}" for i in range(40)]
        at = [datetime(2026, 11, 1 + number, tzinfo=UTC) + timedelta(minutes=i) for i in range(40)]
        rows = {
            "trace_id": ids,
            "timestamp": pa.array(at, traces.TIME),
            "name": ["chat"] * 40,
            "session_id": pa.nulls(40, pa.string()),
        }
        refused = [float(number and i < 10) for i in range(40)]
        lake.write("features", day(number), pa.table({**rows, "refusal": refused, "input_characters": [20.0] * 40}), {})
        held |= {
            one: {"trace_id": one, "timestamp": when, "input": f"Q {one}", "output": f"A {one}"}
            for one, when in zip(ids, at, strict=True)
        }
        write_night(results, day(number), [finding(day(number), change=0.2 if number else 0)])
    (incident,) = results.incidents()
    results.close()

    def pull(store: LangfuseStore, start: datetime, end: datetime):
        return iter([traces.table([row for row in held.values() if start <= row["timestamp"] < end])])

    monkeypatch.setattr(LangfuseStore, "pull", pull)
    left = write_back(settings, incident.id)
    sides = [item["metadata"]["side"] for item in langfuse.items.values()]
    assert (sides.count("incident"), sides.count("ordinary")) == (10, 10 if earlier else 0)
    assert left.written == {"dataset items": len(sides)}
    assert all(item["input"] == f"Q {item['sourceTraceId']}" for item in langfuse.items.values())
    assert write_back(settings, incident.id, dry_run=True).written == left.written


def test_drift_does_not_measure_its_own_scores():
    given = [{"name": "drift.incident", "value": None, "label": "3f2a"}, {"name": "helpful", "value": 1.0, "label": None}]
    assert [each["name"] for each in merge_scores(given)] == ["helpful"]
