"""Events read from where `[events]` says, before each night: files, GitHub's exports, a database, Langfuse's prompts."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night import events
from drift.results import Results, announced

DEPLOYMENT = {
    "url": "https://api.github.com/repos/acme/chat/deployments/1", "id": 1, "sha": "a84d88e", "ref": "main", "task": "deploy",
    "environment": "production", "created_at": "2026-11-20T01:19:13Z", "updated_at": "2026-11-20T01:20:13Z",
}  # fmt: skip
RELEASES = [
    {"html_url": "https://github.com/acme/chat/releases/v2", "tag_name": "v2", "name": "", "draft": False,
     "created_at": "2026-11-21T10:00:00Z", "published_at": "2026-11-21T11:00:00Z"},
    {"html_url": "", "tag_name": "v3", "name": "next", "draft": True, "created_at": "2026-11-22T10:00:00Z", "published_at": None},
]  # fmt: skip


def _config(tmp_path, **section) -> Config:
    store = section.pop("store", {"type": "demo"})
    return Config.of(
        {
            "store": store,
            "lake": {"url": str(tmp_path / "lake")},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "events": section,
        },
        tmp_path,
    )


def _gathered(config: Config, strict: bool = True) -> list[announced.Announced]:
    results = Results.of(config)
    try:
        events.gather(config, results, strict)
        with results.database.reading() as connection:
            return list(announced.announced(connection, date(2026, 11, 1), date(2026, 11, 30)))
    finally:
        results.close()


def test_deployments_and_releases_as_github_exports_them(tmp_path):
    (tmp_path / "deployments.json").write_text(json.dumps([DEPLOYMENT]))
    (tmp_path / "releases.json").write_text(json.dumps(RELEASES))
    config = _config(tmp_path, files=["deployments.json", "releases.json"])
    found = _gathered(config)
    assert [each.words for each in found] == ["2026-11-20: deploy main to production", "2026-11-21: deploy release v2"]
    assert found[1].source == "https://github.com/acme/chat/releases/v2"
    assert _gathered(config) == found


def test_what_is_no_export_of_github_is_named_with_its_place(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps([DEPLOYMENT, {"title": "an issue"}]))
    with pytest.raises(DataError, match="x.json, number 2: neither a deployment nor a release"):
        _gathered(_config(tmp_path, files=["x.json"]))


def test_a_command_reads_an_export_for_one_endpoint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "releases.json").write_text(json.dumps(RELEASES))
    (tmp_path / "drift.toml").write_text('[store]\ntype = "demo"\n[results]\nurl = "sqlite:///drift.db"\n')
    done = CliRunner().invoke(app, ["event", "--from", "releases.json", "--where", "endpoint=chat"])
    assert done.output.strip() == "1 new", done.exception
    (found,) = _gathered(_config(tmp_path))
    assert (found.dimension, found.value) == ("name", "chat")


def test_rows_of_a_query(tmp_path):
    with sqlite3.connect(tmp_path / "deploys.db") as database:
        database.execute("CREATE TABLE deploys (what, kind, at, place)")
        database.execute(
            "INSERT INTO deploys VALUES ('flag short_answers on', 'flag', '2026-11-20T10:00:00Z', 'endpoint=chat')"
        )
        database.execute("INSERT INTO deploys VALUES ('index rebuilt', 'data', '2026-11-21T10:00:00Z', NULL)")
    database.close()
    query = 'SELECT what, kind, at, place AS "where" FROM deploys'
    config = _config(tmp_path, url=f"sqlite:///{tmp_path}/deploys.db", query=query)
    found = _gathered(config)
    assert [(each.what, each.kind, each.value) for each in found] == [
        ("flag short_answers on", "flag", "chat"),
        ("index rebuilt", "data", ""),
    ]
    with pytest.raises(DataError, match="events.query: the database refused it") as caught:
        _gathered(_config(tmp_path, url=f"sqlite:///{tmp_path}/deploys.db", query="SELECT what FROM secrets"))
    assert "secrets" not in str(caught.value)


def test_a_source_that_cannot_be_read_stops_neither_the_night_nor_the_others(tmp_path, caplog):
    (tmp_path / "releases.json").write_text(json.dumps(RELEASES))
    found = _gathered(_config(tmp_path, files=["gone.jsonl", "releases.json"]), strict=False)
    assert [each.what for each in found] == ["release v2"] and "gone.jsonl: no such file" in caplog.text


def test_a_query_without_a_database_is_a_mistake_of_the_configuration(tmp_path):
    with pytest.raises(ConfigError, match="belong together"):
        _config(tmp_path, query="SELECT 1")


@pytest.fixture
def prompts(monkeypatch) -> Iterator[tuple[str, dict[str, int]]]:
    """The address of a Langfuse, and its prompts' versions under `production`."""
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    versions = {"support/billing": 3, "support/other": 1}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            name = unquote(asked.path.removeprefix("/api/public/v2/prompts").lstrip("/"))
            assert parse_qs(asked.query)["label"] == ["production"]
            if name:
                given = {"name": name, "version": versions[name], "labels": ["production"], "prompt": "…", "type": "text"}
            else:
                known = [
                    {"name": each, "lastUpdatedAt": "2026-11-20T09:00:00.000Z", "versions": [1], "labels": []}
                    for each in versions
                ]
                given = {"data": known, "meta": {"page": 1, "limit": 100, "totalItems": len(known), "totalPages": 1}}
            data = json.dumps(given).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", versions
    server.shutdown()
    server.server_close()


def test_a_label_that_moved_to_another_version_is_told_once(tmp_path, prompts):
    host, versions = prompts
    config = _config(tmp_path, store={"type": "langfuse", "host": host}, langfuse_label="production")
    # what stands there when it is first looked at is no change
    assert _gathered(config) == []
    versions["support/billing"] = 4
    (event,) = _gathered(config)
    assert event.what == "prompt support/billing: production is version 4, was 3"
    assert (event.dimension, event.value, event.kind) == ("prompt", "support/billing@4", "config")
    assert _gathered(config) == [event]


def test_a_move_that_was_not_recorded_is_told_by_the_next_look(tmp_path, prompts, monkeypatch):
    host, versions = prompts
    config = _config(tmp_path, store={"type": "langfuse", "host": host}, langfuse_label="production")
    _gathered(config)
    versions["support/billing"] = 4
    with monkeypatch.context() as patched:
        patched.setattr(announced, "record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _gathered(config)
    assert len(_gathered(config)) == 1
    assert Lake(config.lake.url).read_bytes("events/langfuse_prompts.json")
