"""The user's question, the system prompt and the answer in what an application logged as input and output.

Applications log plain text, chat messages (OpenAI, Anthropic, LangChain, OpenInference, OTel GenAI parts), the arguments of
a function, or an object of their own. What is not recognised stays as it is: nothing is guessed out of an object.
"""

from __future__ import annotations

import json
from typing import Any

QUESTION_KEYS = (
    "question", "query", "user_input", "user_message", "user_query", "user_question", "user_prompt", "prompt", "chat_input",
    "input", "message", "text", "content", "q",
)  # fmt: skip
ANSWER_KEYS = (
    "answer", "output", "response", "completion", "generated_text", "output_text", "reply", "message", "text", "content",
    "result", "a",
)  # fmt: skip
SYSTEM_ROLES = {"system", "developer", "systemmessage"}
USER_ROLES = {"user", "human", "humanmessage", "humanmessagechunk"}
ANSWER_ROLES = {"assistant", "ai", "model", "aimessage", "aimessagechunk"}
# LangChain names a message's role by its type
_TYPES = {"human", "ai", "system", "tool", "function", "developer", "AIMessageChunk", "HumanMessage", "AIMessage", "SystemMessage",
          "ToolMessage", "HumanMessageChunk", "ToolMessageChunk"}  # fmt: skip
_DEPTH = 8


def decode(value: Any) -> Any:
    """The value behind JSON text; any other value as it is."""
    if isinstance(value, str):
        text = value.strip()
        if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return value
    return value


def question(value: Any) -> str | None:
    """What the user asked: the last user message of a conversation, the question in an object, or the text itself."""
    return _find(value, QUESTION_KEYS, USER_ROLES)


def answer(value: Any) -> str | None:
    """What was answered: the last assistant message, the answer in an object, or the text itself."""
    return _find(value, ANSWER_KEYS, ANSWER_ROLES)


def system_prompt(value: Any) -> str | None:
    """The system (or developer) messages of a conversation, joined by an empty line; None without one."""
    found = [text for role, text in conversation(value) if role in SYSTEM_ROLES and text]
    if not found:
        decoded = decode(value)
        # Anthropic's requests carry it beside the messages
        if isinstance(decoded, dict) and "messages" in decoded:
            top = _content(decoded.get("system"))
            return top or None
    return "\n\n".join(found) or None


def conversation(value: Any) -> list[tuple[str, str]]:
    """(role, text) of each chat message in `value`; empty where it holds no conversation."""
    messages = _messages(decode(value), _DEPTH)
    return [(_role(m), _content(_body(m)) or "") for m in messages]


def finish_reason(value: Any) -> str | None:
    """Why the model stopped, where the logged answer says so."""
    decoded = decode(value)
    for _ in range(_DEPTH):
        if isinstance(decoded, list):
            decoded = decoded[-1] if decoded else None
        if not isinstance(decoded, dict):
            return None
        for key in ("finish_reason", "finishReason", "stop_reason", "finish_reasons", "done_reason"):
            found = decoded.get(key)
            if isinstance(found, list):
                found = found[-1] if found else None
            if isinstance(found, str) and found:
                return found.lower()
        for key in ("choices", "candidates", "generations", "response_metadata", "generation_info", "message"):
            if isinstance(decoded.get(key), (dict, list)):
                decoded = decoded[key]
                break
        else:
            return None
    return None


def tool_calls(value: Any) -> list[tuple[str, str]]:
    """(name, arguments) of the tools a model asked for in its answer."""
    out = []
    for message in _messages(decode(value), _DEPTH):
        body = _inner(message)
        calls = body.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            if isinstance(call, dict):
                inner = next((call[k] for k in ("function", "tool_call") if isinstance(call.get(k), dict)), call)
                inner = inner["function"] if isinstance(inner.get("function"), dict) else inner
                arguments = inner.get("arguments", inner.get("args"))
                out.append((str(inner.get("name") or ""), as_text(arguments) or ""))
        for part in body["content"] if isinstance(body.get("content"), list) else body.get("parts") or []:
            if isinstance(part, dict) and part.get("type") in ("tool_use", "tool_call"):
                out.append((str(part.get("name") or ""), as_text(part.get("input", part.get("arguments"))) or ""))
    return out


def as_text(value: Any) -> str | None:
    """Text as it is, anything else as JSON; None stays None."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    except (ValueError, RecursionError):
        return None


def _find(value: Any, keys: tuple[str, ...], roles: set[str]) -> str | None:
    decoded = decode(value)
    found = _search(decoded, keys, roles, _DEPTH)
    return as_text(value) if found is None else found


def _search(value: Any, keys: tuple[str, ...], roles: set[str], depth: int) -> str | None:
    if isinstance(value, str):
        return value
    if depth == 0 or not isinstance(value, (dict, list)) or not value:
        return None
    messages = _messages(value, depth)
    if messages:
        mine = [m for m in messages if _role(m) in roles]
        chosen = mine[-1] if mine else messages[-1]
        return _content(_body(chosen)) or ""
    if isinstance(value, list):
        parts = _content(value)
        return parts if parts else (_search(value[0], keys, roles, depth - 1) if len(value) == 1 else None)
    for key in ("choices", "candidates", "generations"):
        inner = value.get(key)
        if isinstance(inner, list) and inner:
            first = inner[0][0] if isinstance(inner[0], list) and inner[0] else inner[0]
            return _search(first, keys, roles, depth - 1)
    for key in keys:
        if isinstance(value.get(key), (str, dict, list)):
            found = _search(decode(value[key]), keys, roles, depth - 1)
            if found is not None:
                return found
    # what Langfuse's and MLflow's decorators log of a function's call
    if set(value) <= {"args", "kwargs"}:
        found = _search(value.get("kwargs"), keys, roles, depth - 1)
        if found is not None:
            return found
        args, kwargs = value.get("args") or [], value.get("kwargs") or {}
        texts = [a for a in args if isinstance(a, str)]
        named = [v for v in kwargs.values() if isinstance(v, str)] if isinstance(kwargs, dict) else []
        # one text among other arguments is the question, of several named ones it could be any
        return texts[0] if texts else (named[0] if len(named) == 1 else None)
    texts = [v for v in value.values() if isinstance(v, str)]
    return texts[0] if len(value) == 1 and texts else None


def _messages(value: Any, depth: int) -> list[dict]:
    if depth == 0:
        return []
    if isinstance(value, dict):
        if _is_message(value):
            return [value]
        for key in ("messages", "input_messages", "output_messages", "chat_history"):
            if isinstance(value.get(key), list):
                return _messages(value[key], depth - 1)
        choices = value.get("choices")
        if isinstance(choices, list):
            return [m for c in choices if isinstance(c, dict) for m in _messages(c.get("message"), depth - 1)]
        return []
    if isinstance(value, list) and value:
        if len(value) == 1 and isinstance(value[0], list):
            return _messages(value[0], depth - 1)
        found = [v for v in value if isinstance(v, dict) and _is_message(v)]
        return found if len(found) == len(value) else []
    return []


def _is_message(value: dict) -> bool:
    if isinstance(value.get("message"), dict):
        return "role" in value["message"]
    inner = _inner(value)
    if "role" in inner:
        return isinstance(inner["role"], str)
    return inner.get("type") in _TYPES and "content" in inner


def _inner(message: dict) -> dict:
    """The message itself, where a choice or LangChain's constructor is around it."""
    if isinstance(message.get("message"), dict):
        return message["message"]
    made, given = message.get("id"), message.get("kwargs")
    if isinstance(given, dict) and isinstance(made, list) and made and message.get("lc"):
        return {"type": str(made[-1]), **given}
    return message


def _role(message: dict) -> str:
    inner = _inner(message)
    return str(inner.get("role") or inner.get("type") or "").lower()


def _body(message: dict) -> Any:
    inner = _inner(message)
    for key in ("content", "parts", "contents"):
        if inner.get(key) is not None:
            return inner[key]
    return None


def _content(value: Any) -> str | None:
    """Text of a message's content: a string, or the text parts of a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for key in ("text", "content", "message_content"):
            inner = value.get(key)
            if isinstance(inner, (str, dict)):
                return _content(inner)
        return None
    if isinstance(value, list):
        texts = [_content(part) for part in value if isinstance(part, (str, dict)) and not _is_tool_part(part)]
        return "\n".join(t for t in texts if t) if any(texts) else None
    return None


def _is_tool_part(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") in ("tool_use", "tool_call", "tool_result", "image_url", "image")
