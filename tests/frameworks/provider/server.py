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
import urllib.parse
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from provider import anthropic, bedrock, chat, google, ollama, responses
from provider.reply import Reply


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
# by what a path ends with; Google's and Bedrock's have the model in them
FORMATS = {
    "/chat/completions": chat,
    "/responses": responses,
    "/messages": anthropic,
    "enerateContent": google,
    "/converse": bedrock,
    "/converse-stream": bedrock,
    "/api/chat": ollama,
}


class Providers:
    """The server on a port of its own. `script` the replies, then read `answered`."""

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.answered: list[Answered] = []
        self.taken = 0
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
        self.taken = 0

    def close(self) -> None:
        self.http.shutdown()

    def take(self) -> Reply:
        with self.lock:
            if not self.replies:
                return Reply(text="the script is over", status=400)
            self.taken += 1
            return replace(self.replies.popleft(), number=self.taken)


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
        if path.endswith(("/embeddings", ":batchEmbedContents", ":embedContent")):
            return self._embed(path, body)
        format = next((f for ending, f in FORMATS.items() if path.endswith(ending)), None)
        if format is None:
            return self._json(404, {"error": {"message": f"no such path: {path}"}})
        reply = self.providers.take()
        asked = body.get("model") or _model_in(path)
        served = SERVED.get(asked, asked)
        self.providers.answered.append(Answered(path, "chat", asked, served, reply))
        if reply.status != 200:
            return self._json(reply.status, format.failure(reply), [("retry-after-ms", "20"), ("retry-after", "0.02")])
        finish = format.FINISH[reply.ending]
        if body.get("stream") or "streamGenerateContent" in path or path.endswith("-stream"):
            return self._stream(format.STREAM, format.stream(reply, served, finish, body), reply.wait)
        time.sleep(reply.wait)
        return self._json(200, format.whole(reply, served, finish, body))

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
    found = re.search(r"models?/([^/:]+)", path)
    return urllib.parse.unquote(found[1]) if found else ""


def _vector(text: str) -> list[float]:
    seed = zlib.crc32(text.encode())
    return [((seed >> n) & 15) / 15 + 0.01 for n in range(8)]
