"""Who is asked: a chat model, a command, an HTTP route, or a function of yours. Each takes a question and gives an answer."""

from __future__ import annotations

import importlib
import json
import math
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from drift.config.sections import GoldenSection
from drift.errors import ConfigError
from drift.judge.chat import PROVIDERS, Unanswered, installed, prices_of
from drift.judge.spending import Budget
from drift.text import addresses

addresses.keep_out_of_logs()


@dataclass(frozen=True)
class Answer:
    """What came back; tokens and dollars where the target says them."""

    text: str
    latency_s: float
    model: str | None = None
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


Target = Callable[[str], Answer]


def target(section: GoldenSection, budget: Budget) -> Target:
    """What `golden.<set>.target` names: `endpoint`, `command …`, a URL, or `module:function`. Raises ConfigError.

    A target raises Unanswered where there is no answer, and Exhausted where the budget does not reach.
    """
    kind, _, rest = section.target.partition(" ")
    if section.target == "endpoint":
        return _endpoint(section, budget)
    if kind == "command" and rest.strip():
        return _counted(_command(shlex.split(rest), section.timeout_s), budget)
    if urlsplit(section.target).scheme in ("http", "https"):
        return _counted(_route(section.target, section.timeout_s), budget)
    module, colon, function = section.target.partition(":")
    if colon and module and function.isidentifier():
        return _counted(_function(module, function), budget)
    raise ConfigError(f"golden target {section.target!r:.80}: write endpoint, command PROGRAM …, a URL, or module:function")


def _endpoint(section: GoldenSection, budget: Budget) -> Target:
    if not section.model:
        raise ConfigError("golden target endpoint: it needs a model; set golden.<set>.model")
    installed(section.provider)
    chat = PROVIDERS[section.provider](
        section.provider,
        section.model,
        section.endpoint,
        prices_of(section),
        budget,
        section.timeout_s,
        most_tokens=section.max_tokens,
        key_variable="DRIFT_GOLDEN_KEY",
        steady=False,
    )
    before = [{"role": "system", "content": section.system}] if section.system else []

    def ask(question: str) -> Answer:
        reply = chat.ask([*before, {"role": "user", "content": question}], **section.parameters)
        cost = chat.prices.of_reply(reply)
        return Answer(
            reply.text, reply.latency_s, reply.model, reply.finish_reason, reply.input_tokens, reply.output_tokens, cost
        )

    return ask


def _counted(ask: Target, budget: Budget) -> Target:
    """What drift does not pay for is counted all the same. Dollars are known where the target says them, and then only afterwards: after the
    first call, which is made alone, each is taken to cost as much as the dearest so far."""
    dearest, first, begun = 0.0, Lock(), False

    def counted(question: str) -> Answer:
        nonlocal dearest
        reserved = dearest
        budget.reserve(reserved)
        answer = ask(question)
        if answer.cost_usd is not None:
            dearest = max(dearest, answer.cost_usd)
            budget.settle(reserved, answer.cost_usd)
        return answer

    def asked(question: str) -> Answer:
        nonlocal begun
        if not begun:
            with first:
                if not begun:
                    try:
                        return counted(question)
                    finally:
                        begun = True
        return counted(question)

    return asked


def _command(words: list[str], timeout_s: float) -> Target:
    """The question on standard input, the answer on standard output."""

    def ask(question: str) -> Answer:
        start = monotonic()
        try:
            done = subprocess.run(words, input=question, capture_output=True, text=True, timeout=timeout_s, encoding="utf-8")
        except subprocess.TimeoutExpired:
            raise Unanswered("timeout") from None
        except OSError as error:
            raise ConfigError(f"golden target command {words[0]!r:.80}: {error.strerror}") from None
        if done.returncode:
            raise Unanswered(f"exit code {done.returncode}")
        return Answer(done.stdout.rstrip("\n"), monotonic() - start)

    return ask


def _route(url: str, timeout_s: float) -> Target:
    """POST {"input": question}; the answer is the field `output` of the JSON that comes back, or a text as it is."""
    client = httpx.Client(timeout=timeout_s)
    key = os.environ.get("DRIFT_GOLDEN_KEY", "")

    def ask(question: str) -> Answer:
        start = monotonic()
        try:
            given = client.post(url, json={"input": question}, headers={"Authorization": f"Bearer {key}"} if key else {})
        except httpx.TimeoutException:
            raise Unanswered("timeout") from None
        except httpx.HTTPError:
            raise Unanswered("connection") from None
        if given.status_code != 200:
            raise Unanswered(str(given.status_code))
        seconds = monotonic() - start
        if "json" not in given.headers.get("content-type", ""):
            return Answer(given.text, seconds)
        try:
            return _of_mapping(given.json(), seconds)
        except (ValueError, KeyError, TypeError):
            raise Unanswered("unreadable") from None

    return ask


def _function(module: str, name: str) -> Target:
    """A function of a question that gives the answer, or a mapping with `output` and whatever of the trace's fields it knows."""
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise ConfigError(f"golden target {module}:{name}: could not be imported: {type(error).__name__}: {error}") from None

    def ask(question: str) -> Answer:
        start = monotonic()
        try:
            given = function(question)
            seconds = monotonic() - start
            return Answer(given, seconds) if isinstance(given, str) else _of_mapping(given, seconds)
        except Exception as error:  # the author's mistake on one question is that question's
            raise Unanswered(type(error).__name__) from None

    return ask


def _of_mapping(given: Any, seconds: float) -> Answer:
    """An answer from a mapping; a number that is none is unknown. Raises KeyError, TypeError where there is no output."""
    output = given["output"]
    if output is None:
        raise TypeError
    return Answer(
        output if isinstance(output, str) else json.dumps(output),
        _number(given.get("latency_s")) or seconds,
        _word(given.get("model")),
        _word(given.get("finish_reason")),
        _count(given.get("input_tokens")),
        _count(given.get("output_tokens")),
        _number(given.get("cost_usd")),
    )


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return float(value) if known else None
