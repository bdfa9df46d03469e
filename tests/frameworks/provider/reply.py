"""What a model answers, and the pieces that the providers' formats share."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass


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
    number: int = 0

    @property
    def failure(self) -> tuple[str, str]:
        """(type, message) of the error that its status is."""
        kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(self.status, "api_error")
        said = {429: "Rate limit reached", 400: "Bad request"}.get(self.status, "The server had an error")
        return kind, self.text or said

    @property
    def ending(self) -> str:
        return self.finish or ("tool" if self.calls else "stop")

    def call_id(self, n: int, name: str) -> str:
        """The id of its n-th call of a tool, another in each answer."""
        return f"call_{self.number}{n}_{name}"


def pieces(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def event(body: dict, name: str = "") -> bytes:
    """A server-sent event."""
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(body).encode() + b"\n\n"
