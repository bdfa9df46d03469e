"""Which days a night is compared with: early days, and the baseline that does not roll."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from drift import pipeline
from drift.config import Config
from drift.results import Results, read

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
def test_what_a_rolling_baseline_follows_is_found_against_the_first_one_until_it_is_accepted(tmp_path):
    lengths = [300 * 1.012**number for number in range(26)]
    config = _config(tmp_path, lengths, days=7)
    _run(config, 24)
    alarms = read.findings(config.results.url, metric="output_characters", alarms_only=True)
    assert "pinned" in set(alarms["test"])
    incident = read.incidents(config.results.url).query("metric in ('output_characters', 'output_words', 'output_tokens')").iloc[-1]
    results = Results(config.results.url)
    results.decide(incident["id"], "accept")
    results.close()
    pipeline.run_day(config, FIRST + timedelta(days=24))
    after = read.findings(config.results.url, FIRST + timedelta(days=24), metric="output_characters")
    assert not after.empty and "pinned" not in set(after["test"])
