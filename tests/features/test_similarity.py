"""Question, document, answer and reference compared by meaning, on a part of the sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drift import traces
from drift.config import Config
from drift.features import Batch, context, embedding
from drift.features.embedding import Embedder

WORDS = ("invoice", "refund", "weather", "rain")
COSINES = ("answer_question_cosine", "question_document_cosine", "answer_document_cosine", "answer_reference_cosine")


class Words:
    """An encoder that counts a few words."""

    identity, dimension = "words", len(WORDS)

    def encode(self, texts):
        counts = np.array([[text.count(word) for word in WORDS] for text in texts], np.float32) + 1e-6
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def measured(rows: list[dict], sample: int = 1000) -> dict[str, np.ndarray]:
    table = traces.table([{"trace_id": str(i), "timestamp": 0, **row} for i, row in enumerate(rows)])
    known = context(Config.of({"embeddings": {"enabled": False, "sample": sample}}), traces=len(rows))
    return embedding.measure(Batch(table), replace(known, embedder=Embedder(Words())))


def test_what_means_the_same_is_near_and_what_does_not_is_far():
    documents = [{"id": "a", "score": 0.2, "text": "weather"}, {"id": "b", "score": 0.9, "text": "invoice"}]
    found = measured(
        [
            {"input": "my invoice", "output": "the invoice", "documents": documents, "reference": "invoice"},
            {"input": "my invoice", "output": "some rain", "documents": documents[:1], "reference": "refund"},
        ]
    )
    for name in COSINES:
        assert found[name] == pytest.approx([1.0, 0.0], abs=1e-3), name


def test_what_is_not_there_is_unknown_and_never_zero():
    found = measured(
        [{"input": "my invoice"}, {"output": "the invoice"}, {"input": "invoice", "output": "refund", "documents": []}]
    )
    assert np.isnan(found["answer_question_cosine"]).tolist() == [True, True, False]
    for name in COSINES[1:]:
        assert np.isnan(found[name]).all(), name


def test_documents_are_read_of_as_many_traces_as_an_eighth_of_the_sample_and_of_all_where_there_are_no_more():
    row = {"input": "my invoice", "output": "the invoice", "documents": [{"id": "a", "text": "invoice"}]}
    found = measured([row] * 4000, sample=2000)
    pairs, documents = (int(np.isfinite(found[name]).sum()) for name in COSINES[:2])
    assert 1900 < pairs < 2100 and 200 < documents < 300
    assert np.isfinite(found["answer_question_cosine"][np.isfinite(found["question_document_cosine"])]).all()
    assert np.isfinite(measured([row] * 250, sample=2000)["question_document_cosine"]).all()


def test_an_answer_equal_to_a_long_reference_has_cosine_1_and_the_end_of_a_long_document_is_not_read():
    long = "invoice " * 150 + "refund " * 50
    found = measured([{"input": "invoice", "output": long, "reference": long, "documents": [{"id": "a", "text": long}]}])
    assert found["answer_reference_cosine"] == pytest.approx([1.0])
    assert found["question_document_cosine"] == pytest.approx([1.0], abs=1e-3)
