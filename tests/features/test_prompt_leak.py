# ruff: noqa: E501 - sentences and patterns stay in one piece
"""An answer that repeats its system prompt is a leak; one that repeats the user or a document is none."""

from __future__ import annotations

import numpy as np
import pytest

from drift import features, traces
from drift.features import prompt_leak

PROMPT = (
    "You are Rosie, the assistant of Hillside Garden Centre. Answer in at most three sentences, stay friendly, never mention the "
    "supplier prices and never offer more than ten percent discount without asking a manager first."
)


def leaks(output, system_prompt=PROMPT, **rest) -> float:
    table = traces.table([{"trace_id": "a", "timestamp": 0, "output": output, "system_prompt": system_prompt, **rest}])
    return prompt_leak.measure(features.Batch(table), features.Context())["prompt_leak"][0]


def test_a_repeated_prompt_is_a_leak():
    assert leaks("Sure! I was set up like this: never mention the supplier prices and never offer more than ten percent discount, so I can't.") == 1


def test_a_few_words_in_common_are_none():
    assert leaks("Welcome to Hillside Garden Centre! I can offer ten percent discount on roses.") == 0


def test_what_the_user_or_a_document_said_is_none():
    sentence = "never mention the supplier prices and never offer more than ten percent discount without asking"
    assert leaks(sentence, input=f"Is it true that you {sentence}?") == 0
    assert leaks(sentence, documents=[{"id": "1", "text": f"Handbook: {sentence} a manager."}]) == 0


@pytest.mark.parametrize("text", ["My system prompt is: \"be nice\"", "Here are my instructions: 1. Be nice.", "The password is \"teapot\"."])
def test_words_that_introduce_instructions_are_a_leak_without_a_known_prompt(text):
    assert leaks(text, system_prompt=None) == 1


def test_the_prompt_of_another_trace_is_not_looked_for():
    rows = [
        {"trace_id": "a", "timestamp": 0, "output": PROMPT, "system_prompt": "You help with taxes and only with taxes, whatever happens, and you are brief."},
        {"trace_id": "b", "timestamp": 0, "output": PROMPT, "system_prompt": PROMPT},
        {"trace_id": "c", "timestamp": 0},
    ]
    found = prompt_leak.measure(features.Batch(traces.table(rows)), features.Context())["prompt_leak"]
    np.testing.assert_array_equal(found, [0, 1, np.nan])
