"""Anthropic's messages, whole and as a stream of events; what the prompt cache held is counted beside the input."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from provider.reply import Reply, event, pieces

FINISH = {"stop": "end_turn", "tool": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
STREAM = "text/event-stream"


def failure(reply: Reply) -> dict:
    kind, said = reply.failure
    return {"type": "error", "error": {"type": kind, "message": said}}


def _message_usage(reply: Reply) -> dict:
    return {
        "input_tokens": reply.input - reply.cached - reply.written,
        "cache_read_input_tokens": reply.cached,
        "cache_creation_input_tokens": reply.written,
        "cache_creation": {"ephemeral_5m_input_tokens": reply.written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": reply.output,
        "service_tier": "standard",
    }


def _blocks(reply: Reply) -> list[dict]:
    blocks: list[dict] = []
    if reply.thinking:
        blocks.append({"type": "thinking", "thinking": reply.thinking, "signature": "c2lnbmF0dXJl"})
    if reply.text:
        blocks.append({"type": "text", "text": reply.text})
    for n, (name, arguments) in enumerate(reply.calls):
        blocks.append({"type": "tool_use", "id": reply.call_id(n, name), "name": name, "input": arguments})
    return blocks


def whole(reply: Reply, served: str, finish: str, body: dict) -> dict:
    return {
        "id": f"msg_{time.time_ns()}",
        "type": "message",
        "role": "assistant",
        "model": served,
        "content": _blocks(reply),
        "stop_reason": finish,
        "stop_sequence": None,
        "usage": _message_usage(reply),
    }


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    made = whole(reply, served, finish, body)

    def sent(kind: str, **rest: Any) -> bytes:
        return event({"type": kind, **rest}, kind)

    begun = {**made, "content": [], "stop_reason": None, "usage": {**made["usage"], "output_tokens": 1}}
    yield sent("message_start", message=begun)
    for n, block in enumerate(made["content"]):
        if block["type"] == "text":
            yield sent("content_block_start", index=n, content_block={"type": "text", "text": ""})
            for piece in pieces(block["text"]):
                yield sent("content_block_delta", index=n, delta={"type": "text_delta", "text": piece})
        elif block["type"] == "thinking":
            yield sent("content_block_start", index=n, content_block={"type": "thinking", "thinking": "", "signature": ""})
            for piece in pieces(block["thinking"]):
                yield sent("content_block_delta", index=n, delta={"type": "thinking_delta", "thinking": piece})
            signature = {"type": "signature_delta", "signature": block["signature"]}
            yield sent("content_block_delta", index=n, delta=signature)
        else:
            yield sent("content_block_start", index=n, content_block={**block, "input": {}})
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield sent("content_block_delta", index=n, delta=delta)
        yield sent("content_block_stop", index=n)
    ending = {"stop_reason": finish, "stop_sequence": None}
    yield sent("message_delta", delta=ending, usage={"output_tokens": reply.output})
    yield sent("message_stop")
