"""The spans of a trace and the row of the trace table that follows from them.

Every store of spans (Langfuse, Phoenix, MLflow, OTLP) maps what it has to `Span` and calls `row`; what a retry, a fallback
or a trace's own error is, is decided here once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drift import traces
from drift.stores import messages
from drift.stores.documents import index_time
from drift.stores.failures import error_type

GENERATION, RETRIEVER, RERANKER, TOOL, EMBEDDING = "generation", "retriever", "reranker", "tool", "embedding"
# a store's own record of a trace beside its spans: it says when the trace began
RECORD = "trace"
JUDGES = {"evaluator", "guardrail"}
REFERENCE_KEYS = ("reference", "expected_output", "expected", "ground_truth", "reference_output")
_METADATA_CHARACTERS = 1_000
_INSTRUMENTATION = (
    "scope.", "resourceAttributes.telemetry.", "resourceAttributes.service.instance.id", "resourceAttributes.process.",
    "resourceAttributes.host.", "resourceAttributes.os.", "attributes.input.", "attributes.output.", "attributes.llm.",
    "attributes.gen_ai.", "attributes.openinference.", "attributes.retrieval.", "attributes.langfuse.",
)  # fmt: skip


@dataclass(slots=True)
class Span:
    """One span (observation) in drift's words. Times are aware UTC; None is unknown; texts are as logged."""

    trace_id: str
    id: str
    kind: str
    start: datetime
    end: datetime | None = None
    parent: str | None = None
    is_root: bool = False
    name: str | None = None
    updated: str = ""
    input: Any = None
    output: Any = None
    failed: bool = False
    failure: str | None = None
    model: str | None = None
    prompt_name: str | None = None
    prompt_version: str | None = None
    system_prompt: str | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    cost_usd: float | None = None
    ttft_s: float | None = None
    finish_reason: str | None = None
    documents: list[dict] | None = None
    index_built_at: Any = None
    session: str | None = None
    user: str | None = None
    environment: str | None = None
    release: str | None = None
    version: str | None = None
    trace_name: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] | None = None
    scores: Sequence[dict] = ()


def latest(spans: Iterable[Span]) -> list[Span]:
    """One span an id: of several versions the one updated last. In the order of their starts."""
    kept: dict[str, Span] = {}
    for span in spans:
        before = kept.get(span.id)
        if before is None or span.updated >= before.updated:
            kept[span.id] = span
    return sorted(kept.values(), key=_place)


def row(spans: Iterable[Span], salt: str, scores: list[dict] | None = None) -> dict:
    """The trace whose spans these are, as a row for `traces.table`.

    The trace begins with its earliest span. Name, input, output and latency are those of its root; model, prompt, finish
    reason and time to the first token those of the generation that produced the output; tokens and cost are sums over all
    spans, without the estimates a store makes for calls that failed.
    """
    ordered = latest(spans)
    roots = [s for s in ordered if s.is_root]
    root = roots[0] if roots else None
    generations = [s for s in ordered if s.kind == GENERATION]
    tools = [s for s in ordered if s.kind == TOOL]
    output = next((t for r in roots if (t := messages.answer(r.output)) is not None), None)
    author = _author(ordered, generations, output)
    if output is None and author is not None:
        output = messages.answer(author.output)
    asked = next((t for s in [*roots, *generations] if (t := messages.question(s.input)) is not None), None)
    billed = [s for s in ordered if not (s.failed and s.output is None)]
    calls = [(t.name or "", messages.as_text(t.input) or "") for t in tools]
    asked_for = [c for g in generations for c in messages.tool_calls(g.output)] if not tools and generations else []
    retries, fallback = _retries(generations, author)
    user = _first(ordered, root, "user")
    begin = root.start if root is not None and root.kind == RECORD else ordered[0].start
    out: dict[str, Any] = {
        "trace_id": ordered[0].trace_id,
        "timestamp": begin,
        "session_id": _first(ordered, root, "session"),
        "user": traces.hash_user(user, salt),
        "name": _first(ordered, root, "trace_name") or (root.name if root else None),
        "environment": _first(ordered, root, "environment"),
        "release": _first(ordered, root, "release"),
        "version": _first(ordered, root, "version"),
        "tags": list(dict.fromkeys(t for s in ordered for t in s.tags)),
        "input": asked,
        "output": output,
        "latency_s": _latency(ordered, root),
        "input_tokens": _sum(s.input_tokens for s in billed if s.kind == GENERATION),
        "output_tokens": _sum(s.output_tokens for s in billed if s.kind == GENERATION),
        "cost_usd": _sum(s.cost_usd for s in billed),
        "n_generations": len(generations),
        "retries": retries,
        "fallback": fallback,
        "error": _error(roots, generations, author),
        "tool_calls": len(calls or asked_for),
        "tool_errors": sum(t.failed for t in tools) if tools or not asked_for else None,
        "repeated_tool_calls": len(calls or asked_for) - len(set(calls or asked_for)),
        "steps": len(generations) + len(tools),
        "documents": _documents(ordered),
        "index_built_at": next((s.index_built_at for s in ordered if s.index_built_at), None)
        or index_time(*(s.metadata for s in ordered if s.kind in (RETRIEVER, RERANKER) or s.is_root)),
        "reference": _reference(root),
        # who it was is known by the hash alone
        "metadata": {k: v for s in reversed(roots or ordered[:1]) for k, v in _metadata(s).items() if v != user},
        "scores": merge_scores([*(scores or []), *(x for s in ordered for x in s.scores)]),
    }
    if author is not None:
        out["model"] = author.model
        out["prompt_name"] = author.prompt_name
        out["prompt_version"] = author.prompt_version
        out["system_prompt"] = author.system_prompt or messages.system_prompt(author.input)
        out["ttft_s"] = author.ttft_s
        out["finish_reason"] = author.finish_reason or messages.finish_reason(author.output)
        if out["error"] is None and out["finish_reason"] == "content_filter":
            out["error"] = "content_filter"
    correction = next((s["text"] for s in reversed(scores or []) if s.get("text")), None)
    if correction is not None:
        out["reference"] = correction
    return out


def merge_scores(scores: list[dict]) -> list[dict]:
    """One entry a name: the mean of its numbers, or its last label."""
    numbers: dict[str, list[float]] = {}
    labels: dict[str, str] = {}
    for score in scores:
        if score.get("value") is not None:
            numbers.setdefault(score["name"], []).append(float(score["value"]))
        elif score.get("label") is not None:
            labels[score["name"]] = score["label"]
    merged = [{"name": n, "value": sum(v) / len(v), "label": None} for n, v in numbers.items()]
    merged += [{"name": n, "value": None, "label": v} for n, v in labels.items() if n not in numbers]
    return sorted(merged, key=lambda s: s["name"])


def flatten(metadata: Any, prefix: str = "", depth: int = 4) -> dict[str, Any]:
    """Nested objects as dotted names, as OpenTelemetry writes them; lists stay whole."""
    if not isinstance(metadata, dict):
        return {}
    out: dict[str, Any] = {}
    for key, value in metadata.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and depth:
            out.update(flatten(value, f"{name}.", depth - 1))
        else:
            out[name] = value
    return out


def root_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A root's metadata in dotted names; what OpenInference logged as the application's own comes first."""
    flat = flatten(metadata)
    for key in ("attributes.metadata", "attributes.langfuse.trace.metadata"):
        inner = messages.decode(flat.pop(key, None))
        if isinstance(inner, dict):
            flat = {**flatten(inner), **flat}
    own = {k.removeprefix("attributes.metadata."): v for k, v in flat.items() if k.startswith("attributes.metadata.")}
    return {**own, **{k: v for k, v in flat.items() if not k.startswith("attributes.metadata.")}}


def _place(span: Span) -> tuple:
    # the store's record, then a parent before the children that start with it, then by id: any order of arrival, one row
    return (span.start, span.kind != RECORD, not span.is_root, span.id)


def _first(ordered: list[Span], root: Span | None, name: str) -> Any:
    mine = getattr(root, name) if root else None
    return mine or next((v for s in ordered if (v := getattr(s, name))), None)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _latency(ordered: list[Span], root: Span | None) -> float | None:
    if root is not None:
        return (root.end - root.start).total_seconds() if root.end else None
    ends = [s.end for s in ordered if s.end]
    return (max(ends) - ordered[0].start).total_seconds() if ends else None


def _author(ordered: list[Span], generations: list[Span], output: str | None) -> Span | None:
    """The generation that produced the output: the last whose answer is (in) the trace's output, else the last that
    answered outside a judge or guardrail, else the last."""
    if not generations:
        return None
    if len(generations) == 1:
        return generations[0]
    parents = {s.id: s for s in ordered}
    by_end = sorted(generations, key=lambda s: (s.end or s.start, s.id))
    answered = [s for s in by_end if not s.failed and s.output is not None]
    if output:
        for span in reversed(answered):
            said = messages.answer(span.output)
            if said and (said == output or (len(said) > 20 and said in output)):
                return span
    outside = [s for s in answered if not _judged(s, parents)]
    return (outside or answered or by_end)[-1]


def _judged(span: Span, parents: dict[str, Span]) -> bool:
    for _ in range(50):
        above = parents.get(span.parent or "")
        if above is None:
            return False
        if above.kind in JUDGES:
            return True
        span = above
    return False


def _retries(generations: list[Span], author: Span | None) -> tuple[int, bool]:
    """Failed calls that were tried again beside them, and whether the answer came from another model than was tried."""
    retried = [
        s
        for n, s in enumerate(generations)
        if s.failed and any(t.parent == s.parent and t.start >= s.start for t in generations[n + 1 :])
    ]
    fallback = bool(
        author and not author.failed and author.model
        and any(s.model and s.model != author.model and s.parent == author.parent for s in retried)
    )  # fmt: skip
    return len(retried), fallback


def _error(roots: list[Span], generations: list[Span], author: Span | None) -> str | None:
    """The error the user saw: the root's, or that of a last generation nothing came after. A recovered one is none."""
    broken = [g for g in generations if g.failed]
    failed = [r for r in roots if r.failed]
    if failed:
        return error_type(failed[0].failure, *(g.failure for g in broken[-1:]))
    if author is not None and author.failed and not any(r.output is not None for r in roots):
        return error_type(author.failure)
    return None


def _documents(ordered: list[Span]) -> list[dict] | None:
    """Documents of all retrievers (without one: of the rerankers), each once; a later mention fills what an earlier lacks."""
    found = [s.documents for s in ordered if s.kind == RETRIEVER and s.documents is not None]
    found = found or [s.documents for s in ordered if s.kind == RERANKER and s.documents is not None]
    if not found:
        return None
    kept: dict[Any, dict] = {}
    for n, document in enumerate(d for documents in found for d in documents):
        before = kept.setdefault(document["id"] or ("", n), dict(document))
        before.update({k: v for k, v in document.items() if before[k] is None})
    return list(kept.values())


def _reference(root: Span | None) -> str | None:
    for key in REFERENCE_KEYS:
        value = root.metadata.get(key) if root and root.metadata else None
        if value not in (None, ""):
            return messages.answer(value)
    return None


def _metadata(span: Span) -> dict[str, str]:
    return {
        key: (messages.as_text(value) or "")[:_METADATA_CHARACTERS]
        for key, value in (span.metadata or {}).items()
        if value is not None and not key.startswith(_INSTRUMENTATION)
    }
