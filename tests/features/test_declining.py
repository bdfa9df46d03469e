"""An answer that refuses, one that declines without saying no, and one that disclaims and then helps are three kinds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from declining_cases import DECLINED, DISCLAIMED, HELPED, REFUSED
from refusal_cases import PARTIAL

from drift.features import refusal

SENTENCES = Path(__file__).parents[2] / "benchmarks/sentences"
HELD_OUT, NATURAL = (tomllib.loads((SENTENCES / f"{name}.toml").read_text()) for name in ("refusals", "refusals_natural"))
KINDS = ("refusal", "declined", "disclaimed")


def kinds(texts) -> dict[str, np.ndarray]:
    found = refusal.classify(list(texts))
    return {kind: getattr(found, kind) == 1 for kind in KINDS}


@pytest.mark.parametrize("language", DECLINED)
def test_what_does_not_help_without_saying_no_is_found(language):
    texts = DECLINED[language]
    found = kinds(texts)
    seen = found["declined"] | found["refusal"]
    assert seen.mean() >= 0.85, [text for text, one in zip(texts, seen, strict=True) if not one]
    # what is dissuaded from is a refusal too where the model says so
    assert found["declined"].mean() >= 0.8


def did_not_help(texts) -> np.ndarray:
    found = kinds(texts)
    return found["refusal"] | found["declined"]


@pytest.mark.parametrize(("language", "least"), [(code, 0.8 if code == "en" else 0.85) for code in HELD_OUT])
def test_sentences_written_before_the_model_are_told_apart(language, least):
    assert did_not_help(HELD_OUT[language]["unhelpful"]).mean() >= least
    assert not did_not_help(HELD_OUT[language]["helpful"]).any()


@pytest.mark.parametrize("language", NATURAL)
def test_whole_answers_as_models_give_them_are_told_apart(language):
    unhelpful, helpful = NATURAL[language]["unhelpful"], NATURAL[language]["helpful"]
    missed, wrong = (~did_not_help(unhelpful)).sum(), did_not_help(helpful).sum()
    found = len(unhelpful) - missed
    assert 2 * found / (2 * found + missed + wrong) >= 0.94


@pytest.mark.parametrize("option", ["(D). Refused", "E. Refused.", "b) Prefer not to say", "3. No opinion"])
def test_the_option_of_a_survey_that_is_no_answer_is_a_refusal(option):
    assert kinds([option])["refusal"].all()
    assert not did_not_help(["C. Refused to sign the treaty in 1919", "A. Major reason", "B. No problem at all"]).any()


def test_the_model_of_short_answers_says_nothing_in_a_script_that_it_never_saw():
    # a coupon that cannot be combined with another, in Arabic, Thai and Greek
    texts = (
        "لا يمكن استخدام هذه القسيمة مع عروض أخرى.",
        "คูปองนี้ใช้ร่วมกับข้อเสนออื่นไม่ได้",
        "Το κουπόνι δεν συνδυάζεται με άλλες προσφορές.",
    )
    assert not did_not_help(texts).any()


@pytest.mark.parametrize(
    "text", ["Virus", "No", "(B)", "42", "Lima", "Yes.", "University of Virginia", "東京", "红色", "Nein.", ""]
)
def test_an_answer_of_a_word_or_two_is_an_answer(text):
    assert not did_not_help([text]).any()


def test_answers_that_help_are_of_no_kind():
    for kind, found in kinds(HELPED).items():
        assert not found.any(), (kind, [text for text, one in zip(HELPED, found, strict=True) if one])


def test_a_disclaimer_before_help_is_no_refusal():
    found = kinds(DISCLAIMED)
    assert found["disclaimed"].mean() >= 0.9
    assert not found["refusal"].any() and not found["declined"].any()


def test_a_disclaimer_without_help_is_a_refusal():
    found = kinds(REFUSED)
    assert found["refusal"].all() and not found["disclaimed"].any()
    texts = [
        "As an AI language model, I don't have personal opinions, but I can help you with other questions.",
        "As an AI I don't have access to your account. Therefore I cannot provide the balance. However, feel free to ask me anything else.",
        "I'm not a doctor, but please consult a doctor about this.",
    ]
    assert not kinds(texts)["disclaimed"].any()


def test_an_answer_is_of_one_kind_at_most():
    texts = [*sum(DECLINED.values(), ()), *HELPED, *DISCLAIMED, *REFUSED, *PARTIAL]
    assert sum(found.astype(int) for found in kinds(texts).values()).max() == 1


def test_a_long_answer_that_begins_with_a_doubt_is_not_declined():
    opening = "Which city is best is a matter of opinion. "
    body = (
        "Vienna has the best public transport of the three, with trams that run until midnight and cheap yearly tickets. " * 8
    )
    assert kinds([opening])["declined"].all() and not kinds([opening + body])["declined"].any()


def test_no_answer_is_unknown():
    found = refusal.classify([None])
    assert all(np.isnan(getattr(found, kind)[0]) for kind in KINDS)
