"""What a tool gave back is told by its length and its shape: another answer of the same kind is the same, another kind is not."""

from __future__ import annotations

import json

import pytest
from written import ANSWER, QUESTION, generation, observation, read_export

from drift.stores import tool_shapes
from drift.traces import EMPTY_RESULT

PARCEL = {"parcel": {"id": 7, "state": "sent"}, "stops": [{"city": "Oslo", "at": 3.5}]}
OTHER = {"stops": [{"at": 7, "city": "Bergen"}, {"at": 1, "city": "Bodø"}], "parcel": {"state": "lost", "id": 12}}


def shape(given: object) -> str:
    return tool_shapes.of(given).shape


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda result: json.dumps(result),
        lambda result: {"content": [{"type": "text", "text": json.dumps(result)}], "isError": False},
        lambda result: {
            "content": json.dumps(result),
            "type": "tool",
            "tool_call_id": "c1",
            "name": "find",
            "status": "success",
        },
        lambda result: {"output": {"content": json.dumps(result), "tool_call_id": "c1"}},
        lambda result: {"result": result},
        lambda result: json.dumps(json.dumps(result)),
    ],
)
def test_other_values_and_wrappers_are_the_same_shape(wrapped):
    assert shape(wrapped(OTHER)) == shape(PARCEL) and shape(PARCEL).startswith("object@")


@pytest.mark.parametrize(
    "changed",
    [
        {**PARCEL, "state": "sent"},
        {"parcel": PARCEL["parcel"]},
        {**PARCEL, "parcel": {"id": "7", "state": "sent"}},
        {**PARCEL, "stops": [{"town": "Oslo", "at": 3.5}]},
        [PARCEL],
        "The parcel was sent.",
    ],
)
def test_a_key_or_a_type_that_changed_is_another_shape(changed):
    assert shape(changed) != shape(PARCEL)


@pytest.mark.parametrize(
    "nothing",
    ["", "  ", "null", "[]", {}, [], {"invoices": []}, {"results": [], "total": 0, "query": "blue"}, "No results found.",
     "No good search result was found", {"content": [{"type": "text", "text": "{\"items\": [], \"next\": null}"}]}],
)  # fmt: skip
def test_what_has_nothing_in_it_is_empty(nothing):
    assert tool_shapes.of(nothing) == (0, EMPTY_RESULT)


@pytest.mark.parametrize(
    "something",
    ["0", "no", 0, False, {"name": "Bob", "tags": []}, {"id": 7}, [0], {"rows": [[]]},
     "No results found for blue, but these are like it: teal, navy.", "No data was lost when the parcel was moved to Oslo and back " * 3],
)  # fmt: skip
def test_what_says_anything_is_not(something):
    assert shape(something) != EMPTY_RESULT


def test_ids_as_keys_are_no_keys():
    assert shape({"2026-03-01": 1, "2026-03-02": 4}) == shape({"2026-04-07": 9})


def test_hostile_results_end_soon():
    wide = {f"k{n % 10}": [{"a": [1] * 50, "b": {"c": {}}}] * 50 for n in range(30)}
    deep: object = "x"
    for _ in range(400):
        deep = {"content": [deep]}
    for given in (wide, deep, [[[[]]]] * 10_000, "{" * 10_000, "no " * 10_000 + "results"):
        assert len(shape(given)) < 30


def test_a_result_that_only_the_next_prompt_shows(tmp_path):
    asked = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": [{"type": "tool_use", "id": f"c{n}", "name": "find", "input": {"id": n}} for n in range(2)]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c0", "content": [{"type": "text", "text": json.dumps(OTHER)}]},
                                     {"type": "tool_result", "tool_use_id": "c1", "content": "[]"}]},
    ]  # fmt: skip
    (made,) = read_export(
        tmp_path,
        observation("app", input=QUESTION, output=ANSWER),
        generation("g1", "app", 0, 1, input=asked[:1], output=asked[1]),
        generation("g2", "app", 2, 3, input=asked),
    )
    tools = [step["result_shape"] for step in made["trajectory"] if step["kind"] == "tool"]
    assert tools == [shape(PARCEL), EMPTY_RESULT]
