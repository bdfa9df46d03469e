"""What is expected of answers: what a judge is asked about them, and that the same question in other words is answered alike."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from judge.chat_server import Laws, serving

from drift import metrics
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.golden import history
from drift.golden.run import run
from drift.golden.sets import read
from drift.judge.chat import Chat
from drift.judge.spending import Budget
from drift.results.database import Database

DAY = date(2026, 11, 2)
APPLICATION = """
def answer(question):
    kind = "rude" if "3" in question else "polite"
    return f"A {kind} answer to {question}"

def parrot(question):
    return question
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Chat, "wait_s", 0.0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("asked_application.py").write_text(APPLICATION, "utf-8")
    return tmp_path


def config(rows: list[dict], judge: dict | None = None, function: str = "answer", **golden) -> Config:
    Path("set.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    given = {"file": "set.jsonl", "target": f"asked_application:{function}", "times": 2} | golden
    told = {"embeddings": {"enabled": False}, "golden": {"set": given}, "results": {"url": "sqlite:///drift.db"}}
    return Config.of(told | ({"judge": judge} if judge else {}))


def judge(url: str, **more) -> dict:
    return {"model": "judge-1", "endpoint": url, "input_usd": 1.0, "output_usd": 1.0} | more


def expected(ran) -> dict[str, list[float | None]]:
    out: dict[str, list[float | None]] = {}
    for row in ran.table.to_pylist():
        out.setdefault(row["example_id"], []).append(row["golden.expected"])
    return out


def test_a_sentence_and_a_rubric_by_its_name_are_asked_of_each_answer():
    rows = [{"id": f"g{i}", "input": f"question {i}", "rubric": "It is polite."} for i in range(5)]
    rows += [{"id": "own", "input": "question 8", "rubric": "brand"}, {"id": "none", "input": "question 9"}]
    with serving(Laws(judge=lambda prompt: "A rude" not in prompt)) as service:
        settings = config(rows, judge(service.url, own={"brand": "It names no competitor."}))
        ran = run(settings, "set", DAY)
        assert len(service.asked) == 12
        assert sum("It names no competitor." in prompt for prompt in service.asked) == 2
        assert run(settings, "set", DAY).answered == 7
        assert len(service.asked) == 12
    assert expected(ran) == {f"g{i}": [float(i != 3)] * 2 for i in range(5)} | {"own": [1.0] * 2, "none": [None] * 2}
    calls, usd = Budget(Database(settings.results.url), DAY, "golden:set", 0, 0).spent()
    assert calls == 7 * 2 + 12 and usd > 0


def test_the_judge_is_not_asked_where_an_answer_is_wrong_anyway():
    rows = [{"id": "g3", "input": "question 3", "regex": "polite", "rubric": "It is long."}]
    with serving() as service:
        assert expected(run(config(rows, judge(service.url)), "set", DAY)) == {"g3": [0.0, 0.0]}
        assert not service.asked


def test_what_the_judge_does_not_say_is_unknown_and_counted():
    rows = [{"id": f"g{i}", "input": f"question {i}", "rubric": "It is polite."} for i in range(6)]
    with serving(Laws(faults={"bad": 1.0})) as service:
        ran = run(config(rows, judge(service.url)), "set", DAY)
    assert ran.unjudged == {"could not be read": 12} and not ran.lost
    assert {each for own in expected(ran).values() for each in own} == {None}


def test_no_call_more_than_the_sets_budget_is_made_with_a_judge():
    rows = [{"id": f"g{i}", "input": f"question {i}", "rubric": "It is polite."} for i in range(6)]
    with serving() as service:
        ran = run(config(rows, judge(service.url), calls=15), "set", DAY)
        assert len(service.asked) == 3
    assert ran.answered == 6 and ran.unjudged == {"the budget is used up": 9}


@pytest.mark.parametrize(
    ("rubric", "section", "said"),
    [
        ("It is polite.", {}, "nobody judges it; set judge.model"),
        ("politeness", {"model": "m", "input_usd": 0, "output_usd": 0}, "rubric 'politeness': unknown; known are accurate"),
        ("right_tool", {"model": "m", "input_usd": 0, "output_usd": 0}, "needs tools, which no golden set has"),
    ],
)
def test_a_rubric_that_cannot_be_asked_is_said_before_anything_is(rubric, section, said):
    with pytest.raises(ConfigError, match=said):
        run(config([{"input": "q", "rubric": rubric}], section), "set", DAY)


def test_answers_to_the_question_in_other_words_are_held_beside_those_to_the_question():
    rows = [
        {"id": "same", "input": "where is it", "reworded": ["it is where"]},
        {"id": "half", "input": "where is it", "reworded": ["where is what now", "where is it"]},
        {"id": "none", "input": "where is it"},
    ]
    ran = run(config(rows, function="parrot"), "set", DAY)
    found = {row["example_id"]: row["golden.reworded"] for row in ran.table.to_pylist()}
    # of three and four words two are common: 4 of 7
    assert found == {"same": 1.0, "half": pytest.approx((4 / 7 + 1) / 2), "none": None}
    # what was asked in other words is no answer to the question
    assert ran.table.num_rows == 6
    assert metrics.lookup("golden.reworded").scale == "bounded"
    assert Budget(Database("sqlite:///drift.db"), DAY, "golden:set", 0, 0).spent()[0] == 6 + 3


def test_other_words_are_a_list_in_json_and_in_csv(place):
    Path("set.csv").write_text('input,reworded\nq,"[""a"", ""b""]"\nq,in other words\nq,\n')
    assert [each.reworded for each in read("set.csv")] == [("a", "b"), ("in other words",), ()]
    Path("set.jsonl").write_text('{"input": "q", "reworded": [1]}')
    with pytest.raises(DataError, match="example 1: `reworded` must be a list of questions"):
        read("set.jsonl")


def test_an_example_that_is_asked_otherwise_is_asked_again_and_no_change_of_the_application():
    """The tenth night has another question under an old id, and one is gone."""
    rows = [{"id": f"g{i}", "input": f"question {i}", "regex": "polite", "category": "ab"[i % 2]} for i in range(8)]
    settings = config(rows)
    for night in range(3):
        run(settings, "set", DAY + timedelta(days=night))
    rows[0] |= {"input": "Another question, which is much longer than the others were and has a longer answer?"}
    config(rows[:7])
    ran = run(settings, "set", DAY + timedelta(days=2))
    assert (ran.answered, ran.examples, ran.table.num_rows) == (7, 7, 14)
    assert Budget(Database(settings.results.url), DAY + timedelta(days=2), "golden:set", 0, 0).spent()[0] == 16 + 2
    changed = [each.metric for each in history.since_before(settings, "set", DAY + timedelta(days=2)) if each.changed]
    assert not changed
    result, _ = history.against(settings, "set", "LAST")
    assert result.comparison.size == (6, 6) and result.exit_code == 3  # six are too few to pass
    assert not result.failed
