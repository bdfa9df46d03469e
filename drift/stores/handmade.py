"""Spans that an application writes itself, by no convention: which step one is, and what its attributes say of a retrieval.

Read only where no instrumentation says it: names such as `rag.chunks_retrieved`, `results_returned`, `input_docs` are what people write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.stores.span import EMBEDDING, GENERATION, RERANKER, RETRIEVER
from drift.stores.usage import INPUT, OUTPUT, count

MODEL = ("llm.model", "model")
COST = ("llm.cost_usd", "cost_usd")
QUESTION = ("rag.query", "rag.question")
ANSWER = ("rag.answer", "rag.response")
_FOUND = ("rag.chunks_retrieved", "rag.documents_retrieved", "results_returned", "results.count", "result_count", "num_results")
_TOP = ("rag.top_score", "retrieval.top_score", "top_score")
_MEAN = ("rag.avg_score", "rag.mean_score", "retrieval.avg_score", "avg_score", "mean_score")
_RERANKED = ("rag.chunks_after_rerank", "output_docs")
_RERANKS = re.compile(r"re-?rank", re.I)
_EMBEDS = re.compile(r"\bembed", re.I)
_SEARCHES = re.compile(r"retriev|search|vector|lookup", re.I)
_CALLS = re.compile(r"\b(?:llm|chat|completion|generate)", re.I)
# no retrieval hands on more; what is larger counts something else
_MOST = 1_000


def kind(name: str | None, attributes: Mapping[str, Any], is_root: bool) -> str | None:
    """The step that the span is by its name together with what it counts; None for any other, and for a trace's root."""
    words = re.sub(r"[_.]", " ", name or "")
    if any(key.startswith(("gen_ai.prompt.", "gen_ai.completion.")) for key in attributes) or (
        _CALLS.search(words) and (_first(attributes, INPUT) is not None or _first(attributes, OUTPUT) is not None)
    ):
        return GENERATION
    if is_root:
        return None
    if _RERANKS.search(words):
        return RERANKER if _first(attributes, _RERANKED) is not None else None
    if _SEARCHES.search(words) and _first(attributes, _FOUND) is not None:
        return RETRIEVER
    return EMBEDDING if _EMBEDS.match(words) else None


def found(attributes: Mapping[str, Any], reranked: bool = False) -> list[dict] | None:
    """As many documents (rows of `traces.DOCUMENT`) as the span counts, of which no more is known than the scores it tells.

    The first has the top score; the others have the score that makes the mean what the span says it is. None where it counts none.
    """
    number = _first(attributes, _RERANKED if reranked else _FOUND)
    if number is None or number > _MOST or number % 1:
        return None
    top, mean = _first(attributes, _TOP), _first(attributes, _MEAN)
    rest = (mean * number - top) / (number - 1) if top is not None and mean is not None and number > 1 else None
    scores = [top if top is not None else mean, *[rest if top is not None else mean] * (int(number) - 1)][: int(number)]
    return [{"id": None, "score": score, "updated_at": None, "text": None} for score in scores]


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    return next((number for name in names if (number := count(attributes.get(name))) is not None), None)
