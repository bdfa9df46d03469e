"""A lake and tables of an earlier drift go on in this one: nothing is lost, nothing alarms because of the upgrade.

`nights_of_0001.tar.xz` are eight nights as the drift of 27 Nov 2026 (commit ee86239, tables at revision 0001) left them, of `traces.jsonl.xz`:
40 made-up requests a day, of which six in ten are refused since 9 Nov.
"""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INCIDENT = "d2e57f8fdbeb"


def drift(folder: Path, *args: str) -> subprocess.CompletedProcess:
    env = {key: value for key, value in os.environ.items() if not key.startswith("DRIFT_")} | {
        "DRIFT_SALT": "salt",
        "COLUMNS": "300",
    }
    return subprocess.run(
        [sys.executable, "-m", "drift", *args], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )


def rows(folder: Path, query: str) -> list[tuple]:
    with sqlite3.connect(folder / "results.db") as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("upgraded")
    with tarfile.open(HERE / "nights_of_0001.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "traces.jsonl").write_bytes(lzma.decompress((HERE / "traces.jsonl.xz").read_bytes()))
    (folder / "drift.toml").write_text(
        '[store]\ntype = "files"\npath = "traces.jsonl"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///results.db"\n'
        "[embeddings]\nenabled = false\n[baseline]\nmin_days = 3\n"
    )
    return folder


@pytest.fixture(scope="module")
def upgraded(before) -> tuple[Path, list, subprocess.CompletedProcess]:
    told = rows(before, "SELECT day, metric, dimension, value, level FROM daily_metrics ORDER BY 1, 2, 3, 4")
    return before, told, drift(before, "run", "--day", "2026-11-10")


def test_the_first_night_after_it_alarms_nobody(upgraded):
    _, _, night = upgraded
    assert night.returncode == 0 and "better" not in night.stdout, night.stdout + night.stderr
    assert "stopped arriving" not in night.stdout and "failed a check" not in night.stderr
    assert "measured otherwise by this version of drift than on 8 days before" in night.stderr


def test_what_was_told_before_it_is_kept(upgraded):
    folder, told, _ = upgraded
    assert (
        told
        and rows(
            folder,
            "SELECT day, metric, dimension, value, level FROM daily_metrics WHERE day < '2026-11-10' ORDER BY 1, 2, 3, 4",
        )
        == told
    )
    assert rows(folder, "SELECT count(*) FROM runs") == [(9,)]
    known = drift(folder, "incident", INCIDENT[:8], "--json")
    assert known.returncode == 0, known.stderr
    assert json.loads(known.stdout)["metric"] == "refusal"


def test_a_person_decides_on_an_incident_of_before(upgraded):
    folder, _, _ = upgraded
    acknowledged = drift(folder, "ack", INCIDENT[:8], "--by", "ada")
    assert acknowledged.returncode == 0, acknowledged.stderr
