"""A prompt that was put together badly is told from one in which a user speaks of such things."""

from __future__ import annotations

import pytest

from drift import features, traces
from drift.features import Context


def fault(**texts: str | None) -> float | None:
    table = traces.table([{"trace_id": "t", "timestamp": "2026-03-02T10:00:00Z", **texts}])
    return features.extract(table, Context()).to_pylist()[0]["assembly_fault"]


@pytest.mark.parametrize(
    "text",
    [
        "Hello {{ customer_name }}, how can I help?",
        "Context: None\nQuestion: where is it?",
        "Context:\nNone\nQuestion: where is it?",
        "Name: undefined, plan: free",
        "User: [object Object]",
        "Answer for ${user.name}.",
        "{% if context %}",
        "Look at this: " + "iVBORw0KGgo" * 60,
    ],
)
def test_what_a_template_left(text):
    assert fault(system_prompt=text, input="Where is it?") == fault(input=text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "None of these work for me.",
        "Is this undefined behaviour in C?",
        'Why does {"a": {"b": 1}} not parse?',
        "There are none, null and void.",
        "Call me {later}.",
        "https://example.com/" + "a-path/" * 90,
    ],
)
def test_what_people_write(text):
    assert fault(input=text, system_prompt="You help.") == 0.0


def test_where_no_prompt_is_known_it_is_unknown():
    assert fault(output="{{ x }}") is None
