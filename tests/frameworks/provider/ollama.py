"""Ollama's chat, whole and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

from provider.reply import Reply, pieces

FINISH = {"stop": "stop", "tool": "stop", "length": "length", "content_filter": "stop"}
STREAM = "application/x-ndjson"


def failure(reply: Reply) -> dict:
    return {"error": reply.failure[1]}


def whole(reply: Reply, served: str, finish: str, body: dict) -> dict:
    message: dict = {"role": "assistant", "content": reply.text}
    if reply.thinking:
        message["thinking"] = reply.thinking
    if reply.calls:
        message["tool_calls"] = [{"function": {"name": name, "arguments": arguments}} for name, arguments in reply.calls]
    return {
        "model": served,
        "created_at": "2026-03-02T12:00:00Z",
        "message": message,
        "done": True,
        "done_reason": finish,
        "total_duration": 10_000_000,
        "prompt_eval_count": reply.input,
        "eval_count": reply.output,
    }


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    for piece in pieces(reply.text):
        part = {"model": served, "created_at": "2026-03-02T12:00:00Z", "done": False}
        yield json.dumps({**part, "message": {"role": "assistant", "content": piece}}).encode() + b"\n"
    last = whole(reply, served, finish, body)
    yield json.dumps({**last, "message": {**last["message"], "content": ""}}).encode() + b"\n"
