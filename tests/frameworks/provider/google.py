"""Google's generateContent, whole and as a stream; thoughts are counted beside the candidates' tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator

from provider.reply import Reply, event, pieces

FINISH = {"stop": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
STREAM = "text/event-stream"


def failure(reply: Reply) -> dict:
    return {"error": {"code": reply.status, "message": reply.failure[1], "status": "UNAVAILABLE"}}


def _parts(reply: Reply) -> list[dict]:
    parts: list[dict] = []
    if reply.thinking:
        parts.append({"text": reply.thinking, "thought": True})
    if reply.text:
        parts.append({"text": reply.text})
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in reply.calls]
    return parts


def whole(reply: Reply, served: str, finish: str, body: dict, parts: list[dict] | None = None) -> dict:
    # Google counts the thoughts beside the candidates, not in them
    usage = {
        "promptTokenCount": reply.input,
        "candidatesTokenCount": reply.output - reply.reasoning,
        "totalTokenCount": reply.input + reply.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": reply.input}],
    }
    if reply.reasoning:
        usage["thoughtsTokenCount"] = reply.reasoning
    if reply.cached:
        usage["cachedContentTokenCount"] = reply.cached
    candidate: dict = {"content": {"role": "model", "parts": _parts(reply) if parts is None else parts}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": served, "responseId": f"g{time.time_ns()}"}


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    parts: list[dict] = []
    for part in _parts(reply):
        if "text" in part:
            parts += [{**part, "text": piece} for piece in pieces(part["text"])]
        else:
            parts.append(part)
    for n, part in enumerate(parts):
        yield event(whole(reply, served, finish if n == len(parts) - 1 else "", body, [part]))
