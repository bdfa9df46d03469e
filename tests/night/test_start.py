"""`drift init`: a file of one's own is read as it was meant, and what is doubtful is said."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drift import stores
from drift.cli import app
from drift.config import Config
from drift.errors import DataError, DriftError
from drift.night import start
from drift.stores.guess import guess

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def written(path, header: list[str], row, n: int = 60) -> str:
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(row(i, MIDNIGHT + timedelta(minutes=37 * i)) for i in range(n))
    return str(path)


def taken(path: str) -> dict[str, str]:
    return {each.column: each.path for each in guess(path, UTC).taken}


def test_a_table_of_ones_own_becomes_a_configuration_that_reads_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header = ["ts", "question", "answer", "model", "route", "cost", "thumbs", "took_ms"]

    def row(i: int, t: datetime) -> list:
        return [t.isoformat(), f"Where is order {i}?", f"It arrives on day {i}.", "small", "billing", 0.001, i % 2, 900 + i]

    written("own.csv", header, row)
    result = run("init", "own.csv")
    assert result.exit_code == 0, result.output
    assert "60 rows, 2 days (2026-03-01 to 2026-03-02) of 21 to 39 rows" in result.output
    assert "--from 2026-03-01 --to 2026-03-02" in result.output
    config = Config.load(tmp_path / "drift.toml")
    (day,) = list(stores.open_store(config).pull(MIDNIGHT, MIDNIGHT + timedelta(days=1)))
    first = day.slice(0, 1).to_pylist()[0]
    expected = ("Where is order 0?", "It arrives on day 0.", "small", "billing", 0.9)
    assert tuple(first[name] for name in ("input", "output", "model", "name", "latency_s")) == expected
    assert first["cost_usd"] == 0.001
    assert first["scores"]


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        (["created_at", "prompt", "completion"], ["Why is it late?", "Because of snow."], ("prompt", "completion")),
        (["time", "user_query", "bot_response"], ["Why is it late?", "Because of snow."], ("user_query", "bot_response")),
        (["when_asked", "Frage", "Antwort"], ["Warum so spät?", "Wegen Schnee."], ("Frage", "Antwort")),
    ],
)
def test_names_as_people_write_them(tmp_path, header, values, expected):
    path = written(tmp_path / "a.csv", header, lambda i, t: [t.timestamp(), *(f"{value} {i}" for value in values)])
    found = taken(path)
    assert (found["input"], found["output"]) == expected


def test_columns_under_any_name_are_guessed_from_what_stands_in_them_and_not_sure(tmp_path):
    path = written(
        tmp_path / "a.csv", ["ts", "col_1", "col_2"], lambda i, t: [t, f"what is {i} plus one", f"it is {i + 1} of course"]
    )
    found = {each.column: each for each in guess(path, UTC).taken}
    assert (found["input"].path, found["output"].path) == ("col_1", "col_2")
    assert not found["input"].sure


def test_a_name_alone_makes_no_column_what_it_is_not(tmp_path):
    """A `time` of words, a `status` of "ok", a `latency` in milliseconds."""
    header = ["ts", "time", "status", "latency", "input", "output"]
    path = written(
        tmp_path / "a.csv", header, lambda i, t: [t, "in the evening", "ok", 800 + i, f"a question {i}", f"an answer {i}"]
    )
    found = taken(path)
    assert found["timestamp"] == "ts"
    assert "error" not in found
    assert found["latency_ms"] == "latency"
    assert "latency_s" not in found


def test_nested_columns_and_exports_of_other_products(tmp_path):
    line = {
        "created": MIDNIGHT.isoformat(),
        "messages": [{"role": "user", "content": "Hi there"}],
        "reply": "Hello.",
        "meta": {"user_id": "u1"},
    }
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(line) for _ in range(5)), "utf-8")
    found = taken(str(tmp_path / "own.jsonl"))
    assert found["input"] == "messages"
    assert found["user"] == "meta.user_id"
    span = {"resourceSpans": []}
    (tmp_path / "spans.jsonl").write_text(json.dumps(span), "utf-8")
    assert guess(str(tmp_path / "spans.jsonl"), UTC).kind == "otlp"


def test_a_file_without_texts_is_an_error_that_lists_its_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written("numbers.csv", ["ts", "amount"], lambda i, t: [t, i])
    result = run("init", "numbers.csv")
    assert isinstance(result.exception, DataError)
    assert "no questions and no answers found; its columns are ts, amount" in str(result.exception)
    assert not (tmp_path / "drift.toml").exists()


@pytest.mark.parametrize("kind", sorted(start.STORES))
def test_every_store_has_a_start_that_loads(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACES_DATABASE_URL", "sqlite://")
    (tmp_path / "drift.toml").write_text(start.for_store(kind), "utf-8")
    config = Config.load(tmp_path / "drift.toml")
    assert config.store.type == kind
    try:
        stores.open_store(config)
    except DriftError as error:
        assert "API key" in str(error) or "LANGFUSE" in str(error) or "MLFLOW" in str(error)


def test_text_of_a_file_never_becomes_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile = 'question"\n[alerts]\nslack = false #'
    written("own.csv", ["ts", hostile, "answer"], lambda i, t: [t, f"is it {i} or not", f"it is {i}"])
    assert run("init", "own.csv").exit_code == 0
    config = Config.load(tmp_path / "drift.toml")
    assert config.alerts.slack
    assert config.store.model_extra["columns"]["input"] == hostile
