"""Whether a guardrail fired, from what it gave back; what is no verdict of one is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIRED = ("triggered", "tripwire_triggered", "tripwireTriggered", "guardrail.triggered", "blocked", "flagged", "intervened")
_PASSED = ("passed", "allowed", "is_safe", "isSafe", "safe", "valid", "validation_passed", "is_valid")
_ACTIONS = ("action", "decision", "verdict")
_STOPPED = frozenset(
    {"guardrail_intervened", "block", "blocked", "deny", "denied", "reject", "rejected", "stop", "fail", "failed"}
)
_DEPTH = 3


def fired(given: Any, depth: int = _DEPTH) -> bool | None:
    """True and False where the answer says so.

    >>> fired({"tripwire_triggered": True}), fired({"action": "NONE", "outputs": []}), fired("All fine.")
    (True, False, None)
    """
    if not isinstance(given, Mapping) or depth <= 0:
        return None
    said = [value for key in _FIRED if (value := _flag(given.get(key))) is not None]
    said += [not value for key in _PASSED if (value := _flag(given.get(key))) is not None]
    said += [value.lower() in _STOPPED for key in _ACTIONS if isinstance(value := given.get(key), str)]
    if said:
        return any(said)
    inner = next((given[key] for key in ("output", "result", "response") if isinstance(given.get(key), Mapping)), None)
    return fired(inner, depth - 1)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None
