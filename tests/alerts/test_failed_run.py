"""`drift run` that fails tells why, once, and fails with its own error whatever becomes of the message."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nights import day

from drift import cli
from drift.config import Config
from drift.errors import DriftError
from drift.night import run
from drift.results import Results, frames


def config(folder: Path, results_url: str = "") -> Config:
    given = {
        "store": {"type": "files", "path": str(folder / "no-such-folder")},
        "lake": {"url": str(folder / "lake")},
        "results": {"url": results_url or f"sqlite:///{folder}/drift.db"},
        "embeddings": {"enabled": False},
    }
    return Config.of(given, root=folder)


def test_a_failed_run_is_told_once_and_raises_its_error(tmp_path: Path, place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    for _ in range(2):
        with pytest.raises(DriftError, match="no-such-folder"):
            run.run_night(config(tmp_path), day(0))
    (post,) = place.posts
    assert post["status"] == "failed" and "no-such-folder" in post["verdict"]
    assert frames.deliveries(Results(f"sqlite:///{tmp_path}/drift.db"))["status"].tolist() == ["sent"]


def test_a_failed_run_that_nobody_is_told_of_writes_no_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DRIFT_WEBHOOK_URL", raising=False)
    with pytest.raises(DriftError, match="no-such-folder"):
        run.run_night(config(tmp_path), day(0))
    assert not (tmp_path / "drift.db").exists()


def test_it_is_told_even_where_the_tables_cannot_be_written(tmp_path: Path, place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    broken = "postgresql://drift@127.0.0.1:1/drift"
    with pytest.raises(DriftError, match="results.url"):
        run.run_night(config(tmp_path, broken), day(0))
    assert len(place.posts) == 1


def test_a_wrong_sink_does_not_hide_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", "nonsense")
    with pytest.raises(DriftError, match="no-such-folder"):
        run.run_night(config(tmp_path), day(0))


@pytest.mark.parametrize("error", [KeyError("a question that somebody asked"), MemoryError(), RuntimeError("one\ntwo")])
def test_a_night_that_dies_of_anything_is_told_and_is_one_line(
    error: Exception, tmp_path: Path, place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    file = tmp_path / "drift.toml"
    file.write_text('[store]\ntype = "demo"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///drift.db"\n', "utf-8")

    def dies(*_, **__):
        raise error

    monkeypatch.setattr(run, "pull_day", dies)
    monkeypatch.setattr(sys, "argv", ["drift", "run", "--day", str(day(0)), "-c", str(file)])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    (post,) = place.posts
    line = f"failed: {type(error).__name__} in drift/night/run.py, line "
    assert post["status"] == "failed" and line in post["verdict"]
    told = capsys.readouterr().err
    assert ended.value.code == 1 and told.count("\n") == 1 and f"error: {day(0)} {line}" in told
    assert "somebody asked" not in told + post["verdict"], "what a trace holds is in no message"
