"""A whole night as its users run it: the command line, the demo store, a folder, SQLite and a Slack webhook on localhost."""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from place import Place

from drift import cli
from drift.config import Config
from drift.lake import Lake
from drift.stores.demo import planted
from drift.text.names import called

# the demo's first incident: the index of product-qa is no longer built, so it gets older by a day each day
INCIDENT = planted("demo")[0]
CHANGED = INCIDENT.first_day
# a later one: account-actions gets another prompt, and keeps it
PROMPT = next(each.first_day for each in planted("demo") if each.cause == "prompt_change")


@pytest.fixture
def drift(tmp_path, monkeypatch, capsys):
    """drift("run", "--day", …) → (exit code, stdout, stderr), in a folder with a small demo's drift.toml."""
    monkeypatch.chdir(tmp_path)
    Path("drift.toml").write_text(
        '[store]\ntype = "demo"\ntraces_per_day = 600\n[embeddings]\nenabled = false\n[segments]\ndimensions = ["name"]\n'
        # in traffic this thin one document of the made-up knowledge base that turns 30 days old is news
        "[metrics.stale_documents]\nenabled = false\n"
    )

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drift", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        shown = capsys.readouterr()
        return int(done.value.code or 0), shown.out, shown.err

    return call


def _everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _table(folder: Path, query: str) -> list[tuple]:
    with sqlite3.connect(folder / "drift-data/drift.db") as connection:
        return connection.execute(query).fetchall()


def _before(days: int) -> date:
    return CHANGED - timedelta(days=days)


def test_a_change_is_found_on_its_first_night_told_once_and_a_rerun_changes_no_byte(drift, tmp_path, place: Place, monkeypatch):
    monkeypatch.setenv("DRIFT_SLACK_WEBHOOK", place.url)
    code, _, _ = drift("backfill", "--from", _before(9), "--to", _before(1))
    assert not place.posts, "a backfill is quiet"
    code, shown, _ = drift("run", "--day", CHANGED)
    assert code == 3
    assert called(INCIDENT.metric).lower() in shown.lower()
    assert INCIDENT.value in shown
    assert len(place.posts) == 1
    assert called(INCIDENT.metric).lower() in json.dumps(place.posts[0]).lower()
    stored = _everything(tmp_path)
    again, _, _ = drift("run", "--day", CHANGED)
    assert again == 3
    assert len(place.posts) == 1
    assert _everything(tmp_path) == stored


def test_an_ordinary_night_is_quiet(drift, place: Place, monkeypatch):
    monkeypatch.setenv("DRIFT_SLACK_WEBHOOK", place.url)
    drift("backfill", "--from", _before(9), "--to", _before(2))
    code, shown, _ = drift("run", "--day", _before(1))
    assert code == 0
    assert "was ordinary" in shown
    assert not place.posts


def test_why_explains_one_metric_in_words_and_numbers(drift):
    drift("backfill", "--from", _before(8), "--to", CHANGED)
    code, shown, _ = drift("show", "--why", INCIDENT.metric)
    assert code == 0
    assert "ALARM" in shown
    assert "z +" in shown
    assert drift("show", "--why", "nonsense")[0] == 1


def test_the_new_normal_is_accepted_and_stays_quiet(drift, tmp_path):
    drift("backfill", "--from", PROMPT - timedelta(days=8), "--to", PROMPT + timedelta(days=2))
    opened = _table(tmp_path, f"select id, metrics from incidents where state = 'open' and opened = '{PROMPT}'")
    assert any("input_tokens" in metrics or "output_characters" in metrics for _, metrics in opened), (
        "the prompt itself is an event"
    )
    for incident, _ in opened:
        assert drift("accept", incident, "--note", "we changed the prompt")[0] == 0
    after = PROMPT + timedelta(days=3)
    drift("run", "--day", after)
    alarms = {metric for (metric,) in _table(tmp_path, f"select metric from findings where alarm and day = '{after}'")}
    assert not alarms & {"output_characters", "cost_usd"}


def test_an_empty_day_fails_says_so_and_is_never_compared_with(drift, tmp_path, monkeypatch):
    drift("backfill", "--from", _before(8), "--to", _before(2))
    monkeypatch.setenv("DRIFT_STORE__UNTIL", "2030-01-01")
    code, shown, err = drift("run", "--day", _before(1))
    assert code == 1
    assert "could not be compared" in shown + err
    monkeypatch.delenv("DRIFT_STORE__UNTIL")
    config = Config.load(tmp_path / "drift.toml")
    assert not Lake(config.lake.url).manifest("profiles", _before(1)).facts["ok"]
    assert _table(tmp_path, f"select status from runs where day = '{_before(1)}'") == [("failed",)]
    assert drift("run", "--day", _before(1))[0] == 0, "run again when the data are there, it is an ordinary day"


def test_a_day_in_shards_has_the_tables_of_a_day_in_one(drift, tmp_path, monkeypatch):
    drift("backfill", "--from", _before(4), "--to", _before(1))
    whole = _table(tmp_path, "select * from daily_metrics order by 1, 2, 3, 4")
    monkeypatch.setenv("DRIFT_PULL__SHARDS", "7")
    drift("backfill", "--from", _before(4), "--to", _before(1))
    assert _table(tmp_path, "select * from daily_metrics order by 1, 2, 3, 4") == whole


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "--day", "yesterday"], 2, "not a day"),
        (["backfill", "--from", "2026-11-02", "--to", "2026-11-01"], 2, "is before"),
        (["show"], 1, "no day was run yet"),
        (["init"], 1, "--force"),
        (["run", "--config", "nowhere.toml"], 1, "drift init"),
        (["ack", "0123"], 1, "drift incidents"),
        (["measure", "nowhere.jsonl", "-o", "out.csv"], 1, "nowhere.jsonl"),
        (["measure", "drift.toml", "-o", "out.docx"], 1, ".parquet, .csv, .jsonl"),
    ],
)
def test_wrong_use_is_one_clear_line_and_a_meaningful_exit_code(drift, arguments, code, says):
    given, out, err = drift(*arguments)
    assert given == code
    assert says in (out + err).replace("\n", " ")
    assert "Traceback" not in err


def test_diagnose_pulls_what_is_missing_and_says_what_was_ordinary(drift, monkeypatch):
    monkeypatch.setenv("DRIFT_STORE__UNTIL", "2026-01-01")  # long over: traffic has gone on without incidents since
    code, shown, _ = drift("diagnose", "--last", "9d", "--yes")
    assert code == 0
    assert "9 days from" in shown
    assert "No change found in" in shown
    assert drift("diagnose", "--last", "fortnight")[0] == 2
