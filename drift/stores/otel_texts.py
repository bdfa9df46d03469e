"""Which attributes and events of a span hold its texts: what was asked, what was answered, a tool's arguments and result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from drift.stores import handmade, json_text, messages
from drift.stores.documents import documents
from drift.stores.turns import turns

_INPUTS = ("ai.prompt.messages", "ai.prompt", "langfuse.observation.input", "gcp.vertex.agent.llm_request", "request_data",
           "input.value", "mlflow.spanInputs", "traceloop.entity.input", "gen_ai.prompt", "haystack.component.input",
           "haystack.pipeline.input_data", "haystack.agent.input", "haystack.agent.step.llm.input", "langfuse.trace.input",
           *handmade.QUESTION)  # fmt: skip
_OUTPUTS = ("ai.response.text", "ai.response.object", "langfuse.observation.output", "gcp.vertex.agent.llm_response", "response_data",
            "output.value", "mlflow.spanOutputs", "traceloop.entity.output", "gen_ai.completion", "final_result",
            "haystack.component.output", "haystack.pipeline.output_data", "haystack.agent.output", "haystack.agent.step.llm.output", "langfuse.trace.output",
            *handmade.ANSWER)  # fmt: skip
_HISTORIES = ("pydantic_ai.all_messages", "all_messages_events", "events")
_TOOL_INPUTS = ("gen_ai.tool.call.arguments", "tool_arguments", "ai.toolCall.args", "ai.toolCall.input", "haystack.agent.step.tool.input",
                "gcp.vertex.agent.tool_call_args", "input.value", "traceloop.entity.input", "langfuse.observation.input")  # fmt: skip
_TOOL_OUTPUTS = ("gen_ai.tool.call.result", "tool_response", "ai.toolCall.result", "ai.toolCall.output", "haystack.agent.step.tool.output",
                 "gcp.vertex.agent.tool_response", "output.value", "traceloop.entity.output", "langfuse.observation.output")  # fmt: skip
_MESSAGE = re.compile(r"^(?:(llm\.(?:input|output)_messages)|(gen_ai\.(?:prompt|completion)))\.(\d+)\.(?:message\.)?(.+)$")
_PART = re.compile(r"contents\.(\d+)\.message_content\.(text|type)$")
# a part that an instrumentation could not name by its type
_DETAILS = "gen_ai.client.inference.operation.details"


@dataclass(frozen=True)
class Event:
    """A span's event: its name, time and attributes."""

    name: str
    time: datetime | None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def with_details(attributes: Mapping[str, Any], events: Sequence[Event]) -> Mapping[str, Any]:
    """GenAI instrumentation may put the messages on an event of the span instead of on the span."""
    for event in events:
        if event.name == _DETAILS:
            return {**event.attributes, **attributes}
    return attributes


def texts(attributes: Mapping[str, Any], events: Sequence[Event]) -> tuple[Any, Any, str | None]:
    """(input, output, system prompt) as logged: chat messages where there are any, else the span's value."""
    numbered = _numbered(attributes)
    asked = first(attributes, ("gen_ai.input.messages",)) or numbered.get("llm.input_messages") or numbered.get("gen_ai.prompt")
    answered = (
        first(attributes, ("gen_ai.output.messages",))
        or numbered.get("llm.output_messages")
        or numbered.get("gen_ai.completion")
    )
    if asked is None and answered is None:
        asked, answered = _from_events(events)
    if asked is None and answered is None:
        asked, answered = _from_history(attributes)
    if asked is None:
        asked = first(attributes, _INPUTS)
    if answered is None:
        answered = _answer(attributes)
    told = messages.decode(first(attributes, ("gen_ai.system_instructions",)))
    if isinstance(told, list):
        told = "\n".join(str(p.get("content", "")) for p in told if isinstance(p, dict))
    return asked, answered, told if isinstance(told, str) and told else None


def tool_texts(attributes: Mapping[str, Any], asked: Any, answered: Any) -> tuple[Any, Any]:
    """(arguments, result) of a tool's run. OpenInference's `tool.parameters` is the tool's schema in most releases."""
    given = first(attributes, _TOOL_INPUTS)
    if given is None:
        given = asked if asked is not None else first(attributes, ("tool.parameters",))
    result = first(attributes, _TOOL_OUTPUTS)
    return given, answered if result is None else result


def hits(events: Sequence[Event]) -> list[dict] | None:
    """The documents that OpenLLMetry's vector stores write as events, one a hit; None without any."""
    found = [{k.rpartition(".")[2]: v for k, v in e.attributes.items()} for e in events if e.name == "db.query.result"]
    return documents(found) if found else None


def is_log_of_a_stream(attributes: Mapping[str, Any]) -> bool:
    """Whether this is the log that logfire writes at a stream's end, beside the span of its request."""
    return (
        attributes.get("logfire.span_type") == "log"
        and attributes.get("duration") is not None
        and (attributes.get("request_data") is not None)
    )


def stands_for_several(attributes: Mapping[str, Any], scope: str | None, answered: Any) -> bool:
    """Whether Google's SDK called tools within this call, as far as the span tells.

    OpenLLMetry's tells nothing of it: a call that may use tools and answers in text at once may have used them.
    """
    if any(key.startswith("message.tool_calls.") for key in attributes) or _history(attributes):
        return True
    if not (scope or "").endswith("google_generativeai"):
        return False
    if first(attributes, ("gen_ai.tool.definitions",)) is None and "llm.request.functions.0.name" not in attributes:
        return False
    asked = turns(messages.decode(first(attributes, ("gen_ai.input.messages",)))) or []
    given = turns(messages.decode(answered)) or []
    return not any(t.results for t in asked) and not any(t.calls for t in given)


def fragment(attributes: Mapping[str, Any], scope: str | None, output: Any, tokens: float | None) -> bool:
    """Whether the answer is a part of it: OpenLLMetry keeps of Google's streams the last chunk. No token is less than a byte."""
    if tokens is None or not (scope or "").endswith("google_generativeai"):
        return False
    said = messages.answer(output) or ""
    return bool(said) and len(said.encode("utf-8", "replace")) < tokens


def _history(attributes: Mapping[str, Any]) -> list | None:
    """The conversation with its tools that Google's SDK led by itself."""
    said = attributes.get("output.value")
    if not isinstance(said, str) or "automatic_function_calling_history" not in said:
        return None
    inner = messages.decode(said)
    found = inner.get("automatic_function_calling_history") if isinstance(inner, dict) else None
    return found if isinstance(found, list) else None


def request_beside(attributes: Mapping[str, Any]) -> Any:
    """OpenInference's copy of the request, where tools gave results: its messages have lost which of them failed."""
    if (history := _history(attributes)) is not None:
        return history
    given = attributes.get("input.value")
    return given if isinstance(given, str) and ("tool_result" in given or "toolResult" in given) else None


def first(attributes: Mapping[str, Any], keys: Sequence[str]) -> Any:
    for key in keys:
        value = attributes.get(key)
        if value is not None and value != "":
            return unquoted(value)
    return None


def unquoted(value: Any) -> Any:
    """MLflow and Langfuse's SDK write attributes as JSON, texts too: `"gpt-4o"` in quotes is gpt-4o."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return json_text.loads(value)
        except ValueError:
            return value
    return value


def _answer(attributes: Mapping[str, Any]) -> Any:
    """The answer's value; of the Vercel AI SDK's, which writes text and calls apart, a message."""
    calls = messages.decode(first(attributes, ("ai.response.toolCalls",)))
    if isinstance(calls, list) and calls:
        parts = [{"type": "text", "text": t} for t in [first(attributes, ("ai.response.text",))] if t]
        return {"role": "assistant", "content": [*parts, *({**c, "type": "tool-call"} for c in calls if isinstance(c, dict))]}
    said = first(attributes, ("ai.response.object",))
    if isinstance(said, str):
        # an answer that was asked for as an object
        return {"role": "assistant", "content": said}
    return first(attributes, _OUTPUTS)


def _numbered(attributes: Mapping[str, Any]) -> dict[str, list[dict]]:
    """`llm.input_messages.0.message.role` and the like as lists of messages."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for key, value in attributes.items():
        match = _MESSAGE.match(key) if key[:4] in ("llm.", "gen_") and value is not None else None
        if match:
            message = found.setdefault(match[1] or match[2], {}).setdefault(int(match[3]), {})
            parts = _PART.match(match[4])
            if parts:
                message.setdefault("_parts", {}).setdefault(int(parts[1]), {})[parts[2]] = value
            elif match[4] in ("role", "tool_call_id"):
                message[match[4]] = value
            elif match[4] == "content":
                # OpenLLMetry writes the parts of a content as JSON text
                inner = messages.decode(value)
                message["content"] = inner if _are_parts(inner) else value
            elif match[4].startswith("tool_calls."):
                call = message.setdefault("_calls", {}).setdefault(match[4].split(".")[1], {})
                call["name" if match[4].endswith("name") else "arguments" if match[4].endswith("arguments") else "id"] = value
    out: dict[str, list[dict]] = {}
    for prefix, given in found.items():
        role = "assistant" if prefix.endswith(("output_messages", "completion")) else "user"
        out[prefix] = []
        for n in sorted(given):
            calls, parts = given[n].pop("_calls", None), given[n].pop("_parts", None)
            message = {"role": role, **given[n]}
            if parts:
                # a picture's part has no text
                message["content"] = [{"type": "text", **parts[p]} for p in sorted(parts) if "text" in parts[p]]
            if calls:
                message["tool_calls"] = [{"id": c.pop("id", None), "function": c} for c in calls.values()]
            out[prefix].append(message)
    return out


def _are_parts(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(p, dict) and isinstance(p.get("type"), str) for p in value)
    )


def _from_events(events: Sequence[Event]) -> tuple[Any, Any]:
    """The messages of the older GenAI conventions, each an event of the span."""
    asked: list[dict] = []
    answered: list[dict] = []
    for event in events:
        body = {**event.attributes}
        inner = messages.decode(body.get("event.body") or body.get("body") or body.get("gen_ai.event.content"))
        body.update(inner if isinstance(inner, dict) else {})
        if event.name == "gen_ai.content.prompt":
            return messages.decode(body.get("gen_ai.prompt")), _completion(events)
        _add_event(event.name, body, asked, answered)
    return asked or None, answered or None


def _add_event(name: str, body: Mapping[str, Any], asked: list[dict], answered: list[dict]) -> None:
    match = re.match(r"gen_ai\.(system|user|assistant|tool)\.message$", name)
    if match:
        asked.append(
            {
                "role": match[1],
                "content": messages.decode(body.get("content"))
                if _are_parts(messages.decode(body.get("content")))
                else body.get("content"),
                **{k: body[k] for k in ("tool_calls", "id") if k in body},
            }
        )
    elif name == "gen_ai.choice":
        said = messages.decode(body.get("message"))
        given = said if isinstance(said, dict) else {"content": body.get("content", said)}
        answered.append({"role": "assistant", **given, **({"tool_calls": body["tool_calls"]} if "tool_calls" in body else {})})


def _from_history(attributes: Mapping[str, Any]) -> tuple[Any, Any]:
    """What Pydantic AI and logfire keep of a conversation on a span: all its messages, the last of them the answer."""
    for key in _HISTORIES:
        given = messages.decode(attributes.get(key))
        if not isinstance(given, list) or not given or not all(isinstance(m, dict) for m in given):
            continue
        if "event.name" in given[0] or "role" in given[0] and "parts" not in given[0]:
            asked: list[dict] = []
            answered: list[dict] = []
            for body in given:
                _add_event(str(body.get("event.name") or f"gen_ai.{body.get('role')}.message"), body, asked, answered)
            final = [m for m in asked if m["role"] == "assistant"][-1:] if not answered and key != "events" else answered
            return asked or None, final or None
        if turns(given) is not None:
            last = [m for m in given if m.get("role") == "assistant" or m.get("kind") == "response"][-1:]
            return given, last or None
    return None, None


def _completion(events: Sequence[Event]) -> Any:
    found = [e.attributes.get("gen_ai.completion") for e in events if e.name == "gen_ai.content.completion"]
    return messages.decode(found[-1]) if found else None
