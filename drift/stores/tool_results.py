"""Whether what a tool or a request gave back is a failure, whoever says so: a flag, a status, an error, an exception's text."""

from __future__ import annotations

import re
from typing import Any

from drift.stores import json_text

_FLAGS = ("is_error", "isError", "error_occurred", "has_error", "hasError")
_STATUSES = ("status_code", "statusCode", "http_status", "httpStatus", "response_status")
_BROKEN = {"error", "failed", "failure", "exception"}
_THROWN = re.compile(
    r"\s*(?:Traceback \(most recent call last\)|<tool_use_error>|(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)\b\s*(?:[:(]|\Z)|"
    r"error: |Error(?::| (?:executing|calling|invoking|running|while|in|occurred)\b)|An error occurred (?:while|when|during)|"
    r"I encountered an error while|Tool \S+ (?:failed|raised)|HTTP(?:/\d\S*)?(?: status)?(?: code)?:? [45]\d\d\b|[45]\d\d (?:[A-Z]\w+ ){0,3}Error\b)"
)
_DEPTH = 4


def is_failure(value: Any, depth: int = _DEPTH) -> bool:
    """Whether a result says that the call failed.

    >>> is_failure({"content": [], "isError": True}), is_failure('{"error": "no such parcel"}'), is_failure("Error: 404")
    (True, True, True)
    >>> is_failure({"error": None, "status": 200}), is_failure("The error was found.")
    (False, False)
    """
    if isinstance(value, str):
        text = value.strip()
        if text[:1] == "{" and text[-1:] == "}":
            try:
                return depth > 0 and is_failure(json_text.loads(text), depth - 1)
            except (ValueError, RecursionError):
                return False
        return bool(_THROWN.match(text[:300]))
    if isinstance(value, list):
        return depth > 0 and len(value) == 1 and is_failure(value[0], depth - 1)
    if not isinstance(value, dict):
        return False
    if any(value.get(k) in (True, "true", "True") for k in _FLAGS):
        return True
    status = value.get("status")
    if isinstance(status, str) and status.lower() in _BROKEN:
        return True
    if any(_bad(value.get(k)) for k in _STATUSES) or (not isinstance(status, str) and _bad(status)):
        return True
    if value.get("error") not in (None, "", False, [], {}, 0) or value.get("exception") not in (None, "", False, [], {}):
        return True
    if any(value.get(k) is False for k in ("success", "ok", "is_success", "isSuccess")):
        return True
    if value.get("type") == "error" or isinstance(value.get("error_message"), str) and value["error_message"]:
        return True
    if (
        isinstance(value.get("errors"), list)
        and value["errors"]
        and not any(value.get(k) for k in ("data", "result", "results"))
    ):
        # GraphQL's
        return True
    inner = next((value[k] for k in ("result", "output", "content", "text", "kwargs") if value.get(k) is not None), None)
    # what a tool found may speak of errors; only a whole text or object is the tool's own word
    return depth > 0 and inner is not None and is_failure(inner, depth - 1)


def _bad(status: Any) -> bool:
    if isinstance(status, bool) or not isinstance(status, (int, float, str)):
        return False
    try:
        return 400 <= int(status) <= 599
    except ValueError:
        return False
