"""`drift doctor` looks at hundreds of traces, and has no green line where it found neither questions nor answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from drift.config import Config
from drift.night import doctor

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def checks(tmp_path):
    def of(lines: list[dict], store: str = ""):
        (tmp_path / "traces.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
        (tmp_path / "drift.toml").write_text(
            f'[store]\ntype = "files"\npath = "{tmp_path}/traces.jsonl"\n{store}\n'
            f'[lake]\nurl = "{tmp_path}/lake"\n[results]\nurl = "sqlite:///{tmp_path}/drift.db"\n[embeddings]\nenabled = false\n',
            "utf-8",
        )
        return {check.name: check for check in doctor.examine(Config.load(tmp_path / "drift.toml"))}

    return of


def line(i: int, **more) -> dict:
    return {"timestamp": (START + timedelta(minutes=10 * i)).isoformat(), **more}


def test_the_share_of_each_field_and_the_days_are_told_and_no_text(checks):
    lines = [
        line(
            i,
            input=f"secret question {i}",
            output="secret" if i % 2 else None,
            environment="staging" if i % 4 == 0 else "production",
        )
        for i in range(400)
    ]
    found = checks(lines)
    traces = found["traces"]
    assert traces.ok
    assert "3 days, 2026-03-01 to 2026-03-03, with 112 to 144 traces" in traces.detail
    shares = {row[0]: row[1] for row in traces.rows}
    assert (shares["input"], shares["output"], shares["model"]) == ("100 %", "50 %", "not found")
    assert "secret" not in str(traces.rows)
    assert "production 75 %, staging 25 %" in found["environments"].detail


def test_neither_questions_nor_answers_is_a_failure(checks):
    found = checks([line(i, text="something", model="m") for i in range(60)])
    assert not found["traces"].ok
    assert "neither questions nor answers were found" in found["traces"].detail


def test_answers_alone_are_a_failure_too(checks):
    assert "no input was found" in checks([line(i, output="It is so.") for i in range(60)])["traces"].detail


def test_shapes_in_which_no_answer_was_found_are_named_by_their_keys(checks):
    lines = [
        line(i, input=f"question {i}", output={"blob": {"secret text": 1}, "my key with spaces": "secret"}) for i in range(60)
    ]
    found = checks(lines)
    assert not found["traces"].ok
    assert "no answer was found in: {blob, …} (60×)" in found["not understood"].detail
    assert "secret" not in found["not understood"].detail


def test_an_address_that_most_answers_repeat_is_offered_as_the_companys_own(checks):
    lines = [
        line(i, input=f"question {i}", output=f"Write to help@acme.example or ask user{i}@mail.example.") for i in range(60)
    ]
    offered = checks(lines)["personal data"]
    assert offered.ok and '"help@acme.example"' in offered.detail and "[safety] own = [" in offered.detail
    assert "mail.example" not in offered.detail
