"""Chat messages as turns, whichever provider or framework wrote them.

Understood: OpenAI Chat Completions and Responses (mixed items), Anthropic, Gemini / Vertex / ADK, Bedrock Converse, Ollama,
Vercel AI SDK, LangChain and LangGraph (plain, as constructors, as pairs), LlamaIndex, Haystack, Pydantic AI, OpenInference,
OTel GenAI parts. What is no conversation is None, so that nobody guesses a text out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from drift.stores import chunks, json_text, markup
from drift.stores.content import kind_of, plain, text_of
from drift.stores.tool_results import is_failure

USER, ASSISTANT, SYSTEM, TOOL = "user", "assistant", "system", "tool"
_ROLES = {
    "user": USER, "human": USER, "humanmessage": USER, "humanmessagechunk": USER,
    "assistant": ASSISTANT, "ai": ASSISTANT, "model": ASSISTANT, "aimessage": ASSISTANT, "aimessagechunk": ASSISTANT,
    "chatbot": ASSISTANT, "bot": ASSISTANT,
    "system": SYSTEM, "developer": SYSTEM, "systemmessage": SYSTEM, "systemmessagechunk": SYSTEM,
    "tool": TOOL, "function": TOOL, "toolmessage": TOOL, "toolmessagechunk": TOOL, "functionmessage": TOOL, "tool_result": TOOL,
}  # fmt: skip
# LangChain names a message's role by its type
_TYPES = {"human", "ai", "system", "tool", "function", "developer", "aimessagechunk", "humanmessage", "aimessage", "systemmessage",
          "toolmessage", "humanmessagechunk", "toolmessagechunk", "functionmessage"}  # fmt: skip
# AutoGen's messages: its own participants are told by their source
_AUTOGEN = {"usermessage": USER, "assistantmessage": ASSISTANT, "textmessage": "", "multimodalmessage": "", "stopmessage": "",
            "handoffmessage": "", "toolcallsummarymessage": ASSISTANT}  # fmt: skip
_AUTOGEN_RESULTS = {"toolcallexecutionevent", "functionexecutionresultmessage"}
_LISTS = ("messages", "input_messages", "output_messages", "chat_history", "new_messages", "all_messages")
# what went before: beside it stands what is asked, or answered, now
_HISTORY = "chat_history"
_NOW = (
    "question",
    "query",
    "input",
    "message",
    "user_input",
    "user_message",
    "prompt",
    "answer",
    "output",
    "response",
    "text",
    "generation",
)
_ANSWERS = ("choices", "candidates", "generations")
_CALLS = {"tool_use", "tool_call", "tool-call", "function_call", "server_tool_use", "builtin-tool-call", "tooluse"}
_RESULTS = {"tool_result", "tool-result", "function_call_output", "tool_call_response", "tool-return", "retry-prompt", "function_response",
            "mcp_tool_result"}  # fmt: skip
# an object without any of these keys is no message and holds none
_SIGNS = frozenset({
    "role", "_role", "Role", "author", "message.role", "message", "kind", "type", "parts", "content", "data", "lc", "contents", "output", "input",
    *_LISTS, *_ANSWERS,
})  # fmt: skip
# Pydantic AI answers in a structure by calling a tool of this name, which nothing runs
ANSWERS = {"final_result"}
# all that most messages are
_PLAIN = {"role", "content"}
_OPENS = ("{", "[", '"', " ", "\n", "\t", "\r")
_EVENTS = ("data:", "event:")
_WRITTEN = (*_EVENTS, "<", "Human:")
# a trace's texts are looked at several times, then never again
_REMEMBERED = 64
_DEPTH = 8


@dataclass(slots=True)
class ToolCall:
    """A tool that a model asked for; `ran` where the provider itself ran it."""

    name: str
    arguments: Any
    id: str | None = None
    ran: bool = False


@dataclass(slots=True)
class ToolResult:
    """What a tool gave back; `flagged` where its format has a place to say that it failed."""

    id: str | None
    failed: bool
    flagged: bool = True
    said: Any = None


@dataclass(slots=True)
class Turn:
    """One message: its role, its text (None: it has none), the tools it calls and the results it brings.

    `spoken`: whether there is content at all, so that an empty text is one.
    """

    role: str
    text: str | None = None
    calls: list[ToolCall] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)
    spoken: bool = True


def decode(value: Any) -> Any:
    """The value behind JSON text (objects, lists, and texts in quotes), not to be changed; any other value as it is.

    The pieces of a streamed answer are that answer.
    """
    if isinstance(value, str):
        return _decoded(value) if value[:1] in _OPENS or value.startswith(_EVENTS) else value
    return (chunks.whole(value) or value) if isinstance(value, list) else value


@lru_cache(maxsize=_REMEMBERED)
def _decoded(value: str) -> Any:
    text = value.strip()
    found: Any = value
    if text[:1] + text[-1:] in ("{}", "[]", '""') and len(text) > 1:
        try:
            found = json_text.loads(text)
            if isinstance(found, str) and found[:1] + found[-1:] in ("{}", "[]"):
                # encoded twice on its way
                found = json_text.loads(found)
        except (ValueError, RecursionError):
            return found
    elif text.startswith(_EVENTS):
        found = chunks.of_events(text) or value
    return (chunks.whole(found) or found) if isinstance(found, list) else found


def turns_in(value: Any) -> list[Turn] | None:
    """`turns` of what is behind JSON text, of a prompt in a chat template, or of any other value."""
    if not isinstance(value, str):
        return turns(decode(value))
    return _turns_in(value) if value[:1] in _OPENS or value.startswith(_WRITTEN) else None


@lru_cache(maxsize=_REMEMBERED)
def _turns_in(value: str) -> list[Turn] | None:
    found = _decoded(value)
    return written(found) if isinstance(found, str) else turns(found)


def written(text: str) -> list[Turn] | None:
    """The turns of a prompt that was written out in a chat template; None for any other text."""
    found = markup.messages(text)
    return None if found is None else [Turn(role, said) for role, said in found]


def turns(value: Any, depth: int = _DEPTH) -> list[Turn] | None:
    """The turns of a conversation in the order of their messages; None where `value` (decoded) holds none."""
    if depth == 0:
        return None
    if isinstance(value, dict):
        return _of_object(value, depth)
    if isinstance(value, list) and value:
        if isinstance(value[0], list):
            if all(_is_pair(v) for v in value):
                return [Turn(_ROLES[v[0].lower()], v[1]) for v in value]
            return turns(value[0], depth - 1) if len(value) == 1 else None
        if not isinstance(value[0], dict):
            return None
        out: list[Turn] = []
        seen = False
        for item in value:
            found = _of_item(item) if isinstance(item, dict) else None
            if found is None:
                return None
            seen = seen or bool(found)
            out += found
        return out if seen else None
    return None


def _of_object(value: dict, depth: int) -> list[Turn] | None:
    if _SIGNS.isdisjoint(value):
        return None
    found = _of_message(value)
    if found is not None:
        return found
    for key in _LISTS:
        if key == _HISTORY and any(isinstance(value.get(k), str) and value[k] for k in _NOW):
            continue
        inner = decode(value[key]) if key in value else None
        if isinstance(inner, list) and inner and (found := turns(inner, depth - 1)) is not None:
            return found
    for key in _ANSWERS:
        inner = value.get(key)
        if isinstance(inner, list) and inner:
            first = inner[0][0] if isinstance(inner[0], list) and inner[0] else inner[0]
            return turns(first, depth - 1) if isinstance(first, dict) else None
    for key in ("contents", "output", "input"):
        # Gemini's request, Responses' answer and request
        inner = decode(value.get(key)) if key in value else None
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and (found := turns(inner, depth - 1)) is not None:
            return found
    if isinstance(value.get("output"), dict) and isinstance(value["output"].get("message"), dict):
        return turns(value["output"]["message"], depth - 1)
    return None


def _of_item(item: dict) -> list[Turn] | None:
    """The turns of one element of a conversation; [] for an item that says nothing (reasoning); None for no such item."""
    if item.keys() == _PLAIN and isinstance(role := item["role"], str) and isinstance(text := item["content"], str):
        known = _ROLES.get(role)
        if known is not None and known != TOOL:
            text = plain(text)
            return [Turn(known, text, spoken=text is not None)]
    found = _of_message(item)
    if found is not None:
        return found
    kind = kind_of(item)
    if kind in _RESULTS:
        return [Turn(TOOL, None, results=[_result(item)])]
    if kind in _CALLS or (kind.endswith("_call") and kind != "api_call"):
        return [Turn(ASSISTANT, None, [_call(item, kind)], spoken=False)]
    if kind == "toolcallrequestevent" and isinstance(item.get("content"), list):
        return [Turn(ASSISTANT, None, [_call(c, "") for c in item["content"] if isinstance(c, dict)], spoken=False)]
    if kind in _AUTOGEN_RESULTS and isinstance(item.get("content"), list):
        return [Turn(TOOL, None, results=[_result(r) for r in item["content"] if isinstance(r, dict)])]
    if kind in ("thoughtevent", "memoryqueryevent", "modelclientstreamingchunkevent"):
        return []
    if kind in ("reasoning", "item_reference", "compaction", "thinking", "redacted_thinking", "mcp_list_tools"):
        return []
    return None


def _of_message(value: dict) -> list[Turn] | None:
    message = _inner(value)
    if message is None:
        return None
    if "parts" in message and message.get("kind") in ("request", "response"):
        return _of_pydantic(message)
    role = message.get("role") or message.get("_role") or message.get("Role")
    if role is None and str(message.get("author")).lower() in _ROLES:
        # PaLM's; another author is a document's
        role = message["author"]
    if isinstance(role, dict):
        # an enumeration that was serialised whole; Semantic Kernel's role
        role = role.get("value") or role.get("Label") or role.get("label")
    if not isinstance(role, str):
        kind = message.get("type")
        if isinstance(kind, str) and kind.lower() in _TYPES and "content" in message:
            role = kind
        elif isinstance(kind, str) and kind.lower() in _AUTOGEN and "content" in message:
            role = _AUTOGEN[kind.lower()] or (
                "user" if message.get("source") in ("user", "User", "user_proxy") else "assistant"
            )
        elif isinstance(message.get("content"), dict) and isinstance(message["content"].get("parts"), list):
            # Gemini's candidate
            message = message["content"]
            role = message.get("role") or "model"
        elif isinstance(message.get("parts"), list) and not isinstance(kind, str):
            # Gemini's question may leave the role out
            role = "user"
        else:
            return None
    role = role.lower().rsplit(".", 1)[-1]
    body = next(
        (
            message[k]
            for k in ("content", "parts", "contents", "blocks", "_content", "items", "Items")
            if message.get(k) is not None
        ),
        None,
    )
    if isinstance(body, dict) and isinstance(body.get("parts"), list):
        body = body["parts"]
    text = text_of(body)
    if text is None and isinstance(message.get("refusal"), str):
        text = message["refusal"]
    calls, results = _tools(message, body)
    turn = Turn(_ROLES.get(role, role), text, calls, results, spoken=body is None or text is not None)
    if turn.role == TOOL:
        turn.results = results or [_result(message, body)]
        turn.text = None
    elif turn.role not in (USER, ASSISTANT, SYSTEM):
        # a participant with a name of its own speaks for the application
        turn.role = ASSISTANT
    return [turn]


def _inner(value: dict) -> dict | None:
    """The message itself, where a choice, OpenInference's wrapper or LangChain's constructor is around it."""
    if "role" in value:
        return value
    inner = value.get("message")
    if isinstance(inner, dict):
        made = _inner(inner)
        return made if made is not None and (made is not inner or "role" in inner or "type" in inner) else None
    if "message.role" in value:
        return {k.removeprefix("message."): v for k, v in value.items()}
    made, given = value.get("id"), value.get("kwargs")
    if isinstance(given, dict) and isinstance(made, list) and made and value.get("lc"):
        return {**given, "type": str(made[-1])}
    if isinstance(value.get("data"), dict) and str(value.get("type")).lower() in _TYPES and "content" in value["data"]:
        return {**value["data"], "type": value["type"]}
    return value


def _of_pydantic(message: dict) -> list[Turn]:
    """Pydantic AI's own history: one request holds the system's, the user's and the tools' parts."""
    if message["kind"] == "response":
        calls, _ = _tools({}, message["parts"])
        text = text_of(message["parts"])
        return [Turn(ASSISTANT, text, calls, spoken=text is not None)]
    out = []
    for part in message["parts"] if isinstance(message["parts"], list) else []:
        kind = kind_of(part) if isinstance(part, dict) else ""
        if kind in ("system-prompt", "user-prompt"):
            out.append(Turn(SYSTEM if kind == "system-prompt" else USER, text_of(part.get("content"))))
        elif kind in _RESULTS:
            out.append(Turn(TOOL, None, results=[_result(part)]))
    return out


def _tools(message: dict, body: Any) -> tuple[list[ToolCall], list[ToolResult]]:
    more = message.get("additional_kwargs")
    found = (
        message.get("tool_calls") or message.get("toolCalls") or (more.get("tool_calls") if isinstance(more, dict) else None)
    )
    calls = [_call(c, "") for c in found if isinstance(c, dict)] if isinstance(found, list) else []
    if isinstance(message.get("function_call"), dict) and not calls:
        calls.append(_call(message["function_call"], ""))
    if not isinstance(body, list):
        return calls, []
    results = []
    in_parts = []
    for part in body:
        if not isinstance(part, dict):
            continue
        kind = kind_of(part)
        for key in ("toolUse", "functionCall", "function_call", "tool_call"):
            if isinstance(part.get(key), dict):
                in_parts.append(_call(part[key], ""))
        for key in ("toolResult", "functionResponse", "function_response", "tool_call_result"):
            if isinstance(part.get(key), dict):
                results.append(_result(part[key]))
        if kind in _CALLS:
            in_parts.append(_call(part, kind))
        elif kind in _RESULTS:
            results.append(_result(part))
    # LangChain writes Anthropic's calls twice, as parts and beside them
    return calls or in_parts, results


def _call(given: dict, kind: str) -> ToolCall:
    inner = next((given[k] for k in ("function", "tool_call") if isinstance(given.get(k), dict)), given)
    inner = inner["function"] if isinstance(inner.get("function"), dict) else inner
    arguments = next(
        (inner[k] for k in ("arguments", "args", "input", "tool_kwargs", "action", "query") if inner.get(k) is not None), None
    )
    name = next((str(inner[k]) for k in ("name", "toolName", "tool_name") if inner.get(k)), kind.removesuffix("_call"))
    of = next(
        (given[k] for k in ("call_id", "tool_call_id", "toolCallId", "toolUseId", "id") if isinstance(given.get(k), str)), None
    )
    own = kind.endswith("_call") and kind not in ("function_call", "tool_call", "custom_tool_call")
    return ToolCall(name, arguments, of, own or kind in ("server_tool_use", "builtin-tool-call"))


def _result(given: dict, body: Any = None) -> ToolResult:
    of = next(
        (
            given[k]
            for k in ("tool_call_id", "tool_use_id", "call_id", "toolCallId", "toolUseId", "id")
            if isinstance(given.get(k), str)
        ),
        None,
    )
    if of is None and isinstance(given.get("origin"), dict):
        of = given["origin"].get("id")
    said = (
        body
        if body is not None
        else next((given[k] for k in ("content", "output", "result", "response") if given.get(k) is not None), None)
    )
    kind = kind_of(given)
    failed = is_failure(given) or is_failure(said) or kind == "retry-prompt"
    return ToolResult(
        of,
        failed,
        flagged=failed
        or isinstance(decode(said), dict)
        or kind in ("tool_result", "tool-return", "retry-prompt")
        or "toolUseId" in given
        or "error" in given,
        said=said,
    )


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], str)
        and value[0].lower() in _ROLES
    )
