"""The steps of a recorded trace are what its program did, whichever instrumentation saw it: never one more, less or another."""

from __future__ import annotations

import pytest

from drift.traces import OK
from frameworks import judging
from frameworks.judging import RIGHT, UNKNOWN, verdict

TOOLS = {"find_parcel": True, "get_weather": False}


def told(name: str):
    """(truth, row, its steps) of each trace of a recording."""
    rows = judging.read(name)
    for truth in judging.truths(name):
        row = rows[truth["trace_id"]]
        yield truth, row, row["trajectory"]


def of_kind(steps: list[dict], kind: str) -> list[dict]:
    return [step for step in steps if step["kind"] == kind]


@pytest.mark.parametrize("name", judging.names())
def test_model_calls(name):
    for truth, row, steps in told(name):
        answered = [s for s in of_kind(steps, "model") if s["outcome"] == OK]
        known = verdict("n_generations", truth["n_generations"], row["n_generations"], truth)
        if not truth["n_generations"] or known == UNKNOWN:
            continue
        assert len(answered) == row["n_generations"], truth["case"]
        for side in ("input_tokens", "output_tokens"):
            stated = [s[side] for s in answered]
            if None not in stated and row[side] is not None:
                assert sum(stated) == row[side], (truth["case"], side)


@pytest.mark.parametrize("name", judging.names())
def test_a_plain_chat_is_one_call_of_the_model_that_served_it(name):
    for truth, _, steps in told(name):
        if len(truth.get("calls", ())) != 1 or truth["case"] not in ("chat", "plain"):
            continue
        (step,) = of_kind(steps, "model")
        (call,) = truth["calls"]
        assert judging._same("model", call["served"], step["model"], truth)
        assert (step["input_tokens"], step["output_tokens"]) in ((call["input"], call["output"]), (None, None))
        assert not of_kind(steps, "tool") and not of_kind(steps, "retrieval")


@pytest.mark.parametrize("name", judging.names())
def test_what_a_tool_gave_back_is_the_text_that_it_gave(name):
    for truth, _, steps in told(name):
        for step in of_kind(steps, "tool"):
            if step["name"] == "find_parcel" and step["result_shape"] is not None:
                assert step["result_shape"] == "text" and 20 <= step["result_characters"] <= 60, truth["case"]
            if step["outcome"] not in (OK, None):
                assert step["result_shape"] is None, truth["case"]


@pytest.mark.parametrize("name", judging.names())
def test_an_agents_tools(name):
    for truth, row, steps in told(name):
        if truth.get("tool_calls") != 2 or verdict("tool_calls", 2, row["tool_calls"], truth) != RIGHT:
            continue
        tools = of_kind(steps, "tool")
        hashes = [s["arguments"] for s in tools]
        if truth["repeated_tool_calls"]:
            assert len({s["name"] for s in tools}) == len(set(hashes)) == 1, truth["case"]
            continue
        assert sorted(s["name"].removesuffix(".tool").rpartition(" ")[2] for s in tools) == sorted(TOOLS), truth["case"]
        for step in tools:
            well = next(v for k, v in TOOLS.items() if k in step["name"])
            assert step["outcome"] is None or (step["outcome"] == OK) == well, (truth["case"], step["name"])
        assert None in hashes or len(set(hashes)) == 2


@pytest.mark.parametrize("name", judging.names())
def test_a_retrieval_is_one_step(name):
    for truth, row, steps in told(name):
        if truth.get("documents") and row["documents"] is not None:
            assert len(of_kind(steps, "retrieval")) == 1, truth["case"]


@pytest.mark.parametrize("name", judging.names())
def test_steps_are_in_order_and_within_their_time(name):
    for truth, _, steps in told(name):
        assert [s["position"] for s in steps] == list(range(len(steps)))
        starts = [s["start_s"] for s in steps if s["start_s"] is not None]
        assert starts == sorted(starts) and min(starts, default=0) >= 0, truth["case"]
        for step in steps:
            assert step["duration_s"] is None or step["duration_s"] >= 0
            if step["retry_of"] is not None:
                assert steps[step["retry_of"]]["outcome"] != OK and step["retry_of"] < step["position"]


@pytest.mark.parametrize("name", judging.names())
def test_what_real_agents_asked_for_keeps_to_what_they_were_offered(name):
    for truth, row, _ in told(name):
        assert row["calls_not_offered"] in (None, 0) and row["calls_bad_arguments"] in (None, 0), truth["case"]
        named = {tool.partition("@")[0] for tool in row["offered_tools"] or ()}
        assert not named or truth["case"] != "tools" or named == set(TOOLS), truth["case"]
