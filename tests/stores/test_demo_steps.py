"""The demo's requests tell what happened inside them, and the scenario `steps` changes what it says and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from drift.stores.demo import UNTIL, DemoOptions, DemoStore, planted


def requests(day: date, scenario: str = "quiet") -> list[dict]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    store = DemoStore(DemoOptions(scenario=scenario, traces_per_day=800), salt="x")
    return [row for table in store.pull(start, start + timedelta(days=1)) for row in table.to_pylist()]


def first_day(name: str) -> date:
    return next(item.first_day for item in planted("steps") if item.name == name)


def test_the_steps_of_a_request_agree_with_its_counts():
    for row in requests(UNTIL):
        steps = row["trajectory"]
        kinds = Counter(step["kind"] for step in steps)
        assert kinds["tool"] == row["tool_calls"] and kinds["retrieval"] == (row["name"] == "product-qa")
        assert kinds["model"] == row["n_generations"] + row["retries"]
        assert [step["position"] for step in steps] == list(range(len(steps)))
        assert any(step["outcome"] != "ok" for step in steps if step["kind"] == "tool") == bool(row["tool_errors"])
        ends = [step["start_s"] + step["duration_s"] for step in steps]
        starts = [step["start_s"] for step in steps]
        assert all(begin >= end - 0.001 for begin, end in zip(starts[1:], ends, strict=False)) and starts[0] >= 0
        assert ends[-1] == pytest.approx(row["latency_s"], abs=0.01)


def test_a_loop_calls_one_tool_twice_with_the_same_arguments():
    looped = [row for row in requests(UNTIL) if row["repeated_tool_calls"]]
    assert looped
    for row in looped:
        calls = [(step["name"], step["arguments"]) for step in row["trajectory"] if step["kind"] == "tool"]
        assert len(calls) - len(set(calls)) == 1


def test_a_slow_search_is_slow_in_its_own_step_alone():
    day = first_day("slow search")
    before, during = (
        [r for r in requests(d, "steps") if r["name"] == "product-qa" and not r["error"]]
        for d in (day - timedelta(days=7), day)
    )
    spent = [
        np.median([s["duration_s"] for r in rows for s in r["trajectory"] if s["kind"] == "retrieval"])
        for rows in (before, during)
    ]
    assert spent[1] - spent[0] == pytest.approx(0.6, abs=0.05)
    answers = [np.median([r["trajectory"][-1]["duration_s"] for r in rows]) for rows in (before, during)]
    assert answers[1] == pytest.approx(answers[0], rel=0.15)


def test_one_tool_of_five_fails_and_the_others_as_ever():
    day = first_day("one tool of five")
    failed: dict[str, list[bool]] = {}
    for row in requests(day, "steps"):
        for step in row["trajectory"]:
            if step["kind"] == "tool":
                failed.setdefault(step["name"], []).append(step["outcome"] != "ok")
    shares = {name: np.mean(values) for name, values in failed.items()}
    assert len(shares) == 5 and shares.pop("read_invoices") > 0.35 and max(shares.values()) < 0.12


def test_planner_cache_and_order_change_on_their_days():
    def seen(day: date) -> tuple[set[str], float, float]:
        rows = requests(day, "steps")
        plans = {s["model"] for r in rows for s in r["trajectory"] if s["name"] == "plan"}
        cached = sum(s["cache_read_tokens"] or 0 for r in rows for s in r["trajectory"])
        tools = [[s["name"] for s in r["trajectory"] if s["kind"] == "tool"] for r in rows]
        several = [names for names in tools if "find_account" in names]
        return plans, cached, np.mean([names[0] != "find_account" for names in several])

    usual = seen(first_day("slow search"))
    assert usual[0] == {"gpt-4.1-mini"} and usual[1] > 0 and usual[2] == 0
    assert seen(first_day("planner exchanged"))[0] == {"gpt-4o"}
    assert seen(first_day("prompt cache lost"))[1] == 0
    assert 0.03 < seen(first_day("tools turned"))[2] < 0.35


def test_judge_score_and_prompt_change_on_their_days_and_what_is_said_of_them():
    def marks(day: date) -> dict[str, float]:
        given = [score for row in requests(day, "steps") for score in row["scores"]]
        return {
            "resolution": sum(score["name"] == "resolution" for score in given),
            **{
                by: np.mean([s["value"] for s in given if s["evaluator"] == by])
                for by in {s["evaluator"] for s in given} - {None}
            },
        }

    def prompts(day: date) -> set[tuple]:
        return {(r["prompt_version"], r["system_prompt"]) for r in requests(day, "steps") if r["name"] == "billing-chat"}

    week = timedelta(days=7)
    usual = marks(first_day("judge raised") - week)
    assert usual.keys() == {"resolution", "helpfulness@3"} and usual["resolution"] > 100
    assert marks(first_day("judge raised"))["helpfulness@4"] == pytest.approx(usual["helpfulness@3"] - 0.3, abs=0.15)
    assert marks(first_day("score gone quiet"))["resolution"] == 0
    ((_, before),), ((version, after),) = (prompts(first_day("prompt edited") - gone) for gone in (week, timedelta()))
    assert version is None and after.startswith(before) and after != before


def test_the_other_scenarios_have_no_judge_and_every_prompt_its_name():
    rows = requests(UNTIL)
    assert all(row["prompt_version"] for row in rows)
    assert {score["evaluator"] for row in rows for score in row["scores"]} == {None}
