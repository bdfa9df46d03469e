"""Which days a night is compared with: early days, and the baseline that does not roll."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from drift import baseline, pipeline
from drift.config import Config
from drift.lake import Lake
from drift.results import read

FIRST = date(2026, 10, 1)


def _config(folder: Path, lengths: list[float], days: int) -> Config:
    """One file of traces a day, whose answers have about these many characters."""
    random = np.random.default_rng(3)
    for number, length in enumerate(lengths):
        day = FIRST + timedelta(days=number)
        sizes = random.lognormal(np.log(length), 0.3, 150).astype(int)
        rows = [
            {"trace_id": f"{day}-{i}", "timestamp": f"{day}T12:00:{i % 60:02}Z", "input": "Where is it?", "output": "word " * (size // 5)}
            for i, size in enumerate(sizes)
        ]
        (folder / f"{day}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return Config.of(
        {
            "store": {"type": "files", "path": str(folder / "*.jsonl")},
            "lake": {"url": str(folder / "lake")},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
            "report": {"enabled": False},
            "segments": {"dimensions": []},
            "baseline": {"days": days, "min_days": min(7, days)},
        }
    )


def _run(config: Config, nights: int) -> None:
    for _ in pipeline.backfill(config, FIRST, FIRST + timedelta(days=nights - 1)):
        pass


def test_an_alarm_in_the_first_days_does_not_keep_the_baseline_from_growing(tmp_path):
    config = _config(tmp_path, [300, 300, 900, *[300] * 6], days=28)
    _run(config, 9)
    assert read.incidents(config.results.url, ("open",)).empty
    last = read.findings(config.results.url, FIRST + timedelta(days=8), metric="output_characters")
    assert last["baseline_days"].max() == 8


@pytest.mark.slow
def test_the_first_days_stay_a_baseline_beside_the_one_that_rolls_until_a_new_normal_is_accepted(tmp_path):
    config = _config(tmp_path, [300] * 12, days=5)
    _run(config, 12)
    tests = read.findings(config.results.url, metric="output_characters").groupby("day")["test"].agg(set)
    assert ["pinned" in each for each in tests] == [False] * (len(tests) - 2) + [True] * 2
    lake, last = Lake(config.lake.url), FIRST + timedelta(days=11)
    past = baseline.history(config, lake, last)
    assert [each.day for each in baseline.pinned(config, lake, last, past, [])] == [FIRST + timedelta(days=n) for n in range(5)]
    accepted = SimpleNamespace(accepted=True, opened=FIRST + timedelta(days=3), lead=SimpleNamespace(since=None))
    assert baseline.pinned(config, lake, last, past, [accepted]) == []
