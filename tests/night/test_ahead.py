"""A backfill pulls the next day while it compares one: the nights are those of one day after another."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from drift.config import Config
from drift.errors import StoreError
from drift.lake import Lake
from drift.night import processes, run
from drift.results import frames

FIRST = date(2026, 3, 2)
NIGHTS = 4


def _config(folder: Path) -> Config:
    """Four days of traces, each slower than the one before, with some refusals."""
    (folder / "traces").mkdir(parents=True)
    for number in range(NIGHTS):
        day = FIRST + timedelta(days=number)
        rows = (
            {
                "trace_id": f"{day}-{n}",
                "timestamp": f"{day}T{n % 24:02d}:00:00Z",
                "input": "Where is my parcel?",
                "output": "It arrives on Monday." if n % 9 else "I am sorry, I cannot help with that.",
                "latency_s": 1.0 + number / 10 + n % 4 / 10,
            }
            for n in range(120)
        )
        (folder / "traces" / f"{day}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    given = {
        "store": {"type": "files", "path": str(folder / "traces")},
        "lake": {"url": str(folder / "lake")},
        "results": {"url": f"sqlite:///{folder}/drift.db"},
        "embeddings": {"enabled": False},
        "report": {"enabled": False},
        "baseline": {"min_days": 2},
    }
    return Config.of(given, root=folder)


def _backfill(folder: Path, monkeypatch: pytest.MonkeyPatch, cores: int) -> Config:
    config = _config(folder)
    monkeypatch.setattr(processes, "cores", lambda: cores)
    nights = list(run.backfill(config, FIRST, FIRST + timedelta(days=NIGHTS - 1), in_advance=True))
    assert [night.traces for night in nights] == [120] * NIGHTS
    return config


def test_the_next_day_is_pulled_by_another_process_and_the_nights_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pulled_here: list[date] = []
    pull = run.ahead.pull_day
    monkeypatch.setattr(run.ahead, "pull_day", lambda config, day: pulled_here.append(day) or pull(config, day))
    one, two = (_backfill(tmp_path / str(cores), monkeypatch, cores) for cores in (1, 2))
    assert pulled_here == [*(FIRST + timedelta(days=n) for n in range(NIGHTS)), FIRST]
    found = [frames.findings(config.results.url) for config in (one, two)]
    assert len(found[0]) and found[0].equals(found[1])
    for number in range(NIGHTS):
        day = FIRST + timedelta(days=number)
        features = [Lake(config.lake.url).read("features", day) for config in (one, two)]
        assert features[0].equals(features[1])


def test_a_day_that_cannot_be_pulled_ends_the_backfill_after_the_nights_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = _config(tmp_path)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    pd.concat(pd.read_json(file, lines=True) for file in (tmp_path / "traces").iterdir()).to_sql(
        "traces", f"sqlite:///{tmp_path}/traces.db"
    )
    third = FIRST + timedelta(days=2)
    query = f"SELECT * FROM traces WHERE timestamp >= :start AND timestamp < :end AND (:start < '{third}' OR abs({-(2**63)}))"
    store = {"type": "sql", "url": f"sqlite:///{tmp_path}/traces.db", "query": query}
    config = Config.of({**config.model_dump(mode="json"), "store": store}, root=tmp_path)
    done = []
    with pytest.raises(StoreError, match="integer overflow"):
        for night in run.backfill(config, FIRST, FIRST + timedelta(days=NIGHTS - 1), in_advance=True):
            done.append(night.day)
    assert done == [FIRST, FIRST + timedelta(days=1)]
    assert Lake(config.lake.url).days("features") == done
