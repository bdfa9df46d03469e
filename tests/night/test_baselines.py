"""Which days a night is compared with: early days, and the baseline that does not roll."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from drift.config import Config
from drift.lake import Lake
from drift.night import baseline, run
from drift.results import frames
from drift.stores.files import FilesStore

FIRST = date(2026, 10, 1)


def _config(folder: Path, lengths: list[float], days: int) -> Config:
    """One file of traces a day, whose answers have about these many characters."""
    random = np.random.default_rng(3)
    for number, length in enumerate(lengths):
        day = FIRST + timedelta(days=number)
        sizes = random.lognormal(np.log(length), 0.3, 150).astype(int)
        rows = [
            {
                "trace_id": f"{day}-{i}",
                "timestamp": f"{day}T12:00:{i % 60:02}Z",
                "input": "Where is it?",
                "output": "word " * (size // 5),
            }
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
    for _ in run.backfill(config, FIRST, FIRST + timedelta(days=nights - 1)):
        pass


def test_an_alarm_in_the_first_days_does_not_keep_the_baseline_from_growing(tmp_path):
    config = _config(tmp_path, [300, 300, 900, *[300] * 6], days=28)
    _run(config, 9)
    assert frames.incidents(config.results.url, ("open",)).empty
    last = frames.findings(config.results.url, FIRST + timedelta(days=8), metric="output_characters")
    assert last["baseline_days"].max() == 8


def test_the_days_that_an_incident_had_lasted_when_it_was_found_are_no_baseline_for_it():
    opened = FIRST + timedelta(days=30)
    lines = [
        SimpleNamespace(day=opened + timedelta(days=n), event=event) for n, event in enumerate(("new", "lasting", "closed"))
    ]

    def left_out(since: date | None) -> list[int]:
        incident = SimpleNamespace(
            keys={("refusal", "name", "billing", "level")}, new_normal=None, gradual=False, early=False, days=lines,
            opened=opened, lead=SimpleNamespace(since=since),
        )  # fmt: skip
        found = baseline.excluded(Config.of({}), [incident])
        assert set().union(*found.values()) == {("refusal", "name", "billing")}
        return sorted((day - opened).days for day in found)

    assert left_out(opened - timedelta(days=3)) == [-3, -2, -1, 0, 1]
    assert left_out(None) == [0, 1]
    # a creep of months would leave nothing to compare with
    assert left_out(opened - timedelta(days=70)) == [*range(-14, 0), 0, 1]


@pytest.mark.slow
def test_the_first_days_stay_a_baseline_beside_the_one_that_rolls_until_a_new_normal_is_accepted(tmp_path):
    config = _config(tmp_path, [300] * 12, days=5)
    _run(config, 12)
    tests = frames.findings(config.results.url, metric="output_characters").groupby("day")["test"].agg(set)
    assert ["pinned" in each for each in tests] == [False] * (len(tests) - 2) + [True] * 2
    lake, last = Lake(config.lake.url), FIRST + timedelta(days=11)
    past = baseline.history(config, lake, last)
    assert [each.day for each in baseline.pinned(config, lake, last, past, [])] == [FIRST + timedelta(days=n) for n in range(5)]
    accepted = SimpleNamespace(
        accepted=True, new_normal=FIRST + timedelta(days=3), opened=FIRST + timedelta(days=3), lead=SimpleNamespace(since=None)
    )
    assert baseline.pinned(config, lake, last, past, [accepted]) == []


def test_a_night_takes_late_rows_of_the_day_before_but_not_that_the_store_deletes_it(tmp_path):
    config = _config(tmp_path, [300, 300], days=28)
    _run(config, 2)
    lake, file = Lake(config.lake.url), tmp_path / f"{FIRST}.jsonl"
    rows = file.read_text("utf-8").splitlines()
    late = json.dumps(json.loads(rows[0]) | {"trace_id": "late"})
    for left, measured in (([*rows, late], 151), (rows[:20], 151)):
        file.write_text("\n".join(left), "utf-8")
        assert run.run_night(config, FIRST + timedelta(days=1)).answer == "no_baseline"
        assert lake.read("features", FIRST).num_rows == measured
    # whoever asks for the day itself gets what the store has
    run.run_day(config, FIRST)
    assert lake.read("features", FIRST).num_rows == 20


def test_a_store_that_cannot_count_is_looked_through_once_so_that_the_sample_is_as_large_as_asked(tmp_path, monkeypatch):
    class Encoder:
        identity, dimension = "letters@1", 8

        def encode(self, texts):
            vectors = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension))
            return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    monkeypatch.setattr("drift.features.embedding.open_encoder", lambda *given, **known: Encoder())
    looked = []
    pull = FilesStore.pull
    monkeypatch.setattr(FilesStore, "count", lambda self, start, end: None)
    monkeypatch.setattr(FilesStore, "pull", lambda self, start, end: looked.append(start) or pull(self, start, end))
    config = _config(tmp_path, [300] * 3, days=5)
    config = config.model_copy(update={"embeddings": config.embeddings.model_copy(update={"enabled": True, "sample": 40})})
    _run(config, 3)
    embedded = [
        len(Lake(config.lake.url).read("features", FIRST + timedelta(days=i))["output_embedding"].drop_null()) for i in range(3)
    ]
    assert all(25 <= n <= 55 for n in embedded), embedded
    # the days after it are taken to be about as large as the last one
    assert [(start.date() - FIRST).days for start in looked] == [0, 0, 1, 2]


def test_after_a_change_of_encoder_nothing_alarms_and_the_night_says_what_is_not_compared(tmp_path, monkeypatch):
    class Encoder:
        """Questions and answers are alike to the one encoder and not to the other."""

        def __init__(self, identity, width, alike):
            self.identity, self.dimension, self.alike = identity, width, alike

        def encode(self, texts):
            noise = np.array([np.random.default_rng(len(text)).standard_normal(self.dimension) for text in texts])
            side = np.array([self.alike or text.startswith("word") for text in texts])
            vectors = 3.0 * np.eye(self.dimension)[side.astype(int)] + 0.3 * noise
            return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    config = _config(tmp_path, [300] * 12, days=8)
    config = config.model_copy(update={"embeddings": config.embeddings.model_copy(update={"enabled": True})})
    for first, last, encoder in ((0, 8, Encoder("old@1", 8, True)), (9, 11, Encoder("new@1", 6, False))):
        monkeypatch.setattr("drift.features.embedding.open_encoder", lambda *given, of=encoder, **known: of)
        nights = list(run.backfill(config, FIRST + timedelta(days=first), FIRST + timedelta(days=last)))
        assert not any(night.alarms for night in nights)
    changed = frames.findings(config.results.url, FIRST + timedelta(days=9), FIRST + timedelta(days=9))
    told = changed[changed["metric"] == "output_embedding"]["reason"].tolist()
    assert len(told) == 1 and "new@1" in told[0] and "old@1" in told[0] and "drift backfill" in told[0]
    cosines = changed[changed["metric"] == "answer_question_cosine"]
    assert not cosines.empty and (cosines["baseline_days"] == 0).all()
