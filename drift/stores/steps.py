"""What happened inside a trace, step by step: its model calls, tools, retrievals and the application's own parts, in order.

A step is one thing that was done, whoever saw it: a call under two instrumentations is one step, and what only holds other steps is
none. What a call, a tool's run and a retry are is decided in `billed` and `tools`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from drift.stores import guardrails
from drift.stores.billed import Call
from drift.stores.failures import error_type
from drift.stores.messages import decode
from drift.stores.span import EMBEDDING, GENERATION, HTTP, JUDGES, RECORD, RERANKER, RETRIEVER, TOOL, Span
from drift.stores.tools import Run
from drift.traces import FIRED, OK, StepKind

_RETRIEVALS = {RETRIEVER: StepKind.RETRIEVAL, RERANKER: StepKind.RERANK}
_PLANS = re.compile(r"\bplan(?:s|ner|ning)?\b", re.I)
# what a step is below is that step already, whatever more is seen of it
_WHOLE = {GENERATION, EMBEDDING, TOOL, RETRIEVER, RERANKER}
# what is a step by another way, or none
_ELSEWHERE = {GENERATION, EMBEDDING, TOOL, HTTP, RECORD, "event"}


def of(
    ordered: Sequence[Span],
    begin: datetime,
    calls: Sequence[Call],
    spent: Mapping[int, float | None],
    runs: Sequence[Run],
    retried: Sequence[tuple[Call, Call]],
    tops: Sequence[Span],
) -> list[dict[str, Any]]:
    """The steps of a trace (rows of `traces.STEP`) in the order of their starts; those of which no start is known come last.

    ordered: its spans. begin: the trace's start. calls: its model calls and embeddings. spent: what they cost (`costs.each`).
    retried: failed calls, each with the one in its place. tops: its roots, which are no steps.
    """
    place = {span.id: n for n, span in enumerate(ordered)}
    of_calls = [(call, _of_call(call, spent)) for call in calls]
    found: list[tuple[int, Span | None, dict[str, Any]]] = [(place[c.span.id], c.span, step) for c, step in of_calls]
    found += [(place[r.span.id] if r.span is not None else len(place), r.span, _of_run(r)) for r in runs]
    found += [(place[s.id], s, step) for s, step in _of_spans(ordered, tops, place)]
    found.sort(key=itemgetter(0))
    for n, (_, span, step) in enumerate(found):
        step["position"] = n
        if span is not None:
            step["start_s"] = (span.start - begin).total_seconds()
            step["duration_s"] = span.duration_s
    if retried:
        step_of = {id(call): step for call, step in of_calls}
        for failed, later in retried:
            step_of[id(later)]["retry_of"] = step_of[id(failed)]["position"]
    return [step for _, _, step in found]


def _of_call(call: Call, spent: Mapping[int, float | None]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": call.span.name,
        "kind": StepKind.MODEL if call.is_generation else StepKind.EMBEDDING,
        "asked_model": call.first("asked_model"),
        "model": call.model,
        "outcome": error_type(call.failure) if call.failed else OK,
        "cost_usd": spent.get(id(call)),
    }
    if call.billed and not call.several and (usage := call.usage) is not None:
        out["input_tokens"] = usage.input
        out["cache_read_tokens"] = usage.cache_read
        out["cache_write_tokens"] = usage.cache_write
        if call.is_generation:
            # an embedding answers nothing
            out["output_tokens"] = usage.output
            out["reasoning_tokens"] = usage.reasoning
    return out


def _of_run(run: Run) -> dict[str, Any]:
    failure = run.span.failure if run.span is not None else None
    return {
        "name": run.name,
        "kind": StepKind.TOOL,
        "outcome": None if run.failed is None else error_type(failure) if run.failed else OK,
        "arguments": None if run.arguments is None else hashlib.sha256(run.arguments.encode()).hexdigest()[:16],
        "result_characters": None if run.result is None else run.result.characters,
        "result_shape": None if run.result is None else run.result.shape,
    }


def _of_spans(ordered: Sequence[Span], tops: Sequence[Span], place: dict[str, int]) -> Iterator[tuple[Span, dict[str, Any]]]:
    """Retrievals, guardrails, and of the application's own parts those that hold no other span."""
    holds = {s.parent for s in ordered}
    for span in ordered:
        kind = _RETRIEVALS.get(span.kind)
        if kind is None:
            if span.kind in _ELSEWHERE or span.id in holds or span in tops:
                continue
            kind = StepKind.GUARDRAIL if span.kind == "guardrail" else StepKind.OTHER
            if span.kind not in JUDGES and _PLANS.search((span.name or "").replace("_", " ")):
                kind = StepKind.PLAN
        if not _within_one(span, kind, ordered, place):
            outcome = error_type(span.failure) if span.failed else OK
            if kind == StepKind.GUARDRAIL and not span.failed and guardrails.fired(decode(span.output)):
                outcome = FIRED
            found = span.documents if kind in _RETRIEVALS.values() else None
            yield (
                span,
                {
                    "name": span.name,
                    "kind": kind,
                    "outcome": outcome,
                    "documents": None if found is None else len(found),
                },
            )


def _within_one(span: Span, kind: StepKind, ordered: Sequence[Span], place: dict[str, int]) -> bool:
    """Whether the span is a part of a step that is told: another view of the same retrieval, or the inside of a call."""
    above = span.parent
    for _ in range(200):
        at = place.get(above or "")
        if at is None:
            return False
        outer = ordered[at]
        if outer.kind in _WHOLE and (kind == StepKind.OTHER or outer.kind == span.kind):
            return True
        above = outer.parent
    return False
