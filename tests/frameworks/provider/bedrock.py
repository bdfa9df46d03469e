"""Bedrock's Converse, whole and as AWS's event stream."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator

from provider.reply import Reply, pieces

FINISH = {"stop": "end_turn", "tool": "tool_use", "length": "max_tokens", "content_filter": "guardrail_intervened"}
STREAM = "application/vnd.amazon.eventstream"


def failure(reply: Reply) -> dict:
    return {"message": reply.failure[1]}


def _converse_blocks(reply: Reply) -> list[dict]:
    blocks: list[dict] = []
    if reply.thinking:
        blocks.append({"reasoningContent": {"reasoningText": {"text": reply.thinking, "signature": "c2ln"}}})
    if reply.text:
        blocks.append({"text": reply.text})
    for n, (name, arguments) in enumerate(reply.calls):
        blocks.append({"toolUse": {"toolUseId": reply.call_id(n, name), "name": name, "input": arguments}})
    return blocks


def _converse_usage(reply: Reply) -> dict:
    return {
        "inputTokens": reply.input - reply.cached - reply.written,
        "outputTokens": reply.output,
        "totalTokens": reply.input + reply.output,
        "cacheReadInputTokens": reply.cached,
        "cacheWriteInputTokens": reply.written,
    }


def whole(reply: Reply, served: str, finish: str, body: dict) -> dict:
    return {
        "output": {"message": {"role": "assistant", "content": _converse_blocks(reply)}},
        "stopReason": finish,
        "usage": _converse_usage(reply),
        "metrics": {"latencyMs": 10},
    }


def stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    yield _aws_event("messageStart", {"role": "assistant"})
    for n, block in enumerate(_converse_blocks(reply)):
        if "toolUse" in block:
            start = {"toolUse": {"toolUseId": block["toolUse"]["toolUseId"], "name": block["toolUse"]["name"]}}
            yield _aws_event("contentBlockStart", {"contentBlockIndex": n, "start": start})
            deltas: list[dict] = [{"toolUse": {"input": json.dumps(block["toolUse"]["input"])}}]
        elif "reasoningContent" in block:
            deltas = [{"reasoningContent": {"text": p}} for p in pieces(reply.thinking)]
        else:
            deltas = [{"text": p} for p in pieces(block["text"])]
        for delta in deltas:
            yield _aws_event("contentBlockDelta", {"contentBlockIndex": n, "delta": delta})
        yield _aws_event("contentBlockStop", {"contentBlockIndex": n})
    yield _aws_event("messageStop", {"stopReason": finish})
    yield _aws_event("metadata", {"usage": _converse_usage(reply), "metrics": {"latencyMs": 10}})


def _aws_event(kind: str, body: dict) -> bytes:
    """A message of AWS's event stream: lengths, headers, payload, each part with its checksum."""
    headers = b""
    for name, text in ((":message-type", "event"), (":event-type", kind), (":content-type", "application/json")):
        headers += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
    payload = json.dumps(body).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))
