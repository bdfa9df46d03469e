"""Incidents planted in the demo store, with the truth that tests and benchmarks compare with.

What an incident does to the traffic is a set of changes, each a key that `demo_traffic` asks for.
"""

from __future__ import annotations

from datetime import date

from drift.stores.demo_incident import ANSWER, DAYS, REFUSED, SCORES, Incident, Planted, Scenario
from drift.stores.demo_inside import HABITS, INSIDE

SILENT_UPDATE = Incident(
    "silent model update",
    "silent_model_update",
    "refusal",
    {"name": "billing-chat", "model": "gpt-4o-mini"},
    start=4,
    days=5,
    changes={"refusal": 3.0},
    also=(*REFUSED, *SCORES),
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
    also=("document_age_days", "stale_documents", "retrieval_top_score", "retrieval_mean_score", *SCORES),
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
    also=(*ANSWER, "input_tokens", "prompt", "latency_s", "refusal", "refusal_partial", "repetition", "ttft_s"),
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
        also=(*REFUSED, *SCORES),
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
        also=(*ANSWER, "model", "input_tokens", "ttft_s", "refusal", "refusal_partial", *SCORES),
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
        also=(*ANSWER, "input_tokens", "prompt", "refusal", "refusal_partial", *SCORES),
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
            *ANSWER,
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
            "context_characters",
            "found.search_help_centre",
            "found_nothing.search_help_centre",
            "retrieval_top_score",
            "retrieval_mean_score",
            "context_relevance",
            "question_document_cosine",
            "input_tokens",
            "refusal",
            "document_age_days",
            "stale_documents",
            *ANSWER,
            *SCORES,
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
            "call_failure.answer",
            "call_retry.answer",
            "first_attempt",
            *SCORES,
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
        also=("session_cost_usd", "user_cost_usd", "total_cost_usd", "call_usd.answer", "call_usd.plan"),
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
        also=("first_attempt", "tool_loop", "tool_calls", "steps", "latency_s", "refusal", "refusal_partial", *ANSWER, *SCORES),
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
        also=("pii.email", "pii.phone", "pii.credit_card", "pii.iban", "release", *ANSWER),
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
        also=(*ANSWER, "refusal", *SCORES),
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


INCIDENTS: dict[str, tuple[Incident, ...]] = {
    "demo": (STALE_INDEX, PROMPT_CHANGE, SILENT_UPDATE),
    "twelve": _TWELVE,
    "steps": INSIDE,
    "quiet": (),
}


def planted(scenario: Scenario, until: date) -> list[Planted]:
    """The truth of a scenario whose last day is `until`, in order of the first day."""
    return sorted((incident.planted(until) for incident in INCIDENTS[scenario]), key=lambda item: item.first_day)


def active(scenario: Scenario, until: date, day: date) -> list[Incident]:
    """What the scenario does on every day, and the incidents that are under way on `day`."""
    under_way = [item for item in INCIDENTS[scenario] if item.first_day(until) <= day <= item.last_day(until)]
    return [*(HABITS if scenario == "steps" else ()), *under_way]
