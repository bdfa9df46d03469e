"""Incidents planted in the demo store, with the truth that tests and benchmarks compare with.

What an incident does to the traffic is a set of changes, each a key that `demo_traffic` asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Scenario = Literal["demo", "twelve", "steps", "quiet"]
DAYS: dict[str, int] = {"demo": 42, "twelve": 90, "steps": 60, "quiet": 42}


@dataclass(frozen=True)
class Planted:
    """One incident as it should be reported: the metric that moves, in which segment, from which day to which (inclusive).

    also: other metrics that move for the same reason, so reporting them is right.
    """

    name: str
    metric: str
    dimension: str
    value: str
    first_day: date
    last_day: date
    cause: str
    also: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Incident:
    """What is changed (`changes`: key to amount) for the traces whose columns equal `scope`, from `start` for `days` days.

    start counts from the end: 0 is the last day of the demo.
    """

    name: str
    cause: str
    metric: str
    scope: dict[str, str]
    start: int
    days: int
    changes: dict[str, float | str]
    also: tuple[str, ...] = ()
    description: str = ""
    segment: tuple[str, str] | None = field(default=None)

    def first_day(self, until: date) -> date:
        return until - timedelta(days=self.start)

    def last_day(self, until: date) -> date:
        return min(until, self.first_day(until) + timedelta(days=self.days - 1))

    def planted(self, until: date) -> Planted:
        dimension, value = self.segment or next(iter(self.scope.items()), ("all", ""))
        return Planted(
            name=self.name,
            metric=self.metric,
            dimension=dimension,
            value=value,
            first_day=self.first_day(until),
            last_day=self.last_day(until),
            cause=self.cause,
            also=self.also,
            description=self.description,
        )


_LENGTH = (
    "output_characters",
    "output_words",
    "output_tokens",
    "latency_s",
    "cost_usd",
    "session_cost_usd",
    "user_cost_usd",
    "total_cost_usd",
    "output_embedding",
    "output_topic",
)
_ANSWER = (
    *_LENGTH,
    "opening",
    "sentiment",
    "answer_relevance",
    "answer_question_cosine",
    "answer_document_cosine",
    "tokens_per_second",
    "groundedness",
    "input_language",
)
_REFUSED = (*_ANSWER, "refusal_partial", "finish_reason", "task_completed", "session_abandoned", "correction")
_SCORES = ("score.user_feedback", "score.helpfulness", "score_label.resolution", "task_completed", "session_abandoned")

SILENT_UPDATE = Incident(
    "silent model update",
    "silent_model_update",
    "refusal",
    {"name": "billing-chat", "model": "gpt-4o-mini"},
    start=4,
    days=5,
    changes={"refusal": 3.0},
    also=(*_REFUSED, *_SCORES),
    segment=("name", "billing-chat"),
    description="gpt-4o-mini refuses three times as often in billing-chat; nothing was deployed",
)
STALE_INDEX = Incident(
    "stale index",
    "stale_index",
    "index_age_hours",
    {"name": "product-qa"},
    start=17,
    days=5,
    changes={"index_stopped": 1.0, "retrieval_score": -0.04},
    also=("document_age_days", "stale_documents", "retrieval_top_score", "retrieval_mean_score", *_SCORES),
    description="the nightly build of the product-qa index does not run, so its documents get older by a day each day",
)
PROMPT_CHANGE = Incident(
    "prompt change",
    "prompt_change",
    "output_characters",
    {"name": "account-actions"},
    start=9,
    days=10,
    changes={"length": 1.5, "prompt_version": "5", "prompt_tokens": 260.0},
    also=(*_ANSWER, "input_tokens", "prompt", "latency_s", "refusal", "refusal_partial", "repetition", "ttft_s"),
    description="account-actions moves to prompt version 5, whose answers are longer and cost more",
)


def _in_twelve(position: int) -> int:
    """Start of the incident at `position` (0–11): the first after 30 quiet days, then one every five days."""
    return DAYS["twelve"] - 1 - (30 + 5 * position)


_TWELVE = (
    Incident(
        name="silent model update",
        cause="silent_model_update",
        metric="refusal",
        scope={"name": "billing-chat", "model": "gpt-4o-mini"},
        start=_in_twelve(0),
        days=3,
        changes={"refusal": 3.0},
        also=(*_REFUSED, *_SCORES),
        description=SILENT_UPDATE.description,
        segment=("name", "billing-chat"),
    ),
    Incident(
        name="model change",
        cause="model_change",
        metric="output_characters",
        scope={"name": "product-qa", "model": "gpt-4o-mini"},
        start=_in_twelve(1),
        days=3,
        changes={"model": "gpt-4.1-mini", "length": 1.4, "new_openings": 0.5},
        also=(*_ANSWER, "model", "input_tokens", "ttft_s", "refusal", "refusal_partial", *_SCORES),
        description="product-qa moves from gpt-4o-mini to gpt-4.1-mini, which answers at greater length",
        segment=("name", "product-qa"),
    ),
    Incident(
        name="prompt change",
        cause="prompt_change",
        metric="output_characters",
        scope={"name": "billing-chat"},
        start=_in_twelve(2),
        days=3,
        changes={"length": 0.6, "prompt_version": "8", "prompt_tokens": -30.0},
        also=(*_ANSWER, "input_tokens", "prompt", "refusal", "refusal_partial", *_SCORES),
        description="billing-chat moves to prompt version 8, which asks for short answers",
    ),
    Incident(
        name="other audience",
        cause="audience",
        metric="input_embedding",
        scope={"name": "billing-chat"},
        start=_in_twelve(3),
        days=3,
        changes={"students": 0.25},
        also=(
            "input_topic",
            "output_embedding",
            "output_topic",
            "input_characters",
            "input_tokens",
            "input_language",
            "output_language",
            *_ANSWER,
        ),
        description="a campaign brings students, who ask about education licences in a quarter of the billing chats",
    ),
    Incident(
        name="stale index",
        cause="stale_index",
        metric="index_age_hours",
        scope={"name": "product-qa"},
        start=_in_twelve(4),
        days=3,
        changes=STALE_INDEX.changes,
        also=STALE_INDEX.also,
        description=STALE_INDEX.description,
    ),
    Incident(
        name="broken index",
        cause="broken_index",
        metric="nothing_found",
        scope={"name": "product-qa"},
        start=_in_twelve(5),
        days=3,
        changes={"nothing_found": 0.35},
        also=(
            "documents",
            "retrieval_top_score",
            "retrieval_mean_score",
            "context_relevance",
            "question_document_cosine",
            "input_tokens",
            "refusal",
            "document_age_days",
            "stale_documents",
            *_ANSWER,
            *_SCORES,
        ),
        description="a third of the product-qa requests find no document",
    ),
    Incident(
        name="provider incident",
        cause="provider_incident",
        metric="error",
        scope={"model": "gpt-4o"},
        start=_in_twelve(6),
        days=1,
        changes={"error": 0.12, "latency": 2.2, "retry": 0.25},
        also=(
            "error_type",
            "latency_s",
            "ttft_s",
            "tokens_per_second",
            "retried",
            "fallback",
            "finish_reason",
            "empty",
            "model",
            "task_completed",
            "output_language",
            "opening",
            "session_abandoned",
            "output_tokens",
            "output_characters",
            *_SCORES,
        ),
        description="gpt-4o answers slowly and fails for one day",
    ),
    Incident(
        name="price change",
        cause="price",
        metric="cost_usd",
        scope={"model": "gpt-4o"},
        start=_in_twelve(7),
        days=3,
        changes={"price": 1.4},
        also=("session_cost_usd", "user_cost_usd", "total_cost_usd"),
        description="gpt-4o costs 40 % more a token",
    ),
    Incident(
        name="tool failure",
        cause="tool_failure",
        metric="tool_failure",
        scope={"name": "account-actions"},
        start=_in_twelve(8),
        days=3,
        changes={"tool_error": 0.18},
        also=("tool_loop", "tool_calls", "steps", "latency_s", "refusal", "refusal_partial", *_ANSWER, *_SCORES),
        description="the account service fails on a fifth of the tool calls",
    ),
    Incident(
        name="personal data",
        cause="release",
        metric="pii",
        scope={"name": "billing-chat"},
        start=_in_twelve(9),
        days=3,
        changes={"leak": 0.06, "release": "2026.11"},
        also=("pii.email", "pii.phone", "pii.credit_card", "pii.iban", "release", *_ANSWER),
        description="release 2026.11 forgets to redact: answers in billing-chat contain other customers' data",
    ),
    Incident(
        name="wrong language",
        cause="silent_model_update",
        metric="output_language",
        scope={"name": "product-qa", "model": "gpt-4o"},
        start=_in_twelve(10),
        days=3,
        changes={"german": 0.2},
        also=(*_ANSWER, "refusal", *_SCORES),
        description="gpt-4o answers a fifth of the questions to product-qa in German",
        segment=("name", "product-qa"),
    ),
    Incident(
        name="feedback drop",
        cause="unclear",
        metric="score.user_feedback",
        scope={"name": "account-actions"},
        start=_in_twelve(11),
        days=3,
        changes={"feedback": -0.35},
        also=("score_label.resolution", "score.helpfulness", "task_completed", "session_abandoned"),
        description="users like the answers of account-actions less, and nothing else moved",
    ),
)


def _inside(position: int) -> int:
    """Start of the incident at `position` (0–4) of the scenario `steps`: the first after 30 quiet days, then one every six days."""
    return DAYS["steps"] - 1 - (30 + 6 * position)


# what only the steps inside a request show
_STEPS = (
    Incident(
        name="slow search",
        cause="slower_step",
        metric="latency_s",
        scope={"name": "product-qa"},
        start=_inside(0),
        days=3,
        changes={"search_s": 0.6},
        also=("seconds.retrieval", "tokens_per_second"),
        description="the search of product-qa takes 600 ms longer",
    ),
    Incident(
        name="one tool of five",
        cause="tool_failure",
        metric="tool_failure.read_invoices",
        scope={"name": "account-actions"},
        start=_inside(1),
        days=3,
        changes={"broken_tool": "read_invoices"},
        also=("tool_failure", "tool_loop", "tool_calls", "steps", "latency_s", "refusal", "refusal_partial", "step_path",
              "seconds.tool", "tool_s.read_invoices", "seconds.model", *_ANSWER, *_SCORES),
        description="read_invoices gives an error object back, with the status ok, in 60 % of its runs",
    ),
    Incident(
        name="planner exchanged",
        cause="model_change",
        metric="step_model",
        scope={"name": "account-actions"},
        start=_inside(2),
        days=3,
        changes={"planner": "gpt-4o"},
        description="the planner of account-actions is gpt-4o in place of gpt-4.1-mini",
    ),
    Incident(
        name="prompt cache lost",
        cause="cache_lost",
        metric="cache_hit",
        scope={},
        start=_inside(3),
        days=3,
        changes={"cached": 0.0},
        description="nothing of the prompts is read from the provider's cache any more",
    ),
    Incident(
        name="tools turned",
        cause="unclear",
        metric="rare_order",
        scope={"name": "account-actions"},
        start=_inside(4),
        days=3,
        changes={"turned_tools": 0.05},
        also=("step_path",),
        description="in 5 % of the runs of account-actions the account is looked up after it was changed",
    ),
)  # fmt: skip
INCIDENTS: dict[str, tuple[Incident, ...]] = {
    "demo": (STALE_INDEX, PROMPT_CHANGE, SILENT_UPDATE),
    "twelve": _TWELVE,
    "steps": _STEPS,
    "quiet": (),
}


def planted(scenario: Scenario, until: date) -> list[Planted]:
    """The truth of a scenario whose last day is `until`, in order of the first day."""
    return sorted((incident.planted(until) for incident in INCIDENTS[scenario]), key=lambda item: item.first_day)


def active(scenario: Scenario, until: date, day: date) -> list[Incident]:
    """The incidents that are under way on `day`."""
    return [item for item in INCIDENTS[scenario] if item.first_day(until) <= day <= item.last_day(until)]
