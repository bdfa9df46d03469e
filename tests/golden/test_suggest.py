"""`drift golden suggest`: what was corrected, voted down, or belongs to an incident is asked again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.golden.sets import read
from drift.night.profile import profile_day
from drift.night.pull import pull_shard

DAY = date(2026, 3, 3)
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


def _lines() -> list[dict]:
    out = []
    for i in range(60):
        at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(minutes=10 * i)
        line = {"trace_id": f"t{i}", "timestamp": at.isoformat(), "session_id": f"s{i}", "name": "chat"}
        line |= {"input": f"When does train {i} leave?", "output": f"Train {i} leaves at noon."}
        line["scores"] = [{"name": "user-feedback", "value": 0.0 if i < 4 else 1.0}, {"name": "hallucination", "value": 0.0}]
        out.append(line)
    after = {"trace_id": "later", "input": "No, that's wrong. Train 40 leaves at eight.", "output": "You are right: at eight."}
    return [*out, {**out[40], **after, "timestamp": (datetime(2026, 3, 3, 23, tzinfo=UTC)).isoformat(), "scores": []}]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_SALT", "x")
    Path("traces.jsonl").write_text("\n".join(map(json.dumps, _lines())), "utf-8")
    Path("drift.toml").write_text(TOML, "utf-8")
    config = Config.load("drift.toml")
    profile_day(config, DAY, [pull_shard(config, DAY)])
    return tmp_path


def _suggest(*more: str) -> str:
    return CliRunner().invoke(app, ["golden", "suggest", "--to", "golden.jsonl", *more]).output


def test_what_was_corrected_expects_the_correction_and_what_was_voted_down_is_asked_again(place):
    assert "5 new questions in golden.jsonl: 1 corrected, 4 voted down" in _suggest()
    known = {example.input: example for example in read("golden.jsonl")}
    assert set(known) == {f"When does train {i} leave?" for i in (0, 1, 2, 3, 40)}
    wrong = known["When does train 40 leave?"]
    assert wrong.expected == "No, that's wrong. Train 40 leaves at eight." and wrong.fields["category"] == "corrected"
    assert not wrong.is_checked
    assert known["When does train 2 leave?"].fields["category"] == "voted down"


def test_a_question_is_suggested_once_and_of_each_kind_in_turn(place):
    assert "2 new questions in golden.jsonl: 1 corrected, 1 voted down" in _suggest("--most", "2")
    assert "3 new questions" in _suggest()
    assert _suggest() == "0 new questions in golden.jsonl\n"


def test_days_without_rows_are_said(place):
    assert "no such file" not in _suggest("--last", "1d")
    for file in (place / "lake" / "features").rglob("*"):
        if file.is_file():
            file.unlink()
    assert "no rows of" in str(CliRunner().invoke(app, ["golden", "suggest", "--to", "g.jsonl"]).exception)
