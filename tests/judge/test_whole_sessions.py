"""Whole sessions under the judge: once they are over, a share of them, and what is said of one stands with its last trace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from judge.chat_server import Laws, Service, serving

from drift import metrics, traces
from drift.config import Config
from drift.errors import ConfigError
from drift.judge.chat import Chat
from drift.judge.judging import WEIGHT, Judging
from drift.judge.rubrics import chosen, of_sessions

DAY = date(2026, 11, 2)
WINDOW = (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(Chat, "wait_s", 0.0)


def config(tmp_path: Path, service: Service, **judge) -> Config:
    section = {"sessions": ["completed"], "model": "judge-1", "endpoint": service.url, "share": 1.0}
    section |= {"input_usd": 1.0, "output_usd": 1.0}
    return Config.of({"judge": section | judge, "results": {"url": f"sqlite:///{tmp_path / 'drift.db'}"}})


def turn(session: str | None, at: str, output: str = "fine", name: str = "chat") -> dict:
    said = {"input": f"question of {session} at {at}", "output": output, "name": name}
    return {"trace_id": f"{session}-{at}", "timestamp": f"2026-11-02T{at}:00", "session_id": session, **said}


TRAFFIC = traces.table(
    [
        turn("late", "23:50"),
        turn("done", "10:05", "It is booked."),
        turn("open", "09:00", "bad"),
        turn("done", "10:00", "Which day?"),
        turn("open", "11:00", "still bad"),
        turn("early", "00:10"),
        turn(None, "12:00"),
    ]
)


def judged(settings: Config, table: pa.Table, window=WINDOW) -> dict[str, list]:
    run = Judging.begin(settings, DAY, None, window)
    run.collect(table)
    return {name: column.to_pylist() for name, column in run.columns(table["trace_id"].to_pylist()).items()}


def test_a_session_that_is_over_is_judged_once_by_all_of_its_turns(tmp_path):
    with serving() as service:
        found = judged(config(tmp_path, service), TRAFFIC)
    scores = dict(zip(TRAFFIC["trace_id"].to_pylist(), found["judge.session_completed"], strict=True))
    assert {trace: score for trace, score in scores.items() if score is not None} == {"done-10:05": 1.0, "open-11:00": 0.0}
    (talk,) = [asked for asked in service.asked if "of done" in asked]
    places = [
        talk.index(text) for text in ("question of done at 10:00", "Which day?", "question of done at 10:05", "It is booked.")
    ]
    assert places == sorted(places)
    assert metrics.lookup("judge.session_completed").kind == "number"
    # no request was judged by itself
    assert found[WEIGHT] == [None] * 7


def test_what_may_go_on_beyond_what_was_pulled_is_unknown(tmp_path):
    with serving() as service:
        judged(config(tmp_path, service), TRAFFIC)
        assert not any(session in asked for asked in service.asked for session in ("of late", "of early", "of None"))
        # a shard that ends in the middle of a talk does not know how it ends
        half = (WINDOW[0], datetime(2026, 11, 2, 10, 15, tzinfo=UTC))
        (tmp_path / "other").mkdir()
        assert judged(config(tmp_path / "other", service), TRAFFIC.slice(1, 1), half)["judge.session_completed"] == [None]


def test_the_sample_is_of_sessions_and_the_same_in_any_order(tmp_path):
    many = traces.table(turn(f"s{i}", f"{10 + k}:00") for i in range(100) for k in range(3))
    with serving(Laws(judge=lambda prompt: True)) as service:
        settings = config(tmp_path, service, share=0.3)
        found = judged(settings, many)["judge.session_completed"]
        back = judged(settings, many.take(pa.array(range(299, -1, -1))))["judge.session_completed"]
        assert len(service.asked) == sum(score is not None for score in found)
    assert back[::-1] == found
    assert 15 <= sum(score is not None for score in found) <= 45


def test_requests_and_sessions_are_judged_side_by_side_within_one_budget(tmp_path):
    with serving() as service:
        found = judged(config(tmp_path, service, rubrics=["helpful"], calls=8), TRAFFIC)
        assert len(service.asked) == 8
    assert sum(score is not None for score in found["judge.helpful"]) == 7
    assert sum(score is not None for score in found["judge.session_completed"]) == 1


def test_rubrics_of_sessions_may_be_ones_own_and_unknown_ones_are_refused():
    own = {"sessions": ["brief", "tone"], "own": {"brief": "It is over in three turns."}, "scale": ["tone"]}
    brief, tone = of_sessions(Config.of({"judge": own}).judge)
    assert brief.name == "session_brief" and "It is over in three turns." in str(brief.messages)
    assert tone.labels["5"] == 5.0 and not chosen(Config.of({"judge": own}).judge)
    with pytest.raises(ConfigError, match="known are coherent, completed, helpful, tone"):
        of_sessions(Config.of({"judge": {"sessions": ["grounded"]}}).judge)
