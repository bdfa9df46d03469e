"""A chat service over real HTTP whose laws are known: what it answers, how often it fails, how it may be cut off.

It speaks OpenAI's chat completions and Anthropic's messages. A judgement is asked of it where the prompt allows labels; anything else is
answered by `reply`.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LABELS = re.compile(r'\{"label": one of ([^}]+)\}')


@dataclass
class Laws:
    """judge: from a prompt whether the answer in it is good. reply_to: an answer to the whole request, instead of `reply`. faults: what happens instead of an answer, by chance: 429, 500, 400, `cut` (the
    connection ends in the middle), `bad` (no JSON), `chatty` (JSON in a sentence), `slow`. knows_schemas: else a JSON schema is a 400. says_usage: else how many tokens a call had is not said."""

    judge: Callable[[str], bool] = lambda prompt: "bad" not in prompt
    reply: Callable[[str, random.Random], str] = lambda prompt, rng: "Yes."
    reply_to: Callable[[dict, random.Random], str] | None = None
    faults: dict[str, float] = field(default_factory=dict)
    knows_schemas: bool = True
    says_usage: bool = True
    version: str = "judge-1"
    seed: int = 0


@dataclass
class Service:
    """The running service. asked: the prompts; answered: by status."""

    url: str
    laws: Laws
    asked: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    answered: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)


def _answer(service: Service, prompt: str, rng: random.Random, fault: str) -> str:
    allowed = _LABELS.search(prompt)
    if fault == "bad":
        return "I would rather not say."
    if allowed is None:
        return service.laws.reply(prompt, rng)
    labels = re.findall(r'"([^"]+)"', allowed[1])
    good = service.laws.judge(prompt)
    label = ("4" if good else "2") if labels == ["1", "2", "3", "4", "5"] else labels[0] if good else labels[1]
    said = json.dumps({"label": label})
    return f"Of course! Here it is:\n```json\n{said}\n```" if fault == "chatty" else said


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    rng = random.Random(service.laws.seed)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            prompt = "\n".join(m.get("content") or "" for m in body["messages"])
            with service.lock:
                service.asked.append(prompt)
                service.keys.add(self.headers.get("Authorization") or self.headers.get("x-api-key") or "")
                drawn, fault = rng.random(), ""
                for name, chance in service.laws.faults.items():
                    if drawn < chance:
                        fault = name
                        break
                    drawn -= chance
                own = random.Random(rng.random())
                if "response_format" in body and not service.laws.knows_schemas:
                    fault = "400"
                service.answered[fault or "200"] += 1
            if fault.isdigit():
                self._send(int(fault), {"error": {"message": f"no: {prompt[:200]}", "type": "error"}})
                return
            if fault == "slow":
                service.released.wait(20)
                return
            told = service.laws.reply_to
            text = told(body, own) if told is not None and not fault else _answer(service, prompt, own, fault)
            tokens = len(prompt) // 4, len(text) // 4 + 1
            if self.path.endswith("/messages"):
                content = [{"type": "text", "text": text}]
                usage = {"input_tokens": tokens[0], "output_tokens": tokens[1]}
                given = {
                    "id": "m",
                    "type": "message",
                    "role": "assistant",
                    "content": content,
                    "stop_reason": "end_turn",
                    "usage": usage,
                }
                given |= {"model": service.laws.version, "stop_sequence": None}
            else:
                choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
                given = {
                    "id": "c",
                    "object": "chat.completion",
                    "created": 0,
                    "model": service.laws.version,
                    "choices": [choice],
                    "usage": usage,
                }
            if not service.laws.says_usage:
                del given["usage"]
            self._send(200, given, cut=fault == "cut")

        def _send(self, status: int, given: dict, cut: bool = False) -> None:
            data = json.dumps(given).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if cut else data)
            if cut:
                self.close_connection = True

    return Handler


@contextmanager
def serving(laws: Laws | None = None) -> Iterator[Service]:
    service = Service("", laws or Laws())
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.released.set()
        server.shutdown()
        server.server_close()
