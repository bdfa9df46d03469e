"""`drift incident ID` on any morning, what people decide about it, and a night that should not be there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from json_form import valid
from nights import finding, write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.errors import DataError
from drift.findings import Exemplar, Explanation, Magnitude
from drift.night import schedule
from drift.night.profile import profile_day
from drift.night.pull import pull_shard
from drift.results import Results, frames

BEFORE, DAY = date(2026, 3, 2), date(2026, 3, 3)
HOSTILE = "\x1b[31mred\x1b[0m **bold** <script>x</script>"
TOML = """[store]
type = "files"
path = "traces.jsonl"
[lake]
url = "lake"
[results]
url = "sqlite:///drift.db"
[embeddings]
enabled = false
"""


def _line(on: date, i: int, answer: str) -> dict:
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=i)
    return {
        "trace_id": f"{on.day}-{i}",
        "timestamp": at.isoformat(),
        "name": "chat",
        "input": f"Where is {'x' * i}?",
        "output": answer,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two days of thirty traces; on the second an incident of refusals that traces 3-1, 3-2 and 3-3 show."""
    home = tmp_path_factory.mktemp("incident")
    lines = [_line(BEFORE, i, f"It is {i} km away.") for i in range(30)]
    lines += [_line(DAY, i, HOSTILE if i == 2 else "I cannot help with that.") for i in range(30)]
    (home / "traces.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (home / "drift.toml").write_text(TOML)
    config = Config.load(home / "drift.toml")
    for on in (BEFORE, DAY):
        profile_day(config, on, [pull_shard(config, on)])
    results = Results.of(config)
    write(results, BEFORE, [finding(BEFORE, where="name=chat", change=0)])
    note = Explanation(
        "silent_model_update", "possible", "The answers changed.", evidence=("the answers changed",), against=("a release was near",),
        exemplars=tuple(Exemplar(f"3-{i}") for i in (1, 2, 3)), magnitude=Magnitude(300),
    )  # fmt: skip
    write(results, DAY, [finding(DAY, where="name=chat")], note)
    results.close()
    return home


@pytest.fixture
def drift(folder, monkeypatch) -> Callable[..., str]:
    monkeypatch.chdir(folder)
    (known,) = frames.incidents(f"sqlite:///{folder}/drift.db")["id"]

    def call(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(
            app, [each.replace("ID", known) for each in arguments], env={"COLUMNS": "160", "DRIFT_SALT": "x"}
        )
        assert done.exit_code == code, (done.output, done.exception)
        return done.output if code == 0 else str(done.exception)

    return call


def test_the_first_line_is_the_sentence_and_three_answers_stand_beside_those_of_before(drift):
    said = drift("incident", "ID")
    assert (
        " ".join(said.splitlines()[:2])
        .replace("  ", " ")
        .startswith(
            "Refusals in chat rose 4-fold, 2 % → 9 %, since Tue 3 Mar; about 21 more a day; possibly a silent update of the model."
        )
    )
    for part in ("how sure", "Pin the model to a dated version", "against it: a release was near", "I cannot help with that."):
        assert part in said, part
    assert said.count("before, 2026-03-02") == said.count("since, 2026-03-03") == 3
    # the question of before that is nearest to each
    for i in (1, 2, 3):
        assert f"2-{i}" in said and f"It is {i} km away." in said
    assert "\x1b[31m" not in said


def test_markdown_has_the_same_and_nothing_in_it_acts(drift):
    said = drift("incident", "ID", "--markdown")
    assert said.startswith("## Refusals in chat rose 4-fold") and "    A: I cannot help with that." in said
    assert "    A: red **bold** <script>x</script>" in said


def test_texts_are_stored_nowhere(drift, folder):
    drift("incident", "ID")
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "traces.jsonl")
    assert b"cannot help" not in stored and b"km away" not in stored


def test_json_has_the_sentence_and_the_pairs(drift):
    one = valid(drift("incident", "ID", "--json"), "incident")
    assert one["sentence"].startswith("Refusals in chat") and one["since"] == "2026-03-03" and len(one["pairs"]) == 3
    assert one["pairs"][0]["before"]["answer"] == "It is 1 km away."


def test_what_was_decided_is_turned_back_and_stands_on_the_pages_at_once(drift, folder):
    page = next(iter((folder / "lake/report/incident").glob("*.html")), None)
    drift("ack", "ID", "--by", "anna", "--note", "rolling back")
    page = page or next((folder / "lake/report/incident").glob("*.html"))
    assert "anna: rolling back" in page.read_text("utf-8")
    assert "acknowledged" in (folder / "lake/report/index.html").read_text("utf-8")
    assert "acknowledged" in drift("incidents")
    drift("unack", "ID")
    assert "acknowledged" not in drift("incidents")
    assert "neither acknowledged nor muted" in drift("unack", "ID", code=1)
    drift("accept", "ID")
    assert "no open incident" in drift("incidents")
    drift("unaccept", "ID")
    assert "Refusals in chat" in drift("incidents")
    assert "only what was accepted can be unaccepted" in drift("unaccept", "ID", code=1)


def test_a_mistyped_year_is_refused(drift):
    assert "years away; name a day within a year" in drift("mute", "ID", "--until", "2062-03-10", code=1)
    with pytest.raises(DataError, match="365 days before the first night there is .* is the year right"):
        schedule.refuse_mistyped(date(2025, 3, 2), [BEFORE, DAY])
    schedule.refuse_mistyped(date(2026, 1, 2), [BEFORE, DAY])
    schedule.refuse_mistyped(date(2025, 3, 2), [])


def test_a_night_that_should_not_be_there_is_removed_from_tables_lake_and_pages(drift, folder):
    wrong = date(2026, 2, 1)
    results = Results(f"sqlite:///{folder}/drift.db")
    write(results, wrong, [finding(wrong, where="name=chat", change=0)])
    results.close()
    drift("remove-night", str(wrong), "--yes")
    assert wrong not in set(frames.runs(f"sqlite:///{folder}/drift.db")["day"].dt.date)
    assert "the tables have no night of 2026-02-01" in drift("remove-night", str(wrong), "--yes", code=1)


def test_a_test_alert_says_whether_each_place_took_it(drift, place, monkeypatch):
    from drift.night import doctor

    config = Config.load("drift.toml")
    (none,) = doctor.send_test(config)
    assert not none.ok and "no sink is configured" in none.detail
    monkeypatch.setenv("DRIFT_SLACK_WEBHOOK", place.url)
    (sent,) = doctor.send_test(config)
    assert sent.ok and "a test alert" in str(place.posts[0])
