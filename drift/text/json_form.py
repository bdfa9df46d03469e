"""The one form in which drift tells anything as JSON: every command's `--json`, and the webhook.

| | |
|---|---|
| first | `kind`, and `version`, which counts where a name or a meaning changes |
| an incident | `incident`: its whole id |
| a metric, where | `metric`; `segment`: `dimension` and `value`, as the tables have them (`all` and an empty text: all traffic) |
| a change | `before`, `after`: levels in `unit`; `interval`: 95 % of after − before; `n`: values that it rests on |
| when | `since`: the first changed day, `since_interval`; days as 2026-11-16, times as ISO 8601 with their zone |
| unknown | `null`: a number that is none, and a text that is empty; an empty text of a trace stays one |

What a dataclass calls otherwise is renamed here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

VERSION = 2
# a field's name → the form's
NAMES = {
    "incident_id": "incident",
    "value_from": "before",
    "value_to": "after",
    "value_a": "before",
    "value_b": "after",
    "level_a": "before",
    "level_b": "after",
    "share_from": "before",
    "replicates": "n",
    "share_to": "after",
}
# two ends → what they are the ends of
INTERVALS = {
    ("low", "high"): "interval",
    ("effect_low", "effect_high"): "effect_interval",
    ("since_low", "since_high"): "since_interval",
}
_ENDS = {end for ends in INTERVALS for end in ends}
# what traces say: names in it are their own, and empty is not unknown
_TEXTS = frozenset({"row", "pairs"})
_ALL = frozenset({"", "all"})


def of(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """What is told, as JSON has it: dicts, lists, texts, numbers, true, false and null."""
    return {"kind": kind, "version": VERSION, **_mapping(content)}


def _mapping(given: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    is_placed = "dimension" in given and "value" in given
    for key, value in given.items():
        if is_placed and key in ("dimension", "value"):
            out["segment"] = _segment(given)
        elif key not in _ENDS:
            out[NAMES.get(key, key)] = _texts(value) if key in _TEXTS else _any(value)
        else:
            ends, name = next((ends, name) for ends, name in INTERVALS.items() if key in ends)
            both = [_any(given.get(end)) for end in ends]
            out[name] = None if both == [None, None] else both
    return out


def _segment(given: Mapping[str, Any]) -> dict[str, str | None]:
    dimension, value = given["dimension"], given["value"]
    return {"dimension": "all", "value": ""} if dimension in _ALL else {"dimension": str(dimension), "value": value}


def _any(value: Any) -> Any:
    value = _inside(value)
    if isinstance(value, Mapping):
        return _mapping({str(key): each for key, each in value.items()})
    if isinstance(value, list):
        return [_any(each) for each in value]
    return None if value == "" else value


def _texts(value: Any) -> Any:
    value = _inside(value)
    if isinstance(value, Mapping):
        return {str(key): _texts(each) for key, each in value.items()}
    return [_texts(each) for each in value] if isinstance(value, list) else value


def _inside(value: Any) -> Any:
    """A mapping, a list, or a value that JSON has; it has no NaN, no dates and no dataclasses."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, datetime):
        # NaT is one, and differs from itself
        return None if value != value else (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()  # noqa: PLR0124
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int, bool, Mapping, list)) else str(value)
