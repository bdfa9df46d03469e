"""A look at the hours since a deployment."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.features import refusal
from drift.lake import Lake
from drift.night.profile import profile_day
from drift.night.pull import pull_shard
from drift.results import Results

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 12
WORDS = [
    f"{first}{last}"
    for first in ("par", "sen", "del", "ord", "rou", "cour")
    for last in ("cel", "der", "ivery", "ning", "ier", "t", "ly")
]
DEPLOYED = FIRST + timedelta(days=DAYS, hours=14)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Twelve whole days of sixty requests an hour, with slower evenings, and a day whose answers are twice as long since 14:00."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    with open("traces.jsonl", "w") as file:
        for hour in range(24 * DAYS + 17):
            at = FIRST + timedelta(hours=hour)
            for _ in range(60 if at.hour < 18 else 20):
                words = int(
                    30 * np.exp(0.4 * rng.standard_normal()) * (2 if at >= DEPLOYED else 1) * (3 if at.hour >= 18 else 1)
                )
                moment = at + timedelta(seconds=float(rng.uniform(0, 3600)))
                file.write(json.dumps({"trace_id": f"{moment:%d%H%M%S%f}", "timestamp": moment.isoformat(), "input": "Where is my parcel?", "output": " ".join(rng.choice(WORDS, words))}) + "\n")  # fmt: skip
    (tmp_path / "drift.toml").write_text('[store]\ntype = "files"\npath = "traces.jsonl"\n[embeddings]\nenabled = false\n')
    settings = Config.load(None)
    for number in range(DAYS):
        day = (FIRST + timedelta(days=number)).date()
        profile_day(settings, day, [pull_shard(settings, day)])
    return tmp_path


def _kept(folder) -> tuple[dict, int]:
    """The lake's files, and the nights in the tables; who reads SQLite may touch its file."""
    results = Results.of(Config.load(None))
    try:
        nights = len(results.verdicts())
    finally:
        results.close()
    return {
        path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and "drift.db" not in path.name
    }, nights


def _check(*arguments: str):
    return CliRunner().invoke(app, ["check", *arguments])


def test_hours_are_compared_with_the_same_hours_and_no_night_is_written(folder):
    before = _kept(folder)
    quiet = _check("--since", f"{DEPLOYED - timedelta(hours=3):%FT%H:%M}", "--until", f"{DEPLOYED:%FT%H:%M}")
    assert quiet.exit_code == 0, quiet.output
    told = _check("--since", f"{DEPLOYED:%FT%H:%M}", "--until", f"{DEPLOYED + timedelta(hours=2):%FT%H:%M}")
    assert told.exit_code == 3, told.output
    assert "Length of answers doubled" in told.output
    assert _kept(folder) == before == (before[0], 0)


def test_hours_are_not_compared_in_what_another_version_of_drift_measured_otherwise(folder, monkeypatch):
    """This version calls one answer in three a refusal, and the one that measured the days before called none so."""
    lake = Lake(Config.load(None).lake.url)
    for day in lake.days("features"):
        lake.write("features", day, lake.read("features", day).drop_columns(["_ruler"]))
    monkeypatch.setattr(refusal, "measure", lambda batch, context: {"refusal": (np.arange(len(batch)) % 3 == 0) * 1.0})
    quiet = _check("--since", f"{DEPLOYED - timedelta(hours=3):%FT%H:%M}", "--until", f"{DEPLOYED:%FT%H:%M}")
    assert quiet.exit_code == 0, quiet.output


def test_hours_without_traces_or_no_hours_are_said(folder):
    assert "no traces" in str(_check("--since", "2026-03-20T10:00", "--until", "2026-03-20T12:00").exception)
    assert "at most 24 hours" in str(_check("--since", "2026-03-02T10:00", "--until", "2026-03-09T12:00").exception)
    assert _check("--since", "yesterday").exit_code == 2
