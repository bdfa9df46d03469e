"""Traffic that falls to a part for good is an incident of its size; what its traces are like is compared again when that is known."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from drift.config import Config
from drift.night import run
from drift.results import Results, frames

FIRST = date(2026, 3, 2)


def config(folder: Path, sizes: list[int]) -> Config:
    """Nights of so many traces each, a file a night."""
    (folder / "traces").mkdir()
    for number, size in enumerate(sizes):
        day = FIRST + timedelta(days=number)
        rows = [
            {
                "trace_id": f"{day}-{n}",
                "timestamp": f"{day}T{n * 23 // max(size, 1):02d}:00:00Z",
                "input": "Where is my parcel?",
                "output": "It arrives on Monday.",
                "latency_s": 1.0 + n % 4 / 10,
            }
            for n in range(size)
        ]
        (folder / "traces" / f"{day}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    given = {
        "store": {"type": "files", "path": str(folder / "traces")},
        "lake": {"url": str(folder / "lake")},
        "results": {"url": f"sqlite:///{folder}/drift.db"},
        "embeddings": {"enabled": False},
        "report": {"enabled": False},
        "baseline": {"min_days": 2},
        "rules": {"slow": "latency_p95 > 0.5 s"},
    }
    return Config.of(given, root=folder)


def nights(config: Config, first: int, last: int) -> list[str]:
    return [str(night.answer) for night in run.backfill(config, FIRST + timedelta(days=first), FIRST + timedelta(days=last))]


def compared(config: Config, number: int) -> set[str]:
    """What has a comparison that night, the rule left aside."""
    day = FIRST + timedelta(days=number)
    found = frames.findings(config.results.url, day, day)
    return set(found[found["p"].notna()]["metric"])


def test_the_first_night_says_so_and_after_three_the_nights_are_compared_again(tmp_path: Path):
    settings = config(tmp_path, [60, 60, 60, 9, 9, 9, 9])
    nights(settings, 0, 2)
    assert nights(settings, 3, 5) == ["drift", "known", "known"]
    assert compared(settings, 3) == compared(settings, 5) == {"volume"}
    (opened,) = frames.incidents(settings.results.url).query("metric == 'volume'").itertuples()
    assert (opened.opened.date(), round(opened.value_from), round(opened.value_to)) == (FIRST + timedelta(days=3), 60, 9)
    told = frames.findings(settings.results.url, opened.opened.date(), opened.opened.date())
    reason = told[told["metric"] == "volume"]["reason"].iloc[0]
    assert reason.startswith(
        "9 traces; the 3 days before had 60 to 60; nothing else is compared until three nights had that size"
    )
    assert "rule:slow" in set(told["statistic"]), "a rule holds however few the traces"
    assert nights(settings, 6, 6) == ["known"]
    assert {"volume", "output_characters"} <= compared(settings, 6)


def test_a_night_is_compared_at_once_when_the_new_size_is_accepted(tmp_path: Path):
    settings = config(tmp_path, [200, 200, 200, 30, 30, 3])
    nights(settings, 0, 3)
    results = Results(settings.results.url)
    (volume,) = (each for each in results.incidents() if each.metric == "volume")
    results.decide(volume.id, "accept")
    results.close()
    nights(settings, 4, 5)
    assert "output_characters" in compared(settings, 4)
    assert compared(settings, 5) == set(), "what was accepted is that size, and no smaller one"
    day = FIRST + timedelta(days=5)
    (size,) = frames.findings(settings.results.url, day, day, "volume").itertuples()
    assert size.alarm and size.value_to == 3 and size.reason.startswith("3 traces; the 4 days before had 30 to 200")


def test_a_half_pulled_day_is_no_baseline_and_an_empty_one_is_refused(tmp_path: Path):
    settings = config(tmp_path, [60, 60, 60, 6, 60, 0])
    nights(settings, 0, 3)
    assert nights(settings, 4, 5)[1] == "failed"
    day = FIRST + timedelta(days=4)
    found = frames.findings(settings.results.url, day, day).query("metric == 'output_characters' and statistic == 'level'")
    assert found["baseline_days"].max() == 3


@pytest.mark.parametrize("size", [12, 13, 30])
def test_a_smaller_fall_is_for_the_detector_alone(tmp_path: Path, size: int):
    settings = config(tmp_path, [60, 60, 60, size])
    nights(settings, 0, 3)
    assert {"volume", "output_characters"} <= compared(settings, 3)
