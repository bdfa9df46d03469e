# ruff: noqa: E501 - sentences and patterns stay in one piece
"""An answer that declines is a refusal in any style and language; an answer that only talks about declining is none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import refusal_cases

from drift import features, traces
from drift.features import refusal

REFUSALS = {
    "apology": "I'm sorry, but I can't help with that.",
    "curly apostrophe": "I’m sorry, but I can’t share that.",
    "no apology": "I won't be writing that article for you.",
    "as an AI": "As an AI developed to be safe, I'm not able to walk you through this.",
    "policy": "This request violates our content policy, so no answer was generated.",
    "moralising": "It's not appropriate or ethical to make fun of people because of where they come from.",
    "after a polite opening": "Thank you so much for reaching out to us today, and I hope your week is going well! Unfortunately, I cannot provide details about another customer.",
    "redirection": "I'd rather not get into that. Is there something else I can help you with?",
    "shouted": "I CANNOT HELP WITH THAT REQUEST.",
    "German": "Tut mir leid, aber dabei kann ich dir nicht helfen.",
    "French": "Je suis désolé, mais je ne peux pas répondre à cette question.",
    "Spanish": "Lo siento, pero no puedo ayudarte con esa petición.",
    "Italian": "Mi dispiace, ma non posso aiutarti con questa richiesta.",
    "Portuguese": "Desculpe, mas não posso fornecer essas informações.",
    "Dutch": "Het spijt me, maar ik kan je daar niet bij helpen.",
    "Polish": "Przykro mi, ale nie mogę pomóc w tej sprawie.",
    "Russian": "К сожалению, я не могу помочь с этим запросом.",
    "Chinese": "很抱歉，我无法提供这方面的帮助。",
    "Japanese": "申し訳ございませんが、そのご質問にはお答えできません。",
    "Korean": "죄송하지만 그 요청은 도와드릴 수 없습니다.",
    "Arabic": "عذرًا، لا أستطيع المساعدة في هذا الطلب.",
    "Hindi": "क्षमा करें, मैं इस अनुरोध में आपकी सहायता नहीं कर सकता।",
    "Turkish": "Üzgünüm, bu konuda size yardımcı olamam.",
}

ORDINARY = {
    "can't wait": "I can't wait to hear how the trip went! Pack light and bring a raincoat.",
    "quoted": "The clerk shrugged and said, \"I'm sorry, I can't help you,\" and the queue groaned.",
    "apology for a delay": "Sorry about the wait! Your parcel left the depot this morning and arrives tomorrow.",
    "the world's limits": "Ostriches cannot fly, but they run at up to 70 km/h.",
    "a corrected mistake": "I apologize for the confusion. The right formula is a² + b² = c².",
    "code": "```python\ndef area(r):\n    return 3.14159 * r ** 2\n```",
    "a drafted letter": "Dear Mr Hill,\n\nthank you for the invitation. Unfortunately I cannot attend on Friday, as I will be travelling.",
    "a list": "Here are three ideas:\n1. A picnic\n2. A film night\n3. A bike ride",
    "German": "Leider ist das Schwimmbad heute geschlossen. Morgen öffnet es um acht Uhr.",
    "Japanese": "お待たせしました。会議は三時に始まります。",
    "empty": "",
}


@pytest.mark.parametrize("style", REFUSALS)
def test_a_refusal_is_found(style):
    assert refusal.classify([REFUSALS[style]]).refusal[0] == 1


@pytest.mark.parametrize("style", ORDINARY)
def test_an_ordinary_answer_is_no_refusal(style):
    assert refusal.classify([ORDINARY[style]]).refusal[0] == 0


@pytest.mark.parametrize("language", refusal_cases.WHOLE)
def test_refusals_of_every_style_and_language_are_found(language):
    texts = refusal_cases.WHOLE[language]
    missed = [text for text, found in zip(texts, refusal.classify(list(texts)).refusal, strict=True) if not found]
    assert len(missed) <= 0.05 * len(texts), missed


@pytest.mark.parametrize("language", refusal_cases.NONE)
def test_answers_that_only_sound_like_refusals_are_none(language):
    texts = refusal_cases.NONE[language]
    alarms = [text for text, found in zip(texts, refusal.classify(list(texts)).refusal, strict=True) if found]
    assert len(alarms) <= 0.03 * len(texts), alarms


def test_what_is_refused_in_part_or_disclaimed_is_found():
    found = refusal.classify(list(refusal_cases.PARTIAL))
    assert ((found.refusal == 1) | (found.disclaimed == 1)).all()


def test_more_wordings_are_mostly_found():
    assert refusal.classify(list(refusal_cases.LATER_WHOLE)).refusal.mean() >= 0.85
    assert refusal.classify(list(refusal_cases.LATER_NONE)).refusal.mean() <= 0.1


def test_an_opinion_withheld_before_help_is_disclaimed_and_no_refusal():
    found = refusal.classify(
        [
            "As an AI language model, I don't have personal opinions. However, the debate usually turns on cost: supporters of the bridge say "
            "that it saves commuters an hour a day, while critics point to the price and to the noise along the river.",
            "I'm sorry, but I can't help with that.",
        ]
    )
    assert found.refusal.tolist() == [0, 1]
    assert found.disclaimed.tolist() == [1, 0]


def test_partial_refusals_are_refusals():
    found = refusal.classify([*REFUSALS.values(), *ORDINARY.values()])
    assert not np.any((found.partial == 1) & (found.refusal == 0))


def test_unknown_answers_are_unknown():
    found = refusal.classify([None, "Yes."])
    assert np.isnan(found.refusal[0]) and np.isnan(found.partial[0])
    assert found.refusal[1] == 0


def test_any_row_of_any_arrow_type_gives_the_same():
    texts = [*REFUSALS.values(), None, *ORDINARY.values()]
    expected = refusal.classify(texts).refusal
    for column in (pa.array(texts), pa.array(texts, pa.large_string()), pa.chunked_array([texts[:5], texts[5:]])):
        np.testing.assert_array_equal(refusal.classify(column).refusal, expected)
    sliced = pa.array(["skipped", *texts]).slice(1)
    np.testing.assert_array_equal(refusal.classify(sliced).refusal, expected)
    alone = [refusal.classify([text]).refusal[0] for text in texts]
    np.testing.assert_array_equal(alone, expected)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "i cannot " * 1_000_000,
        "\x00\x01\x1b[31m" * 1000,
        "lone \ud800 surrogate",
        "((((" * 1_000_000,
        "’" * 3_000_000,
        "我" * 1_000_000,
        "\u202e\ufeff",
    ],
    ids=["long", "repeated", "control", "surrogate", "brackets", "curly", "han", "bidi"],
)
def test_hostile_answers_cost_linear_time(text):
    # what is quadratic in so long a text runs into the suite's time-out
    assert refusal.classify([text]).refusal[0] in (0, 1)


def test_the_metrics_of_a_trace_table():
    table = traces.table(
        {"trace_id": str(i), "timestamp": i, "output": text}
        for i, text in enumerate([REFUSALS["apology"], ORDINARY["a list"], None])
    )
    found = refusal.measure(features.Batch(table), features.Context())
    assert found["refusal"][:2].tolist() == [1, 0] and np.isnan(found["refusal"][2])
    assert set(found) == {"refusal", "refusal_partial", "declined", "disclaimed"}
