"""Privacy: a person is forgotten, what is old is gone, a text is redacted before anything is made of it, and who looked is written down."""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from nights import day as night
from nights import finding, write

from drift import traces
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.findings import Exemplar, Explanation
from drift.lake import Lake
from drift.night import forget as forgetting
from drift.night import maintenance
from drift.results import Results, frames, ledger
from drift.stores import open_store
from drift.traces import hash_user

SALT = "a salt of the test"


@pytest.fixture
def config(tmp_path, monkeypatch) -> Config:
    monkeypatch.setenv("DRIFT_SALT", SALT)
    return Config.of(
        {
            "lake": {"url": str(tmp_path / "lake")},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "report": {"enabled": False},
        }
    )


def features(config: Config, on: date, people: dict[str, str]) -> None:
    """A day's rows: by trace its user; each user has one session."""
    rows = [
        {"trace_id": trace, "user": hash_user(user, SALT), "session_id": f"session of {user}", "latency_s": 1.0}
        for trace, user in people.items()
    ]
    Lake(config.lake.url).write("features", on, pa.Table.from_pylist(rows), {"a": 1})


def everything(config: Config) -> bytes:
    """All bytes that drift stored."""
    folder = Path(config.lake.url).parent
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def kept(config: Config, on: date) -> list[str]:
    found = Lake(config.lake.url).read("features", on)
    return found["trace_id"].to_pylist() if found is not None else []


@pytest.mark.parametrize("kind, value", [("user", "ann"), ("session", "session of ann"), ("trace", "ann-1")])
def test_who_is_forgotten_is_in_no_file_any_more(config, kind, value):
    features(config, night(0), {"ann-1": "ann", "bob-1": "bob"})
    features(config, night(1), {"bob-2": "bob"})
    Lake(config.lake.url).write_part("features", night(0), pa.table({"trace_id": ["ann-1"], "left": ["by a killed run"]}))
    results = Results.of(config)
    note = Explanation(summary="because", exemplars=(Exemplar("ann-1", "http://store/ann-1", 1.0, "typical"),))
    write(results, night(0))
    write(results, night(1), [finding(night(1))], note)
    assert frames.exemplars(results)["trace_id"].tolist() == ["ann-1"]
    gone = forgetting.forget(config, kind, value)
    assert (gone.rows, gone.exemplars) == ({night(0): 1}, 1)
    assert kept(config, night(0)) == ["bob-1"] and kept(config, night(1)) == ["bob-2"]
    assert Lake(config.lake.url).manifest("features", night(0)).facts == {"a": 1}
    with sqlite3.connect(config.results.url.removeprefix("sqlite:///")) as connection:
        connection.execute("VACUUM")
    assert b"ann-1" not in everything(config) and hash_user("ann", SALT).encode() not in everything(config).replace(
        f"user {hash_user('ann', SALT)}".encode(), b""
    )
    done = frames.audit(results).iloc[-1]
    assert done["action"] == "forget" and value not in done["subject"]
    results.close()


def test_without_the_salt_a_user_cannot_be_found_and_that_is_said(config, monkeypatch):
    monkeypatch.delenv("DRIFT_SALT")
    with pytest.raises(ConfigError, match="DRIFT_SALT is not set"):
        forgetting.forget(config, "user", "ann")


def test_the_vectors_of_a_day_from_which_somebody_went_are_gone(config):
    folder = Path(config.lake.url, "embeddings", f"day={night(0)}", "encoder")
    folder.mkdir(parents=True)
    (folder / "x.npz").write_bytes(b"vectors")
    features(config, night(0), {"ann-1": "ann", "bob-1": "bob"})
    forgetting.forget(config, "trace", "nobody")
    assert folder.exists()
    forgetting.forget(config, "trace", "ann-1")
    assert not folder.exists()


def test_rows_and_vectors_older_than_the_retention_are_gone_and_no_younger_ones(config):
    today = date(2026, 11, 30)
    ages = [29, 30, 31, 400]
    for age in ages:
        features(config, today - timedelta(days=age), {f"aged {age}": "ann"})
        folder = Path(config.lake.url, "embeddings", f"day={today - timedelta(days=age)}")
        folder.mkdir(parents=True)
        (folder / "x.npz").write_bytes(f"vectors aged {age}".encode())
    maintenance.expire(config, today)
    there = everything(config)
    assert [age for age in ages if f"aged {age}".encode() in there] == [29, 30]


def hook(monkeypatch, tmp_path, body: str) -> str:
    name = f"own_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(f"def hide(text):\n    {body}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return f"{name}:hide"


def store_of(tmp_path: Path, redact: str):
    row = {
        "trace_id": "1", "timestamp": "2026-11-08T10:00:00Z", "input": "I am Ann", "output": "Hello Ann", "reference": "Ann",
        "documents": [{"id": "d", "text": "about Ann"}], "metadata": {"note": "of Ann"},
    }  # fmt: skip
    (tmp_path / "t.jsonl").write_text(json.dumps(row) + "\n")
    config = Config.of({"store": {"type": "files", "path": str(tmp_path / "t.jsonl")}, "privacy": {"redact": redact}})
    return open_store(config), config.window(date(2026, 11, 8))


def test_a_text_is_redacted_before_anything_sees_it(tmp_path, monkeypatch):
    store, window = store_of(tmp_path, hook(monkeypatch, tmp_path, "return text.replace('Ann', 'somebody')"))
    (batch,) = store.pull(*window)
    assert batch.schema.equals(traces.SCHEMA) and batch["output"].to_pylist() == ["Hello somebody"]
    assert batch["documents"].to_pylist()[0][0]["text"] == "about somebody"
    assert "Ann" not in str(batch.to_pylist())


def test_a_hook_that_fails_lets_nothing_through_and_does_not_tell_the_text(tmp_path, monkeypatch):
    store, window = store_of(tmp_path, hook(monkeypatch, tmp_path, "raise ValueError(text)"))
    with pytest.raises(DataError, match="the function raised ValueError; nothing is read") as raised:
        list(store.pull(*window))
    assert "Ann" not in str(raised.value)


@pytest.mark.parametrize("named, says", [("nothing", "module:function"), ("no_such_module:f", "could not be imported")])
def test_a_hook_that_is_none_is_told_before_anything_is_read(tmp_path, named, says):
    with pytest.raises(ConfigError, match=says):
        store_of(tmp_path, named)


def test_who_decided_and_looked_is_written_down(config, monkeypatch):
    monkeypatch.setenv("DRIFT_ACTOR", "ann@example.com")
    results = Results.of(config)
    write(results, night(0))
    write(results, night(1), [finding(night(1))])
    (found,) = results.incidents()
    results.decide(found.id, "ack", note="mine")
    ledger.judge(results, found.id, "useful")
    found_in = frames.audit(results)
    assert found_in[["who", "action", "subject", "note"]].to_numpy().tolist() == [
        ["ann@example.com", "ack", found.id, "mine"],
        ["ann@example.com", "useful", found.id, ""],
    ]
    results.close()
