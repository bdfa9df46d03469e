"""The pieces of an experiment: what a logged request is as messages, what its prompt is, and what a paired test may say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from drift.config import Config
from drift.experiment.calls import Recorded, Sides
from drift.experiment.effects import paired
from drift.experiment.factors import AS_IT_WAS, Exchange, Factor
from drift.stores.final_call import FinalCall, messages_of, parameters_of

DAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("Hello?", [{"role": "user", "content": "Hello?"}]),
        ([{"role": "user", "content": "Hello?"}], [{"role": "user", "content": "Hello?"}]),
        ('{"messages": [{"role": "user", "content": "Hello?"}]}', [{"role": "user", "content": "Hello?"}]),
        ({"system": "Be brief.", "messages": [{"role": "user", "content": "Hello?"}]},
         [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]),
        ([[{"type": "human", "content": "Hello?"}]], [{"role": "user", "content": "Hello?"}]),
        ([{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}], [{"role": "user", "content": "Hello?"}]),
    ],
)  # fmt: skip
def test_a_logged_request_is_the_messages_that_were_sent(request_, expected):
    assert list(messages_of(request_) or ()) == expected


def test_tools_that_were_called_and_what_they_gave_are_sent_again_as_they_were():
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    said = [
        {"role": "user", "content": "Where?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "In Bonn."},
    ]
    assert list(messages_of(said) or ()) == said


def test_a_request_whose_tool_results_are_not_understood_is_none():
    asked = [{"type": "human", "content": "Where?"}, {"type": "tool", "content": "In Bonn.", "tool_call_id": "c1"}]
    assert messages_of(asked) is None
    assert messages_of({"question": "Where?", "k": 3}) is None


def test_parameters_without_an_end_are_none():
    given = {"temperature": "0.2", "max_tokens": "Infinity", "top_p": 1, "user": "u1"}
    assert parameters_of(given) == {"temperature": 0.2, "top_p": 1}


def _recorded(i: int, prompt: str, documents: list[str], question: str, side: str) -> Recorded:
    found = "\n---\n".join(documents)
    said = ({"role": "system", "content": prompt}, {"role": "user", "content": f"Context: {found}\n\nQ: {question}"})
    row = {"input": question, "output": "Yes.", "documents": [{"text": text} for text in documents]}
    return Recorded(f"{side}{i}", DAY, FinalCall(said, "m", "m", {"temperature": 0}), row)


def test_one_thing_at_a_time_is_exchanged_and_all_else_stays():
    then = [_recorded(i, "Be brief.", [f"old {i} a", f"old {i} b"], f"Where is {i} now?", "t") for i in range(60)]
    now = [_recorded(i, "Be long.", [f"new {i}"], f"Where is {i} now?", "n") for i in range(60)]
    exchange = Exchange(Sides(tuple(then), tuple(now)), Config.of({}).experiment)
    assert exchange.factors.differ == (Factor.PROMPT, Factor.DOCUMENTS)
    assert set(exchange.factors.same) == {Factor.MODEL, Factor.PARAMETERS}
    texts = {arm: [m["content"] for m in exchange.asked(then[3], arm).messages] for arm in exchange.arms}
    assert texts[AS_IT_WAS] == ["Be brief.", "Context: old 3 a\n---\nold 3 b\n\nQ: Where is 3 now?"]
    assert texts["prompt"] == ["Be long.", "Context: old 3 a\n---\nold 3 b\n\nQ: Where is 3 now?"]
    assert texts["documents"] == ["Be brief.", "Context: new 3\n\nQ: Where is 3 now?"]
    assert texts["all"] == ["Be long.", "Context: new 3\n\nQ: Where is 3 now?"]


def test_documents_that_answer_other_questions_are_not_exchanged():
    then = [_recorded(i, "Be brief.", [f"old {i}"], f"Where is {i} now?", "t") for i in range(60)]
    now = [_recorded(i, "Be brief.", [f"new {i}"], f"How does one pay invoice {i}?", "n") for i in range(60)]
    exchange = Exchange(Sides(tuple(then), tuple(now)), Config.of({}).experiment)
    assert exchange.factors.differ == () and "asked on both sides" in exchange.factors.unknown[Factor.DOCUMENTS]


def test_dates_in_a_prompt_are_no_edit():
    then = [_recorded(i, "Today is 3 March 2026.", [], f"Where is {i}?", "t") for i in range(60)]
    now = [_recorded(i, "Today is 9 March 2026.", [], f"Where is {i}?", "n") for i in range(60)]
    assert Factor.PROMPT in Exchange(Sides(tuple(then), tuple(now)), Config.of({}).experiment).factors.same


def test_when_nothing_changed_rare_refusals_are_called_a_change_no_oftener_than_is_said():
    rng = np.random.default_rng(1)
    p = []
    for seed in range(200):
        chance = rng.beta(0.5, 20, 200)[:, None]
        before, after = (rng.random((200, 1)) < chance) * 1.0, (rng.random((200, 2)) < chance) * 1.0
        p.append(paired(before, after, True, np.random.default_rng(seed)).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.09


def test_a_rate_of_which_nothing_was_seen_is_not_known_to_be_nothing():
    effect = paired(np.zeros((100, 1)), np.zeros((100, 1)), True, np.random.default_rng(0))
    assert effect.high >= 0.029 and effect.p == 1.0
