"""A program that reads the tables of SQLite keeps no night waiting, and reads one whole night while another is written."""

from __future__ import annotations

import os
import sqlite3

import pytest
from nights import day, finding, write

from drift.results import Results, database, frames


def test_an_open_reader_blocks_no_night_and_sees_what_was_there(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 1)
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    write(results, day(0))
    reader = sqlite3.connect(tmp_path / "drift.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    write(results, day(1), [finding(day(1))])
    assert reader.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert len(frames.runs(results)) == 2
    reader.close()
    results.close()


def test_a_night_leaves_one_file_behind_that_can_be_copied(tmp_path):
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    write(results, day(0))
    results.close()
    assert os.listdir(tmp_path) == ["drift.db"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_tables_that_may_only_be_read_can_be_read(tmp_path):
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    write(results, day(0))
    results.close()
    (tmp_path / "drift.db").chmod(0o444)
    assert len(frames.runs(f"sqlite:///{tmp_path}/drift.db")) == 1
