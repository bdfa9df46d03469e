"""Calls of a week ago, asked again after each quiet night: a provider's change is known before it is large, and is told once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from judge.chat_server import Laws, Service, serving
from nights import finding, write

from drift.config import Config
from drift.errors import ConfigError
from drift.judge.chat import Chat
from drift.lake import Lake
from drift.night.profile import profile_day
from drift.night.publish import publish_day
from drift.night.pull import pull_shard
from drift.night.ready import ask_again
from drift.results import Results, announced

FIRST = date(2026, 3, 2)
DAYS, A_DAY, EACH = 6, 60, 40
REFUSAL = "I'm sorry, but I can't help with that request."


def told(question: int, rate: float, rng: random.Random) -> str:
    return REFUSAL if rng.random() < rate else f"Parcel {question} is on its way."


def _question(body: dict) -> int:
    return int(body["messages"][-1]["content"].split()[-1].rstrip("?"))


@pytest.fixture
def service(monkeypatch) -> Iterator[Service]:
    monkeypatch.setattr(Chat, "wait_s", 0.0)
    with serving(Laws(reply_to=lambda body, rng: told(_question(body), 0.02, rng))) as running:
        yield running


@pytest.fixture
def config(tmp_path, monkeypatch, service) -> Config:
    """Six days of an endpoint that refuses 2 %, measured."""
    monkeypatch.setenv("DRIFT_SALT", "x")
    rng, lines = random.Random(1), []
    for number in range(DAYS):
        for i in range(A_DAY):
            at = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(days=number, minutes=10 * i)
            said = [{"role": "system", "content": "Answer."}, {"role": "user", "content": f"Where is parcel {i}?"}]
            lines.append(
                {"trace_id": f"{number}-{i}", "timestamp": at.isoformat(), "name": "chat", "model": "m-1", "input": said,
                 "output": told(i, 0.02, rng), "metadata": {"temperature": 0.2}}
            )  # fmt: skip
    (tmp_path / "traces.jsonl").write_text("\n".join(map(json.dumps, lines)))
    made = Config.of(
        {
            "store": {"type": "files", "path": str(tmp_path / "traces.jsonl")},
            "lake": {"url": str(tmp_path / "lake")},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "embeddings": {"enabled": False},
            "report": {"enabled": False},
            "experiment": {"endpoint": service.url, "input_usd": 1.0, "output_usd": 1.0, "each_night": EACH},
        }
    )
    for number in range(DAYS):
        profile_day(made, FIRST + timedelta(days=number), [pull_shard(made, FIRST + timedelta(days=number))])
    return made


def _nights(config: Config, numbers: range) -> list[str]:
    """What nights a week after these days tell."""
    results = Results.of(config)
    try:
        for number in numbers:
            ask_again(config, results, FIRST + timedelta(days=number + 7))
        with results.database.reading() as connection:
            return [each.what for each in announced.announced(connection, FIRST, FIRST + timedelta(days=30))]
    finally:
        results.close()


def test_a_provider_that_changed_is_told_once_after_few_nights(config, service):
    assert _nights(config, range(2)) == []
    service.laws.reply_to = lambda body, rng: told(_question(body), 0.25, rng)
    (event,) = _nights(config, range(2, 6))
    assert event.startswith("refusals of m-1, on the same ") and "→" in event
    assert service.asked and len(service.asked) <= DAYS * EACH


def test_a_provider_as_ever_is_no_event(config, service):
    assert _nights(config, range(DAYS)) == []
    assert len(service.asked) > 0


def test_a_night_that_is_run_again_asks_nothing_twice(config, service):
    _nights(config, range(1))
    asked = len(service.asked)
    assert asked == EACH - EACH // 10 and _nights(config, range(1)) == [] and len(service.asked) == asked


def test_nothing_is_asked_while_an_incident_is_open_or_where_it_is_off(config, service):
    results = Results.of(config)
    write(results, FIRST + timedelta(days=6), [finding(FIRST + timedelta(days=6), where="name=chat")])
    assert ask_again(config, results, FIRST + timedelta(days=7)) == 0
    results.close()
    off = config.model_copy(update={"experiment": config.experiment.model_copy(update={"each_night": 0})})
    shut = config.model_copy(update={"privacy": config.privacy.model_copy(update={"texts_leave": False})})
    for each in (off, shut):
        assert _nights(each, range(1)) == []
    assert service.asked == []


def test_no_text_of_it_is_stored(config, service, tmp_path):
    _nights(config, range(2))
    assert Lake(config.lake.url).days("ready")
    stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "traces.jsonl")
    assert b"on its way" not in stored and b"Where is parcel" not in stored


def test_a_published_night_asks_and_a_backfill_does_not(config, service):
    day = FIRST + timedelta(days=5)
    # seven days before it is no day, so a week is put between
    lake = Lake(config.lake.url)
    for kind in ("features", "profiles"):
        table, facts = lake.read(kind, day), lake.manifest(kind, day).facts
        lake.write(kind, day + timedelta(days=3), table, facts)
    publish_day(config, day + timedelta(days=3), quiet=True)
    assert service.asked == []
    publish_day(config, day + timedelta(days=3))
    assert len(service.asked) == EACH - EACH // 10


def test_fewer_than_tell_anything_are_refused():
    with pytest.raises(ConfigError, match="ten at least"):
        Config.of({"experiment": {"each_night": 3}})
