"""What happened inside a trace, step by step: its model calls, tools, retrievals and the application's own parts, in order.

A step is one thing that was done, whoever saw it: a call under two instrumentations is one step, and what only holds other steps is
none. What a call, a tool's run and a retry are is decided in `billed` and `tools`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from drift.stores import costs
from drift.stores.billed import Call
from drift.stores.failures import error_type
from drift.stores.span import EMBEDDING, GENERATION, HTTP, JUDGES, RECORD, RERANKER, RETRIEVER, TOOL, Span
from drift.stores.tools import Run
from drift.traces import OK, StepKind

_RETRIEVALS = {RETRIEVER: StepKind.RETRIEVAL, RERANKER: StepKind.RERANK}
_PLANS = re.compile(r"\bplan(?:s|ner|ning)?\b", re.I)
# what a step is below is that step already, whatever more is seen of it
_WHOLE = {GENERATION, EMBEDDING, TOOL, RETRIEVER, RERANKER}


def of(
    ordered: Sequence[Span],
    begin: datetime,
    calls: Sequence[Call],
    runs: Sequence[Run],
    retried: Sequence[tuple[Call, Call]],
    tops: Sequence[Span],
) -> list[dict[str, Any]]:
    """The steps of a trace (rows of `traces.STEP`) in the order of their starts; those of which no start is known come last.

    ordered: its spans. begin: the trace's start. calls: its model calls and embeddings. retried: failed calls, each with the one in its
    place. tops: its roots, which are no steps.
    """
    above = {s.id: s for s in ordered}
    found: list[tuple[Span | None, dict[str, Any], Call | None]] = [(c.span, _of_call(c), c) for c in calls]
    found += [(run.span, _of_run(run), None) for run in runs]
    found += [(s, step, None) for s, step in _of_spans(ordered, tops, above)]
    seen = {span.id: n for n, span in enumerate(ordered)}
    found.sort(key=lambda each: seen[each[0].id] if each[0] is not None else len(seen))
    place = {id(call): n for n, (_, _, call) in enumerate(found) if call is not None}
    for n, (span, step, _) in enumerate(found):
        step["position"] = n
        if span is not None:
            step["start_s"] = (span.start - begin).total_seconds()
            step["duration_s"] = span.duration_s
    for failed, later in retried:
        found[place[id(later)]][1]["retry_of"] = place[id(failed)]
    return [step for _, step, _ in found]


def _of_call(call: Call) -> dict[str, Any]:
    usage = call.usage if call.billed else None
    return {
        "name": call.span.name,
        "kind": StepKind.MODEL if call.is_generation else StepKind.EMBEDDING,
        "asked_model": call.first("asked_model"),
        "model": call.model,
        "outcome": error_type(call.failure) if call.failed else OK,
        "cost_usd": costs.total([call]),
        **(
            {
                "input_tokens": usage.input,
                "cache_read_tokens": usage.cache_read,
                "cache_write_tokens": usage.cache_write,
                # an embedding answers nothing
                "output_tokens": usage.output if call.is_generation else None,
                "reasoning_tokens": usage.reasoning if call.is_generation else None,
            }
            if usage is not None and not call.several
            else {}
        ),
    }


def _of_run(run: Run) -> dict[str, Any]:
    failure = run.span.failure if run.span is not None else None
    return {
        "name": run.name,
        "kind": StepKind.TOOL,
        "outcome": None if run.failed is None else error_type(failure) if run.failed else OK,
        "arguments": None if run.arguments is None else hashlib.sha256(run.arguments.encode()).hexdigest()[:16],
    }


def _of_spans(ordered: Sequence[Span], tops: Sequence[Span], above: dict[str, Span]) -> Iterator[tuple[Span, dict[str, Any]]]:
    """Retrievals, guardrails, and of the application's own parts those that hold no other span."""
    holds = {s.parent for s in ordered}
    for span in ordered:
        kind = _RETRIEVALS.get(span.kind)
        if kind is None:
            if span.kind in (GENERATION, EMBEDDING, TOOL, HTTP, RECORD, "event") or span.id in holds or span in tops:
                continue
            kind = StepKind.GUARDRAIL if span.kind == "guardrail" else StepKind.OTHER
            if span.kind not in JUDGES and _PLANS.search((span.name or "").replace("_", " ")):
                kind = StepKind.PLAN
        if not _within_one(span, kind, above):
            yield span, {"name": span.name, "kind": kind, "outcome": error_type(span.failure) if span.failed else OK}


def _within_one(span: Span, kind: StepKind, above: dict[str, Span]) -> bool:
    """Whether the span is a part of a step that is told: another view of the same retrieval, or the inside of a call."""
    outer = above.get(span.parent or "")
    for _ in range(200):
        if outer is None:
            return False
        if outer.kind in _WHOLE and (kind == StepKind.OTHER or outer.kind == span.kind):
            return True
        outer = above.get(outer.parent or "")
    return False
