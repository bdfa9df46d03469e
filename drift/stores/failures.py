"""What kind of failure an error message speaks of. Pure text in, one of `traces`' error types out."""

from __future__ import annotations

import json
import re
from typing import Any

TYPES = frozenset({"4xx", "rate_limit", "5xx", "timeout", "content_filter", "context_overflow", "other"})
_NONE = frozenset({"", "none", "null", "nan", "false", "ok", "success", "[]", "{}", "0"})
_STATUSES = ("status", "status_code", "statusCode", "http_status", "code")
# "at most 512 tokens" is no status
_COUNTED = r"\b(?! ?(?:tokens?|characters?|words?|bytes|[km]b\b|m?s\b|seconds|items|messages))"
_KINDS = (
    ("rate_limit", re.compile(r"\b429\b|rate.?limit|too many requests|quota|throttl", re.I)),
    (
        "content_filter",
        re.compile(
            r"content.?filter|content.?policy|content management policy|safety.?(system|filter|block)|"
            r"responsible.?ai|moderation|blocked by",
            re.I,
        ),
    ),
    (
        "context_overflow",
        re.compile(
            r"context.?length|context.?window|maximum context|prompt is too long|input is too long|too many (?:input )?tokens|"
            r"(?:input|prompt) token count .{0,40}exceeds|reduce the length of the (?:messages|prompt|input)|string_above_max_length",
            re.I,
        ),
    ),
    ("timeout", re.compile(r"time.?d?.?out|deadline|\b(408|504|524)\b|timeouterror", re.I)),
    (
        "5xx",
        re.compile(
            r"\b5\d\d"
            + _COUNTED
            + r"|internal server|server error|server had an error|overloaded|service.?unavailable|bad gateway|"
            r"connection (error|reset|refused)|connecterror|apiconnectionerror|internalservererror",
            re.I,
        ),
    ),
    (
        "4xx",
        re.compile(
            r"\b4\d\d" + _COUNTED + r"|bad.?request|invalid.?request|unauthori[sz]ed|authentication|forbidden|permission|"
            r"not.?found|unprocessable|validation",
            re.I,
        ),
    ),
)


def error_type(*messages: object) -> str:
    """`rate_limit`, `content_filter`, `context_overflow`, `timeout`, `5xx`, `4xx` or `other` for an error's type and message.

    >>> error_type("RateLimitError: 429 from provider")
    'rate_limit'
    >>> error_type(None, "boom")
    'other'
    """
    text = " ".join(str(m)[:2000] for m in messages if m)
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return "other"


def status_type(status: object) -> str | None:
    """The error type of an HTTP status; None below 400 or where it is no status.

    >>> status_type(200), status_type("429"), status_type(502)
    (None, 'rate_limit', '5xx')
    """
    try:
        code = int(float(str(status)))
    except (ValueError, OverflowError):
        return None
    if code < 400 or code > 599:
        return None
    if code == 429:
        return "rate_limit"
    if code in (408, 504, 524):
        return "timeout"
    return "5xx" if code >= 500 else "4xx"


def failure_of(given: Any) -> str | None:
    """The error type of what a column says of failures: a type, a status, an exception's text, an object; None for none.

    >>> failure_of({"code": "rate_limit_exceeded", "status": 429}), failure_of([]), failure_of(200), failure_of("boom")
    ('rate_limit', None, None, 'other')
    """
    if isinstance(given, str):
        text = given.strip()
        if text in TYPES:
            return text
        if text.lower() in _NONE:
            return None
        if text[:1] in "{[":
            try:
                return failure_of(json.loads(text))
            except (ValueError, RecursionError):
                return error_type(text)
        return status_type(text) if _is_number(text) else error_type(text)
    if given is None or isinstance(given, bool):
        return "other" if given else None
    if isinstance(given, (int, float)):
        return status_type(given)
    if not given:
        return None
    if isinstance(given, dict):
        inner = given.get("error")
        if isinstance(inner, (dict, str)) and inner:
            return failure_of(inner)
        for key in _STATUSES:
            if (kind := status_type(given.get(key))) is not None:
                return kind
        if not any(v not in (None, "", False, [], {}) for v in given.values()):
            return None
    return error_type(json.dumps(given, default=str))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
