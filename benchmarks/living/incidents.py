"""What can go wrong, planted one at a time on top of a living application: its true place, metrics, cause and start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from living.draw import Day
from living.exchanges import ENDPOINTS, FORMS

# the first changed day: 44 nights after the history, with living days before it and after it
START = 72
NIGHTS = 3

Place = tuple[tuple[str, str], ...]
EVERYWHERE: Place = (("all", ""),)


@dataclass(frozen=True)
class Planted:
    """One fault. place: the segments that are a right answer, a value that ends in * standing for all that begin so. own:
    metrics that it moves itself. causes: right answers beside `unclear`. plant: changes a day in place; gets the day, a
    generator and the nights since the start."""

    name: str
    own: frozenset[str]
    causes: frozenset[str]
    place: Place
    plant: Callable[[Day, np.random.Generator, int], None]
    note: str = ""


def _endpoint(name: str) -> Place:
    return (("name", name), ("prompt", f"{name}@*"))


def _within(day: Day, *names: str) -> np.ndarray:
    return np.isin(day.endpoint, [ENDPOINTS.index(name) for name in names])


def _form(day: Day, name: str, where: np.ndarray) -> None:
    day.form[where & (day.form == 0)] = FORMS.index(name)


def _share(day: Day, rng: np.random.Generator, share: float, *names: str) -> np.ndarray:
    chosen = rng.random(len(day)) < share
    return chosen & _within(day, *names) if names else chosen


def _failing_tool(day, rng, age):
    agent = day.endpoint == 3
    day.failed_calls = np.where(agent, np.maximum(day.failed_calls, rng.binomial(day.calls, 0.35) > 0), day.failed_calls)


def _slow_some(day, rng, age):
    some = rng.random(len(day)) < 0.06
    day.speed = np.where(some, day.speed / rng.uniform(2, 3, len(day)), day.speed)


def _cut(day, rng, age):
    _form(day, "cut", _within(day, "assistant", "search"))


def _broken_json(day, rng, age):
    _form(day, "broken", _share(day, rng, 0.04, "extract"))


def _dearer(day, rng, age):
    day.price = np.where(day.model < 2, day.price * 1.15, day.price)


def _long_prompt(day, rng, age):
    search = _within(day, "search")
    day.system = np.where(search, day.system * 4, day.system)
    day.prompt = np.where(search, 99, day.prompt)


def _empty(day, rng, age):
    _form(day, "empty", _share(day, rng, 0.01))


def _other_index(day, rng, age):
    search = _within(day, "search")
    day.score = np.where(search, day.score - 0.12, day.score)
    _form(day, "misretrieved", search & (rng.random(len(day)) < 0.5))


def _refusals(day, rng, age):
    _form(day, "refused", _share(day, rng, 0.015, "assistant"))


def _more_refusals(day, rng, age):
    _form(day, "refused", _share(day, rng, 0.05))


def _switched_language(day, rng, age):
    _form(day, "english", (day.language > 0) & (rng.random(len(day)) < 0.3))


def _thumbs(day, rng, age):
    turned = (day.thumbs == 1) & (rng.random(len(day)) < 0.045)
    day.thumbs = np.where(turned, 0.0, day.thumbs)


def _no_tokens(day, rng, age):
    day.unreported = np.ones(len(day), bool)


def _not_refreshed(day, rng, age):
    # the index job stands still: knowledge ages from the week before on, a day a day
    day.index_built = day.index_built - 86_400 * (7 + age)
    day.age = day.age + 7 + age


def _restyled(day, rng, age):
    _form(day, "restyled", (day.model < 2) & ~_within(day, "extract"))


def _failing(day, rng, age):
    hit = (rng.random(len(day)) < 0.025) & (day.error == None)  # noqa: E711
    day.error = np.where(hit, "5xx", day.error)


def _timeouts(day, rng, age):
    hit = _share(day, rng, 0.05, "summarise") & (day.error == None)  # noqa: E711
    day.error = np.where(hit, "timeout", day.error)


def _personal(day, rng, age):
    _form(day, "personal", _share(day, rng, 0.012))


def _injections(day, rng, age):
    _form(day, "injected", _share(day, rng, 0.02))


def _loops(day, rng, age):
    _form(day, "loop", _share(day, rng, 0.01))


def _nothing_found(day, rng, age):
    day.documents = np.where(_share(day, rng, 0.08, "search"), 0, day.documents)


def _slow_release(day, rng, age):
    day.first = day.first * 1.45
    day.release = np.where(rng.random(len(day)) < 2, 99, day.release)


def _flood(day, rng, age):
    # one key in a loop: a sixth of the traffic is its own
    hit = rng.random(len(day)) < 0.17
    day.user = np.where(hit, 189_999, day.user)
    day.session = np.where(hit, day.number * 1_000_000 + 999_999, day.session)
    day.topic = np.where(hit, 4, day.topic)
    day.item = np.where(hit, 3, day.item)


def _leaks(day, rng, age):
    _form(day, "leaked", _share(day, rng, 0.012))


def _retries(day, rng, age):
    day.retries = np.maximum(day.retries, (rng.random(len(day)) < 0.035).astype(int))


def _fallbacks(day, rng, age):
    hit = (rng.random(len(day)) < 0.04) & (day.model < 2)
    day.fallback = day.fallback | hit
    day.model = np.where(hit, 2, day.model)


def _agent_loops(day, rng, age):
    hit = _share(day, rng, 0.12, "agent")
    day.loops = np.where(hit, 1, day.loops)
    day.steps = np.where(hit, day.steps + 4, day.steps)
    day.calls = np.where(hit, day.calls + 3, day.calls)
    day.prompt = np.where(_within(day, "agent"), 99, day.prompt)


def _shorter(day, rng, age):
    _form(day, "short", _within(day, "draft", "assistant"))
    day.prompt = np.where(_within(day, "assistant"), 99, day.prompt)


def _slow_provider(day, rng, age):
    day.first = np.where(day.model < 2, day.first * 1.6, day.first)


def _judged_worse(day, rng, age):
    day.judged = np.clip(day.judged - 0.35, 1, 5)


def _fewer_documents(day, rng, age):
    day.documents = np.where(_within(day, "search") & (day.documents > 2), day.documents - 2, day.documents)


_COST = {"cost_usd", "session_cost_usd", "user_cost_usd", "total_cost_usd"}
_LENGTH = {"output_characters", "output_tokens", "output_words", "latency_s", *_COST}
_ANSWER = {"output_embedding", "output_topic", "answer_relevance", "answer_question_cosine", "groundedness", "answer_document_cosine",
           "opening", "sentiment", "toxicity", "refusal_partial"}  # fmt: skip


def _planted(name: str, own: set[str], causes: str, place: Place, plant: Callable) -> Planted:
    return Planted(name, frozenset(own), frozenset(causes.split()), place, plant)


_LARGE: Place = (("model", "atlas-large"), ("model", "atlas-large-2"), *EVERYWHERE)
PLANTED = (
    _planted("a tool fails in 35 % of its calls", {"tool_failure"}, "tool_failure", _endpoint("agent"), _failing_tool),
    _planted("6 % of answers two to three times as slow", {"latency_s", "tokens_per_second"}, "provider_incident", EVERYWHERE, _slow_some),
    _planted("answers cut at 420 characters", {*_LENGTH, *_ANSWER, "truncated", "finish_reason"}, "silent_model_update",
             (*_endpoint("assistant"), *_endpoint("search"), *_LARGE), _cut),
    _planted("4 % broken JSON", {"json_valid"}, "silent_model_update", _endpoint("extract"), _broken_json),
    _planted("large models 15 % dearer", _COST, "price", _LARGE, _dearer),
    _planted("a prompt four times as long", {"input_tokens", "ttft_s", *_COST}, "prompt_change", _endpoint("search"), _long_prompt),
    _planted("1 % of the answers empty", {"empty", *_ANSWER, "session_abandoned"}, "silent_model_update provider_incident", EVERYWHERE, _empty),
    _planted("index embedded with another model", {"retrieval_top_score", "retrieval_mean_score", "context_relevance",
             "question_document_cosine", *_ANSWER}, "broken_index", (*_endpoint("search"), *EVERYWHERE), _other_index),
    _planted("refusals +1.5 points in one endpoint", {"refusal", "session_abandoned", *_ANSWER}, "silent_model_update", _endpoint("assistant"), _refusals),
    _planted("refusals +5 points", {"refusal", "session_abandoned", *_ANSWER}, "silent_model_update", EVERYWHERE, _more_refusals),
    _planted("a third of foreign questions answered in English", {"output_language", *_ANSWER}, "silent_model_update", EVERYWHERE, _switched_language),
    _planted("thumbs down 8 → 12 %", {"score.thumbs"}, "", EVERYWHERE, _thumbs),
    _planted("tokens and cost no longer sent", {"input_tokens", "output_tokens", "tokens_per_second", *_COST}, "", EVERYWHERE, _no_tokens),
    _planted("documents no longer refreshed", {"document_age_days", "index_age_hours", "stale_documents"}, "stale_index",
             (*_endpoint("search"), *EVERYWHERE), _not_refreshed),
    _planted("a model restyled", {*_LENGTH, *_ANSWER}, "silent_model_update", _LARGE, _restyled),
    _planted("2.5 % of requests end in 5xx", {"error", "error_type", "session_abandoned"}, "provider_incident", EVERYWHERE, _failing),
    _planted("5 % time-outs in one endpoint", {"error", "error_type", "latency_s", "session_abandoned"}, "provider_incident",
             (*_endpoint("summarise"), ("model", "atlas-mini")), _timeouts),
    _planted("personal data in 1.2 % of answers", {"pii", "pii.email_address", "pii.phone_number"}, "silent_model_update", EVERYWHERE, _personal),
    _planted("prompt injections in 2 % of inputs", {"injection", "refusal", "session_abandoned"}, "audience", EVERYWHERE, _injections),
    _planted("repetition loops in 1 % of answers", {"repetition", *_LENGTH}, "silent_model_update", EVERYWHERE, _loops),
    _planted("retrieval finds nothing in 8 %", {"nothing_found", "documents"}, "broken_index", (*_endpoint("search"), *EVERYWHERE), _nothing_found),
    _planted("a release makes first tokens 45 % later", {"ttft_s", "latency_s"}, "release", (("release", "*"), *EVERYWHERE), _slow_release),
    _planted("one key in a loop, a sixth of the traffic", {"top_user_share", "user_requests", "user_cost_usd", "session_cost_usd", "input_topic",
             "input_embedding", "output_embedding", "output_topic", "repeated_question", "session_abandoned"}, "audience", EVERYWHERE, _flood),
    _planted("the system prompt leaks in 1.2 % of answers", {"prompt_leak"}, "silent_model_update", EVERYWHERE, _leaks),
    _planted("retries 1 → 4 %", {"retried"}, "provider_incident", EVERYWHERE, _retries),
    _planted("4 % fall back to the small model", {"fallback"}, "provider_incident", (("model", "*"), *EVERYWHERE), _fallbacks),
    _planted("an agent's new prompt loops", {"tool_loop", "steps", "tool_calls", "input_tokens", *_LENGTH}, "prompt_change", _endpoint("agent"), _agent_loops),
    _planted("a new prompt answers 30 % shorter", {*_LENGTH, *_ANSWER}, "prompt_change", (*_endpoint("assistant"), *_LARGE), _shorter),
    _planted("first tokens 60 % later from one provider", {"ttft_s", "latency_s"}, "provider_incident", _LARGE, _slow_provider),
    _planted("judged 0.35 lower", {"score.judge"}, "", EVERYWHERE, _judged_worse),
    _planted("two documents fewer", {"documents", "groundedness", "input_tokens", *_ANSWER, *_COST}, "broken_index", (*_endpoint("search"), *EVERYWHERE),
             _fewer_documents),
)  # fmt: skip


def right_place(place: Place, dimension: str, value: str) -> bool:
    return any(d == dimension and (v == value or v.endswith("*") and value.startswith(v[:-1])) for d, v in place)
