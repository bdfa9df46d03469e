"""JSON, fences, openings, loops."""

import pyarrow as pa
import pytest
from example_traces import outputs, same

from drift.features import Context, format, repetition


def measured(*texts: str | None) -> dict:
    return format.measure(outputs(*texts), Context())


@pytest.mark.parametrize("text", ['{"a": 1}', " [1, 2]\n", "[]", "{}", '[{"a": null}]', '["x"]'])
def test_json_is_valid(text):
    found = measured(text)
    assert same(found["_json_like"], [1])
    assert same(found["json_valid"], [1])


@pytest.mark.parametrize(
    "text", ['{"a": 1', "{'a': 1}", '{"a": 1} and more', '```json\n{"a": 1}\n```', '{"a": NaN}', "[1, 2,]"]
)
def test_what_only_looks_like_json_is_not_valid(text):
    assert same(measured(text)["json_valid"], [None if text.startswith("{'") else 0])


@pytest.mark.parametrize(
    "text", ["Sure, here it is.", "[1] says the source", "[link](https://x.y)", "{name}, hello", "12", None, ""]
)
def test_other_text_is_not_judged_as_json(text):
    assert same(measured(text)["json_valid"], [None])


def test_json_nested_deeper_than_any_program_reads_is_invalid():
    assert same(measured('{"a":' * 5_000 + "1" + "}" * 5_000)["json_valid"], [0])


def test_code_in_a_fence_without_one_and_no_code():
    found = measured(
        "Here:\n```python\nprint(1)\n```",
        "def solve(x):\n    return x",
        "class Solution:\n    def twoSum(self, nums):\n        pass",
        "#include <stdio.h>\nint main() {}",
        "SELECT name FROM users WHERE id = 1;",
        "The class was full. Import duties for tea from India rose.",
        None,
    )
    assert same(found["code_fenced"], [1, 0, 0, 0, 0, None, None])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sure! Here you go", "sure"),
        ("Certainly, I can", "certainly"),
        ("I’m sorry, but I can’t", "i'm sorry"),
        ("I cannot help", "i cannot"),
        ("As an AI language model, I", "as an ai"),
        ("Based on the context", "based on"),
        ("1. First", "numbered list"),
        ("42 is the answer", "number"),
        ("- item", "list"),
        ("```python", "code fence"),
        ("# Title", "heading"),
        ('{"a": 1}', "{"),
        ("John Smith, born in 1970", "other"),
        ("*emphasis* first", "other"),
        ("   ", "nothing"),
        ("你好", "other"),
        (None, None),
    ],
)
def test_openings_come_from_a_closed_list(text, expected):
    assert format.openings(pa.array([text], pa.string())).tolist() == [expected]


def test_no_opening_holds_words_of_the_answer():
    texts = pa.array([f"{word} {word} something" for word in ("Aaron", "Secret", "xyz", "0170")])
    assert set(format.openings(texts)) == {"other", "number"}


def loops(*texts: str | None):
    return repetition.measure(outputs(*texts), Context())["repetition"]


def test_a_loop_of_words_of_sentences_and_at_the_end_is_found():
    sentence = "The committee will meet again on Tuesday to discuss the budget. "
    prose = " ".join(f"word{i}" for i in range(3_000))
    found = loops("yes " * 60, sentence * 8, prose + " again and again and so on" * 400, "你好世界吗" * 30)
    assert same(found, [1, 1, 1, 1])


def test_a_loop_of_characters_is_found():
    prose = " ".join(f"word{i}" for i in range(2_000))
    assert same(loops("!" * 3_000, "ha" * 200, prose + "\n" + "=-" * 5_000, "ａ" * 500), [1, 1, 1, 1])


def test_a_ruler_a_hash_and_a_long_address_are_no_loop():
    digits = "".join(f"{i * 7919 % 100_003:05d}" for i in range(100))
    assert same(loops("Title\n" + "=" * 60, digits, f"https://example.org/{digits}?q=1", "-" * 150), [0, 0, 0, 0])


def test_ordinary_prose_lists_and_short_answers_are_no_loop():
    listing = "\n".join(f"{i}. The item number {i} costs {i * 7} euros and is called thing{i}." for i in range(60))
    found = loops(" ".join(f"word{i}" for i in range(500)), listing, "No. No. No.", "", None)
    assert same(found, [0, 0, 0, 0, None])
