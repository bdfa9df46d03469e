"""The anchors of a night: each is judged once, though the day is pulled in shards side by side; where they come from, and what they hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from judge.chat_server import Laws, serving
from judge.test_judging import DAY, config, traffic

from drift import traces
from drift.judge import anchors, judgements
from drift.judge.chat import Chat
from drift.judge.judging import Judging
from drift.results.database import Database
from drift.results.ruler import ANCHOR

MIDNIGHT, NOON = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(Chat, "wait_s", 0.0)


def known(folder: Path, n: int = 24) -> str:
    lines = ({"id": f"a{i}", "input": f"anchor {i}?", "output": "an answer", "labels": {}} for i in range(n))
    (folder / "anchors.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return str(folder / "anchors.jsonl")


def test_what_another_shard_has_asked_meanwhile_is_not_asked_again(tmp_path):
    """While the first four anchors are asked, the shard of the other half of the day writes down the rest."""
    laws = Laws()
    with serving(laws) as service:
        settings = config(tmp_path, service, anchors=known(tmp_path), parallel=4)
        run = Judging.begin(settings, DAY, None, (MIDNIGHT, NOON))
        database = Database(settings.results.url)

        def other_shard(prompt: str) -> bool:
            scores = {f"{ANCHOR}a{i}": 1.0 for i in range(4, 24)}
            judgements.write(database, DAY, run.evaluator(run.rubrics[0]), scores)
            return True

        laws.judge = other_shard
        run.columns([])
    assert len(service.asked) == 4
    assert len(judgements.read(database, DAY, run.evaluator(run.rubrics[0]), [f"{ANCHOR}a{i}" for i in range(24)])) == 24
    database.close()


def test_shards_that_run_at_once_begin_with_different_anchors(tmp_path):
    with serving() as service:
        settings = config(tmp_path, service, anchors=known(tmp_path), calls=1, parallel=1)
        Judging.begin(settings, DAY, None, (NOON, NOON.replace(hour=18))).columns([])
    (prompt,) = service.asked
    assert "anchor 12?" in prompt


def test_what_is_proposed_can_be_read_with_its_documents_and_tools(tmp_path):
    step = {"position": 0, "kind": "tool", "name": "search"}
    row = {"trace_id": "t1", "name": "chat", "input": "q", "output": "a", "documents": [{"text": "d1"}], "trajectory": [step]}
    lines = list(anchors.propose(traces.table([row, {"trace_id": "t2", "input": "no answer"}]), 60))
    (tmp_path / "anchors.jsonl").write_text("\n".join(lines))
    (anchor,) = anchors.read(str(tmp_path / "anchors.jsonl"))
    assert anchor.fields == {"input": "q", "output": "a", "context": "d1", "tools": "Called, in this order: search"}


def test_on_the_first_night_too_the_sample_is_as_large_as_its_budget(tmp_path):
    """No day before says how large the endpoints are; the day's own size does."""
    with serving() as service:
        run = Judging.begin(config(tmp_path, service, calls=60), DAY, None, None, 300)
        run.collect(traffic(300))
        judged = run.columns(traffic(300)["trace_id"].to_pylist())["judge.helpful"]
    assert 45 <= len(service.asked) == len(judged) - judged.null_count <= 60
    assert run.shares.rest == pytest.approx(0.2)
