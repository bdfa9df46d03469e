"""The catalogue: what every metric is called, what it means, on which scale it is compared and which change matters.

A metric is a feature followed over days; its name is the column of the features table. How a feature is measured is in
`drift.features`; how a day of it is stored, in `drift.profiles`; names that an application makes itself are in `drift.metrics`.
"""

from __future__ import annotations

import math
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


def number(name: str, side: Side, unit: str, doc: str, **rest: Any) -> Metric:
    """A number, on the log scale unless it says otherwise."""
    return Metric(name, "number", side, unit, doc, **rest)


def share(name: str, side: Side, doc: str, worse: Worse = "up", matters: float = 0.003, **rest: Any) -> Metric:
    """A rate of requests."""
    return Metric(name, "rate", side, "share", doc, worse=worse, matters=matters, scale="bounded", **rest)


def label(name: str, side: Side, doc: str, matters: float = 0.01, **rest: Any) -> Metric:
    """One of several words a request."""
    return Metric(name, "label", side, "share", doc, matters=matters, scale="bounded", **rest)


def cosine(name: str, side: Side, doc: str) -> Metric:
    """A closeness in meaning, −1 to 1."""
    return Metric(name, "number", side, "cosine", doc, worse="down", matters=0.01, scale="bounded", low=-1.0)


def bounded(name: str, side: Side, doc: str, worse: Worse = "down", matters: float = 0.005, **rest: Any) -> Metric:
    """A number between 0 and 1."""
    return Metric(name, "number", side, "0–1", doc, worse=worse, matters=matters, scale="bounded", **rest)


MEASURED = (
    # input
    number("input_characters", "input", "characters", "Length of the user's input.", tail=True, matters=0.02),
    number("input_tokens", "input", "tokens", "Prompt tokens billed for the request.", worse="up", matters=0.02),
    label("input_language", "input", "Language of the input."),
    Metric("input_embedding", "vector", "input", "cosine", "Meaning of the input as a sentence embedding.", matters=0.001),
    label("input_topic", "input", "Topic of the input, by the baseline's clusters."),
    share("injection", "safety", "Inputs that try to override the instructions (prompt injection, jailbreak)."),
    label(
        "injection_kind",
        "safety",
        "What such an input is after, of those found: override, role, extraction, indirect (in a document), encoded.",
        matters=0.1,
    ),
    bounded("input_toxicity", "input", "Toxicity of the input, as abuse by users; English only.", worse="up", matters=0.005),
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
    share("correction", "quality", "Inputs that correct the previous answer (“no, I meant …”)."),
    share("repeated_question", "quality", "Inputs asked again in the same session."),
    share(
        "regenerated",
        "quality",
        "Questions asked again right after their answer: the answer was asked for anew.",
        weight=0.25,
    ),
    # output
    number("output_characters", "output", "characters", "Length of the answer.", tail=True, matters=0.02),
    number("output_tokens", "output", "tokens", "Completion tokens of the request.", matters=0.02),
    number(
        "output_words",
        "output",
        "words",
        "Words of the answer; of Chinese, Japanese and Thai as a word segmenter cuts them.",
        matters=0.02,
    ),
    share("empty", "output", "Answers with no text."),
    share("refusal", "output", "Answers that refuse the request, wholly or in part."),
    share("refusal_partial", "output", "Refusals of a part of the request that help with the rest."),
    share(
        "declined",
        "output",
        "Answers that do not help without saying no: an opinion withheld, the user dissuaded or sent elsewhere.",
    ),
    share("disclaimed", "output", "Answers that say what the model is not or has not, and then help.", worse="either"),
    label("output_language", "output", "Language of the answer."),
    Metric("output_embedding", "vector", "output", "cosine", "Meaning of the answer as a sentence embedding.", matters=0.001),
    label("output_topic", "output", "Topic of the answer, by the baseline's clusters."),
    share("json_valid", "output", "Answers that are valid JSON, where JSON is expected.", worse="down"),
    share("code_fenced", "output", "Answers with code that wrap it in a fence.", worse="either", matters=0.02),
    label("opening", "output", "How the answer opens.", matters=0.03),
    share("truncated", "output", "Answers cut off before their end."),
    share("repetition", "output", "Answers caught in a repetition loop."),
    bounded("answer_relevance", "quality", "Share of the question's content words that the answer takes up."),
    bounded("reference_similarity", "quality", "F1 of the words of the answer and of the expected output."),
    cosine("answer_question_cosine", "quality", "Similarity in meaning of the answer and the question (on the sample)."),
    cosine(
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
    number("documents", "retrieval", "documents", "Documents retrieved for a request."),
    number(
        "context_characters",
        "retrieval",
        "characters",
        "Length of the documents of a request together.",
        matters=0.05,
        weight=0.1,
    ),
    share("nothing_found", "retrieval", "Requests whose retrieval found no document."),
    bounded(
        "context_relevance", "retrieval", "Share of the question's content words that stand in the documents.", matters=0.02
    ),
    cosine(
        "question_document_cosine",
        "retrieval",
        "Similarity in meaning of the question and the best document (on a part of the sample).",
    ),
    cosine(
        "answer_document_cosine",
        "retrieval",
        "Similarity in meaning of the answer and the best document (on a part of the sample).",
    ),
    bounded("groundedness", "retrieval", "Share of the answer's words and word pairs that stand in the documents."),
    number(
        "document_age_days",
        "freshness",
        "days",
        "Age of the documents when they were used.",
        worse="up",
        floor=0.01,
        matters=0.05,
    ),
    number("index_age_hours", "freshness", "hours", "Age of the index when it was used.", worse="up", floor=0.1, matters=0.2),
    share(
        "stale_documents",
        "freshness",
        "Requests half or more of whose documents are older than `freshness.limit_days`.",
        matters=0.01,
    ),
    # system
    number("latency_s", "system", "s", "Time to the whole answer.", worse="up", floor=0.001, tail=True),
    number("ttft_s", "system", "s", "Time to the first token.", worse="up", floor=0.001, tail=True),
    number("tokens_per_second", "system", "tokens/s", "Completion tokens a second after the first.", worse="down", floor=0.1),
    share("error", "system", "Requests that failed.", matters=0.003),
    label(
        "error_type",
        "system",
        "Outcome of the request: none, 4xx, rate_limit, 5xx, timeout, content_filter, context_overflow, other.",
        matters=0.003,
    ),
    share("retried", "system", "Requests that needed a retry."),
    share("fallback", "system", "Requests answered by a fallback model."),
    number("model_calls", "system", "calls", "Model calls of a request that answered.", worse="up", weight=0.25),
    number("tool_calls", "system", "calls", "Tool calls of a request."),
    share("tool_failure", "system", "Requests with a tool call that failed."),
    share(
        "call_not_offered",
        "system",
        "Requests in which the model called a tool that it was not offered, of those that called one.",
    ),
    share("bad_arguments", "system", "Requests with a call whose arguments break the tool's schema, of those that called one."),
    number("steps", "system", "steps", "Steps of the agent."),
    share("tool_loop", "system", "Requests that called one tool again with the same arguments."),
    label("finish_reason", "system", "Why the generation ended.", matters=0.005),
    # inside the trace
    share("assembly_fault", "input", "Prompts with a placeholder left open, a missing value or base 64 in them.", weight=0.5),
    share(
        "answer_fault",
        "output",
        "Answers that show an open placeholder, a missing value or base 64, outside code.",
        matters=0.002,
        weight=0.25,
    ),
    share("context_fault", "retrieval", "Requests whose documents are all empty, or have one text twice.", weight=0.25),
    number(
        "outside_s", "system", "s", "Time of a request in which none of its steps ran.", worse="up", floor=0.001, weight=0.25
    ),
    share(
        "unsaid_failure",
        "quality",
        "Requests in which a tool failed for good and the answer does not say that anything went wrong, of those that ran a tool.",
        weight=0.5,
    ),
    share(
        "first_attempt",
        "system",
        "Requests that ran a tool in which no step failed and none was done again.",
        "down",
        matters=0.01,
        weight=0.1,
    ),
    share(
        "unanswered",
        "quality",
        "Requests that ran a tool and ended with one, or the wish for one, without a text.",
        matters=0.005,
        weight=0.25,
    ),
    share(
        "tool_cycle",
        "system",
        "Requests in which two to four tools ran in the same order three times on end, of those that ran a tool.",
        weight=0.1,
    ),
    share("rare_order", "system", "Requests with two tools in the rarer of their two orders.", "either", weight=0.25),
    label("step_path", "system", "Order of a request's steps by their names.", weight=0.25),
    label(
        "step_model",
        "system",
        "Models that a request used beside the one that answered: planner, embedder, reranker.",
        weight=0.25,
    ),
    share("other_model", "system", "Requests with a model call that another model served than was asked for.", weight=0.25),
    bounded("cache_hit", "cost", "Share of the prompt tokens that were read from a cache.", matters=0.02, weight=0.25),
    bounded(
        "reasoning_share", "output", "Share of the completion tokens that were reasoning.", "either", matters=0.02, weight=0.25
    ),
    # cost
    number("cost_usd", "cost", "USD", "Cost of a request.", worse="up", floor=1e-7, matters=0.03),
    share(
        "over_ceiling",
        "cost",
        "Requests that cost more than `spend.request`; unknown without such a ceiling.",
        matters=0.001,
        weight=0.5,
    ),
    number("session_cost_usd", "cost", "USD", "Cost of a session.", worse="up", floor=1e-7),
    number("user_cost_usd", "cost", "USD", "Cost of a user in a day.", worse="up", floor=1e-7),
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
    share("task_completed", "quality", "Requests whose task was completed.", worse="down", matters=0.01),
    share("session_abandoned", "quality", "Sessions left after an answer that did not help.", matters=0.01),
    share("pii", "safety", "Answers that contain personal data.", matters=0.002),
    share("prompt_leak", "safety", "Answers that repeat the system prompt.", matters=0.002),
    bounded("toxicity", "safety", "Toxicity of the answer; English only.", worse="up", matters=0.005),
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
    bounded("harmful_similarity", "safety", "Similarity of the answer to known harmful patterns.", worse="up"),
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
    number(
        "session_requests",
        "traffic",
        "requests",
        "Requests of a session: the first question and those that follow it.",
        weight=0.25,
    ),
    number("user_requests", "traffic", "requests", "Requests of a user in a day.", worse="up", tail=True),
    label("model", "traffic", "Mix of models.", matters=0.03),
    label("name", "traffic", "Mix of endpoints.", matters=0.03),
    label(
        "parameters",
        "traffic",
        "With which parameters the answering model is asked: temperature and its like.",
        matters=0.03,
        weight=0.05,
    ),
    label("prompt", "traffic", "Mix of prompt versions.", matters=0.03),
    label("release", "traffic", "Mix of releases.", matters=0.03),
)

# the fields of a trace that each metric is measured from
_SOURCES = {
    "input": "input_characters input_language input_embedding input_topic injection injection_kind input_toxicity input_sentiment correction",
    "input, session_id": "repeated_question regenerated",
    "session_id": "session_requests",
    "input_tokens": "input_tokens",
    "output": "output_characters output_words empty refusal refusal_partial declined disclaimed output_language output_embedding output_topic "
    "json_valid code_fenced opening repetition answer_fault pii toxicity sentiment harmful_similarity",
    "output_tokens": "output_tokens",
    "output, input": "answer_relevance answer_question_cosine",
    "output, reference": "reference_similarity answer_reference_cosine",
    "output, documents": "groundedness answer_document_cosine",
    "input, documents": "context_relevance question_document_cosine",
    "output, system_prompt": "prompt_leak",
    "finish_reason": "truncated finish_reason",
    "documents": "retrieval_top_score retrieval_mean_score documents nothing_found context_fault context_characters",
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
    "trajectory": "other_model cache_hit reasoning_share step_path rare_order tool_cycle",
    "trajectory, model": "step_model",
    "trajectory, latency_s": "outside_s",
    "trajectory, output": "unsaid_failure",
    "trajectory, repeated_tool_calls, error": "first_attempt",
    "trajectory, output, finish_reason": "unanswered",
    "cost_usd, trajectory, output, error, finish_reason": "vain_cost_usd",
    "cost_usd, or tokens at the list price": "cost_usd total_cost_usd",
    "cost_usd, `spend.request`": "over_ceiling",
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
    for metric in MEASURED
}
