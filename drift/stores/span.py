"""A span in drift's words: what every store of spans maps its own to, and which of several versions of one counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drift.stores.usage import Usage

GENERATION, RETRIEVER, RERANKER, TOOL, EMBEDDING = "generation", "retriever", "reranker", "tool", "embedding"
# a store's own record of a trace beside its spans: it says when the trace began
RECORD = "trace"
# a web framework's, an HTTP client's or a database's span: it says nothing of the application
HTTP = "http"
# what an evaluator said in a log record of its own: a score for its trace, whenever it came, and no part of it
EVALUATION = "evaluation"
JUDGES = {"evaluator", "guardrail"}


@dataclass(slots=True, eq=False)
class Span:
    """One span (observation) in drift's words. Times are aware UTC; None is unknown; texts are as logged.

    An end before the start, a negative cost and a first token before the start or after the end are unknown.
    """

    trace_id: str
    id: str
    kind: str
    start: datetime
    end: datetime | None = None
    parent: str | None = None
    is_root: bool = False
    name: str | None = None
    scope: str | None = None
    updated: str = ""
    input: Any = None
    output: Any = None
    failed: bool = False
    failure: str | None = None
    model: str | None = None
    asked_model: str | None = None
    provider: str | None = None
    response_id: str | None = None
    prompt_name: str | None = None
    prompt_version: str | None = None
    system_prompt: str | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    tier: str | None = None
    ttft_s: float | None = None
    finish_reason: str | None = None
    call_id: str | None = None
    # of a generation, what it was asked with beside its messages (temperature and the like)
    parameters: Mapping[str, Any] | None = None
    # of a generation, the tools that it was offered, as one text
    tools: str | None = None
    status: int | None = None
    # how often its request was sent again, where the span says so
    resent: int = 0
    # a second record of a call that was begun on another span: the log of a stream's end
    continues: bool = False
    # it stands for several calls with tools between them, and tells the tokens of the last (Google's SDK calls tools by itself)
    several: bool = False
    # the request as the SDK sent it, where what is in `input` may have lost the failures of its tools
    request: Any = None
    documents: list[dict] | None = None
    index_built_at: Any = None
    session: str | None = None
    conversation: str | None = None
    # its session was taken out before it was sent: another id must not stand for it
    session_hidden: bool = False
    user: str | None = None
    environment: str | None = None
    release: str | None = None
    version: str | None = None
    trace_name: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] | None = None
    # the share of requests that is traced, where the span's context says so
    sampling_rate: float | None = None
    scores: Sequence[dict] = ()

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            self.end = None

    @property
    def duration_s(self) -> float | None:
        return (self.end - self.start).total_seconds() if self.end else None

    @property
    def first_token_s(self) -> float | None:
        """The time to the first token, None where it lies outside the span (milliseconds read as seconds)."""
        first, whole = self.ttft_s, self.duration_s
        if first is None or not 0 <= first < float("inf") or (whole is not None and first > whole + 0.001):
            return None
        return first


def latest(spans: Iterable[Span]) -> list[Span]:
    """One span an id: of several versions a finished one, and of those the one updated last. In the order of their starts."""
    kept: dict[str, Span] = {}
    for span in spans:
        before = kept.get(span.id)
        if before is None or supersedes(span, before):
            kept[span.id] = span
    return sorted(kept.values(), key=_place)


def supersedes(span: Span, before: Span) -> bool:
    """Whether of two versions of one span this one counts."""
    return (span.end is not None, span.updated) >= (before.end is not None, before.updated)


def _place(span: Span) -> tuple:
    # the store's record, then a parent before the children that start with it, then by id: any order of arrival, one row
    return (span.start, span.kind != RECORD, not span.is_root, span.id)
