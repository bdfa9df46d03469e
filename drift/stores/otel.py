"""OpenTelemetry span attributes as spans: GenAI semantic conventions old and new, OpenInference, OpenLLMetry, MLflow.

No IO: stores hand over a span's parts as plain values, whatever protocol they came by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drift import traces
from drift.stores import messages
from drift.stores.documents import documents, flattened, index_time
from drift.stores.spans import EMBEDDING, GENERATION, RERANKER, RETRIEVER, TOOL, Span, root_metadata

_KINDS = {
    "llm": GENERATION, "chat_model": GENERATION, "generation": GENERATION, "chat": GENERATION, "completion": GENERATION,
    "text_completion": GENERATION, "generate_content": GENERATION, "retriever": RETRIEVER, "retrieval": RETRIEVER,
    "reranker": RERANKER, "tool": TOOL, "execute_tool": TOOL, "embedding": EMBEDDING, "embeddings": EMBEDDING,
    "agent": "agent", "invoke_agent": "agent", "create_agent": "agent", "chain": "chain", "workflow": "chain", "task": "chain",
    "invoke_workflow": "chain", "evaluator": "evaluator", "guardrail": "guardrail",
}  # fmt: skip
_KIND_KEYS = (
    "openinference.span.kind", "gen_ai.operation.name", "mlflow.spanType", "langfuse.observation.type", "llm.request.type",
    "traceloop.span.kind",
)  # fmt: skip
MODEL = ("gen_ai.response.model", "llm.response.model", "gen_ai.request.model", "llm.model_name", "llm.request.model",
         "mlflow.llm.model", "embedding.model_name", "langfuse.observation.model.name")  # fmt: skip
INPUT_TOKENS = ("gen_ai.usage.input_tokens", "llm.token_count.prompt", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT_TOKENS = ("gen_ai.usage.output_tokens", "llm.token_count.completion", "gen_ai.usage.completion_tokens",
                 "llm.usage.completion_tokens")  # fmt: skip
COST = ("llm.cost.total", "gen_ai.usage.cost", "gen_ai.usage.total_cost", "gen_ai.cost.total")
TTFT = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token", "llm.response.time_to_first_token",
        "gen_ai.response.time_to_first_token")  # fmt: skip
SESSION = ("session.id", "gen_ai.conversation.id", "langfuse.session.id", "mlflow.trace.session",
           "traceloop.association.properties.session_id")  # fmt: skip
USER = ("user.id", "enduser.id", "langfuse.user.id", "mlflow.trace.user", "traceloop.association.properties.user_id")
ENVIRONMENT = ("deployment.environment.name", "deployment.environment", "langfuse.environment")
RELEASE = ("service.version", "langfuse.release")
PROMPT = ("gen_ai.prompt.name", "llm.prompt_template.name", "prompt.name", "langfuse.observation.prompt.name",
          "traceloop.prompt.key", "prompt.id")  # fmt: skip
PROMPT_VERSION = (
    "gen_ai.prompt.version",
    "llm.prompt_template.version",
    "prompt.version",
    "langfuse.observation.prompt.version",
    "traceloop.prompt.version",
)
FINISH = (
    "gen_ai.response.finish_reasons",
    "llm.finish_reason",
    "gen_ai.completion.0.finish_reason",
    "llm.response.finish_reason",
    "llm.output_messages.0.message.finish_reason",
)
_FIRST_TOKEN = ("first token", "first_token", "gen_ai.content.completion.chunk", "llm.content.completion.chunk")
# attributes that hold the texts and measures read above; what is left is the application's own metadata
_OWN = (
    "gen_ai.",
    "llm.",
    "input.",
    "output.",
    "retrieval.",
    "reranker.",
    "embedding.",
    "openinference.",
    "mlflow.",
    "traceloop.",
    "langfuse.",
    "session.",
    "user.",
    "enduser.",
    "tool.",
    "metadata",
    "tag.",
    "exception.",
    "telemetry.",
    "process.",
    "host.",
    "os.",
    "service.instance.id",
    "openai.",
)
_MESSAGE = re.compile(r"^(?:(llm\.(?:input|output)_messages)|(gen_ai\.(?:prompt|completion)))\.(\d+)\.(?:message\.)?(.+)$")


@dataclass(frozen=True)
class Event:
    """A span's event: its name, time and attributes."""

    name: str
    time: datetime | None
    attributes: Mapping[str, Any] = field(default_factory=dict)


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
    updated: str = "",
) -> Span:
    """The span these parts describe. Attributes are flat (`llm.model_name`), values plain or JSON text."""
    attributes = _with_details(attributes, events)
    resource = resource or {}
    kind = _kind(attributes)
    asked, answered, system = _texts(attributes, events)
    is_root = not parent_id
    out = Span(
        trace_id=trace_id, id=span_id, kind=kind, start=start, end=end, parent=parent_id or None, is_root=is_root, name=name,
        updated=updated, failed=failed, failure=_failure(attributes, events, message) if failed else None,
        session=_text(_first(attributes, SESSION)), user=_text(_first(attributes, USER)),
        environment=_text(_first(attributes, ENVIRONMENT) or _first(resource, ENVIRONMENT)),
        release=_text(_first(attributes, ("langfuse.release",)) or _first(resource, RELEASE)),
        version=_text(_first(attributes, ("langfuse.version", "service.version"))),
        trace_name=_text(_first(attributes, ("langfuse.trace.name",))) if not is_root else None,
        tags=_tags(attributes),
    )  # fmt: skip
    if is_root:
        out.input, out.output = asked, answered
        out.metadata = _metadata(attributes, resource)
    if kind in (GENERATION, EMBEDDING):
        out.model = _text(_first(attributes, MODEL))
        usage = messages.decode(_unquoted(attributes.get("mlflow.chat.tokenUsage")))
        usage = usage if isinstance(usage, dict) else {}
        out.input_tokens = _number(_first(attributes, INPUT_TOKENS), usage.get("input_tokens"))
        out.output_tokens = _number(_first(attributes, OUTPUT_TOKENS), usage.get("output_tokens"))
        cost = messages.decode(attributes.get("mlflow.llm.cost"))
        out.cost_usd = _number(_first(attributes, COST), cost.get("total_cost") if isinstance(cost, dict) else None)
    if kind == GENERATION:
        out.input, out.output, out.system_prompt = asked, answered, system
        out.prompt_name = _text(_first(attributes, PROMPT))
        out.prompt_version = _text(_first(attributes, PROMPT_VERSION))
        out.ttft_s = _ttft(attributes, events, start)
        out.finish_reason = _finish(attributes, events)
    elif kind == TOOL:
        out.name = _text(_first(attributes, ("gen_ai.tool.name", "tool.name"))) or name
        out.input = _first(attributes, ("gen_ai.tool.call.arguments", "tool.parameters")) or asked
    elif kind in (RETRIEVER, RERANKER):
        out.documents = flattened(attributes)
        if out.documents is None:
            out.documents = documents(answered)
        out.index_built_at = index_time(attributes, _metadata(attributes, resource))
    return out


def nanoseconds(value: Any) -> datetime | None:
    """The time of so many nanoseconds since 1970 (a number or its text)."""
    try:
        whole = int(value)
    except (TypeError, ValueError):
        return None
    if whole <= 0:
        return None
    try:
        return datetime.fromtimestamp(whole // 1_000_000_000, UTC).replace(microsecond=whole % 1_000_000_000 // 1000)
    except (OverflowError, OSError, ValueError):
        return None


def _kind(attributes: Mapping[str, Any]) -> str:
    for key in _KIND_KEYS:
        given = _unquoted(attributes.get(key))
        if isinstance(given, str) and given:
            known = _KINDS.get(given.lower())
            if known:
                return known
            # a server such as Phoenix writes UNKNOWN where the span names no kind of OpenInference
            if key == "openinference.span.kind" and given.lower() != "unknown":
                break
    if attributes.get("gen_ai.retrieval.documents") is not None:
        return RETRIEVER
    if _first(attributes, ("gen_ai.request.model", "gen_ai.response.model")) and _first(attributes, OUTPUT_TOKENS) is not None:
        return GENERATION
    return "span"


def _with_details(attributes: Mapping[str, Any], events: Sequence[Event]) -> Mapping[str, Any]:
    """GenAI instrumentation may put the messages on an event of the span instead of on the span."""
    for event in events:
        if event.name == "gen_ai.client.inference.operation.details":
            return {**event.attributes, **attributes}
    return attributes


def _texts(attributes: Mapping[str, Any], events: Sequence[Event]) -> tuple[Any, Any, str | None]:
    """(input, output, system prompt) as logged: chat messages where there are any, else the span's value."""
    turns = _numbered(attributes)
    asked = _first(attributes, ("gen_ai.input.messages",)) or turns.get("llm.input_messages") or turns.get("gen_ai.prompt")
    answered = (
        _first(attributes, ("gen_ai.output.messages",)) or turns.get("llm.output_messages") or turns.get("gen_ai.completion")
    )
    if asked is None and answered is None:
        asked, answered = _from_events(events)
    if asked is None:
        asked = _first(attributes, ("input.value", "mlflow.spanInputs", "traceloop.entity.input", "gen_ai.prompt",
                                    "langfuse.observation.input", "langfuse.trace.input"))  # fmt: skip
    if answered is None:
        answered = _first(attributes, ("output.value", "mlflow.spanOutputs", "traceloop.entity.output", "gen_ai.completion",
                                       "langfuse.observation.output", "langfuse.trace.output"))  # fmt: skip
    told = messages.decode(attributes.get("gen_ai.system_instructions"))
    if isinstance(told, list):
        told = "\n".join(str(p.get("content", "")) for p in told if isinstance(p, dict))
    return _unquoted(asked), _unquoted(answered), told if isinstance(told, str) and told else None


def _numbered(attributes: Mapping[str, Any]) -> dict[str, list[dict]]:
    """`llm.input_messages.0.message.role` and the like as lists of messages."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for key, value in attributes.items():
        match = _MESSAGE.match(key)
        if match:
            message = found.setdefault(match[1] or match[2], {}).setdefault(int(match[3]), {})
            parts = re.match(r"contents\.(\d+)\.message_content\.text$", match[4])
            if parts:
                message.setdefault("content", [])
                if isinstance(message["content"], list):
                    message["content"].append({"type": "text", "text": value})
            elif match[4] in ("role", "content"):
                message[match[4]] = value
            elif match[4].startswith("tool_calls."):
                call = message.setdefault("_calls", {}).setdefault(match[4].split(".")[1], {})
                call["name" if match[4].endswith("name") else "arguments" if match[4].endswith("arguments") else "id"] = value
    out: dict[str, list[dict]] = {}
    for prefix, turns in found.items():
        role = "assistant" if prefix.endswith(("output_messages", "completion")) else "user"
        out[prefix] = []
        for n in sorted(turns):
            calls = turns[n].pop("_calls", None)
            message = {"role": role, **turns[n]}
            if calls:
                message["tool_calls"] = [{"function": c} for c in calls.values()]
            out[prefix].append(message)
    return out


def _from_events(events: Sequence[Event]) -> tuple[Any, Any]:
    """The messages of the older GenAI conventions, each an event of the span."""
    asked: list[dict] = []
    answered: list[dict] = []
    for event in events:
        body = {**event.attributes}
        inner = messages.decode(body.get("event.body") or body.get("body") or body.get("gen_ai.event.content"))
        body.update(inner if isinstance(inner, dict) else {})
        match = re.match(r"gen_ai\.(system|user|assistant|tool)\.message$", event.name)
        if match:
            asked.append({"role": match[1], "content": body.get("content")})
        elif event.name == "gen_ai.choice":
            said = messages.decode(body.get("message"))
            answered.append(
                {"role": "assistant", **(said if isinstance(said, dict) else {"content": body.get("content", said)})}
            )
        elif event.name == "gen_ai.content.prompt":
            return messages.decode(body.get("gen_ai.prompt")), _completion(events)
    return asked or None, answered or None


def _completion(events: Sequence[Event]) -> Any:
    found = [e.attributes.get("gen_ai.completion") for e in events if e.name == "gen_ai.content.completion"]
    return messages.decode(found[-1]) if found else None


def _ttft(attributes: Mapping[str, Any], events: Sequence[Event], start: datetime) -> float | None:
    given = _number(_first(attributes, TTFT))
    if given is not None:
        return given
    times = [e.time for e in events if e.time and any(n in e.name.lower() for n in _FIRST_TOKEN)]
    begun = traces.parse_time(attributes.get("langfuse.observation.completion_start_time"))
    first = min([*times, *([begun] if begun else [])], default=None)
    return max(0.0, (first - start).total_seconds()) if first else None


def _finish(attributes: Mapping[str, Any], events: Sequence[Event]) -> str | None:
    given = messages.decode(_first(attributes, FINISH))
    if given is None:
        given = next((e.attributes.get("finish_reason") for e in reversed(events) if e.name == "gen_ai.choice"), None)
    if isinstance(given, (list, tuple)):
        given = given[-1] if given else None
    return given.lower() if isinstance(given, str) and given else None


def _failure(attributes: Mapping[str, Any], events: Sequence[Event], message: str | None) -> str:
    thrown = [e.attributes for e in events if e.name == "exception"]
    parts = [attributes.get("error.type"), message, attributes.get("http.response.status_code")]
    parts += [x for t in thrown[-1:] for x in (t.get("exception.type"), t.get("exception.message"))]
    return " ".join(str(p)[:2000] for p in parts if p)


def _metadata(attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    own = {k: v for k, v in attributes.items() if not k.startswith(_OWN)}
    given = messages.decode(attributes.get("metadata"))
    own.update(given if isinstance(given, dict) else {})
    own.update({k.removeprefix("metadata."): v for k, v in attributes.items() if k.startswith("metadata.")})
    outer = {f"resource.{k}": v for k, v in resource.items() if not k.startswith(_OWN)}
    return root_metadata({**outer, **own})


def _tags(attributes: Mapping[str, Any]) -> list[str]:
    given = messages.decode(_first(attributes, ("tag.tags", "langfuse.trace.tags")))
    return [str(t) for t in given] if isinstance(given, (list, tuple)) else []


def _first(attributes: Mapping[str, Any], keys: Sequence[str]) -> Any:
    for key in keys:
        value = attributes.get(key)
        if value is not None and value != "":
            return _unquoted(value)
    return None


def _unquoted(value: Any) -> Any:
    """MLflow writes every attribute as JSON, texts too: `"gpt-4o"` in quotes is gpt-4o."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _number(*values: Any) -> float | None:
    for value in values:
        if value is not None and not isinstance(value, bool):
            try:
                return float(value)
            except (TypeError, ValueError):
                continue
    return None
