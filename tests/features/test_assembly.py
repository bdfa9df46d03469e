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


def shown(text: str | None) -> float | None:
    table = traces.table([{"trace_id": "t", "timestamp": "2026-03-02T10:00:00Z", "output": text}])
    return features.extract(table, Context()).to_pylist()[0]["answer_fault"]


@pytest.mark.parametrize(
    "text",
    [
        "Dear {{ customer_name }}, your parcel was sent.",
        "Hello {first_name}, your parcel was sent.",
        "Hi None, your parcel was sent.",
        "Your next invoice is over €NaN.",
        "You ordered [object Object] on Monday.",
        "Here it is: " + "iVBORw0KGgo" * 60,
    ],
)
def test_what_an_answer_shows_of_a_template(text):
    assert shown(text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "In Jinja one writes `{{ name }}`:\n```html\nDear {{ name }}\n```\nand it is filled in.",
        "A value that is not a number is NaN, and one that is not set is undefined.",
        '{"name": null, "greeting": "Hi ${name}"}',
        "None of these are sent. Hello Nonette!",
        "The set {a, b} has two elements.",
        "```\nHello ${name}",
        "",
    ],
)
def test_code_data_and_plain_words_are_no_fault_of_an_answer(text):
    assert shown(text) == 0.0 and shown(None) is None


def doubled(*documents: str | None, known: bool = True) -> float | None:
    given = [{"id": str(n), "text": text} for n, text in enumerate(documents)] if known else None
    table = traces.table([{"trace_id": "t", "timestamp": "2026-03-02T10:00:00Z", "documents": given}])
    return features.extract(table, Context()).to_pylist()[0]["context_fault"]


def test_documents_that_are_empty_or_there_twice():
    handbook, other = "Parcels are sent on Mondays.", "Refunds take three days."
    assert doubled(handbook, other, handbook + "\n") == 1.0 and doubled("", " ") == 1.0
    assert doubled(handbook, other) == 0.0 and doubled(handbook, "") == 0.0 and doubled("yes", "yes") == 0.0
    assert doubled(handbook, None) is None and doubled() is None and doubled(known=False) is None
