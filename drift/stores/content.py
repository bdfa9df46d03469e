"""The text of a message's content: of its parts only those that are text.

Reasoning, tool calls and their results, pictures, files and base 64 are no text, however the provider wraps them.
"""

from __future__ import annotations

import re
from typing import Any

_TEXT = {
    "textcontent",
    "text",
    "input_text",
    "output_text",
    "plain_text",
    "refusal",
    "user-prompt",
    "system-prompt",
    "instruction",
}
# a part without a type is told by the key that holds its payload
_PAYLOADS = ("text", "Text", "content", "message_content", "value", "refusal")
_THINKING = re.compile(r"\s*<(think|thinking|reasoning|seed:think)>.*?(?:</\1>|\Z)\s*", re.S)
_THOUGHT_BEFORE = re.compile(r"\A.*?</(?:think|thinking)>\s*", re.S)
_FINAL = "<|channel|>final<|message|>"
_MEDIA = re.compile(r"@@@langfuseMedia:[^@]*@@@|data:[\w/+.;=-]{1,100};base64,[A-Za-z0-9+/=_-]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{300,}={0,2}\Z")
# what a program shows of an object that nothing serialised
_SHOWN = re.compile(
    r"<[\w.]+ object\b.*>\Z|<[A-Z]\w*\(|<(?:async_)?generator |<coroutine |[A-Z]\w+\(\s*\w+=|\[[A-Z]\w+\(\s*\w+=|content='",
    re.S,
)
# what a function that returned nothing is logged as
_NOTHING = {"None", "null", "undefined", "[object Object]"}
_CUT_JSON = re.compile(r"[\[{]\s*[\[{]*\s*[\"'](?:\w|\s|[.-])*[\"']\s*:")


def text_of(content: Any) -> str | None:
    """The text in a message's content: a string, or the text parts of a list joined by newlines; None where there is none.

    >>> text_of([{"type": "reasoning", "content": "Hm"}, {"type": "text", "content": "Yes."}])
    'Yes.'
    """
    if isinstance(content, str):
        return plain(content)
    if isinstance(content, dict):
        return _part(content)
    if isinstance(content, list):
        texts = [t for t in map(text_of, content) if t is not None]
        return "\n".join(t for t in texts if t) if texts else None
    return None


def plain(text: str) -> str | None:
    """The text without media that stand in it; None where it is nothing but such."""
    if len(text) > 30 and ("base64," in text or "@@@langfuseMedia" in text):
        text = _MEDIA.sub("", text).strip()
        return text or None
    return None if len(text) > 300 and _BASE64.match(text.strip()) else text


def without_reasoning(text: str) -> str:
    """An answer without the thoughts that open models write before it.

    >>> without_reasoning("<think>A parcel…</think>It arrives on Monday.")
    'It arrives on Monday.'
    """
    if "<" not in text:
        return text
    if _FINAL in text:
        # gpt-oss as its template writes it
        return text.rpartition(_FINAL)[2].removesuffix("<|return|>").removesuffix("<|end|>")
    if text.lstrip()[:12].startswith(("<think>", "<thinking>", "<reasoning>", "<seed:think>")):
        return _THINKING.sub("", text, count=1)
    if "</think" in text and "<think" not in text.partition("</think")[0]:
        return _THOUGHT_BEFORE.sub("", text, count=1)
    return text


def is_prose(text: str) -> bool:
    """Whether a text is one, and not an object's representation in Python or JSON that was cut off."""
    head = text.lstrip()[:400]
    if len(text) < 20 and head.rstrip() in _NOTHING:
        return False
    return not (head[:1] in "{[" and _CUT_JSON.match(head)) and not _SHOWN.match(head)


def kind_of(part: dict) -> str:
    """A part's type by whatever name its provider gives it; empty where it has none."""
    for key in ("type", "part_kind", "block_type", "content_type", "$type"):
        given = part.get(key)
        if isinstance(given, str):
            return given.lower()
    return ""


def _part(part: dict) -> str | None:
    kind = kind_of(part)
    if part.get("thought") is True or (kind and kind not in _TEXT):
        return None
    for key in _PAYLOADS:
        inner = part.get(key)
        if isinstance(inner, str):
            # OpenLLMetry writes a Bedrock block that it does not know as text
            return None if inner.startswith('{"reasoningContent"') else plain(inner)
        if isinstance(inner, (dict, list)):
            return text_of(inner)
    return None
