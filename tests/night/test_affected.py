"""All traces that an incident affected."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from nights import day, finding, write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.lake import Lake
from drift.results import Results

REFUSED = 6


@pytest.fixture
def incident(tmp_path, monkeypatch) -> str:
    """Two days of an incident of chat, after three ordinary ones; refusals are the last REFUSED requests of chat, and some of search."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drift.toml").write_text(
        '[store]\ntype = "demo"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///drift.db"\n'
    )
    settings = Config.load(None)
    lake, results = Lake(settings.lake.url), Results.of(settings)
    for number in range(5):
        refused = np.zeros(40)
        refused[:2] = 1
        refused[40 - (REFUSED if number >= 3 else 1) :] = 1
        rows = {
            "trace_id": [f"{number}-{i}" for i in range(40)],
            "name": ["search"] * 20 + ["chat"] * 20,
            "refusal": refused,
        }
        lake.write("features", day(number), pa.table(rows))
        write(results, day(number), [finding(day(number), where="name=chat", change=0.07 if number >= 3 else 0)])
    (found,) = results.incidents()
    results.close()
    return found.id


def _affected(*arguments: str):
    return CliRunner().invoke(app, ["affected", *arguments])


def test_all_that_show_it_in_its_place_and_time_and_no_others(incident):
    lines = _affected(incident[:8]).output.splitlines()
    assert [line.split("\t")[1] for line in lines] == [f"{n}-{i}" for n in (3, 4) for i in range(40 - REFUSED, 40)]
    told = json.loads(_affected(incident, "--json").output)
    assert told["kind"] == "affected" and len(told["traces"]) == 2 * REFUSED
    assert told["traces"][0] | {"url": ""} == {"day": str(day(3)), "trace_id": f"3-{40 - REFUSED}", "value": 1.0, "url": ""}


def test_rows_that_are_no_longer_stored_are_said(incident):
    lake = Lake(Config.load(None).lake.url)
    for number in range(5):
        lake.delete("features", day(number))
    assert "are stored any more; feature rows are kept for 30 days" in str(_affected(incident).exception)
