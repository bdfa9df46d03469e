"""The tools that a model was offered, and calls that do not keep to them, from what real SDKs wrote of it."""

from __future__ import annotations

import json

import pytest
from written import chat, read, span

from drift.stores import offered

FIND = {"type": "object", "properties": {"number": {"type": "integer"}, "by": {"enum": ["id", "name"]}}, "required": ["number"]}
TOOLS = [{"type": "function", "function": {"name": "find", "description": "Find it.", "parameters": FIND}}]


def answer(name: str, arguments: object) -> str:
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return json.dumps([{"role": "assistant", "tool_calls": [call]}])


def row(tmp_path, name: str, arguments: object, **more: object) -> dict:
    given = {"gen_ai.tool.definitions": json.dumps(TOOLS), "gen_ai.output.messages": answer(name, arguments)} | more
    return read(tmp_path, span("app"), chat("c", "app", said=None, **given))


@pytest.mark.parametrize(
    ("name", "arguments", "kept"),
    [
        ("find", {"number": 3}, (0, 0)),
        ("functions.find", {"number": 3, "by": "id"}, (0, 0)),
        ("search", {"number": 3}, (1, 0)),
        ("find", {}, (0, 1)),
        ("find", {"number": "three"}, (0, 1)),
        ("find", {"number": 3, "by": "colour"}, (0, 1)),
        # more than is asked for is allowed where nothing forbids it
        ("find", {"number": 3, "more": 1}, (0, 0)),
    ],
)
def test_a_call_is_held_against_what_was_offered(tmp_path, name, arguments, kept):
    found = row(tmp_path, name, arguments)
    assert (found["calls_not_offered"], found["calls_bad_arguments"]) == kept


def test_where_no_tool_is_told_of_nothing_is_known(tmp_path):
    found = row(tmp_path, "find", {}, **{"gen_ai.tool.definitions": "[]"})
    assert (found["calls_not_offered"], found["calls_bad_arguments"], found["offered_tools"]) == (None, None, None)


def test_a_schema_has_another_hash_and_another_description_has_not(tmp_path):
    def tools(**more: object) -> list[str]:
        changed = [{"name": "find", "description": "x", "input_schema": FIND | more}]
        return row(tmp_path, "find", {"number": 3}, **{"gen_ai.tool.definitions": json.dumps(changed)})["offered_tools"]

    (before,) = row(tmp_path, "find", {"number": 3})["offered_tools"]
    assert before.startswith("find@")
    assert tools() == tools(description="Finds it.") == [before] != tools(required=[])


@pytest.mark.parametrize(
    "attributes",
    [
        {"llm.tools.0.tool.json_schema": json.dumps({"name": "find", "input_schema": FIND})},
        {"llm.request.functions.0.name": "find", "llm.request.functions.0.parameters": json.dumps(FIND)},
        {"ai.prompt.tools": [json.dumps({"type": "function", "name": "find", "inputSchema": FIND})]},
        {"model_request_parameters": json.dumps({"function_tools": [{"name": "find", "parameters_json_schema": FIND}]})},
        {"gen_ai.tool.definitions": json.dumps([{"toolSpec": {"name": "find", "inputSchema": {"json": FIND}}}])},
    ],
)
def test_every_instrumentation_tells_the_same_tools(attributes):
    text = offered.definitions(attributes)
    assert text is not None and offered._read(text) == offered._read(json.dumps(TOOLS))


def test_a_schema_that_refers_to_others_says_only_what_is_certain():
    loose = {"additionalProperties": False, "properties": {"a": {"$ref": "#/x"}}, "anyOf": [{}], "type": "object"}
    assert not offered._breaks(loose, {"a": [1], "b": 2}) and offered._breaks(loose, [1])
    assert offered._breaks({"additionalProperties": False, "properties": {"a": {}}}, {"b": 2})
