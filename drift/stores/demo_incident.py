"""One incident of the demo store: what it does to the traffic, and as what it should be reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Scenario = Literal["demo", "twelve", "steps", "quiet"]
DAYS: dict[str, int] = {"demo": 42, "twelve": 90, "steps": 90, "quiet": 42}


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


LENGTH = (
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
ANSWER = (
    *LENGTH,
    "opening",
    "sentiment",
    "answer_relevance",
    "answer_question_cosine",
    "answer_document_cosine",
    "tokens_per_second",
    "groundedness",
    "input_language",
)
REFUSED = (*ANSWER, "refusal_partial", "finish_reason", "task_completed", "session_abandoned", "correction")
SCORES = ("score.user_feedback", "score.helpfulness", "score_label.resolution", "task_completed", "session_abandoned")
