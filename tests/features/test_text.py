"""Lengths, emptiness, truncation."""

import numpy as np
import pytest
from example_traces import batch, outputs, same

from drift.features import Context, text


def measured(*rows: dict) -> dict:
    return text.measure(batch(*rows), Context())


def test_words_are_runs_without_white_space():
    found = text.measure(outputs("one", "two words", "  three  words \n here ", "", None), Context())
    assert same(found["output_words"], [1, 2, 3, 0, None])


def test_words_of_one_answer_do_not_depend_on_the_answer_before_it():
    alone = text.measure(outputs("beta gamma"), Context())["output_words"]
    after = text.measure(outputs("alpha", "beta gamma"), Context())["output_words"]
    assert after[1] == alone[0] == 2


def test_characters_are_counted_not_bytes():
    found = text.measure(outputs("naïve", "你好", None), Context())
    assert same(found["output_characters"], [5, 2, None])


def test_tokens_are_the_stores_or_unknown():
    found = measured({"output_tokens": 12}, {"output": "many words but no count"})
    assert same(found["output_tokens"], [12, None])


def test_an_answer_of_white_space_is_empty():
    found = measured({"output": ""}, {"output": " \n\t\u00a0"}, {"output": "."}, {"output": None})
    assert same(found["empty"], [1, 1, 0, None])


def test_no_text_beside_an_error_or_a_tools_turn_is_no_empty_answer():
    found = measured(
        {"output": "", "error": "timeout"},
        {"output": "", "finish_reason": "tool_calls"},
        {"output": "", "finish_reason": "tool_use"},
        {"output": "", "finish_reason": "stop"},
        {"output": "text", "error": "timeout"},
    )
    assert same(found["empty"], [None, None, None, 1, 0])


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS", "model_length", "max_output_tokens"])
def test_every_providers_word_for_a_limit_means_truncated(reason):
    assert same(measured({"finish_reason": reason})["truncated"], [1])


def test_truncation_is_unknown_without_a_finish_reason():
    assert same(measured({"finish_reason": "stop"}, {"output": "cut in the mid"})["truncated"], [0, None])


def test_no_rows_give_no_values():
    assert all(len(values) == 0 for values in measured().values())
    assert isinstance(measured()["output_words"], np.ndarray)
