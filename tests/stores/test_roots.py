"""The root is the topmost span that is there and has texts; of several the first question, the last answer, the whole time."""

from __future__ import annotations

import json

import pytest
from written import ANSWER, QUESTION, chat, generation, moment, observation, read, read_export, span


def test_a_span_whose_parent_never_came_is_a_root(tmp_path):
    chain = span(
        "RAGChain",
        "gone",
        openinference__span__kind="CHAIN",
        input__value=QUESTION,
        output__value=ANSWER,
        metadata='{"plan":"pro"}',
    )
    rewrite = chat("rewrite", "RAGChain", asked="Rewrite as a query", said="parcel location")
    made = read(tmp_path, chain, rewrite)
    assert (made["name"], made["input"], made["output"]) == ("RAGChain", QUESTION, ANSWER)
    assert ("plan", "pro") in made["metadata"] and made["latency_s"] == 4


def test_a_langfuse_trace_whose_root_a_gateway_kept(tmp_path):
    called = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "final_result", "arguments": "{}"}}]}
    (made,) = read_export(
        tmp_path,
        observation("agent", "ffff", input=QUESTION, output=ANSWER),
        generation(
            "rewrite",
            "agent",
            0.5,
            1,
            input=[{"role": "user", "content": "Rewrite"}],
            output={"role": "assistant", "content": "q"},
        ),
        generation("final", "agent", 2, 3.9, input=[{"role": "user", "content": "..."}], output=called),
    )
    assert (made["input"], made["output"], made["latency_s"]) == (QUESTION, ANSWER, 4)


@pytest.mark.parametrize(
    "attributes", [{"http__request__method": "POST"}, {"http__route": "/answer"}, {"http__method": "POST"}]
)
def test_a_web_frameworks_span_is_no_root(tmp_path, attributes):
    web = span("POST /answer", end=5, **attributes)
    app = span("answer", "POST /answer", 0.5, 4.5, input__value=QUESTION, output__value=ANSWER)
    made = read(tmp_path, web, span("POST /answer http send", "POST /answer", 4.5, 4.6, **attributes), app, chat("c", "answer"))
    assert (made["name"], made["latency_s"]) == ("answer", 4) and (made["input"], made["output"]) == (QUESTION, ANSWER)


def test_an_applications_own_span_without_texts_keeps_its_name_and_time(tmp_path):
    steps = [
        span("retrieve", "handle", 0, 1, openinference__span__kind="RETRIEVER", input__value="parcel query"),
        chat("c", "handle", 1, 3),
    ]
    made = read(tmp_path, span("handle"), *steps)
    assert (made["name"], made["latency_s"]) == ("handle", 4) and (made["input"], made["output"]) == (QUESTION, ANSWER)


def test_several_roots(tmp_path):
    (made,) = read_export(
        tmp_path,
        observation("load_history", end=0.3, input={"args": [], "kwargs": {}}, output={"turns": 3}),
        observation("answer", begin=0.4, end=9, input={"args": [QUESTION], "kwargs": {}}, output=ANSWER),
        generation("g", "answer", 1, 8),
    )
    assert (made["input"], made["output"], made["latency_s"]) == (QUESTION, ANSWER, 9)


def test_a_call_that_does_not_know_what_it_is_below_is_no_root(tmp_path):
    web = span("POST /answer", end=5, http__request__method="POST")
    app = span("chain", "POST /answer", 0, 4, input__value=QUESTION, output__value=ANSWER)
    lost = chat("try", "POST /answer", 1, 1.5, status=2, said=None, tokens=(), asked="Rewrite")
    made = read(tmp_path, web, app, lost, chat("c", "POST /answer", 2, 3))
    assert (made["name"], made["error"], made["latency_s"]) == ("chain", None, 4)


def test_a_record_without_an_end_has_the_time_of_its_observations(tmp_path):
    record = {"id": "t1", "timestamp": moment(-0.001), "name": "app", "user_id": "u1", "session_id": "s1", "tags": [], "metadata": {},
              "input": QUESTION, "output": ANSWER, "updated_at": moment(5)}  # fmt: skip
    (made,) = read_export(tmp_path, observation("r", input=QUESTION, output=ANSWER), generation("g", "r"), records=(record,))
    assert made["latency_s"] == pytest.approx(4, abs=0.01) and made["session_id"] == "s1"


def test_texts_two_wrappers_below_a_framework_that_logs_its_state(tmp_path):
    state = json.dumps({"graph": {"nodes": [1]}, "steps": [[2]]})
    graph = span("graph", input__value=state, output__value=state)
    agent = span("agent", "graph", input__value=QUESTION, output__value=ANSWER)
    calls = [
        chat("rewrite", "agent", 0, 1, asked="Rewrite this", said="query"),
        chat("c", "agent", 2, 3, asked="With context", said="Draft"),
    ]
    made = read(tmp_path, graph, agent, *calls)
    assert (made["name"], made["input"], made["output"]) == ("graph", QUESTION, ANSWER)
