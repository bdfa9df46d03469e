"""JSON as traces have it: read fast, and as Python's own reader does where an application wrote what the standard has not."""

from __future__ import annotations

import json
from typing import Any

import orjson

_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)


def loads(text: str | bytes) -> Any:
    """The value. Raises ValueError where it is none, RecursionError where it is nested too deep.

    NaN and half a surrogate pair are let through.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def dumps(value: Any) -> str:
    """The value as text, the same for the same keys in any order; what JSON has not as `str` writes it."""
    return _SORTED.encode(value)
