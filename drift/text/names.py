"""What a person calls a metric, a place, and requests of a kind, where the catalogue's names are those of columns."""

from __future__ import annotations

from collections.abc import Iterable

from drift import metrics

# of a rate what is counted, in the plural; of anything else what has a size, or is a mix
_CALLED = {
    "input_characters": "length of questions",
    "input_tokens": "prompt tokens of a request",
    "input_language": "language of questions",
    "input_embedding": "what users ask",
    "input_topic": "topics of questions",
    "injection": "attempts to override the instructions",
    "injection_kind": "kinds of attempts to override the instructions",
    "input_toxicity": "toxicity of questions",
    "input_sentiment": "friendliness of questions",
    "correction": "corrections by users",
    "repeated_question": "questions asked again",
    "regenerated": "answers asked for anew",
    "session_requests": "requests of a session",
    "context_characters": "length of the documents of a request",
    "tool_cycle": "requests that go in circles",
    "over_ceiling": "requests that cost more than the ceiling",
    "output_characters": "length of answers",
    "output_tokens": "length of answers in tokens",
    "output_words": "words of an answer",
    "empty": "empty answers",
    "refusal": "refusals",
    "refusal_partial": "partial refusals",
    "declined": "answers that decline to help",
    "disclaimed": "answers that disclaim being human",
    "output_language": "language of answers",
    "output_embedding": "what answers say",
    "output_topic": "topics of answers",
    "json_valid": "answers in valid JSON",
    "code_fenced": "answers with code in a fence",
    "opening": "openings of answers",
    "truncated": "answers cut off",
    "repetition": "answers caught in a loop",
    "answer_relevance": "relevance of answers",
    "reference_similarity": "likeness of answers to the expected ones",
    "answer_question_cosine": "closeness of answers and questions in meaning",
    "answer_reference_cosine": "closeness of answers and expected answers in meaning",
    "retrieval_top_score": "score of the best document",
    "retrieval_mean_score": "mean score of the documents",
    "documents": "documents found for a request",
    "nothing_found": "searches that find nothing",
    "context_relevance": "relevance of the documents",
    "question_document_cosine": "closeness of questions and documents in meaning",
    "answer_document_cosine": "closeness of answers and documents in meaning",
    "groundedness": "support of answers by the documents",
    "document_age_days": "age of the documents",
    "index_age_hours": "age of the index",
    "stale_documents": "requests answered from stale documents",
    "latency_s": "time to the whole answer",
    "ttft_s": "time to the first token",
    "tokens_per_second": "tokens a second",
    "error": "failed requests",
    "error_type": "outcomes of requests",
    "retried": "requests tried again",
    "fallback": "answers by a fallback model",
    "model_calls": "model calls of a request",
    "tool_calls": "tool calls of a request",
    "tool_failure": "requests with a failed tool call",
    "steps": "steps of the agent",
    "outside_s": "time outside any step",
    "other_model": "requests served by another model than asked for",
    "cache_hit": "share of the prompts read from the cache",
    "step_path": "order of steps",
    "unsaid_failure": "answers that do not say that a tool failed",
    "vain_cost_usd": "cost of what was in vain",
    "first_attempt": "requests that needed no second attempt",
    "unanswered": "runs that end without an answer",
    "rare_order": "requests with tools in a rare order",
    "step_model": "models beside the answering one",
    "call_not_offered": "calls of tools that were not offered",
    "bad_arguments": "calls with arguments that break the tool's schema",
    "tool_loop": "requests that repeat a tool call",
    "finish_reason": "ends of generations",
    "assembly_fault": "prompts put together wrongly",
    "answer_fault": "answers that show a placeholder or a missing value",
    "context_fault": "requests with empty or doubled documents",
    "reasoning_share": "share of answers spent on reasoning",
    "cost_usd": "cost of a request",
    "session_cost_usd": "cost of a session",
    "user_cost_usd": "cost of a user",
    "total_cost_usd": "cost of the day",
    "task_completed": "completed tasks",
    "session_abandoned": "abandoned sessions",
    "pii": "answers with personal data",
    "prompt_leak": "answers that give the system prompt away",
    "toxicity": "toxicity of answers",
    "sentiment": "friendliness of answers",
    "harmful_similarity": "likeness of answers to harmful texts",
    "volume": "requests",
    "busiest_requests": "requests of the busiest minute",
    "busiest_calls": "model calls of the busiest minute",
    "busiest_tokens": "tokens of the busiest minute",
    "minute_calls": "model calls a minute",
    "minute_tokens": "tokens a minute",
    "users": "users",
    "top_user_share": "share of the busiest user",
    "user_requests": "requests of a user",
    "model": "mix of models",
    "name": "mix of endpoints",
    "parameters": "mix of parameters",
    "prompt": "mix of prompts",
    "release": "mix of releases",
}
_SAME_NEWS = {"output_tokens": "output_characters", "output_words": "output_characters"}
# what has a label
_LABELLED = {
    "input_language": "questions in",
    "input_topic": "questions about",
    "injection_kind": "attempts by way of",
    "output_language": "answers in",
    "output_topic": "answers about",
    "opening": "answers that open with",
    "error_type": "requests that end with",
    "finish_reason": "generations that end with",
    "step_path": "requests that go",
    "step_model": "requests with",
    "model": "requests to",
    "name": "requests to",
    "parameters": "requests with parameters",
    "prompt": "requests with prompt",
    "release": "requests to release",
}
# of each kind of step and each tool
_STEPS = {
    "seconds": "time in {} steps",
    "time_share": "share of the time in {} steps",
    "vain_usd": "cost in vain ({})",
    "call_s": "time in model call “{}”",
    "step_s": "time in step “{}”",
    "tool_s": "time in tool “{}”",
    "document_age": "age of the documents from “{}”",
    "stale": "requests answered from stale documents of “{}”",
    "guardrail": "requests in which guardrail “{}” fired",
    "step_failure": "requests with a failed {} step",
    "tool_failure": "requests in which tool “{}” failed",
    "failed_step": "requests in which step “{}” failed",
    "call_failure": "requests in which model call “{}” failed",
    "call_retry": "requests that tried model call “{}” again",
    "call_usd": "cost of model call “{}”",
    "call_tokens": "tokens of model call “{}”",
    "tool_called": "requests that call tool “{}”",
    "tool_result": "length of what tool “{}” gives back",
    "tool_empty": "requests to which tool “{}” gave nothing back",
    "tool_shape": "shape of what tool “{}” gives back",
    "found": "documents that “{}” hands on",
    "found_nothing": "requests in which “{}” found nothing",
}
# how the part of the traffic that has a value of a dimension is told
_PLACES = {"name": "in {}", "model": "of {}", "prompt": "with prompt {}", "release": "of release {}", "user": "of user {}"}


def called(metric: str) -> str:
    """What a person calls it, in lower case: `refusals`, `time to the whole answer`, `score “helpful”`."""
    if metric in _CALLED:
        return _CALLED[metric]
    family, _, rest = metric.partition(".")
    if rest and family in ("score", "score_label"):
        return f"score “{rest}”"
    if metric.startswith(metrics.SCORED_BY):
        return f"judge of score “{rest}”"
    if metric.startswith(metrics.TOOL_SCHEMA):
        return f"schema of tool “{rest}”"
    if metric == "time_share.outside":
        return "share of the time outside any step"
    if rest and family in _STEPS:
        return _STEPS[family].format(rest)
    if rest and family == "pii":
        return f"answers with personal data ({rest})"
    return metric.replace("_", " ")


def listed(moved: Iterable[str]) -> str:
    """Several in a row: `refusals, length of answers`. A length in words or tokens is the same news as one in characters."""
    given = list(dict.fromkeys(moved))
    told = [name for name in given if _SAME_NEWS.get(name) not in given]
    return ", ".join(called(name) for name in told)


def labelled(metric: str, label: str) -> str:
    """What has a label of a label metric, in the plural: `answers in “de”`, `requests to “gpt-5”`."""
    what = _LABELLED.get(metric, f"{called(metric)} being")
    return f"{what} “{label}”"


def counted(metric: str) -> str:
    """What a metric is measured on, in the plural: `questions`, `answers` or `requests`."""
    known = metrics.find(metric)
    side = known.side if known else ""
    return {"input": "questions", "output": "answers"}.get(side, "requests")


def place(dimension: str, value: str) -> str:
    """A segment inside a sentence: `in chat`, `of gpt-4o`; empty for all traffic."""
    if dimension == "all":
        return ""
    named = value or "(none)"
    return _PLACES.get(
        dimension, "where " + dimension.removeprefix("metadata.").replace("{", "").replace("}", "") + " is {}"
    ).format(named)


def sentence(text: str) -> str:
    """With a capital, as a sentence begins."""
    return text[:1].upper() + text[1:]
