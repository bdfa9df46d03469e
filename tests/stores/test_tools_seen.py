"""Tools: a failed one is one whatever says so, the same call again is one with the same arguments, and unseen is unknown."""

from __future__ import annotations

import json

import pytest
from written import ANSWER, QUESTION, chat, generation, observation, read, read_export, span

from drift.stores.tool_results import is_failure


def tool(id: str, begin: float = 1.2, parent: str = "app", **more) -> dict:
    return span(
        id, parent, begin, begin + 0.1, **{"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "find", **more}
    )


def seen(made: dict) -> tuple:
    return made["tool_calls"], made["tool_errors"], made["repeated_tool_calls"]


@pytest.mark.parametrize(
    "result",
    [
        {"content": [{"type": "text", "text": "no such parcel"}], "isError": True},
        {"is_error": True, "content": "no such parcel"},
        {"error": "no such parcel"},
        {"error": {"code": 7}},
        {"status": "error", "content": "x", "type": "tool"},
        {"status_code": 503, "body": ""},
        {"result": {"error": "closed"}},
        "Error: KeyError('x')\n Please fix your mistakes.",
        "ValueError: no such parcel",
        "Traceback (most recent call last):\n  File",
        "HTTP 502 Bad Gateway",
        "An error occurred while running the tool. Please try again.",
    ],
)
def test_a_result_that_says_it_failed(tmp_path, result):
    text = result if isinstance(result, str) else json.dumps(result)
    made = read(tmp_path, span("app"), chat("c", "app"), tool("t", gen_ai__tool__call__result=text))
    assert seen(made) == (1, 1, 0)


@pytest.mark.parametrize(
    "result",
    [
        "The error was found in line 3.",
        {"error": None, "status": 200},
        {"errors": []},
        {"status": "ok", "content": "400 parcels"},
        "404 parcels",
        "",
    ],
)
def test_a_result_that_only_speaks_of_failures(result):
    assert not is_failure(result) and not is_failure(json.dumps(result))


def test_the_spans_status_says_it(tmp_path):
    assert seen(read(tmp_path, span("app"), tool("t", status=2, message="boom"), chat("c", "app")))[:2] == (1, 1)


def test_a_failure_that_only_the_next_prompt_tells(tmp_path):
    asked = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": [{"type": "tool_use", "id": f"c{n}", "name": "find", "input": {"id": n}} for n in range(2)]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c0", "content": "in Oslo"},
                                     {"type": "tool_result", "tool_use_id": "c1", "content": "closed", "is_error": True}]},
    ]  # fmt: skip
    (made,) = read_export(
        tmp_path,
        observation("app", input=QUESTION, output=ANSWER),
        generation("g1", "app", 0, 1, input=asked[:1], output=asked[1]),
        generation("g2", "app", 2, 3, input=asked),
    )
    assert seen(made) == (2, 1, 0) and made["steps"] == 4


def test_langfuse_tools_of_other_types(tmp_path):
    called = {"role": "assistant", "content": "", "additional_kwargs": {"tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": '{"id":1}'}}]}}  # fmt: skip
    ran = observation("tool.lookup", "app", 3.1, 3.2, level="ERROR", status_message="boom", input='{"id":1}', output="boom",
                      metadata={"attributes.gen_ai.tool.name": "lookup", "attributes.gen_ai.tool.call.id": "c1"})  # fmt: skip
    (made,) = read_export(
        tmp_path, observation("app", input=QUESTION, output=ANSWER), generation("g", "app", output=called), ran
    )
    assert seen(made)[:2] == (1, 1) and made["steps"] == 2


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        ({"gen_ai__tool__call__arguments": '{"a": 1, "b": 2}'}, {"gen_ai__tool__call__arguments": '{"b":2,"a":1}'}, 1),
        ({"gen_ai__tool__call__arguments": '{"a": 1}'}, {"gen_ai__tool__call__arguments": '{"a": 2}'}, 0),
        ({"input__value": '{"a": 1}'}, {"input__value": '{"name": "find", "args": {"a": 1}, "id": "c9", "type": "tool_call"}'}, 1),
        ({"traceloop__entity__input": json.dumps({"inputs": {"a": 1}, "tags": [], "metadata": {"step": 1}, "kwargs": {"id": 1}})},
         {"traceloop__entity__input": json.dumps({"inputs": {"a": 1}, "tags": [], "metadata": {"step": 2}, "kwargs": {"id": 2}})}, 1),
        ({"tool__parameters": '{"type": "object", "properties": {"a": {}}}', "input__value": '{"a": 1}'},
         {"tool__parameters": '{"type": "object", "properties": {"a": {}}}', "input__value": '{"a": 2}'}, 0),
        ({"tool__parameters": '{"type": "object", "properties": {"a": {}}}'}, {"tool__parameters": '{"type": "object", "properties": {}}'}, None),
    ],
)  # fmt: skip
def test_the_same_call_again(tmp_path, first, second, again):
    made = read(tmp_path, span("app"), chat("c", "app"), tool("t1", 1.2, **first), tool("t2", 1.5, **second))
    assert seen(made) == (2, 0, again)


def test_one_run_that_two_instrumentations_saw(tmp_path):
    inner = span("tools/call find", "t", 1.22, 1.28, scope="mcp", mcp__method__name="tools/call", gen_ai__tool__name="find")
    beside = tool("find.tool", 1.21, scope="other", name="find.tool")
    beside["endTimeUnixNano"] = tool("x", 1.19)["endTimeUnixNano"]
    assert seen(read(tmp_path, span("app"), chat("c", "app"), tool("t"), inner, beside)) == (1, 0, 0)


def test_no_tool_is_unknown_where_none_could_have_been_seen(tmp_path):
    hidden = read(tmp_path, chat("c", asked=None, said=None))
    assert seen(hidden) == (None, None, None) and hidden["steps"] is None
    shown = read(tmp_path, chat("c"))
    assert seen(shown) == (0, 0, 0) and shown["steps"] == 1


def test_a_document_is_counted_once(tmp_path):
    found = [{"id": "doc-1", "content": "On Mondays."}, {"id": "doc-2", "content": "Free returns."}]
    first = span("r1", "app", 1, 2, openinference__span__kind="RETRIEVER", output__value=json.dumps(found))
    texts_only = json.dumps([{"content": d["content"]} for d in found])
    second = span("r2", "r1", 1.1, 1.9, openinference__span__kind="RETRIEVER", output__value=texts_only)
    assert [d["id"] for d in read(tmp_path, span("app"), first, second)["documents"]] == ["doc-1", "doc-2"]


def test_two_parts_of_one_file_are_two_documents(tmp_path):
    found = json.dumps([{"source": "faq.md", "content": "On Mondays."}, {"source": "faq.md", "content": "Free returns."}])
    made = read(tmp_path, span("app"), span("r", "app", openinference__span__kind="RETRIEVER", output__value=found))
    assert [d["text"] for d in made["documents"]] == ["On Mondays.", "Free returns."]


@pytest.mark.parametrize(
    "given",
    [
        {"errors": [{"message": "no such parcel"}], "data": None},
        {"type": "error", "message": "closed"},
        {"error_message": "closed"},
        {"is_success": False},
        "error: file not found",
    ],
)
def test_more_words_for_a_failure(given):
    assert is_failure(given)


@pytest.mark.parametrize(
    "given", [{"errors": [], "data": {}}, {"errors": ["one row"], "data": {"rows": 9}}, {"type": "text", "text": "fine"}]
)
def test_what_only_looks_like_a_failure(given):
    assert not is_failure(given)


@pytest.mark.parametrize(
    "more",
    [
        {"events": (("exception", 1.25, {"exception.type": "ValueError", "exception.message": "no such parcel"}),)},
        {"error__type": "timeout"},
    ],
)
def test_an_exception_of_a_tool_whose_status_was_left_unset(tmp_path, more):
    assert seen(read(tmp_path, span("app"), chat("c", "app"), tool("t", **more))) == (1, 1, 0)
