"""OpenAI's responses, whole and as a stream of events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from provider.chat import FINISH, STREAM, failure
from provider.reply import Reply, event, pieces

__all__ = ["FINISH", "STREAM", "failure", "stream", "whole"]


def _items(reply: Reply) -> list[dict]:
    items: list[dict] = []
    if reply.thinking or reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.thinking}] if reply.thinking else []
        items.append({"id": "rs_1", "type": "reasoning", "summary": summary})
    if reply.text:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        items.append({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content})
    for n, (name, arguments) in enumerate(reply.calls):
        items.append(
            {
                "id": f"fc_{n}",
                "type": "function_call",
                "status": "completed",
                "call_id": reply.call_id(n, name),
                "name": name,
                "arguments": json.dumps(arguments),
            }
        )
    return items


def whole(reply: Reply, served: str, finish: str, body: dict) -> dict:
    short = finish == "length"
    return {
        "id": f"resp_{time.time_ns()}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "incomplete" if short else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if short else None,
        "instructions": body.get("instructions"),
        "model": served,
        "output": _items(reply),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "temperature": 1.0,
        "top_p": 1.0,
        "metadata": {},
        "reasoning": {"effort": None, "summary": None},
        "text": {"format": {"type": "text"}},
        "usage": {
            "input_tokens": reply.input,
            "input_tokens_details": {"cached_tokens": reply.cached},
            "output_tokens": reply.output,
            "output_tokens_details": {"reasoning_tokens": reply.reasoning},
            "total_tokens": reply.input + reply.output,
        },
    }


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    made = whole(reply, served, finish, body)
    begun = {**made, "status": "in_progress", "output": [], "usage": None}
    number = iter(range(10_000))

    def sent(kind: str, **rest: Any) -> bytes:
        return event({"type": kind, "sequence_number": next(number), **rest}, kind)

    yield sent("response.created", response=begun)
    yield sent("response.in_progress", response=begun)
    for n, item in enumerate(made["output"]):
        at = {"output_index": n, "item_id": item["id"]}
        if item["type"] == "message":
            part = item["content"][0]
            yield sent("response.output_item.added", output_index=n, item={**item, "status": "in_progress", "content": []})
            yield sent("response.content_part.added", **at, content_index=0, part={**part, "text": ""})
            for piece in pieces(reply.text):
                yield sent("response.output_text.delta", **at, content_index=0, delta=piece, logprobs=[])
            yield sent("response.output_text.done", **at, content_index=0, text=reply.text, logprobs=[])
            yield sent("response.content_part.done", **at, content_index=0, part=part)
        elif item["type"] == "function_call":
            yield sent("response.output_item.added", output_index=n, item={**item, "status": "in_progress", "arguments": ""})
            yield sent("response.function_call_arguments.delta", **at, delta=item["arguments"])
            yield sent("response.function_call_arguments.done", **at, arguments=item["arguments"], name=item["name"])
        else:
            yield sent("response.output_item.added", output_index=n, item={**item, "summary": []})
            for part in item["summary"]:
                yield sent("response.reasoning_summary_part.added", **at, summary_index=0, part={**part, "text": ""})
                yield sent("response.reasoning_summary_text.delta", **at, summary_index=0, delta=part["text"])
                yield sent("response.reasoning_summary_text.done", **at, summary_index=0, text=part["text"])
                yield sent("response.reasoning_summary_part.done", **at, summary_index=0, part=part)
        yield sent("response.output_item.done", output_index=n, item=item)
    yield sent("response.completed", response=made)
