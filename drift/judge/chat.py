"""One question to a chat model, through its maker's client: `openai` for whatever speaks that API, `anthropic` for Anthropic's.

Each attempt is paid from the budget before it is made; retries are made here and not by the clients, which would ask more often than
is known. Nothing of a prompt or an answer is logged, and no error carries one.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from drift.config.sections import ServiceSection
from drift.errors import ConfigError, Extra, MissingExtra
from drift.judge.spending import Budget
from drift.pricing.calls import price
from drift.text import addresses

addresses.keep_out_of_logs()

KEY_VARIABLE = "DRIFT_JUDGE_KEY"
_EXTRAS: dict[str, Extra] = {"openai": "judge", "anthropic": "anthropic"}
_HOSTS = {"openai": "api.openai.com", "anthropic": "api.anthropic.com"}
_ATTEMPTS = 3
_TRIED_AGAIN = (408, 409, 429)
# what services answer to a request in a form that they do not know; forms: all, no schema, bare
_REFUSED = (400, 422)
_BARE = 2
# calls that fail one after the other before a service is given up for the night
_GIVEN_UP = 10
# characters of a prompt that are never more than one token, for what a call may cost at the most
_CHARACTERS_A_TOKEN = 1.0


class Unanswered(Exception):
    """A call without an answer; `why` is a word such as `429` or `timeout`, and never what was said."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class _Again(Unanswered):
    """One that may be answered when it is asked again."""


@dataclass(frozen=True)
class Prices:
    """USD a million tokens."""

    input: float
    output: float

    def of(self, tokens_in: float, tokens_out: float) -> float:
        return (tokens_in * self.input + tokens_out * self.output) / 1e6

    def of_reply(self, reply: Reply) -> float | None:
        """What the call cost, None where its tokens are not known."""
        if reply.input_tokens is None or reply.output_tokens is None:
            return None
        return self.of(reply.input_tokens, reply.output_tokens)


@dataclass(frozen=True)
class Reply:
    """An answer's text, as it came, and what the call used; tokens are None where the service does not say."""

    text: str
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    model: str | None
    latency_s: float


def prices_of(section: ServiceSection) -> Prices:
    """What the model asks, as configured or listed. Raises ConfigError where neither is known: a budget in dollars needs a price."""
    if section.input_usd is not None and section.output_usd is not None:
        return Prices(section.input_usd, section.output_usd)
    maker = None if section.endpoint else section.provider
    listed = [
        price(section.model, maker, at=datetime.now(UTC), input=1e6 * asked, output=1e6 * (1 - asked))
        for asked in (True, False)
    ]
    if listed[0] is None or listed[1] is None:
        raise ConfigError(
            f"model {section.model!r:.80}: its price is not known; set input_usd and output_usd beside it to its price of a million "
            "tokens, 0 where it costs nothing"
        )
    return Prices(listed[0], listed[1])


def host_of(provider: str, endpoint: str) -> str:
    """The host that texts go to."""
    return urlsplit(endpoint).hostname or endpoint if endpoint else _HOSTS[provider]


def size_of(messages: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> int:
    """Bytes of what a call sends: plain texts as they are, all else (tools and their results) as JSON."""
    texts = [m["content"] for m in messages if isinstance(m.get("content"), str)]
    rest = [{k: v for k, v in m.items() if k not in ("role", "content") or not isinstance(v, str)} for m in messages]
    others = [each for each in (*rest, parameters.get("tools")) if each]
    return sum(len(text.encode()) for text in texts) + (len(json.dumps(others).encode()) if others else 0)


@dataclass
class Chat:
    """A model at a service. Thread-safe. most_tokens: the longest answer that is paid for.

    steady: the same answer to the same question is wanted, where a service can be told so. unanswered: how many calls had no answer, by
    why.
    """

    provider: str
    model: str
    endpoint: str
    prices: Prices
    budget: Budget
    timeout_s: float = 60.0
    wait_s: ClassVar[float] = 1.0
    most_tokens: int = 200
    key_variable: str = KEY_VARIABLE
    steady: bool = True
    unanswered: dict[str, int] = field(default_factory=dict)
    _failed: int = 0
    _lock: Lock = field(default_factory=Lock)

    def ask(self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] | None = None, **parameters: Any) -> Reply:
        """The model's answer. schema: what its JSON must be, where the service can be told. Raises Unanswered, and Exhausted where
        the budget does not reach."""
        if self._failed >= _GIVEN_UP:
            raise self._counted(Unanswered("given up"))
        attempts = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential_jitter(self.wait_s, max=30, jitter=self.wait_s),
            retry=retry_if_exception_type(_Again),
            reraise=True,
        )
        try:
            reply = attempts(self._paid, messages, schema, parameters)
        except Unanswered as error:
            with self._lock:
                self._failed += 1
            raise self._counted(error) from None
        with self._lock:
            self._failed = 0
        return reply

    def _counted(self, error: Unanswered) -> Unanswered:
        with self._lock:
            self.unanswered[error.why] = self.unanswered.get(error.why, 0) + 1
        return error

    def _paid(
        self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] | None, parameters: dict[str, Any]
    ) -> Reply:
        longest = parameters.get("max_tokens", self.most_tokens)
        most = self.prices.of(size_of(messages, parameters) / _CHARACTERS_A_TOKEN + 100, longest)
        self.budget.reserve(most)
        # what a call cost that has no answer, or whose service does not say, is not known: it stays reserved
        reply = self._send(messages, schema, parameters | {"max_tokens": longest})
        if (cost := self.prices.of_reply(reply)) is not None:
            self.budget.settle(most, cost)
        return reply

    def _send(
        self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] | None, parameters: dict[str, Any]
    ) -> Reply:
        raise NotImplementedError


def _module(name: str) -> Any:
    installed(name)
    return importlib.import_module(name)


def installed(provider: str) -> None:
    """Raises MissingExtra where the provider's client is not there."""
    if importlib.util.find_spec(provider) is None:
        raise MissingExtra(f"judge.provider {provider}: its client is not installed", _EXTRAS[provider])


def _why(error: Exception) -> Unanswered:
    """An SDK's error as a word; both SDKs have the same names."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return (_Again if status in _TRIED_AGAIN or status >= 500 else Unanswered)(str(status))
    name = type(error).__name__
    if "Timeout" in name:
        return _Again("timeout")
    if "Connection" in name:
        return _Again("connection")
    return _Again("unreadable")


class OpenAIChat(Chat):
    """Whatever speaks OpenAI's chat completions.

    Not every service knows JSON schemas, and not every model takes a temperature: what one refuses as a whole is asked again with less.
    """

    _form = 0

    @cached_property
    def _client(self) -> Any:
        openai = _module("openai")
        key = os.environ.get(self.key_variable) or ("" if self.endpoint else os.environ.get("OPENAI_API_KEY", ""))
        return openai.OpenAI(api_key=key or "none", base_url=self.endpoint or None, timeout=self.timeout_s, max_retries=0)

    def _send(
        self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] | None, parameters: dict[str, Any]
    ) -> Reply:
        asked: dict[str, Any] = {"model": self.model, "messages": list(messages), **parameters}
        form = self._form
        if self.steady and form < _BARE:
            asked.setdefault("temperature", 0)
        if schema is not None and form == 0:
            named = {"name": "judgement", "schema": dict(schema), "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
        if form == _BARE:
            asked["max_completion_tokens"] = asked.pop("max_tokens")
        try:
            return _timed(lambda: self._client.chat.completions.create(**asked), _of_openai)
        except ConfigError:
            raise
        except Exception as error:
            if getattr(error, "status_code", None) in _REFUSED and form < _BARE:
                # another thread may have found out already
                self._form = max(self._form, form + 1)
                raise _Again("refused as it was asked") from None
            raise _why(error) from None


class AnthropicChat(Chat):
    """Anthropic's messages."""

    @cached_property
    def _client(self) -> Any:
        anthropic = _module("anthropic")
        key = os.environ.get(self.key_variable) or ("" if self.endpoint else os.environ.get("ANTHROPIC_API_KEY", ""))
        return anthropic.Anthropic(api_key=key or "none", base_url=self.endpoint or None, timeout=self.timeout_s, max_retries=0)

    def _send(
        self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] | None, parameters: dict[str, Any]
    ) -> Reply:
        system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
        asked: dict[str, Any] = {"model": self.model, "messages": [m for m in messages if m["role"] != "system"], **parameters}
        if system:
            asked["system"] = system
        try:
            return _timed(lambda: self._client.messages.create(**asked), _of_anthropic)
        except ConfigError:
            raise
        except Exception as error:
            raise _why(error) from None


def _timed(send: Callable[[], Any], read: Callable[[Any, float], Reply]) -> Reply:
    start = monotonic()
    answer = send()
    return read(answer, monotonic() - start)


def _of_openai(answer: Any, seconds: float) -> Reply:
    choice = answer.choices[0]
    usage = answer.usage
    return Reply(
        choice.message.content or "",
        choice.finish_reason,
        _tokens(usage, "prompt_tokens"),
        _tokens(usage, "completion_tokens"),
        answer.model,
        seconds,
    )


def _of_anthropic(answer: Any, seconds: float) -> Reply:
    text = "".join(part.text for part in answer.content if part.type == "text")
    tokens_in, tokens_out = _tokens(answer.usage, "input_tokens"), _tokens(answer.usage, "output_tokens")
    return Reply(text, answer.stop_reason, tokens_in, tokens_out, answer.model, seconds)


def _tokens(usage: Any, name: str) -> int | None:
    number = getattr(usage, name, None)
    return number if isinstance(number, int) and number >= 0 else None


PROVIDERS: dict[str, type[Chat]] = {"openai": OpenAIChat, "anthropic": AnthropicChat}
