"""What a tool gave back, without what it says: how long it is, whether there is anything in it, and its shape.

A shape is the hash of an object's keys and the types of its values; the same for other values. What a protocol or a framework wraps
around a result is taken off, so that every store tells the same one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from drift.stores import json_text
from drift.stores.turns import decode
from drift.traces import EMPTY_RESULT

# what holds the result, and what stands beside it
_INNER = ("content", "output", "result", "text", "kwargs")
_BESIDE = frozenset({
    "type", "id", "name", "role", "status", "tool_call_id", "tool_use_id", "call_id", "toolCallId", "toolUseId", "isError", "is_error", "_meta",
    "artifact", "additional_kwargs", "response_metadata", "lc", "structuredContent", "annotations", "tool_name", "toolName",
})  # fmt: skip
# what a search says of itself when it found nothing
_OF_A_SEARCH = frozenset({
    "total", "count", "total_count", "totalCount", "query", "q", "page", "limit", "offset", "next", "next_cursor", "nextCursor", "cursor", "has_more",
    "hasMore", "status", "success", "ok", "took", "error", "message", "num_results", "size",
})  # fmt: skip
_NOTHING = re.compile(
    r"\s*(?:null|none|nil|undefined|n/?a|nothing found|not found|"
    r"no (?:[\w-]+ ){0,3}(?:results?|match(?:es)?|documents?|records?|rows?|items?|entries|data)\b[^.,:;\n]{0,60})\s*\.?\s*",
    re.I,
)
_LONGEST_NOTHING, _DEPTH, _UNWRAPPED, _MOST_KEYS, _ELEMENTS, _NODES = 120, 3, 5, 40, 5, 500
# a key that is itself a value: an id, a date, an address
_VALUE = re.compile(r"\d{3}|[\s@:/]|.{41}")
_TYPES = {str: "text", bool: "yes or no", int: "number", float: "number", type(None): "null"}


class Given(NamedTuple):
    """characters: of the result as text. shape: `traces.EMPTY_RESULT`, `text`, `number` …, `object@<hash>` or `list@<hash>`."""

    characters: int
    shape: str


def of(result: Any) -> Given:
    """What a tool gave back.

    >>> of('{"id": 7, "state": "sent"}') == of({"state": "lost", "id": 12})._replace(characters=26)
    True
    >>> of({"content": [{"type": "text", "text": "[]"}]}).shape, of("No results found for blue.").shape, of("42 parcels").shape
    ('empty', 'empty', 'text')
    """
    value, text = _unwrapped(result)
    length = len(text.strip()) if text is not None else len(json_text.dumps(value))
    if _is_empty(value):
        return Given(0, EMPTY_RESULT)
    if isinstance(value, (dict, list)):
        left = [_NODES]
        kind = "object" if isinstance(value, dict) else "list"
        return Given(length, f"{kind}@{hashlib.sha256(_shape(value, _DEPTH, left).encode()).hexdigest()[:8]}")
    return Given(length, _TYPES.get(type(value), "other"))


def _unwrapped(value: Any) -> tuple[Any, str | None]:
    """The result itself, and it as text where it is one."""
    text = value if isinstance(value, str) else None
    value = decode(value)
    for _ in range(_UNWRAPPED):
        inner = _inner(value)
        if inner is None:
            break
        text = inner if isinstance(inner, str) else None
        value = decode(inner)
    return value, text


def _inner(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and isinstance(value[0].get("text"), str):
        return value[0]["text"]
    if isinstance(value, dict):
        held = value.keys() - _BESIDE
        if len(held) == 1 and (name := next(iter(held))) in _INNER:
            return value[name]
    return None


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip() or len(value) <= _LONGEST_NOTHING and _NOTHING.fullmatch(value) is not None
    if isinstance(value, dict):
        listed = [name for name, each in value.items() if isinstance(each, (list, dict))]
        # a search that found nothing says so beside an empty list; what has a name of its own has something to say
        return not any(value[name] for name in listed) and (
            not value or bool(listed) and value.keys() - set(listed) <= _OF_A_SEARCH
        )
    return value is None or value == []


def _shape(value: Any, depth: int, left: list[int]) -> str:
    left[0] -= 1
    if left[0] < 0 or depth <= 0:
        return "…"
    if isinstance(value, dict):
        if len(value) > _MOST_KEYS or any(_VALUE.search(str(key)) for key in value):
            return "{*}"
        return "{" + ",".join(f"{key}:{_shape(value[key], depth - 1, left)}" for key in sorted(value, key=str)) + "}"
    if isinstance(value, list):
        return "[" + "|".join(sorted({_shape(each, depth - 1, left) for each in value[:_ELEMENTS]})) + "]"
    return _TYPES.get(type(value), "other")
