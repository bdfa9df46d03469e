"""Spans that an application writes itself, by no convention, are read by the names that people use."""

from __future__ import annotations

import pytest
from written import ANSWER, QUESTION, read, span

RAG = {"rag__query": QUESTION, "rag__chunks_retrieved": 4, "rag__top_score": 0.9, "rag__avg_score": 0.6, "rag__context_tokens": 812,
       "rag__chunks_after_rerank": 2}  # fmt: skip
CALL = {
    "tokens__input": 900, "tokens__output": 40, "llm__cost_usd": 0.002, "gen_ai__request__model": "gpt-4o",
    "gen_ai__prompt__0__role": "user", "gen_ai__prompt__0__content": QUESTION,
    "gen_ai__completion__0__role": "assistant", "gen_ai__completion__0__content": ANSWER,
}  # fmt: skip


def seen(row: dict) -> tuple:
    return tuple(
        row[name] for name in ("input", "output", "model", "input_tokens", "output_tokens", "cost_usd", "n_generations")
    )


def scores(row: dict) -> list:
    return [document["score"] for document in row["documents"]]


AS_ANSWERED = (QUESTION, ANSWER, "gpt-4o", 900, 40, 0.002, 1)


def test_all_of_it_on_one_span(tmp_path):
    made = read(tmp_path, span("rag.request", top_k=5, **RAG, **CALL))
    assert seen(made) == AS_ANSWERED
    assert scores(made) == pytest.approx([0.9, 0.5, 0.5, 0.5])


@pytest.mark.parametrize("context", [812, 0.42])
def test_a_pipeline_with_its_steps(tmp_path, context):
    made = read(
        tmp_path,
        span("rag.pipeline", **{**RAG, "rag__context_tokens": context}),
        span("vector.search", "rag.pipeline", 0.1, 0.5, top_k=5, results__count=4),
        span("rerank", "rag.pipeline", 0.5, 0.7, rag__chunks_after_rerank=2),
        span("llm.generate", "rag.pipeline", 1, 3, **CALL),
    )
    assert seen(made) == AS_ANSWERED
    # the search counts what the pipeline tells the scores of, and each document is one
    assert scores(made) == pytest.approx([0.9, 0.5, 0.5, 0.5])


def test_steps_that_only_count(tmp_path):
    made = read(
        tmp_path,
        span("handle", input__value=QUESTION, output__value=ANSWER),
        span("embed", "handle", 0, 0.1),
        span("vector_search", "handle", 0.1, 0.4, results_returned=8),
        span("rerank", "handle", 0.4, 0.6, input_docs=8, output_docs=3),
        span("build_prompt", "handle", 0.6, 0.7, context_tokens=800, system_tokens=120),
        span("llm_call", "handle", 0.7, 3.5, model="gpt-4o", input_tokens=930, output_tokens=30),
        span("parse", "handle", 3.5, 3.6),
    )
    assert seen(made)[:5] == (QUESTION, ANSWER, "gpt-4o", 930, 30) and made["n_generations"] == 1
    assert scores(made) == [None] * 8


def test_a_search_that_found_nothing(tmp_path):
    made = read(tmp_path, span("handle", input__value=QUESTION), span("vector_search", "handle", 0.1, 0.4, results_returned=0))
    assert made["documents"] == []


@pytest.mark.parametrize("count", [-1, 2.5, 10**6, "many"])
def test_what_counts_no_documents_makes_none(tmp_path, count):
    made = read(
        tmp_path, span("handle", input__value=QUESTION), span("vector_search", "handle", 0.1, 0.4, results_returned=count)
    )
    assert made["documents"] is None
