"""A local server that answers as the providers' APIs do: OpenAI (chat, responses, embeddings), Anthropic, Google, Bedrock, Ollama.

It answers from a script of `Reply`s, in order, in the format of whichever API is asked, whole or as a stream, and keeps what it
billed. So the truth about a recording does not come from the spans that are judged by it.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the model answers to one request, and what it bills.

    `input` holds `cached` and `written`, `output` holds `reasoning`, as OpenAI counts; where a provider counts apart, the
    format does so too. `wait` is the time to the first token in seconds.
    """

    text: str = ""
    thinking: str = ""
    calls: tuple[tuple[str, dict], ...] = ()
    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0
    audio: int = 0
    status: int = 200
    finish: str = ""
    wait: float = 0.0

    @property
    def ending(self) -> str:
        return self.finish or ("tool" if self.calls else "stop")


@dataclass(frozen=True)
class Answered:
    """A request as the server saw it and what it gave."""

    path: str
    kind: str
    asked: str
    served: str
    reply: Reply


SERVED = {
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4o": "gpt-4o-2024-08-06",
    "o4-mini": "o4-mini-2025-04-16",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
}
EMBEDDING_TOKENS = 4
_FINISH = {
    "openai": {"stop": "stop", "tool": "tool_calls", "length": "length", "content_filter": "content_filter"},
    "anthropic": {"stop": "end_turn", "tool": "tool_use", "length": "max_tokens", "content_filter": "refusal"},
    "google": {"stop": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"},
    "ollama": {"stop": "stop", "tool": "stop", "length": "length", "content_filter": "stop"},
    "bedrock": {"stop": "end_turn", "tool": "tool_use", "length": "max_tokens", "content_filter": "guardrail_intervened"},
}


class Providers:
    """The server on a port of its own. `script` the replies, then read `answered`."""

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.answered: list[Answered] = []
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"providers": self}))
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def script(self, *replies: Reply) -> None:
        self.replies = deque(replies)
        self.answered = []

    def close(self) -> None:
        self.http.shutdown()

    def take(self) -> Reply:
        with self.lock:
            if not self.replies:
                return Reply(text="the script is over", status=400)
            return self.replies.popleft()


class _Handler(BaseHTTPRequestHandler):
    providers: Providers
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": []})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.split("?")[0]
        if path.endswith("/embeddings") or ":batchEmbedContents" in path or ":embedContent" in path:
            return self._embed(path, body)
        if path.startswith("/api/public"):
            return self._json(404, {"error": {"message": "no such path"}})
        reply = self.providers.take()
        asked = body.get("model") or _model_in(path)
        served = SERVED.get(asked, asked)
        self.providers.answered.append(Answered(path, "chat", asked, served, reply))
        if path.endswith("/chat/completions"):
            provider, whole, stream = "openai", _chat, _chat_stream
        elif path.endswith("/responses"):
            provider, whole, stream = "openai", _response, _response_stream
        elif path.endswith("/messages"):
            provider, whole, stream = "anthropic", _message, _message_stream
        elif "enerateContent" in path:
            provider, whole, stream = "google", _content, _content_stream
        elif path.endswith("/converse") or path.endswith("/converse-stream"):
            provider, whole, stream = "bedrock", _converse, _converse_stream
        elif path.endswith("/api/chat"):
            provider, whole, stream = "ollama", _ollama, _ollama_stream
        else:
            return self._json(404, {"error": {"message": f"no such path: {path}"}})
        if reply.status != 200:
            return self._json(reply.status, _failure(provider, reply), [("retry-after-ms", "20"), ("retry-after", "0.02")])
        finish = _FINISH[provider][reply.ending]
        streamed = body.get("stream") or "streamGenerateContent" in path or path.endswith("-stream")
        if not streamed:
            time.sleep(reply.wait)
            return self._json(200, whole(reply, served, finish, body))
        kind = {"ollama": "application/x-ndjson", "bedrock": "application/vnd.amazon.eventstream"}.get(
            provider, "text/event-stream"
        )
        self._stream(kind, stream(reply, served, finish, body), reply.wait)

    def _embed(self, path: str, body: dict) -> None:
        asked = body.get("model") or _model_in(path)
        if "input" in body:
            given = body["input"]
            texts = given if isinstance(given, list) and (not given or isinstance(given[0], (str, list))) else [given]
            tokens = EMBEDDING_TOKENS * len(texts)
            made = [_vector(json.dumps(t)) for t in texts]
            if body.get("encoding_format") == "base64":
                made = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in made]
            out: dict = {
                "object": "list",
                "model": asked,
                "data": [{"object": "embedding", "index": n, "embedding": v} for n, v in enumerate(made)],
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            }
        else:
            texts = body.get("requests") or [body]
            tokens = EMBEDDING_TOKENS * len(texts)
            out = {"embeddings": [{"values": _vector(json.dumps(t))} for t in texts]}
        self.providers.answered.append(Answered(path, "embedding", asked, asked, Reply(input=tokens)))
        self._json(200, out)

    def _json(self, status: int, body: Any, headers: list[tuple[str, str]] = ()) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("x-request-id", "req_1")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, kind: str, parts: Iterator[bytes], wait: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        time.sleep(wait)
        for part in parts:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()
            time.sleep(0.003)
        self.wfile.write(b"0\r\n\r\n")


def _model_in(path: str) -> str:
    found = re.search(r"(?:models|model)/([^/:]+(?::0)?)", path)
    return found[1] if found else ""


def _vector(text: str) -> list[float]:
    seed = zlib.crc32(text.encode())
    return [((seed >> n) & 15) / 15 + 0.01 for n in range(8)]


def _failure(provider: str, reply: Reply) -> dict:
    kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(reply.status, "api_error")
    said = reply.text or {429: "Rate limit reached", 500: "The server had an error"}.get(reply.status, "Bad request")
    if provider == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": said}}
    if provider == "google":
        return {"error": {"code": reply.status, "message": said, "status": "RESOURCE_EXHAUSTED"}}
    if provider == "bedrock":
        return {"message": said}
    return {"error": {"message": said, "type": kind, "param": None, "code": kind}}


def _pieces(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def _sse(event: dict, name: str = "") -> bytes:
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(event).encode() + b"\n\n"


def _call_id(n: int, name: str) -> str:
    return f"call_{n}_{name}"


# OpenAI, chat completions


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
        {"id": _call_id(n, name), "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(reply.calls)
    ]


def _chat(reply: Reply, served: str, finish: str, body: dict) -> dict:
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


def _chat_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    head = {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": served,
    }

    def chunk(delta: dict, ending: str | None = None) -> bytes:
        return _sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": ending}], "usage": None})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(reply.thinking):
        yield chunk({"reasoning_content": piece})
    for piece in _pieces(reply.text):
        yield chunk({"content": piece})
    for n, call in enumerate(_tool_calls(reply)):
        arguments = call["function"]["arguments"]
        yield chunk({"tool_calls": [{**call, "index": n, "function": {**call["function"], "arguments": ""}}]})
        yield chunk({"tool_calls": [{"index": n, "function": {"arguments": arguments}}]})
    yield chunk({}, finish)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _sse({**head, "choices": [], "usage": _chat_usage(reply)})
    yield b"data: [DONE]\n\n"


# OpenAI, responses


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
                "call_id": _call_id(n, name),
                "name": name,
                "arguments": json.dumps(arguments),
            }
        )
    return items


def _response(reply: Reply, served: str, finish: str, body: dict) -> dict:
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


def _response_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    whole = _response(reply, served, finish, body)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    number = iter(range(10_000))

    def event(kind: str, **rest: Any) -> bytes:
        return _sse({"type": kind, "sequence_number": next(number), **rest}, kind)

    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)
    for n, item in enumerate(whole["output"]):
        at = {"output_index": n, "item_id": item["id"]}
        if item["type"] == "message":
            part = item["content"][0]
            yield event("response.output_item.added", output_index=n, item={**item, "status": "in_progress", "content": []})
            yield event("response.content_part.added", **at, content_index=0, part={**part, "text": ""})
            for piece in _pieces(reply.text):
                yield event("response.output_text.delta", **at, content_index=0, delta=piece, logprobs=[])
            yield event("response.output_text.done", **at, content_index=0, text=reply.text, logprobs=[])
            yield event("response.content_part.done", **at, content_index=0, part=part)
        elif item["type"] == "function_call":
            yield event("response.output_item.added", output_index=n, item={**item, "status": "in_progress", "arguments": ""})
            yield event("response.function_call_arguments.delta", **at, delta=item["arguments"])
            yield event(
                "response.function_call_arguments.done", **at, arguments=item["arguments"], name=item["name"]
            )
        else:
            yield event("response.output_item.added", output_index=n, item={**item, "summary": []})
            for part in item["summary"]:
                yield event("response.reasoning_summary_part.added", **at, summary_index=0, part={**part, "text": ""})
                yield event("response.reasoning_summary_text.delta", **at, summary_index=0, delta=part["text"])
                yield event("response.reasoning_summary_text.done", **at, summary_index=0, text=part["text"])
                yield event("response.reasoning_summary_part.done", **at, summary_index=0, part=part)
        yield event("response.output_item.done", output_index=n, item=item)
    yield event("response.completed", response=whole)


# Anthropic


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
        blocks.append({"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments})
    return blocks


def _message(reply: Reply, served: str, finish: str, body: dict) -> dict:
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


def _message_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    whole = _message(reply, served, finish, body)

    def event(kind: str, **rest: Any) -> bytes:
        return _sse({"type": kind, **rest}, kind)

    begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    yield event("message_start", message=begun)
    for n, block in enumerate(whole["content"]):
        if block["type"] == "text":
            yield event("content_block_start", index=n, content_block={"type": "text", "text": ""})
            for piece in _pieces(block["text"]):
                yield event("content_block_delta", index=n, delta={"type": "text_delta", "text": piece})
        elif block["type"] == "thinking":
            yield event("content_block_start", index=n, content_block={"type": "thinking", "thinking": "", "signature": ""})
            for piece in _pieces(block["thinking"]):
                yield event("content_block_delta", index=n, delta={"type": "thinking_delta", "thinking": piece})
            signature = {"type": "signature_delta", "signature": block["signature"]}
            yield event("content_block_delta", index=n, delta=signature)
        else:
            yield event("content_block_start", index=n, content_block={**block, "input": {}})
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield event("content_block_delta", index=n, delta=delta)
        yield event("content_block_stop", index=n)
    ending = {"stop_reason": finish, "stop_sequence": None}
    yield event("message_delta", delta=ending, usage={"output_tokens": reply.output})
    yield event("message_stop")


# Google


def _parts(reply: Reply) -> list[dict]:
    parts: list[dict] = []
    if reply.thinking:
        parts.append({"text": reply.thinking, "thought": True})
    if reply.text:
        parts.append({"text": reply.text})
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in reply.calls]
    return parts


def _content(reply: Reply, served: str, finish: str, body: dict, parts: list[dict] | None = None) -> dict:
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


def _content_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    parts: list[dict] = []
    for part in _parts(reply):
        if "text" in part:
            parts += [{**part, "text": piece} for piece in _pieces(part["text"])]
        else:
            parts.append(part)
    for n, part in enumerate(parts):
        yield _sse(_content(reply, served, finish if n == len(parts) - 1 else "", body, [part]))


# Bedrock


def _converse_blocks(reply: Reply) -> list[dict]:
    blocks: list[dict] = []
    if reply.thinking:
        blocks.append({"reasoningContent": {"reasoningText": {"text": reply.thinking, "signature": "c2ln"}}})
    if reply.text:
        blocks.append({"text": reply.text})
    for n, (name, arguments) in enumerate(reply.calls):
        blocks.append({"toolUse": {"toolUseId": f"tooluse_{n}", "name": name, "input": arguments}})
    return blocks


def _converse_usage(reply: Reply) -> dict:
    return {
        "inputTokens": reply.input - reply.cached - reply.written,
        "outputTokens": reply.output,
        "totalTokens": reply.input + reply.output,
        "cacheReadInputTokens": reply.cached,
        "cacheWriteInputTokens": reply.written,
    }


def _converse(reply: Reply, served: str, finish: str, body: dict) -> dict:
    return {
        "output": {"message": {"role": "assistant", "content": _converse_blocks(reply)}},
        "stopReason": finish,
        "usage": _converse_usage(reply),
        "metrics": {"latencyMs": 10},
    }


def _converse_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    yield _aws_event("messageStart", {"role": "assistant"})
    for n, block in enumerate(_converse_blocks(reply)):
        if "toolUse" in block:
            start = {"toolUse": {"toolUseId": block["toolUse"]["toolUseId"], "name": block["toolUse"]["name"]}}
            yield _aws_event("contentBlockStart", {"contentBlockIndex": n, "start": start})
            deltas: list[dict] = [{"toolUse": {"input": json.dumps(block["toolUse"]["input"])}}]
        elif "reasoningContent" in block:
            deltas = [{"reasoningContent": {"text": p}} for p in _pieces(reply.thinking)]
        else:
            deltas = [{"text": p} for p in _pieces(block["text"])]
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


# Ollama


def _ollama(reply: Reply, served: str, finish: str, body: dict) -> dict:
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


def _ollama_stream(reply: Reply, served: str, finish: str, body: dict) -> Iterator[bytes]:
    for piece in _pieces(reply.text):
        part = {"model": served, "created_at": "2026-03-02T12:00:00Z", "done": False}
        yield json.dumps({**part, "message": {"role": "assistant", "content": piece}}).encode() + b"\n"
    last = _ollama(reply, served, finish, body)
    yield json.dumps({**last, "message": {**last["message"], "content": ""}}).encode() + b"\n"
