"""The row of the trace table that follows from a trace's spans.

Every store of spans (Langfuse, Phoenix, MLflow, OTLP) maps what it has to `Span` and calls `row`; what a call, a root, a tool's
failure, a retry or a trace's own error is, is decided once for all of them: `billed`, `roots`, `tools`, here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift import traces
from drift.stores import billed, costs, final_call, messages, roots, sampling, steps, tools
from drift.stores.billed import Call
from drift.stores.documents import index_time, merged
from drift.stores.failures import error_type
from drift.stores.scores import is_own
from drift.stores.span import EMBEDDING, GENERATION, HTTP, JUDGES, RECORD, RERANKER, RETRIEVER, TOOL, Span, latest, supersedes

__all__ = ["EMBEDDING", "GENERATION", "HTTP", "RECORD", "RERANKER", "RETRIEVER", "TOOL", "Span", "flatten", "latest", "merge_scores",
           "root_metadata", "row", "supersedes"]  # fmt: skip

REFERENCE_KEYS = ("reference", "expected_output", "expected", "ground_truth", "reference_output")
_METADATA_CHARACTERS = 1_000
_INSTRUMENTATION = (
    "scope.", "resourceAttributes.telemetry.", "resourceAttributes.service.instance.id", "resourceAttributes.process.",
    "resourceAttributes.host.", "resourceAttributes.os.", "attributes.input.", "attributes.output.", "attributes.llm.",
    "attributes.gen_ai.", "attributes.openinference.", "attributes.retrieval.", "attributes.langfuse.",
)  # fmt: skip


def row(spans: Sequence[Span], salt: str, scores: list[dict] | None = None) -> dict:
    """The trace whose spans these are, as a row for `traces.table`.

    The trace begins with its earliest span. Name, question, answer and latency are those of its roots; model, prompt, finish
    reason and time to the first token those of the call that produced the answer; tokens and cost are sums over the billed calls.
    """
    ordered = latest(spans)
    tops = roots.roots(ordered)
    root = tops[0]
    generations, others = billed.calls(ordered)
    output = roots.answer(tops, ordered)
    author = _author(ordered, generations, output)
    if output is None and author is not None:
        output = author.answer
    used = tools.of(ordered, generations)
    counted = [*generations, *(c for c in others if c.span.kind != EMBEDDING)]
    # a call that failed is an attempt, not a step
    answered = [c for c in generations if not c.failed] or generations
    hidden = any(c.several for c in generations)
    spent = costs.each([*generations, *others])
    retried, tried = billed.retries(generations, ordered)
    user = _first(ordered, root, "user")
    begin = next((s.start for s in tops if s.kind == RECORD), ordered[0].start)
    out: dict[str, Any] = {
        "trace_id": ordered[0].trace_id,
        "timestamp": begin,
        "session_id": _first(ordered, root, "session") or _conversation(ordered, root),
        "user": traces.hash_user(user, salt),
        "name": _first(ordered, root, "trace_name") or root.name,
        "environment": _first(ordered, root, "environment"),
        "release": _first(ordered, root, "release"),
        "version": _first(ordered, root, "version"),
        "tags": _tags(ordered),
        "input": roots.question(tops, ordered, generations),
        "output": output,
        "latency_s": roots.latency_s(tops, ordered),
        "input_tokens": billed.tokens(counted, "input"),
        "output_tokens": billed.tokens(counted, "output"),
        "cost_usd": costs.total(spent.values()),
        "n_generations": None if hidden else len(answered),
        "retries": retried,
        "fallback": _fallback(author, tried),
        "error": _error(tops, generations, author),
        "tool_calls": used.calls,
        "tool_errors": used.errors,
        "repeated_tool_calls": used.repeated,
        "calls_not_offered": used.kept.not_offered,
        "calls_bad_arguments": used.kept.bad_arguments,
        "offered_tools": used.kept.tools,
        "steps": None if used.calls is None or hidden else len(answered) + used.calls,
        "documents": _documents(ordered),
        "index_built_at": next((s.index_built_at for s in ordered if s.index_built_at), None)
        or index_time(*(s.metadata for s in ordered if s.kind in (RETRIEVER, RERANKER) or s in tops)),
        "reference": _reference(root),
        # who it was is known by the hash alone
        "metadata": {k: v for s in reversed(tops) for k, v in _metadata(s).items() if v != user},
        "sampling_rate": root.sampling_rate or sampling.of_metadata(root.metadata),
        "trajectory": steps.of(
            ordered, begin, [*generations, *(c for c in others if c.span.kind == EMBEDDING)], spent, used.runs, tried, tops
        ),
        "scores": merge_scores([*(scores or []), *(x for s in ordered for x in s.scores)]),
    }
    if author is not None:
        asked = next((s for s in author.spans if s.input is not None), author.span)
        system = author.first("system_prompt")
        final_call.note(out["trace_id"], asked.input, author.asked_model, author.model, author.first("parameters"), system)
        out["model"] = author.model
        out["parameters"] = final_call.told(author.first("parameters"))
        out["prompt_name"] = author.first("prompt_name")
        out["prompt_version"] = author.first("prompt_version")
        out["system_prompt"] = (
            system
            or _of_any(author, "input", messages.system_prompt)
            or next((s.system_prompt for s in tops if s.system_prompt), None)
        )
        out["ttft_s"] = author.first("first_token_s")
        out["finish_reason"] = author.first("finish_reason") or _of_any(author, "output", messages.finish_reason)
        if out["error"] is None and out["finish_reason"] == "content_filter":
            out["error"] = "content_filter"
        if out["output"] == "" and out["finish_reason"] == "content_filter":
            # a filter's silence is not the application's
            out["output"] = None
    correction = next((s["text"] for s in reversed(scores or []) if s.get("text")), None)
    if correction is not None:
        out["reference"] = correction
    return out


def merge_scores(scores: list[dict]) -> list[dict]:
    """One entry a name: the mean of its numbers, or its last label; with the evaluator that was named last."""
    numbers: dict[str, list[float]] = {}
    labels: dict[str, str] = {}
    evaluators: dict[str, str] = {}
    for score in scores:
        if is_own(score["name"]):
            continue
        if score.get("evaluator"):
            evaluators[score["name"]] = score["evaluator"]
        if score.get("value") is not None:
            numbers.setdefault(score["name"], []).append(float(score["value"]))
        elif score.get("label") is not None:
            labels[score["name"]] = score["label"]
    merged = [{"name": n, "value": sum(v) / len(v), "label": None} for n, v in numbers.items()]
    merged += [{"name": n, "value": None, "label": v} for n, v in labels.items() if n not in numbers]
    for score in merged:
        if score["name"] in evaluators:
            score["evaluator"] = evaluators[score["name"]]
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


def _first(ordered: list[Span], root: Span, name: str) -> Any:
    return getattr(root, name) or next((v for s in ordered if (v := getattr(s, name))), None)


def _tags(ordered: list[Span]) -> list[str]:
    out: dict[str, None] = {}
    before: Sequence[str] = ()
    for span in ordered:
        if span.tags != before:
            out.update(dict.fromkeys(span.tags))
            before = span.tags
    return list(out)


def _conversation(ordered: list[Span], root: Span) -> str | None:
    return None if any(s.session_hidden for s in ordered) else _first(ordered, root, "conversation")


def _of_any(call: Call, name: str, read: Any) -> str | None:
    return next((found for s in call.spans if (found := read(getattr(s, name))) is not None), None)


def _author(ordered: list[Span], generations: list[Call], output: str | None) -> Call | None:
    """The call that produced the output: the last whose answer is (in) the trace's output, else the last that answered
    outside a judge or guardrail, else the last."""
    if len(generations) < 2:
        return generations[0] if generations else None
    parents = {s.id: s for s in ordered}
    by_end = sorted(generations, key=lambda c: (c.span.end or c.start, c.span.id))
    answered = [c for c in by_end if not c.failed and any(s.output is not None for s in c.spans)]
    if output:
        for call in reversed(answered):
            said = call.answer
            if said and (said == output or (len(said) > 20 and said in output)):
                return call
    outside = [c for c in answered if not _judged(c.span, parents)]
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


def _fallback(author: Call | None, tried: list[tuple[Call, Call]]) -> bool:
    """Whether the answer came from another model than was tried before."""
    return any(
        after is author and not after.failed and not _same_model(before.asked_model, after.asked_model)
        for before, after in tried
    )


def _same_model(a: str | None, b: str | None) -> bool:
    # a call that failed knows the model that was asked for, one that went well the dated one that answered
    return not a or not b or a.startswith(b) or b.startswith(a)


def _error(tops: list[Span], generations: list[Call], author: Call | None) -> str | None:
    """The error the user saw: a root's, or that of a last call nothing came after. A recovered one is none."""
    failed = [r for r in tops if r.failed]
    if failed:
        return error_type(failed[0].failure, *(g.failure for g in [g for g in generations if g.failed][-1:]))
    if author is not None and author.failed and not any(r.output is not None for r in tops if r is not author.span):
        return error_type(author.failure)
    return None


def _documents(ordered: list[Span]) -> list[dict] | None:
    """Documents of all retrievers (without one: of the rerankers), each once.

    Where nothing but their number is known, another span may count the same with their scores.
    """
    having = [s for s in ordered if s.documents is not None]
    if not having:
        return None
    found = [s.documents for s in having if s.kind == RETRIEVER and s.documents is not None]
    beside = [s.documents for s in having if s.kind not in (RETRIEVER, RERANKER) and s.documents is not None]
    if not any(any(d.values()) for documents in found for d in documents) and beside:
        found = next(([d] for d in beside if any(d[0].values() if d else ())), found or beside[:1])
    found = found or [s.documents for s in having if s.documents is not None]
    return merged(found)


def _reference(root: Span) -> str | None:
    for key in REFERENCE_KEYS:
        value = root.metadata.get(key) if root.metadata else None
        if value not in (None, ""):
            return messages.answer(value)
    return None


def _metadata(span: Span) -> dict[str, str]:
    return {
        key: (messages.as_text(value) or "")[:_METADATA_CHARACTERS]
        for key, value in (span.metadata or {}).items()
        if value is not None and not key.startswith(_INSTRUMENTATION)
    }
