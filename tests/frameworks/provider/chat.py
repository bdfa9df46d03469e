"""OpenAI's chat completions, whole and as a stream of chunks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from provider.reply import Reply, event, pieces

FINISH = {"stop": "stop", "tool": "tool_calls", "length": "length", "content_filter": "content_filter"}
STREAM = "text/event-stream"


def failure(reply: Reply) -> dict:
    kind, said = reply.failure
    return {"error": {"message": said, "type": kind, "param": None, "code": kind}}


def _chat_usage(reply: Reply) -> dict:
    return {
        "prompt_tokens": reply.input,
        "completion_tokens": reply.output,
        "total_tokens": reply.input + reply.output,
        "prompt_tokens_details": {"cached_tokens": reply.cached, "audio_tokens": reply.audio},
        "completion_tokens_details": {
            "reasoning_tokens": reply.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _tool_calls(reply: Reply) -> list[dict]:
    return [
        {"id": reply.call_id(n, name), "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(reply.calls)
    ]


def whole(reply: Reply, served: str, finish: str, body: dict) -> dict:
    message: dict = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.thinking:
        message["reasoning_content"] = reply.thinking
    if reply.calls:
        message["tool_calls"] = _tool_calls(reply)
    return {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": served,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": _chat_usage(reply),
        "service_tier": "default",
    }


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    head = {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": served,
    }

    def chunk(delta: dict, ending: str | None = None) -> bytes:
        return event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": ending}], "usage": None})

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(reply.thinking):
        yield chunk({"reasoning_content": piece})
    for piece in pieces(reply.text):
        yield chunk({"content": piece})
    for n, call in enumerate(_tool_calls(reply)):
        arguments = call["function"]["arguments"]
        yield chunk({"tool_calls": [{**call, "index": n, "function": {**call["function"], "arguments": ""}}]})
        yield chunk({"tool_calls": [{"index": n, "function": {"arguments": arguments}}]})
    yield chunk({}, finish)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield event({**head, "choices": [], "usage": _chat_usage(reply)})
    yield b"data: [DONE]\n\n"
