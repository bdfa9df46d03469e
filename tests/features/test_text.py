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


@pytest.mark.parametrize(
    ("sentence", "least", "most"),
    [
        ("お荷物は昨日倉庫を出発しましたので、遅くとも二営業日以内にお手元に届く予定です。", 17, 23),
        ("您的包裹昨天已经离开我们的仓库，最迟应该会在两个工作日之内送达。", 16, 23),
        ("พัสดุของคุณออกจากคลังสินค้าเมื่อวานนี้และควรจะถึงภายในสองวันทำการ", 14, 20),
        ("សូមអភ័យទោស ខ្ញុំមិនអាចជួយបានទេ", 4, 9),
        ("고객님의 소포는 어제 저희 창고에서 출발했습니다.", 6, 6),
        ("आपका पार्सल कल हमारे गोदाम से निकल गया।", 8, 8),
        ("Great 👍 work 🎉", 4, 4),
        ("Use the “API” – it’s free…", 6, 6),
    ],
)
def test_words_of_scripts_without_spaces_are_those_that_a_reader_sees(sentence, least, most):
    (words,) = text.measure(outputs(sentence), Context())["output_words"]
    assert least <= words <= most
    (twice,) = text.measure(outputs(sentence + " " + sentence), Context())["output_words"]
    assert twice == pytest.approx(2 * words, abs=1)


def test_words_of_two_scripts_add_up():
    apart = text.measure(
        outputs("Please call the API", "東京に住んでいます", "Please call the API 東京に住んでいます"), Context()
    )
    one, other, both = apart["output_words"]
    assert one == 4 and both == one + other
    assert text.measure(outputs("APIを使います。"), Context())["output_words"][0] >= 3


def test_a_long_text_without_spaces_has_as_many_words_a_character_as_a_short_one():
    sentence = "您的包裹昨天已经离开我们的仓库。"
    short, long = text.measure(outputs(sentence * 100, sentence * 20_000), Context())["output_words"]
    assert long / 20_000 == pytest.approx(short / 100, rel=0.01)


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
