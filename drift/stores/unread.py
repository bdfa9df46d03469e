"""Shapes in which a question or an answer was looked for and not found, for whoever wants to know (`drift doctor`): keys, never text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_MOST_KEYS = 6
# a key is shown where it is a name; what a user typed may be a key as well
_NAME = re.compile(r"[A-Za-z_][\w.\-]{0,30}")
_noticed: ContextVar[Counter[tuple[str, str]] | None] = ContextVar("noticed", default=None)


@contextmanager
def noticing() -> Iterator[Counter[tuple[str, str]]]:
    """While this lasts, what is not understood is counted by side (question, answer) and shape."""
    counted: Counter[tuple[str, str]] = Counter()
    token = _noticed.set(counted)
    try:
        yield counted
    finally:
        _noticed.reset(token)


def note(side: str, value: Any) -> None:
    """Count the shape of an object or list in which nothing was found; costs nothing where nobody is noticing."""
    counted = _noticed.get()
    if counted is not None and isinstance(value, (dict, list)) and value:
        counted[side, shape(value)] += 1


def shape(value: Any) -> str:
    """An object's keys, a list's first member, else the type: `{steps, plan}`, `[{type, data}]`."""
    if isinstance(value, dict):
        named = [key if _NAME.fullmatch(key) else "…" for key in map(str, value)]
        return "{" + ", ".join(dict.fromkeys(named[:_MOST_KEYS])) + (", …" if len(named) > _MOST_KEYS else "") + "}"
    if isinstance(value, list):
        return f"[{shape(value[0])}]" if value else "[]"
    return type(value).__name__
