"""What the rules of causes look at, an incident's place and time and the names that are evidence, and what they answer.

What is not recorded is evidence for nothing: no points, no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drift.explain.deployments import Deployment
from drift.findings import Event

INPUT = ("input_embedding", "input_topic", "input_language", "input_characters")
INDEX = ("index_age_hours", "document_age_days", "stale_documents")
RETRIEVAL = ("nothing_found", "documents", "retrieval_top_score", "retrieval_mean_score", "context_relevance")
MEANING = ("input_embedding", "input_topic")
TOKENS = ("input_tokens", "output_tokens")
COST = ("cost_usd", "session_cost_usd", "user_cost_usd", "total_cost_usd")
PROVIDER = ("error", "error_type", "retried", "fallback")
BY_NAME = ("tool_s.", "step_s.")
# the time in the application's own steps; a model's is the provider's
STEP_TIMES = (
    *BY_NAME,
    "seconds.tool",
    "seconds.retrieval",
    "seconds.rerank",
    "seconds.embedding",
    "seconds.guardrail",
    "outside_s",
)
MODEL_TIME = "seconds.model"
STEP_FAILURES = ("failed_step.", "step_failure.")
TOOL_RESULTS = ("tool_empty.", "tool_shape.")
TOOLS = ("tool_failure", "tool_loop", "tool_calls", "steps")
# what has to be recorded to be evidence
EVIDENCE = frozenset({*INPUT, *INDEX, *RETRIEVAL, *TOKENS, *PROVIDER, *TOOLS, MODEL_TIME, "model", "prompt", "release"})


@dataclass(frozen=True)
class Moved:
    """How one metric moved in the incident's place: z, the effect in the metric's own terms, and whether it alarmed."""

    z: float
    effect: float
    alarm: bool


@dataclass(frozen=True)
class Scene:
    """Everything that the rules look at.

    lead: the incident's metric. moved: metrics that moved noticeably in the incident's place, by name. events: what changed
    at that time; `carried[event]`: how much of the change the traces with the new value show, 1 being all of it, None if
    unknown. models: share of the change by model, where there are several. inputs_first: the inputs moved no later.
    given_input: p-value of the answers given their questions, None where the meaning did not move or that is unknown.
    deployments: of events that are deployments, what is known of such deployments here. unrecorded: metrics and mixes of which
    there are no values to have moved. price: how much more the same tokens cost, None where that is unknown. requests: of the incident's
    place that night; None where that is unknown. undated: days between the earliest and the latest on which the change can have begun.
    """

    lead: str
    moved: Mapping[str, Moved]
    events: tuple[Event, ...] = ()
    carried: Mapping[Event, float | None] = field(default_factory=dict)
    models: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inputs_first: bool = True
    given_input: float | None = None
    deployments: Mapping[Event, Deployment] = field(default_factory=dict)
    unrecorded: frozenset[str] = frozenset()
    requests: int | None = None
    price: float | None = None
    undated: int = 0

    def records(self, *names: str) -> bool:
        """Whether any of these is recorded."""
        return not self.unrecorded.issuperset(names)


@dataclass
class Case:
    """Points for one cause, and the sentences behind them."""

    cause: str
    points: float = 0.0
    evidence: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    # the metric that says which step, tool or source it is
    named: str = ""

    def add(self, points: float, sentence: str) -> None:
        self.points += points
        (self.evidence if points > 0 else self.against).append(sentence)
