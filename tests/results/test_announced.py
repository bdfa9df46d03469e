"""Events from outside the traces."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from nights import day, finding, write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.errors import DataError
from drift.results import Results, announced
from drift.results.account import of_incident
from drift.results.digest import digest
from drift.results.week import sections

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drift.toml").write_text('[store]\ntype = "demo"\n[results]\nurl = "sqlite:///drift.db"\n')
    return tmp_path


def _drift(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return str(done.exception)
    return done.output


def test_what_a_ci_step_appends_is_stored_once_and_stands_beside_what_begins_then(folder):
    lines = [
        {"what": "billing-chat 2026.48", "at": f"{day(10)}T14:00:00Z", "where": {"endpoint": "billing-chat"}, "source": "https://ci.example/48"},
        {"what": "price list", "kind": "data", "at": f"{day(10)}T02:00:00Z", "where": "endpoint=search"},
        {"what": "old news", "at": f"{day(2)}T02:00:00Z"},
    ]  # fmt: skip
    (folder / "deploys.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    assert _drift("event", "--from", "deploys.jsonl").strip() == "3 new"
    assert _drift("event", "--from", ".").strip() == "0 new, 3 known already"
    results = Results.of(Config.load(None))
    for number in range(10, 12):
        write(results, day(number), [finding(day(number), where="name=billing-chat")])
    (incident,) = results.incidents()
    assert of_incident(results, incident.id).announced == (f"{day(10)}: deploy billing-chat 2026.48",)
    happened = dict(sections(digest(results, day(5), day(11))))["happened"]
    assert happened == [f"{day(10)}: data price list", f"{day(10)}: deploy billing-chat 2026.48"]
    results.close()


def test_a_time_without_an_offset_is_the_applications_own():
    late = announced.event({"what": "x", "at": "2026-11-29T00:30"}, BERLIN)
    assert (late.at, f"{late.day}") == (datetime(2026, 11, 28, 23, 30, tzinfo=UTC), "2026-11-29")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "deploys.jsonl:1: no JSON"),
        ("[1]", "an event is a JSON object"),
        ('{"at": "2026-11-29"}', "what: an event says what happened"),
        ('{"what": "x", "at": "yesterday"}', "at: 'yesterday' is no time"),
        ('{"what": "x", "at": "2026-11-29", "kind": "rumour"}', "kind: 'rumour' is none of deploy, flag"),
        ('{"what": "x", "at": "2026-11-29", "where": "billing"}', "where: 'billing' is no segment"),
        ('{"what": "x", "at": "2026-11-29", "when": "now"}', "'when': no field of an event"),
    ],
)
def test_a_line_that_is_no_event_is_named_and_nothing_is_stored(folder, line, says):
    (folder / "deploys.jsonl").write_text(line)
    assert says in _drift("event", "--from", "deploys.jsonl")
    assert "nothing in the last" in _drift("events")


def test_hostile_text_stays_text(folder):
    with pytest.raises(DataError):
        announced.event({"what": "x", "at": "2026-11-29", "where": "a=b,c=d"}, BERLIN)
    _drift("event", "\x1b[31m[link=http://evil]x[/link]")
    shown = _drift("events")
    assert "\x1b" not in shown and "[link=http://evil]" in shown
