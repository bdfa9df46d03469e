"""The language of a text: told where it can be, and of a short text only where the application speaks it."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from example_traces import table
from language_cases import LONG, NONE, SHORT

from drift import features
from drift.features import Context, language


def told(*texts: str | None, day: tuple[str, ...] = ()) -> list[str | None]:
    """The languages of inputs on a day that has the texts of `day` too, as its features say."""
    rows = table(*({"input": text, "output": None} for text in (*texts, *day)))
    found = features.finish(features.extract(rows, Context(disabled=frozenset({"embedding"}))))
    return found["input_language"].to_pylist()[: len(texts)]


def test_a_text_of_a_sentence_needs_no_day():
    assert told(*LONG.values()) == list(LONG)


@pytest.mark.parametrize("text", [None, "", "   ", "12345", "😀😀😀", "\x00\x01"])
def test_a_language_that_cannot_be_told_is_unknown(text):
    assert told(text, day=("How do I change the address?",) * 30) == [None]


def test_control_characters_do_not_hide_a_language():
    assert told("\x00How do I change \x08the address on my account?\ufffe") == ["en"]


@pytest.mark.parametrize("code", SHORT)
def test_a_short_text_is_in_the_language_that_the_application_speaks_or_unknown(code):
    found = told(*SHORT[code], day=(LONG[code],) * 40)
    assert set(found) <= {code, None}
    assert sum(each is not None for each in found) >= len(found) / 3, found


def test_an_english_application_hears_no_other_language_in_names_and_short_texts():
    found = Counter(told(*NONE, *SHORT["en"], day=(LONG["en"],) * 200))
    assert set(found) <= {"en", None}
    assert Counter(told(*NONE, day=(LONG["en"],) * 200))[None] >= 0.85 * len(NONE)


def test_an_application_in_two_languages_hears_both():
    day = (LONG["en"],) * 180 + (LONG["de"],) * 20
    found = told(*SHORT["de"], *SHORT["en"], day=day)
    german, english = found[: len(SHORT["de"])], found[len(SHORT["de"]) :]
    assert german.count("de") >= 12 and english.count("en") >= 20
    assert set(german) | set(english) <= {"de", "en", None}


def test_one_long_text_in_a_language_does_not_make_the_application_speak_it():
    day = (LONG["en"],) * 500 + (LONG["it"],)
    assert "it" not in told(*SHORT["it"], day=day)


def test_an_application_of_short_texts_alone_speaks_what_most_of_them_are_guessed_to_be():
    found = told(*SHORT["de"], *NONE)
    assert found[: len(SHORT["de"])].count("de") >= 10
    assert set(found[: len(SHORT["de"])]) <= {"de", None}


def test_a_name_that_many_short_answers_give_on_a_day_is_no_language():
    names = ("fakahatchee strand preserve", "ron estévez", "Zika", "Tyrannosaurus rex", "Ayahuasca", "Antônio Conselheiro")
    day = (*SHORT["en"], *[name for name in names for _ in range(6)], *NONE)
    assert set(told(*day)) <= {"en", None}


def test_what_a_day_says_does_not_change_when_it_is_finished_again_or_made_of_parts():
    rows = table(*({"input": text} for text in (*SHORT["de"], *SHORT["fr"], *[LONG["de"], LONG["en"]] * 40)))
    whole = features.finish(features.extract(rows, Context()))
    assert features.finish(whole)["input_language"].equals(whole["input_language"])
    parts = [features.extract(rows.slice(start, 17), Context()) for start in range(0, rows.num_rows, 17)]
    joined = features.finish(pa.concat_tables(parts, promote_options="permissive"))
    assert joined["input_language"].to_pylist() == whole["input_language"].to_pylist()


def test_a_disabled_language_is_not_brought_back():
    rows = table({"input": "Wo ist meine Bestellung?"}, {"input": LONG["de"]})
    found = features.finish(features.extract(rows, Context(disabled=frozenset({"input_language"}))))
    assert "input_language" not in found.column_names
    assert "input_language" not in language.settle(found, {})
