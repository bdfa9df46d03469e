"""Hostile text made harmless: what came from a trace, a store or a server is shown as text and never acts.

One function a place where text is shown; each takes anything and never raises. In the terminal wrap `plain` in
`rich.text.Text`, in HTML let jinja's autoescape follow `plain`: both leave bidirectional marks and control characters alone.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]"
)
_SPACES = re.compile(r"\s+")
_MENTION = re.compile(r"@(?=channel|here|everyone)", re.IGNORECASE)
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'", "*": "∗", "~": "∼"})
_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BLANK = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
# joiners of Persian, Indic scripts and emoji: they hide nothing and turn nothing around
_JOINERS = frozenset("\u200c\u200d")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def plain(value: object, limit: int = 200) -> str:
    """One line of visible text of at most `limit` characters, a cut marked by an ellipsis.

    Terminal sequences are removed and line breaks become spaces. Control, bidirectional, invisible, private and unassigned
    characters and lone surrogates become U+FFFD: what was hidden is at least seen.
    """
    text = "" if value is None else str(value)
    # a bound before the regular expressions: a label may be megabytes long
    text = _SPACES.sub(" ", _ANSI.sub("", text[: 20 * limit + 1000])).strip()
    text = "".join(character if _is_visible(character) else _REPLACEMENT for character in text)
    text = re.sub(f"{_REPLACEMENT}+", _REPLACEMENT, text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def slack(value: object, limit: int = 200) -> str:
    """`plain` text for Slack's mrkdwn: no mention, no link, no formatting. At most `limit` characters before escaping."""
    return _MENTION.sub("@\u2060", plain(value, limit)).translate(_SLACK)


def url(value: object) -> str:
    """An absolute http(s) link in which nothing can end the link or hide; empty for anything else."""
    text = "" if value is None else str(value)
    if not re.match(r"https?://[^/\s]", text, re.IGNORECASE) or len(text) > 2000:
        return ""
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._")


def cell(value: object) -> object:
    """A value for CSV or a spreadsheet: text that would run as a formula begins with an apostrophe; all else is as it was."""
    if not isinstance(value, str):
        return value
    text = plain(value, 32_000)
    return "'" + text if value.startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _is_visible(character: str) -> bool:
    if character in _BLANK:
        return False
    return character == " " or character in _JOINERS or unicodedata.category(character)[0] not in "CZ"
