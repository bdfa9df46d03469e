"""The catalogue: what every metric is called, what it means, on which scale it is compared and which change matters.

A metric is a feature followed over days; its name is the column of the features table. How a feature is measured is in
`drift.features`; how a day of it is stored, in `drift.profiles`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["number", "rate", "label", "vector", "count"]
Side = Literal["input", "output", "retrieval", "freshness", "system", "cost", "quality", "safety", "traffic"]
Scale = Literal["log", "bounded", "signed"]
Worse = Literal["up", "down", "either"]


@dataclass(frozen=True)
class Metric:
    """One metric.

    matters: the smallest change that matters. A number on the log scale and a count: relative (0.05 is 5 %). A bounded or
    signed number: absolute, in `unit`. A rate and the shares of a label: absolute (0.005 is half a percentage point), and
    for rates at least a tenth of the baseline. A vector: cosine distance.
    floor: log scale only; smaller values are compared as `floor`, so that 0 has a logarithm.
    low, high: bounded scale only.
    source: the fields of a trace that it is measured from; of a user's own metric, the module.
    tail: the p95 is followed beside the level.
    weight: its part of the night's budget of false alarms, beside the others' 1: more for what people feel, less for what only
    describes an answer or repeats another metric.
    """

    name: str
    kind: Kind
    side: Side
    unit: str
    doc: str
    worse: Worse = "either"
    matters: float = 0.05
    scale: Scale = "log"
    floor: float = 1.0
    low: float = 0.0
    high: float = 1.0
    tail: bool = False
    source: str = ""
    weight: float = 1.0

    @property
    def relative(self) -> bool:
        """Whether a change is told in parts of where it began, for equal factors are equally far."""
        return self.kind == "count" or self.kind == "number" and self.scale == "log"

    def level(self, on_scale: float) -> float:
        """A level in `unit`, from one on the scale on which it is compared."""
        return math.exp(on_scale) if self.relative else on_scale


def _number(name: str, side: Side, unit: str, doc: str, **rest: Any) -> Metric:
    return Metric(name, "number", side, unit, doc, **rest)


def _share(name: str, side: Side, doc: str, worse: Worse = "up", matters: float = 0.003, **rest: Any) -> Metric:
    return Metric(name, "rate", side, "share", doc, worse=worse, matters=matters, scale="bounded", **rest)


def _label(name: str, side: Side, doc: str, matters: float = 0.01, **rest: Any) -> Metric:
    return Metric(name, "label", side, "share", doc, matters=matters, scale="bounded", **rest)


def _cosine(name: str, side: Side, doc: str) -> Metric:
    return Metric(name, "number", side, "cosine", doc, worse="down", matters=0.01, scale="bounded", low=-1.0)


def _bounded(name: str, side: Side, doc: str, worse: Worse = "down", matters: float = 0.005, **rest: Any) -> Metric:
    return Metric(name, "number", side, "0–1", doc, worse=worse, matters=matters, scale="bounded", **rest)


_CATALOGUE = (
    # input
    _number("input_characters", "input", "characters", "Length of the user's input.", tail=True, matters=0.02),
    _number("input_tokens", "input", "tokens", "Prompt tokens billed for the request.", worse="up", matters=0.02),
    _label("input_language", "input", "Language of the input."),
    Metric("input_embedding", "vector", "input", "cosine", "Meaning of the input as a sentence embedding.", matters=0.001),
    _label("input_topic", "input", "Topic of the input, by the baseline's clusters."),
    _share("injection", "safety", "Inputs that try to override the instructions (prompt injection, jailbreak)."),
    _label(
        "injection_kind",
        "safety",
        "What such an input is after, of those found: override, role, extraction, indirect (in a document), encoded.",
        matters=0.1,
    ),
    _bounded("input_toxicity", "input", "Toxicity of the input, as abuse by users; English only.", worse="up", matters=0.005),
    Metric(
        "input_sentiment",
        "number",
        "input",
        "−1–1",
        "Sentiment of the input, as anger of users; English only.",
        worse="down",
        matters=0.02,
        scale="bounded",
        low=-1.0,
    ),
    _share("correction", "quality", "Inputs that correct the previous answer (“no, I meant …”)."),
    _share("repeated_question", "quality", "Inputs asked again in the same session."),
    # output
    _number("output_characters", "output", "characters", "Length of the answer.", tail=True, matters=0.02),
    _number("output_tokens", "output", "tokens", "Completion tokens of the request.", matters=0.02),
    _number(
        "output_words",
        "output",
        "words",
        "Words of the answer; of Chinese, Japanese and Thai as a word segmenter cuts them.",
        matters=0.02,
    ),
    _share("empty", "output", "Answers with no text."),
    _share("refusal", "output", "Answers that refuse the request, wholly or in part."),
    _share("refusal_partial", "output", "Refusals of a part of the request that help with the rest."),
    _share(
        "declined",
        "output",
        "Answers that do not help without saying no: an opinion withheld, the user dissuaded or sent elsewhere.",
    ),
    _share("disclaimed", "output", "Answers that say what the model is not or has not, and then help.", worse="either"),
    _label("output_language", "output", "Language of the answer."),
    Metric("output_embedding", "vector", "output", "cosine", "Meaning of the answer as a sentence embedding.", matters=0.001),
    _label("output_topic", "output", "Topic of the answer, by the baseline's clusters."),
    _share("json_valid", "output", "Answers that are valid JSON, where JSON is expected.", worse="down"),
    _share("code_fenced", "output", "Answers with code that wrap it in a fence.", worse="either", matters=0.02),
    _label("opening", "output", "How the answer opens.", matters=0.03),
    _share("truncated", "output", "Answers cut off before their end."),
    _share("repetition", "output", "Answers caught in a repetition loop."),
    _bounded("answer_relevance", "quality", "Share of the question's content words that the answer takes up."),
    _bounded("reference_similarity", "quality", "F1 of the words of the answer and of the expected output."),
    _cosine("answer_question_cosine", "quality", "Similarity in meaning of the answer and the question (on the sample)."),
    _cosine(
        "answer_reference_cosine",
        "quality",
        "Similarity in meaning of the answer and the expected output (on a part of the sample).",
    ),
    # retrieval and freshness
    Metric(
        "retrieval_top_score",
        "number",
        "retrieval",
        "score",
        "Score of the best document.",
        worse="down",
        matters=0.005,
        scale="signed",
    ),
    Metric(
        "retrieval_mean_score",
        "number",
        "retrieval",
        "score",
        "Mean score of the documents.",
        worse="down",
        matters=0.005,
        scale="signed",
    ),
    _number("documents", "retrieval", "documents", "Documents retrieved for a request."),
    _share("nothing_found", "retrieval", "Requests whose retrieval found no document."),
    _bounded(
        "context_relevance", "retrieval", "Share of the question's content words that stand in the documents.", matters=0.02
    ),
    _cosine(
        "question_document_cosine",
        "retrieval",
        "Similarity in meaning of the question and the best document (on a part of the sample).",
    ),
    _cosine(
        "answer_document_cosine",
        "retrieval",
        "Similarity in meaning of the answer and the best document (on a part of the sample).",
    ),
    _bounded("groundedness", "retrieval", "Share of the answer's words and word pairs that stand in the documents."),
    _number(
        "document_age_days",
        "freshness",
        "days",
        "Age of the documents when they were used.",
        worse="up",
        floor=0.01,
        matters=0.05,
    ),
    _number("index_age_hours", "freshness", "hours", "Age of the index when it was used.", worse="up", floor=0.1, matters=0.2),
    _share(
        "stale_documents",
        "freshness",
        "Requests half or more of whose documents are older than `freshness.limit_days`.",
        matters=0.01,
    ),
    # system
    _number("latency_s", "system", "s", "Time to the whole answer.", worse="up", floor=0.001, tail=True),
    _number("ttft_s", "system", "s", "Time to the first token.", worse="up", floor=0.001, tail=True),
    _number("tokens_per_second", "system", "tokens/s", "Completion tokens a second after the first.", worse="down", floor=0.1),
    _share("error", "system", "Requests that failed.", matters=0.003),
    _label(
        "error_type",
        "system",
        "Outcome of the request: none, 4xx, rate_limit, 5xx, timeout, content_filter, context_overflow, other.",
        matters=0.003,
    ),
    _share("retried", "system", "Requests that needed a retry."),
    _share("fallback", "system", "Requests answered by a fallback model."),
    _number("model_calls", "system", "calls", "Model calls of a request that answered.", worse="up", weight=0.25),
    _number("tool_calls", "system", "calls", "Tool calls of a request."),
    _share("tool_failure", "system", "Requests with a tool call that failed."),
    _share(
        "call_not_offered",
        "system",
        "Requests in which the model called a tool that it was not offered, of those that called one.",
    ),
    _share(
        "bad_arguments", "system", "Requests with a call whose arguments break the tool's schema, of those that called one."
    ),
    _number("steps", "system", "steps", "Steps of the agent."),
    _share("tool_loop", "system", "Requests that called one tool again with the same arguments."),
    _label("finish_reason", "system", "Why the generation ended.", matters=0.005),
    # inside the trace
    _share("assembly_fault", "input", "Prompts with a placeholder left open, a missing value or base 64 in them.", weight=0.5),
    _number(
        "outside_s", "system", "s", "Time of a request in which none of its steps ran.", worse="up", floor=0.001, weight=0.25
    ),
    _share(
        "unsaid_failure",
        "quality",
        "Requests in which a tool failed for good and the answer does not say that anything went wrong, of those that ran a tool.",
        weight=0.5,
    ),
    _share("rare_order", "system", "Requests with two tools in the rarer of their two orders.", "either", weight=0.25),
    _label("step_path", "system", "Order of a request's steps by their names.", weight=0.25),
    _label(
        "step_model",
        "system",
        "Models that a request used beside the one that answered: planner, embedder, reranker.",
        weight=0.25,
    ),
    _share("other_model", "system", "Requests with a model call that another model served than was asked for.", weight=0.25),
    _bounded("cache_hit", "cost", "Share of the prompt tokens that were read from a cache.", matters=0.02, weight=0.25),
    _bounded(
        "reasoning_share", "output", "Share of the completion tokens that were reasoning.", "either", matters=0.02, weight=0.25
    ),
    # cost
    _number("cost_usd", "cost", "USD", "Cost of a request.", worse="up", floor=1e-7, matters=0.03),
    _number("session_cost_usd", "cost", "USD", "Cost of a session.", worse="up", floor=1e-7),
    _number("user_cost_usd", "cost", "USD", "Cost of a user in a day.", worse="up", floor=1e-7),
    Metric(
        "total_cost_usd",
        "count",
        "cost",
        "USD",
        "Cost of the day; unknown where more than 1 % of the requests that used tokens have no known price.",
        worse="up",
        matters=0.2,
    ),
    Metric(
        "vain_cost_usd",
        "count",
        "cost",
        "USD",
        "Cost of the day for answers that are empty, failed or cut off, for failed attempts and for calls of a loop.",
        worse="up",
        matters=0.3,
        weight=0.25,
    ),
    # quality and safety
    _share("task_completed", "quality", "Requests whose task was completed.", worse="down", matters=0.01),
    _share("session_abandoned", "quality", "Sessions left after an answer that did not help.", matters=0.01),
    _share("pii", "safety", "Answers that contain personal data.", matters=0.002),
    _share("prompt_leak", "safety", "Answers that repeat the system prompt.", matters=0.002),
    _bounded("toxicity", "safety", "Toxicity of the answer; English only.", worse="up", matters=0.005),
    Metric(
        "sentiment",
        "number",
        "output",
        "−1–1",
        "Sentiment of the answer; English only.",
        matters=0.02,
        scale="bounded",
        low=-1.0,
    ),
    _bounded("harmful_similarity", "safety", "Similarity of the answer to known harmful patterns.", worse="up"),
    # traffic
    Metric("volume", "count", "traffic", "traces", "Requests of the day.", matters=0.2),
    Metric("users", "count", "traffic", "users", "Different users of the day.", matters=0.2),
    Metric(
        "top_user_share",
        "count",
        "traffic",
        "share",
        "Share of the requests that the busiest user made.",
        worse="up",
        matters=0.5,
    ),
    Metric(
        "busiest_requests",
        "count",
        "traffic",
        "requests",
        "Requests of the busiest minute.",
        worse="up",
        matters=0.5,
        weight=0.1,
    ),
    Metric(
        "busiest_calls", "count", "traffic", "calls", "Model calls of the busiest minute.", worse="up", matters=0.5, weight=0.1
    ),
    Metric(
        "busiest_tokens", "count", "traffic", "tokens", "Tokens of the busiest minute.", worse="up", matters=0.5, weight=0.1
    ),
    Metric("minute_calls", "count", "traffic", "calls", "Model calls a minute, over the whole day.", matters=0.3, weight=0.1),
    Metric("minute_tokens", "count", "traffic", "tokens", "Tokens a minute, over the whole day.", matters=0.3, weight=0.1),
    _number("user_requests", "traffic", "requests", "Requests of a user in a day.", worse="up", tail=True),
    _label("model", "traffic", "Mix of models.", matters=0.03),
    _label("name", "traffic", "Mix of endpoints.", matters=0.03),
    _label(
        "parameters",
        "traffic",
        "With which parameters the answering model is asked: temperature and its like.",
        matters=0.03,
        weight=0.05,
    ),
    _label("prompt", "traffic", "Mix of prompt versions.", matters=0.03),
    _label("release", "traffic", "Mix of releases.", matters=0.03),
)

# the fields of a trace that each metric is measured from
_SOURCES = {
    "input": "input_characters input_language input_embedding input_topic injection injection_kind input_toxicity input_sentiment correction",
    "input, session_id": "repeated_question",
    "input_tokens": "input_tokens",
    "output": "output_characters output_words empty refusal refusal_partial declined disclaimed output_language output_embedding output_topic "
    "json_valid code_fenced opening repetition pii toxicity sentiment harmful_similarity",
    "output_tokens": "output_tokens",
    "output, input": "answer_relevance answer_question_cosine",
    "output, reference": "reference_similarity answer_reference_cosine",
    "output, documents": "groundedness answer_document_cosine",
    "input, documents": "context_relevance question_document_cosine",
    "output, system_prompt": "prompt_leak",
    "finish_reason": "truncated finish_reason",
    "documents": "retrieval_top_score retrieval_mean_score documents nothing_found",
    "documents, timestamp, metadata": "document_age_days stale_documents",
    "index_built_at, timestamp, `freshness.index`": "index_age_hours",
    "latency_s": "latency_s",
    "ttft_s": "ttft_s",
    "output_tokens, latency_s, ttft_s": "tokens_per_second",
    "error": "error error_type",
    "retries": "retried",
    "fallback": "fallback",
    "n_generations": "model_calls",
    "tool_calls": "tool_calls",
    "tool_errors, tool_calls": "tool_failure",
    "repeated_tool_calls, tool_calls": "tool_loop",
    "calls_not_offered, tool_calls": "call_not_offered",
    "calls_bad_arguments, tool_calls": "bad_arguments",
    "steps": "steps",
    "input, system_prompt": "assembly_fault",
    "trajectory": "other_model cache_hit reasoning_share step_path rare_order",
    "trajectory, model": "step_model",
    "trajectory, latency_s": "outside_s",
    "trajectory, output": "unsaid_failure",
    "cost_usd, trajectory, output, error, finish_reason": "vain_cost_usd",
    "cost_usd, or tokens at the list price": "cost_usd total_cost_usd",
    "cost_usd, session_id": "session_cost_usd",
    "cost_usd, user": "user_cost_usd",
    "scores": "task_completed",
    "session_id, error, output, input, scores": "session_abandoned",
    "timestamp": "volume busiest_requests",
    "timestamp, n_generations": "busiest_calls minute_calls",
    "timestamp, input_tokens, output_tokens": "busiest_tokens minute_tokens",
    "user": "users top_user_share user_requests",
    "model": "model",
    "parameters": "parameters",
    "name": "name",
    "prompt_name, prompt_version, else the hash of system_prompt": "prompt",
    "release": "release",
}
_SOURCE_OF = {name: source for source, names in _SOURCES.items() for name in names.split()}

# mixes of traffic that somebody decides: a change of one is an event, never an alarm
DECISIONS = frozenset({"model", "name", "parameters", "prompt", "release", "step_model"})
# before a score's name: the judge that gave it, with its version
SCORED_BY = "scored_by."
# before a tool's name: the hash of the schema with which it is offered
TOOL_SCHEMA = "tool_schema."


def is_decision(metric: str) -> bool:
    """Whether a change of it is an event and no alarm."""
    return metric in DECISIONS or metric.startswith((SCORED_BY, TOOL_SCHEMA))


# parts of the night's budget, where they are not 1
_WEIGHTS = {
    4.0: "refusal error latency_s cost_usd task_completed",
    2.0: "empty output_language json_valid truncated ttft_s tool_failure groundedness retrieval_top_score pii",
    0.5: "call_not_offered bad_arguments output_words refusal_partial declined disclaimed code_fenced opening sentiment retrieval_mean_score session_cost_usd "
    "user_cost_usd user_requests top_user_share",
    0.25: "injection_kind input_toxicity input_sentiment",
}
_WEIGHT_OF = {name: weight for weight, names in _WEIGHTS.items() for name in names.split()}

CATALOGUE: dict[str, Metric] = {
    metric.name: replace(
        metric, source=metric.source or _SOURCE_OF.get(metric.name, ""), weight=_WEIGHT_OF.get(metric.name, metric.weight)
    )
    for metric in _CATALOGUE
}

# what drift measures by itself; the rest of the catalogue are metrics of the user's own
SHIPPED = frozenset(CATALOGUE)

# what a drill is held of, beside every score and every metric of the user's own
_DRILLED = frozenset(
    [
        "refusal",
        "output_characters",
        "latency_s",
        "cost_usd",
        "error",
        "retrieval_top_score",
        "groundedness",
        "output_language",
        "json_valid",
        "tool_failure",
        "task_completed",
    ]
)

# drift's own ruler: the version by which traces are measured, kept with every day, and what each version measures otherwise than the one
# before it; days of which a metric was measured otherwise are not compared with it
RULER = 4
_RULERS = {
    2: frozenset({"refusal", "refusal_partial", "declined", "correction"}),
    3: frozenset({"refusal", "declined", "correction", "injection"}),
    4: frozenset({"refusal", "declined", "injection"}),
}
# those that any ruler measures otherwise than the one before it
RULED_ANEW = frozenset().union(*_RULERS.values())


def version(metric: str, ruler: int | None) -> int:
    """The version of a metric where traces were measured by that ruler; None is a day from before rulers were kept."""
    return max((made for made, names in _RULERS.items() if metric in names and made <= (ruler or 1)), default=1)


# what is computed from embeddings: values of two encoders are never compared
ENCODED = frozenset(name for name, metric in CATALOGUE.items() if metric.unit == "cosine" or name.endswith("_topic"))


def lookup(name: str) -> Metric:
    """The metric of that name, made on the fly for `score.<name>`, `scored_by.<name>`, `judge.<rubric>`, `truth.<rubric>`, `pii.<type>`
    and the families of steps. Raises KeyError if there is none."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    family, _, rest = name.partition(".")
    if rest and family == "score":
        return Metric(
            name,
            "number",
            "quality",
            "score",
            f"Score “{rest}” in the trace store.",
            worse="down",
            matters=0.02,
            scale="signed",
            source="scores",
            weight=4,
        )
    if rest and family == "judge":
        return Metric(
            name,
            "number",
            "quality",
            "score",
            f"What the judge says by the rubric “{rest}”: 1 good and 0 bad, or 1 to 5.",
            worse="down",
            matters=0.02,
            scale="signed",
            source="input, output, documents",
            weight=4,
        )
    if family == "golden" and rest == "expected":
        return _share(name, "quality", "Answers to a golden set that are as expected.", worse="down", matters=0.02, weight=4)
    if family == "golden" and rest == "agreement":
        return _bounded(
            name, "quality", "Share of their words that the answers to one golden question have in common.", matters=0.02
        )
    if rest and family == "truth":
        doc = f"Requests that people would call bad by the rubric “{rest}”."
        return _share(name, "quality", doc, matters=0.02, source="labels, judge", weight=4)
    if rest and family == "score_label":
        return _label(name, "quality", f"Label of score “{rest}” in the trace store.", source="scores", weight=4)
    if rest and f"{family}." == SCORED_BY:
        doc = f"Judge that gave score “{rest}”, with its version."
        return _label(name, "traffic", doc, matters=0.03, source="scores", weight=0.05)
    if rest and f"{family}." == TOOL_SCHEMA:
        doc = f"Schema with which tool “{rest}” is offered, as a hash."
        return _label(name, "traffic", doc, matters=0.03, source="offered_tools", weight=0.02)
    if name == "pii.person":
        return replace(CATALOGUE["pii"], name=name, doc="Answers that name a person whom the question does not.")
    if rest and family == "pii":
        return replace(CATALOGUE["pii"], name=name, doc=f"Answers that contain personal data of type {rest}.")
    if rest and family in _STEP_FAMILIES:
        made = _STEP_FAMILIES[family](rest)
        return replace(made, name=name, source="trajectory", weight=_FAMILY_WEIGHTS.get(family, 0.25))
    if rest and family in ("document_age", "stale"):
        whole = CATALOGUE["document_age_days" if family == "document_age" else "stale_documents"]
        return replace(whole, name=name, doc=f"{whole.doc[:-1]}, of source “{rest}”.", weight=_FAMILY_WEIGHTS[family])
    if rest and family == "vain_usd":
        return replace(
            CATALOGUE["vain_cost_usd"],
            name=name,
            doc=f"Part of the day's cost in vain: {rest}.",
            weight=_FAMILY_WEIGHTS[family],
        )
    raise KeyError(name)


# what is followed of each kind of step and of each tool; a name is the application's own, and a family's part of the budget small
_STEP_FAMILIES: dict[str, Callable[[str], Metric]] = {
    "seconds": lambda kind: _number("", "system", "s", f"Time of a request in steps of kind {kind}.", worse="up", floor=0.001),
    "time_share": lambda kind: _bounded(
        "",
        "system",
        "Share of a request's time outside any step."
        if kind == "outside"
        else f"Share of a request's time in steps of kind {kind}.",
        "either",
        matters=0.03,
    ),
    "step_failure": lambda kind: _share("", "system", f"Requests in which a step of kind {kind} failed."),
    "guardrail": lambda name: _share(
        "", "safety", f"Requests in which guardrail “{name}” fired, of those that ran it.", "either"
    ),
    "tool_failure": lambda tool: _share("", "system", f"Requests in which tool “{tool}” failed, of those that called it."),
    "call_s": lambda call: _number("", "system", "s", f"Time of a request in model call “{call}”.", worse="up", floor=0.001),
    "step_s": lambda step: _number("", "system", "s", f"Time of a request in step “{step}”.", worse="up", floor=0.001),
    "tool_s": lambda tool: _number("", "system", "s", f"Time of a request in tool “{tool}”.", worse="up", floor=0.001),
}


# parts of the budget of families that repeat what another metric says, in other terms
_FAMILY_WEIGHTS = {
    "document_age": 0.05,
    "stale": 0.05,
    "guardrail": 0.25,
    "call_s": 0.05,
    "step_s": 0.05,
    "time_share": 0.05,
    "vain_usd": 0.02,
}


def find(name: str) -> Metric | None:
    """`lookup`, and None for a name that is none: of a user's own metric whose module is gone, of a column that is no metric."""
    try:
        return lookup(name)
    except KeyError:
        return None


def drilled(metric: Metric) -> bool:
    """Whether each night says which change of the metric it would have told: what people feel, scores, metrics of the user's own."""
    own = metric.name in CATALOGUE and metric.name not in SHIPPED
    return own or metric.name in _DRILLED or metric.name.startswith(("score.", "judge.", "truth."))


def register(metric: Metric) -> Metric:
    """Add a metric of the user's own. Raises ValueError where the name is taken by another metric."""
    if CATALOGUE.get(metric.name, metric) != metric:
        raise ValueError(f"metric {metric.name!r} exists already; choose another name")
    CATALOGUE[metric.name] = metric
    return metric
