"""The model call that produced a trace's answer, as it was logged: for whoever asks it again. It stays in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from drift.stores import messages
from drift.stores.turns import ASSISTANT, SYSTEM, USER, decode, turns_in

Message = dict[str, Any]

# what a call may be asked with again; everything else of a request is the client's own business
PARAMETERS = (
    "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty", "stop",
    "stop_sequences", "response_format", "reasoning_effort",
)  # fmt: skip
# those that somebody sets for an application, and no request by itself
_TOLD = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
)
_LONGEST = 160
_ROLES = {"system", "developer", "user", "assistant", "tool", "function"}
_KEPT = ("role", "content", "name", "tool_calls", "tool_call_id", "function_call")
_ENDLESS = {"inf", "infinity", "none", "null", "nan", ""}


@dataclass(frozen=True)
class FinalCall:
    """A call as it was sent. messages: in the form of OpenAI's chat, which nothing was left out of; parameters: those of `PARAMETERS`
    that are recorded; tools: as the request named them. model: what was asked for; answered_by: what answered."""

    messages: tuple[Message, ...]
    model: str | None = None
    answered_by: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[Message, ...] = ()


_noted: ContextVar[dict[str, FinalCall | None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[dict[str, FinalCall | None]]:
    """While this lasts, the final call of each trace that is read, by trace id; None of one whose request cannot be made again."""
    found: dict[str, FinalCall | None] = {}
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def note(
    trace_id: str, request: Any, model: str | None, answered_by: str | None, parameters: Any = None, system: str | None = None
) -> None:
    """Keep a trace's final call; costs nothing where nobody is noting. request: as it was logged; system: a prompt logged beside it."""
    found = _noted.get()
    if found is None:
        return
    said = messages_of(request, system)
    if said is None:
        found[trace_id] = None
        return
    given = decode(request)
    tools = given.get("tools") if isinstance(given, dict) else None
    beside = parameters_of(given) if isinstance(given, dict) else {}
    tools = tuple(tool for tool in tools if isinstance(tool, dict)) if isinstance(tools, list) else ()
    found[trace_id] = FinalCall(said, model, answered_by, {**beside, **parameters_of(decode(parameters))}, tools)


def messages_of(request: Any, system: str | None = None) -> tuple[Message, ...] | None:
    """The messages of a logged request; None where they are not all understood, tool results among them."""
    given = decode(request)
    if isinstance(given, str):
        return _with_system(({"role": USER, "content": given},), system) if given else None
    listed = given.get("messages") if isinstance(given, dict) else given
    listed = decode(listed)
    if isinstance(listed, list) and listed and all(_as_sent(each) for each in listed):
        made = tuple({key: each[key] for key in _KEPT if each.get(key) is not None} | _empty(each) for each in listed)
        return _with_system(made, messages.system_prompt(given) or system)
    found = turns_in(given)
    if not found or any(t.calls or t.results or t.text is None or t.role not in (USER, ASSISTANT, SYSTEM) for t in found):
        return None
    said = tuple({"role": t.role, "content": t.text} for t in found)
    return _with_system(said, messages.system_prompt(given) or system)


def parameters_of(given: Any) -> dict[str, Any]:
    """Those of `PARAMETERS` that are there, numbers as numbers; one without an end ("Infinity") is none."""
    if not isinstance(given, Mapping):
        return {}
    out: dict[str, Any] = {}
    for name in PARAMETERS:
        value = given.get(name)
        if isinstance(value, str):
            value = None if value.strip().lower() in _ENDLESS else _number(value)
        if value is not None and value == value and value not in (float("inf"), [], {}):
            out[name] = value
    return out


def told(given: Any) -> str | None:
    """The parameters that shape an answer, as one text; None where none is recorded.

    >>> told({"top_p": 1, "temperature": "0.20", "stop": ["x"]})
    'temperature=0.2, top_p=1'
    """
    known = parameters_of(decode(given) if isinstance(given, str) else given)
    parts = [
        f"{name}={value:g}" if isinstance(value, (int, float)) else f"{name}={value}"
        for name in _TOLD
        if not isinstance(value := known.get(name), (list, dict, type(None)))
    ]
    return ", ".join(parts)[:_LONGEST] or None


def _as_sent(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("role") not in _ROLES or "parts" in message:
        return False
    content = message.get("content")
    if isinstance(content, list):
        return all(isinstance(part, dict) and part.get("type") in ("text", "image_url") for part in content)
    return content is None or isinstance(content, str)


def _empty(message: Message) -> Message:
    """An assistant that only calls tools says so with null, which the API asks for."""
    return {} if message.get("content") is not None else {"content": None}


def _with_system(said: tuple[Message, ...], system: str | None) -> tuple[Message, ...]:
    if not system or any(each["role"] in (SYSTEM, "developer") for each in said):
        return said
    return ({"role": SYSTEM, "content": system}, *said)


def _number(text: str) -> Any:
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and "." not in text else value
