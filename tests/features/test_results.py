"""What tools and searches gave back, by name: nothing, how much, of which shape; and runs that come to no answer."""

from __future__ import annotations

import pytest

from drift import features, metrics, traces
from drift.features import Context
from drift.traces import EMPTY_RESULT


def measured(*requests: dict) -> list[dict]:
    rows = [{"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", **each} for n, each in enumerate(requests)]
    return features.extract(traces.table(rows), Context()).to_pylist()


def tool(characters: int | None = 40, shape: str | None = "object@1a", name: str = "find", **more: object) -> dict:
    return {"kind": "tool", "name": name, "outcome": "ok", "result_characters": characters, "result_shape": shape, **more}


def search(name: str, documents: int | None, kind: str = "retrieval") -> dict:
    return {"kind": kind, "name": name, "outcome": "ok", "documents": documents}


NOTHING = tool(0, EMPTY_RESULT)


def test_a_tool_that_gives_nothing_back_is_named_and_its_length_is_of_what_it_gives():
    rows = measured(
        *({"trajectory": given} for given in ([tool(), tool(20)], [NOTHING, tool(60)], [NOTHING], [tool(None, None)]))
    )
    assert [row["tool_empty.find"] for row in rows] == [0.0, 1.0, 1.0, None]
    assert [row["tool_result.find"] for row in rows] == [30.0, 60.0, None, None]


def test_the_shape_is_that_of_the_last_run():
    rows = measured({"trajectory": [tool(), tool(shape="text")]}, {"trajectory": [tool(name="route")]})
    assert [row["tool_shape.find"] for row in rows] == ["text", None] and rows[1]["tool_shape.route"] == "object@1a"


def test_where_nobody_says_what_tools_gave_back_nothing_is_measured():
    (row,) = measured({"trajectory": [tool(None, None), search("vectors", None)]})
    assert not [name for name in row if name.startswith(("tool_empty.", "tool_result.", "tool_shape.", "found"))]


def test_of_two_searches_the_one_that_finds_nothing_is_named():
    rows = measured(
        {"trajectory": [search("vectors", 0), search("keywords", 4), search("rerank", 2, "rerank")]},
        {"trajectory": [search("vectors", 5), search("vectors", 0)]},
    )
    assert [row["found_nothing.vectors"] for row in rows] == [1.0, 0.0] and [row["found.vectors"] for row in rows] == [0.0, 5.0]
    assert rows[0]["found_nothing.keywords"] == 0.0 and rows[0]["found.rerank"] == 2.0


def test_every_column_is_a_metric_with_a_small_part_of_the_budget():
    (row,) = measured({"trajectory": [tool(), search("vectors", 3)]})
    families = [name for name in row if name.startswith(("tool_", "found")) and "." in name]
    assert len(families) >= 5 and all(metrics.lookup(name).weight <= 0.25 for name in families)


MODEL = {"kind": "model", "name": "answer", "outcome": "ok"}


@pytest.mark.parametrize(
    ("trajectory", "more", "first"),
    [
        ([tool(), MODEL], {}, 1.0),
        ([tool(outcome="other"), MODEL], {}, 0.0),
        ([tool(), {**MODEL, "outcome": "5xx"}, {**MODEL, "retry_of": 1}], {}, 0.0),
        ([tool(), tool(), MODEL], {"repeated_tool_calls": 1}, 0.0),
        ([tool(), MODEL], {"error": "5xx"}, 0.0),
        ([tool(), {"kind": "guardrail", "name": "g", "outcome": "fired"}], {}, 1.0),
        # a tool of which no failure is seen may have failed
        ([tool(outcome=None), MODEL], {}, None),
        ([tool(outcome=None), tool(outcome="other")], {}, 0.0),
        ([MODEL], {}, None),
    ],
)
def test_what_needed_no_second_attempt(trajectory, more, first):
    (row,) = measured({"trajectory": trajectory, **more})
    assert row.get("first_attempt") == first


@pytest.mark.parametrize(
    ("trajectory", "more", "unanswered"),
    [
        ([tool(), MODEL], {"output": "It arrives on Monday."}, 0.0),
        ([MODEL, tool()], {"output": None}, 1.0),
        ([MODEL, tool()], {"output": " "}, 1.0),
        ([MODEL, tool()], {"output": "It arrives on Monday."}, 0.0),
        ([tool(), MODEL], {"output": "", "finish_reason": "tool_calls"}, 1.0),
        # the text may only not have been recorded, and an error is one
        ([tool(), MODEL], {"output": None}, None),
        ([MODEL, tool()], {"output": None, "error": "5xx"}, None),
        ([MODEL], {"output": None, "finish_reason": "tool_calls"}, None),
    ],
)
def test_a_run_that_ends_without_an_answer(trajectory, more, unanswered):
    (row,) = measured({"trajectory": trajectory, **more})
    assert row.get("unanswered") == unanswered


@pytest.mark.parametrize(
    ("order", "cycle"),
    [
        ("find read find read find read", 1.0),
        ("plan find read book find read book find read book end", 1.0),
        ("find read find read find", 0.0),
        ("find find find find find find find", 0.0),
        ("find read find book find read", 0.0),
        ("", None),
    ],
)
def test_tools_that_go_in_circles(order, cycle):
    rows = measured({"trajectory": [tool(name=name) for name in order.split()] or [MODEL]}, {"trajectory": [tool(name="find")]})
    assert [row["tool_cycle"] for row in rows] == [cycle, 0.0]


def test_two_requests_are_no_circle_together():
    rows = measured(*({"trajectory": [tool(name="find"), tool(name="read")]} for _ in range(4)))
    assert [row["tool_cycle"] for row in rows] == [0.0] * 4


def test_how_long_the_documents_of_a_request_are():
    documents = [{"id": "1", "text": "four"}, {"id": "2", "text": "fives"}]
    rows = measured(
        {"documents": documents},
        {"documents": [*documents, {"id": "3"}]},
        {"documents": []},
    )
    assert [row["context_characters"] for row in rows] == [9.0, None, None]
