"""Groundedness, relevance and similarity by shared words; corrections."""

import numpy as np
import pyarrow as pa
import pytest
from example_traces import batch, same

from drift.features import Context, corrections, overlap

FACTS = "Parcels to Norway take five working days. Returns are free within thirty days of delivery."
OTHER = "The garden of the old monastery is open to visitors on Sunday afternoons in summer."


def measured(*rows: dict) -> dict:
    return overlap.measure(batch(*rows), Context())


def with_documents(answer: str, *texts: str | None, question: str = "How long do parcels to Norway take?") -> dict:
    return {"input": question, "output": answer, "documents": [{"id": str(i), "text": text} for i, text in enumerate(texts)]}


def test_an_answer_from_the_documents_is_grounded_and_one_from_elsewhere_is_not():
    copied, paraphrased, foreign = measured(
        with_documents("Parcels to Norway take five working days.", FACTS),
        with_documents("It takes five days for parcels that go to Norway, working days that is.", FACTS),
        with_documents("Parcels to Norway take five working days.", OTHER),
    )["groundedness"]
    assert copied == 1.0
    assert 0.3 < paraphrased < 0.9
    assert foreign < 0.1


def test_all_documents_of_a_trace_count_together():
    first, second = FACTS.split(". ")
    found = measured(with_documents(FACTS, first, second), with_documents(FACTS, first))["groundedness"]
    assert found[0] > 0.9 > found[1]


def test_groundedness_needs_documents_with_text_and_an_answer():
    found = measured(
        {}, {"documents": []}, with_documents("Parcels take five working days.", None), with_documents("", FACTS),
        with_documents("Yes.", FACTS),
    )["groundedness"]  # fmt: skip
    assert same(found, [None] * 5)


def test_a_question_is_covered_by_its_documents_and_not_by_others():
    right, wrong = measured(with_documents("x", FACTS), with_documents("x", OTHER))["context_relevance"]
    assert right > 0.6 and wrong == 0


def test_an_answer_that_changes_the_subject_is_less_relevant():
    on, off = measured(with_documents(FACTS, FACTS), with_documents(OTHER, FACTS))["answer_relevance"]
    assert on > off == 0


def test_similarity_to_the_reference_is_the_f1_of_their_words():
    found = measured(
        {"output": "a b c d", "reference": "a b"},
        {"output": "A, B!", "reference": "b a"},
        {"output": "x", "reference": "y"},
        {"output": "x", "reference": None},
        {"output": "", "reference": "y"},
    )["reference_similarity"]
    assert np.allclose(found, [2 * 0.5 * 1 / 1.5, 1, 0, np.nan, np.nan], equal_nan=True)


def test_every_share_is_between_0_and_1():
    rng = np.random.default_rng(0)
    words = np.array(["the", "a", "of", "norway", "parcel", "day", "summer", "garden", "five", "old", "你好", "être", "42"])

    def some(count: int) -> str:
        return " ".join(rng.choice(words, count))

    rows = [with_documents(some(12), some(9), question=some(6)) | {"reference": some(4)} for _ in range(300)]
    for name, values in measured(*rows).items():
        assert ((values >= 0) & (values <= 1) | np.isnan(values)).all(), name
        assert np.isfinite(values).any(), name


@pytest.mark.parametrize(
    "text",
    [
        "no, I meant the other account", "not the red one, the blue one", "I said Tuesday, not Thursday", "still not working", "No. That's not what I asked.", "That's wrong", "that is incorrect, check again",
        "You misunderstood me", "Actually, that's not right", "Sorry, I meant Tuesday", 
        "your answer is wrong", "You’re mistaken", "this is still not correct", "wrong answer", 
        "Nein, ich meinte die andere Rechnung", "Das stimmt nicht", "Das ist falsch.", "Non, je voulais dire demain",
        "C'est faux", "No, me refería a la otra", "eso no es correcto", "Não, eu quis dizer amanhã", "isso está errado",
        "No, intendevo l'altro", "Nee, ik bedoel de andere", "Dat klopt niet", "Nie, chodziło mi o drugi",
        "нет, я имел в виду другой", "это неправильно", "違います、別の方です",
        "不对，我的意思是另一个", "아니요, 제 말은 다른 거예요",
    ],
)  # fmt: skip
def test_corrections(text):
    assert same(corrections.corrections(pa.array([text])), [1])


@pytest.mark.parametrize(
    "text",
    [
        "What is wrong with my account?", "Is it wrong to lie?", "No problem, thanks!", "no", "No, thank you", "I know that.",
        "Write a story that begins with “No, I meant the other one”",
        "My answer is wrong, can you help me find the mistake?", "Nothing is right today", "It is not working on my phone",
        "that is great", "Norway", "Das ist gut", "no sé cómo hacerlo", "これは何ですか", "",
    ],
)  # fmt: skip
def test_what_is_no_correction(text):
    assert same(corrections.corrections(pa.array([text])), [0])


def test_no_input_is_unknown():
    assert same(corrections.corrections(pa.array([None], pa.string())), [None])
