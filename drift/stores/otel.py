"""OpenTelemetry span attributes as spans: GenAI semantic conventions old and new, OpenInference, OpenLLMetry, MLflow, Langfuse's
SDK, the Vercel AI SDK, Pydantic AI and logfire, Haystack, Google's ADK, LangSmith.

No IO: stores hand over a span's parts as plain values, whatever protocol they came by. Which attribute holds which text:
`otel_texts`; which holds tokens: `usage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from drift import traces
from drift.stores import evaluations, handmade, messages, offered, usage
from drift.stores.documents import documents, flattened, index_time
from drift.stores.final_call import PARAMETERS
from drift.stores.otel_texts import (
    Event,
    first,
    fragment,
    hits,
    is_log_of_a_stream,
    request_beside,
    stands_for_several,
    texts,
    tool_texts,
    unquoted,
    with_details,
)
from drift.stores.responses import usage_and_model, with_parts
from drift.stores.span import EMBEDDING, GENERATION, HTTP, RERANKER, RETRIEVER, TOOL, Span
from drift.stores.spans import root_metadata

__all__ = ["Event", "nanoseconds", "span"]

_KINDS = {
    "llm": GENERATION, "chat_model": GENERATION, "generation": GENERATION, "chat": GENERATION, "completion": GENERATION,
    "text_completion": GENERATION, "chat.completions": GENERATION, "text.completions": GENERATION, "chat.streaming_completions": GENERATION, "generate_content": GENERATION, "retriever": RETRIEVER, "retrieval": RETRIEVER,
    "reranker": RERANKER, "rerank": RERANKER, "tool": TOOL, "execute_tool": TOOL, "embedding": EMBEDDING, "embeddings": EMBEDDING,
    "agent": "agent", "invoke_agent": "agent", "create_agent": "agent", "chain": "chain", "workflow": "chain", "task": "chain",
    "invoke_workflow": "chain", "evaluator": "evaluator", "guardrail": "guardrail", "event": "event",
}  # fmt: skip
_KIND_KEYS = (
    "openinference.span.kind", "gen_ai.operation.name", "mlflow.spanType", "langfuse.observation.type", "llm.request.type",
    "traceloop.span.kind", "langsmith.span.kind",
)  # fmt: skip
_HAYSTACK = (
    ("Generator", GENERATION),
    ("Retriever", RETRIEVER),
    ("Ranker", RERANKER),
    ("Embedder", EMBEDDING),
    ("Agent", "agent"),
)
MODEL = ("gen_ai.response.model", "llm.response.model", "ai.response.model", "gen_ai.request.model", "llm.model_name",
         "llm.request.model", "mlflow.llm.model", "embedding.model_name", "langfuse.observation.model.name", "ai.model.id",
         *handmade.MODEL)  # fmt: skip
_ASKED = ("gen_ai.request.model", "llm.request.model", "ai.model.id")
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider")
_TIER = (
    "gen_ai.openai.response.service_tier",
    "anthropic.response.service_tier",
    "openai.response.service_tier",
    "gen_ai.response.service_tier",
)
_RESPONSE = ("gen_ai.response.id", "ai.response.id", "llm.response.id")
COST = ("llm.cost.total", "gen_ai.usage.cost", "gen_ai.usage.total_cost", "gen_ai.cost.total", "operation.cost", *handmade.COST)
TTFT = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token", "llm.response.time_to_first_token",
        "gen_ai.response.time_to_first_token")  # fmt: skip
SESSION = ("session.id", "langfuse.session.id", "mlflow.trace.session", "ai.telemetry.metadata.sessionId",
           "traceloop.association.properties.session_id", "ai.telemetry.metadata.threadId", "langsmith.trace.session_id",
           "langsmith.metadata.session_id", "langsmith.metadata.thread_id")  # fmt: skip
_CONVERSATION = ("gen_ai.conversation.id",)
USER = ("user.id", "enduser.id", "langfuse.user.id", "mlflow.trace.user", "traceloop.association.properties.user_id",
        "ai.telemetry.metadata.userId", "langsmith.metadata.user_id")  # fmt: skip
ENVIRONMENT = ("deployment.environment.name", "deployment.environment", "langfuse.environment")
RELEASE = ("service.version", "langfuse.release")
PROMPT = ("gen_ai.prompt.name", "llm.prompt_template.name", "prompt.name", "langfuse.observation.prompt.name",
          "traceloop.prompt.key", "prompt.id")  # fmt: skip
PROMPT_VERSION = ("gen_ai.prompt.version", "llm.prompt_template.version", "prompt.version", "langfuse.observation.prompt.version",
                  "traceloop.prompt.version")  # fmt: skip
FINISH = ("gen_ai.response.finish_reasons", "llm.finish_reason", "gen_ai.completion.0.finish_reason", "llm.response.finish_reason",
          "llm.output_messages.0.message.finish_reason", "ai.response.finishReason", "anthropic.message.stop_reason")  # fmt: skip
_STATUS = ("http.response.status_code", "http.status_code")
_WEB = (
    "http.request.method",
    "http.method",
    "http.route",
    "http.url",
    "url.path",
    "db.system",
    "db.system.name",
    "messaging.system",
)
_SCRUBBED = "[Scrubbed due to"
_FIRST_TOKEN = (
    "first token",
    "first_token",
    "ai.stream.firstchunk",
    "gen_ai.content.completion.chunk",
    "llm.content.completion.chunk",
)
# attributes that hold the texts and measures read above; what is left is the application's own metadata
_OWN = (
    "gen_ai.", "llm.", "input.", "output.", "retrieval.", "reranker.", "embedding.", "openinference.", "mlflow.", "traceloop.",
    "langfuse.", "langsmith.", "session.", "user.", "enduser.", "tool.", "tool_", "metadata", "tag.", "exception.", "telemetry.",
    "process.", "host.", "os.", "service.instance.id", "openai.", "anthropic.", "ai.", "haystack.", "logfire.", "pydantic_ai.", "crewai.", "gcp.vertex.",
    "request_data", "response_data", "events", "all_messages_events", "final_result", "model_request_parameters", "model_name",
    "agent_name", "code.", "thread.", "db.", "http.", "url.", "server.", "network.", "operation.cost", "mcp.", "resource.name",
    "operation.name", "user_agent.", "client.", "net.", "message_template", "lk.", "rag.", "tokens.",
)  # fmt: skip


def span(
    *,
    trace_id: str,
    span_id: str,
    parent_id: str | None,
    name: str | None,
    start: datetime,
    end: datetime | None,
    failed: bool,
    message: str | None,
    attributes: Mapping[str, Any],
    events: Sequence[Event] = (),
    resource: Mapping[str, Any] | None = None,
    scope: str | None = None,
    updated: str = "",
) -> Span:
    """The span these parts describe. Attributes are flat (`llm.model_name`), values plain or JSON text.

    Texts stay on spans of every kind: which of them are the trace's own is known when all of it is there.
    """
    attributes = with_details(attributes, events)
    resource = resource or {}
    kind = _kind(name, attributes, events)
    if kind == "span":
        kind = handmade.kind(name, attributes, not parent_id) or kind
    asked, answered, system = texts(attributes, events)
    if failed and attributes.get("ai.operationId") and not any(e.name == "exception" for e in events):
        # the Vercel AI SDK records what it throws; an exporter spreads one span's failure over its whole trace
        failed, message = False, None
    is_root = not parent_id
    if is_log_of_a_stream(attributes):
        # logfire logs a stream's answer when it ends, with how long it took
        start = start - timedelta(seconds=usage.count(attributes.get("duration")) or 0)
    out = Span(
        trace_id=trace_id,
        id=span_id,
        kind=kind,
        start=start,
        end=end,
        parent=parent_id or None,
        is_root=is_root,
        name=name,
        scope=scope,
        updated=updated,
        failed=failed,
        failure=_failure(attributes, events, message) if failed else None,
        input=asked,
        output=answered,
        status=_status(attributes),
        resent=int(usage.count(first(attributes, ("http.request.resend_count", "retry_attempts"))) or 0),
        continues=is_log_of_a_stream(attributes),
        system_prompt=system,
        request=request_beside(attributes),
        session=_text(first(attributes, SESSION)),
        conversation=_text(first(attributes, _CONVERSATION)),
        session_hidden=str(first(attributes, SESSION) or "").startswith(_SCRUBBED),
        user=_text(first(attributes, USER)),
        environment=_text(first(attributes, ENVIRONMENT) or first(resource, ENVIRONMENT)),
        release=_text(first(attributes, ("langfuse.release",)) or first(resource, RELEASE)),
        version=_text(first(attributes, ("langfuse.version", "service.version"))),
        trace_name=_text(first(attributes, ("langfuse.trace.name",))),
        tags=_tags(attributes),
        metadata=_metadata(attributes, resource),
    )
    if kind != HTTP:
        out.usage = _usage(attributes)
        out.cost_usd = _cost(attributes)
    if kind in (GENERATION, EMBEDDING):
        out.model = _text(first(attributes, MODEL))
        if kind == GENERATION and out.usage is not None:
            out.usage = with_parts(out.usage, attributes)
        if kind == GENERATION and (out.usage is None or out.model is None):
            said, served = usage_and_model(answered)
            out.usage, out.model = out.usage or said, out.model or served
        out.asked_model = _text(first(attributes, _ASKED) or _model_asked(attributes))
        out.model = out.model or out.asked_model
        out.provider = _text(first(attributes, _PROVIDER))
        out.tier = _text(first(attributes, _TIER))
        out.response_id = _text(first(attributes, _RESPONSE))
    if kind == GENERATION:
        out.parameters = _parameters(attributes)
        out.tools = offered.definitions(attributes) or offered.beside(asked)
        out.prompt_name = _text(first(attributes, PROMPT))
        out.prompt_version = _text(first(attributes, PROMPT_VERSION))
        out.ttft_s = _ttft(attributes, events, start)
        out.finish_reason = _finish(attributes, events)
        out.several = stands_for_several(attributes, scope, answered)
        if out.usage is not None and fragment(attributes, scope, answered, out.usage.output):
            out.output = None
    elif kind == "guardrail" and out.output is None:
        out.output = dict(attributes)
    elif kind == TOOL:
        out.name = _text(
            first(attributes, ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "haystack.tool.name", "tool_name"))
        ) or ((name or "").removeprefix("execute_tool "))
        out.failed = out.failed or attributes.get("haystack.tool.error") in (True, "true")
        if not out.failed and (attributes.get("error.type") or any(e.name == "exception" for e in events)):
            # whoever recorded what it threw need not have set the status
            out.failed, out.failure = True, _failure(attributes, events, message)
        out.call_id = _text(first(attributes, ("gen_ai.tool.call.id", "tool_call.id", "tool.id", "ai.toolCall.id")))
        out.input, out.output = tool_texts(attributes, asked, answered)
    elif kind in (RETRIEVER, RERANKER):
        out.documents = flattened(attributes)
        if out.documents is None:
            out.documents = hits(events)
        if out.documents is None:
            out.documents = documents(answered)
        if out.documents is None:
            out.documents = handmade.found(attributes, reranked=kind == RERANKER)
        out.index_built_at = index_time(attributes, out.metadata)
    if kind not in (RETRIEVER, RERANKER):
        out.documents = handmade.found(attributes)
    if events:
        out.scores = evaluations.scores([(e.name, e.attributes) for e in events])
    return out


def nanoseconds(value: Any) -> datetime | None:
    """The time of so many nanoseconds since 1970 (a number or its text)."""
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if whole <= 0:
        return None
    try:
        return datetime.fromtimestamp(whole // 1_000_000_000, UTC).replace(microsecond=whole % 1_000_000_000 // 1000)
    except (OverflowError, OSError, ValueError):
        return None


def _kind(name: str | None, attributes: Mapping[str, Any], events: Sequence[Event]) -> str:
    operation = attributes.get("ai.operationId")
    if isinstance(operation, str):
        # the Vercel AI SDK: what others made of its spans says less
        return _of_vercel(operation)
    if "._prepare_" in (name or ""):
        # LlamaIndex: what makes a call ready calls nothing
        return "span"
    for key in _KIND_KEYS:
        given = unquoted(attributes.get(key))
        if isinstance(given, str) and given:
            known = _KINDS.get(given.lower())
            if known:
                return known
            # a server such as Phoenix writes UNKNOWN where the span names no kind of OpenInference
            if key == "openinference.span.kind" and given.lower() != "unknown":
                break
    component = attributes.get("haystack.component.type")
    if isinstance(component, str):
        return next((kind for word, kind in _HAYSTACK if word in component), "span")
    if attributes.get("haystack.agent.step.llm.input") is not None:
        return GENERATION
    if attributes.get("gen_ai.retrieval.documents") is not None or any(e.name == "db.query.result" for e in events):
        return RETRIEVER
    if (
        attributes.get("mcp.method.name") == "tools/call"
        or first(attributes, ("gen_ai.tool.name", "haystack.tool.name"))
        or ((name or "").startswith("execute_tool "))
    ):
        return TOOL
    if (
        first(attributes, ("gen_ai.request.model", "gen_ai.response.model"))
        and attributes.get("gen_ai.agent.name") is None
        and (
            first(attributes, usage.OUTPUT) is not None
            or first(attributes, ("request_data", "gcp.vertex.agent.llm_request"))
            or first(attributes, ("gen_ai.output.messages", "gen_ai.completion.0.content")) is not None
        )
    ):
        return GENERATION
    if any(attributes.get(key) is not None for key in _WEB):
        return HTTP
    return "span"


def _of_vercel(operation: str) -> str:
    if operation.endswith((".doGenerate", ".doStream")):
        return GENERATION
    if operation.startswith("ai.toolCall"):
        return TOOL
    if operation.endswith(".doEmbed"):
        return EMBEDDING
    return (
        RERANKER if operation.endswith(".doRerank") else "chain" if operation.startswith(("ai.embed", "ai.rerank")) else "agent"
    )


def _usage(attributes: Mapping[str, Any]) -> usage.Usage | None:
    found = usage.of_attributes(attributes, google="gemini" in str(first(attributes, MODEL)))
    if found is not None:
        return found
    for key in ("mlflow.chat.tokenUsage", "langfuse.observation.usage_details", "gcp.vertex.agent.usage"):
        given = messages.decode(unquoted(attributes.get(key)))
        if isinstance(given, dict):
            return usage.of_details(given)
    # Langfuse on a server of its own and LangSmith keep what the SDK said as it was
    return None


def _cost(attributes: Mapping[str, Any]) -> float | None:
    given = first(attributes, COST)
    if given is None:
        for key in ("mlflow.llm.cost", "langfuse.observation.cost_details"):
            details = messages.decode(unquoted(attributes.get(key)))
            if isinstance(details, dict):
                given = details.get("total_cost", details.get("total"))
                parts = [usage.count(v) for v in details.values()]
                if given is None and parts and None not in parts:
                    given = sum(p for p in parts if p is not None)
                break
    return usage.count(given)


def _model_asked(attributes: Mapping[str, Any]) -> Any:
    given = messages.decode(attributes.get("llm.invocation_parameters"))
    return given.get("model") if isinstance(given, dict) and isinstance(given.get("model"), str) else None


def _parameters(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a model was asked with beside its messages: one object, or an attribute each."""
    given = messages.decode(attributes.get("llm.invocation_parameters"))
    each = {name: value for name in PARAMETERS if (value := attributes.get(f"gen_ai.request.{name}")) is not None}
    return {**(given if isinstance(given, dict) else {}), **each} or None


def _status(attributes: Mapping[str, Any]) -> int | None:
    given = usage.count(first(attributes, _STATUS))
    return None if given is None else int(given)


def _ttft(attributes: Mapping[str, Any], events: Sequence[Event], start: datetime) -> float | None:
    given = usage.count(first(attributes, TTFT))
    if given is not None:
        return given
    milliseconds = usage.count(first(attributes, ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")))
    if milliseconds is not None:
        return milliseconds / 1000
    times = [e.time for e in events if e.time and any(n in e.name.lower() for n in _FIRST_TOKEN)]
    begun = traces.parse_time(unquoted(attributes.get("langfuse.observation.completion_start_time")))
    earliest = min([*times, *([begun] if begun else [])], default=None)
    return (earliest - start).total_seconds() if earliest else None


def _finish(attributes: Mapping[str, Any], events: Sequence[Event]) -> str | None:
    given = messages.decode(first(attributes, FINISH))
    if given is None:
        given = next((e.attributes.get("finish_reason") for e in reversed(events) if e.name == "gen_ai.choice"), None)
    if isinstance(given, (list, tuple)):
        given = given[-1] if given else None
    return (
        given.lower()
        .removeprefix("finishreason.")
        .replace("tool-calls", "tool_calls")
        .replace("content-filter", "content_filter")
        if (isinstance(given, str) and given)
        else None
    )


def _failure(attributes: Mapping[str, Any], events: Sequence[Event], message: str | None) -> str:
    thrown = [e.attributes for e in events if e.name == "exception"]
    parts = [attributes.get("error.type"), message, first(attributes, _STATUS)]
    parts += [x for t in thrown[-1:] for x in (t.get("exception.type"), t.get("exception.message"))]
    return " ".join(str(p)[:2000] for p in parts if p)


def _metadata(attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    own = {k: v for k, v in attributes.items() if not k.startswith(_OWN)}
    given = messages.decode(attributes.get("metadata"))
    own.update(given if isinstance(given, dict) else {})
    for prefix in (
        "metadata.",
        "ai.telemetry.metadata.",
        "langfuse.trace.metadata.",
        "langfuse.observation.metadata.",
        "langsmith.metadata.",
        "traceloop.association.properties.",
    ):
        own.update({k.removeprefix(prefix): unquoted(v) for k, v in attributes.items() if k.startswith(prefix)})
    outer = {f"resource.{k}": v for k, v in resource.items() if not k.startswith(_OWN)}
    return root_metadata({**outer, **own})


def _tags(attributes: Mapping[str, Any]) -> list[str]:
    given = messages.decode(first(attributes, ("tag.tags", "langfuse.trace.tags")))
    return [str(t) for t in given] if isinstance(given, (list, tuple)) else []


def _text(value: Any) -> str | None:
    """A word or an id; what logfire scrubbed is unknown."""
    return None if value in (None, "") or (isinstance(value, str) and value.startswith(_SCRUBBED)) else str(value)
