"""The likely cause: named where the evidence decides, `unclear` where it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from drift.explain.causes import judge
from drift.explain.scene import Moved, Scene
from drift.findings import CAUSES, Event

DAY = date(2026, 11, 18)
NEW_PROMPT = Event("appeared", "prompt", "support@8", DAY, 0.0, 1.0)
NEW_MODEL = Event("appeared", "model", "gpt-5", DAY, 0.0, 0.6)
NEW_RELEASE = Event("appeared", "release", "2026.11", DAY, 0.0, 0.9)
NEW_PARAMETERS = Event("appeared", "parameters", "temperature=1", DAY, 0.0, 1.0)
NEW_JUDGE = Event("appeared", "scored_by.tone", "tone@4", DAY, 0.0, 1.0)
ONE_OF_TWO = {"gpt-4o": (1.0, 0.4), "gpt-4o-mini": (0.0, 0.6)}
BOTH = {"gpt-4o": (0.4, 0.4), "gpt-4o-mini": (0.6, 0.6)}


def scene(
    lead: str, events: tuple[Event, ...] = (), carried: float | None = 1.0, models: dict | None = None, **effects: float
) -> Scene:
    moved = {name: Moved(8.0 if effect > 0 else -8.0, effect, True) for name, effect in effects.items()}
    return Scene(lead, moved, events, dict.fromkeys(events, carried), models or {})


def meaning(given_input: float | None, **effects: float) -> Scene:
    return replace(scene("output_embedding", models=ONE_OF_TWO, output_embedding=0.02, **effects), given_input=given_input)


@pytest.mark.parametrize(
    ("cause", "given"),
    [
        ("price", scene("cost_usd", cost_usd=0.4, total_cost_usd=0.4)),
        ("prompt_change", scene("output_tokens", (NEW_PROMPT,), output_tokens=0.5, cost_usd=0.4, input_tokens=0.1)),
        ("prompt_change", scene("output_tokens", (NEW_PROMPT,), None, output_tokens=0.5, input_tokens=0.1)),
        ("model_change", scene("refusal", (NEW_MODEL,), refusal=0.05, output_tokens=-0.2)),
        ("release", scene("pii", (NEW_RELEASE,), pii=0.04)),
        ("audience", scene("input_topic", input_topic=0.2, input_embedding=0.02, output_tokens=0.1)),
        ("audience", scene("output_tokens", input_embedding=0.02, input_language=0.1, output_tokens=0.1)),
        ("stale_index", scene("index_age_hours", index_age_hours=1.0, retrieval_top_score=-0.04)),
        ("stale_index", scene("document_age_days", document_age_days=0.5, stale_documents=0.1)),
        ("broken_index", scene("nothing_found", nothing_found=0.3, documents=-0.4, refusal=0.05)),
        ("provider_incident", scene("error", error=0.1, latency_s=1.0, ttft_s=0.9, retried=0.2)),
        ("provider_incident", scene("latency_s", latency_s=1.0, ttft_s=0.9, tokens_per_second=-0.4, models=ONE_OF_TWO)),
        ("tool_failure", scene("tool_failure", tool_failure=0.2, steps=0.3)),
        (
            "tool_failure",
            scene("tool_failure.track", **{"tool_failure.track": 0.4, "tool_failure": 0.1, "tool_failure.route": 0.02}),
        ),
        # a tool that raises no error and has nothing to say, and one that says it in other fields
        ("tool_results", scene("refusal", refusal=0.1, **{"tool_empty.track": 0.4, "tool_shape.track": 0.4})),
        ("tool_results", scene("tool_shape.track", **{"tool_shape.track": 0.9})),
        # a new prompt may ask the tool otherwise
        ("prompt_change", scene("refusal", (NEW_PROMPT,), refusal=0.1, **{"tool_empty.track": 0.4})),
        ("step_failure", scene("failed_step.search", **{"failed_step.search": 0.3, "step_failure.retrieval": 0.3})),
        ("step_failure", scene("nothing_found", nothing_found=0.3, **{"failed_step.search": 0.3})),
        ("slower_step", scene("latency_s", latency_s=0.2, **{"seconds.retrieval": 3.0})),
        ("slower_step", scene("tool_s.track", latency_s=0.2, **{"tool_s.track": 2.0, "seconds.tool": 1.0})),
        # the model's own time is the provider's, or the answer's length
        ("unclear", scene("latency_s", latency_s=0.2, **{"seconds.model": 0.3})),
        ("cache_lost", scene("cache_hit", cache_hit=-0.3)),
        ("cache_lost", scene("cost_usd", cost_usd=0.4, input_tokens=0.0, cache_hit=-0.3)),
        ("silent_model_update", scene("refusal", models=ONE_OF_TWO, refusal=0.05, output_tokens=-0.1)),
        ("silent_model_update", scene("output_language", models=ONE_OF_TWO, output_language=0.2, groundedness=-0.1)),
        (
            "silent_model_update",
            scene("answer_document_cosine", models=ONE_OF_TWO, output_language=0.2, answer_document_cosine=-0.1),
        ),
        # opinions alone say that something is wrong and not what
        ("unclear", scene("score.user_feedback", **{"score.user_feedback": -0.3, "session_abandoned": 0.1})),
        ("throttled", scene("tokens_per_second", tokens_per_second=-0.4, latency_s=0.5, output_tokens=0.0)),
        ("unclear", scene("tokens_per_second", tokens_per_second=-0.4, latency_s=0.5, output_tokens=0.3)),
        ("slower_step", scene("tokens_per_second", tokens_per_second=-0.1, **{"seconds.retrieval": 3.0})),
        ("parameter_change", scene("output_tokens", (NEW_PARAMETERS,), None, output_tokens=0.5)),
        # another model is asked otherwise
        ("model_change", scene("output_tokens", (NEW_PARAMETERS, NEW_MODEL), output_tokens=0.5)),
        # a score is what its judge says; of another score's judge it says nothing
        ("judge_change", scene("score.tone", (NEW_JUDGE,), None, **{"score.tone": -0.3})),
        ("judge_change", scene("score_label.tone", (NEW_JUDGE,), None, **{"score_label.tone": -0.3})),
        ("unclear", scene("score.helpful", (NEW_JUDGE,), None, **{"score.helpful": -0.3})),
        ("unclear", scene("score.tone", (NEW_JUDGE,), None, refusal=0.2, **{"score.tone": -0.3})),
        ("unclear", scene("score.tone", (NEW_JUDGE, NEW_PROMPT), **{"score.tone": -0.3})),
        # two things changed at once, and nothing tells them apart
        ("unclear", scene("output_tokens", (NEW_PROMPT, NEW_MODEL), output_tokens=0.5)),
        # every model alike: something in the application that carries no label
        ("unclear", scene("refusal", models=BOTH, refusal=0.05)),
        # a new prompt whose requests do not show the change
        ("unclear", scene("refusal", (NEW_PROMPT,), 0.0, refusal=0.05, input_embedding=0.0)),
        # slower and longer: the length explains it
        ("unclear", scene("latency_s", latency_s=0.3, output_tokens=0.3)),
        ("unclear", scene("volume", volume=0.5)),
        # answers moved with the questions: whether the same questions are still answered alike decides
        ("audience", meaning(0.4, input_embedding=0.01)),
        ("unclear", meaning(1e-6, input_embedding=0.01)),
        ("unclear", meaning(None, input_embedding=0.01)),
        ("silent_model_update", meaning(1e-6)),
    ],
)
def test_a_cause_is_named_where_the_evidence_decides(cause: str, given: Scene):
    verdict = judge(given)
    assert verdict.cause == cause, verdict
    assert verdict.cause in CAUSES
    assert (verdict.confidence == "") == (cause == "unclear")


def test_a_silent_update_needs_the_inputs_and_everything_else_to_be_quiet():
    assert judge(scene("refusal", models=ONE_OF_TWO, refusal=0.05)).cause == "silent_model_update"
    for other in ("input_topic", "nothing_found", "tool_failure", "error"):
        assert judge(scene("refusal", models=ONE_OF_TWO, refusal=0.05, **{other: 0.1})).cause != "silent_model_update"


def test_a_prompt_cannot_make_the_index_older():
    assert judge(scene("index_age_hours", (NEW_PROMPT,), index_age_hours=1.0)).cause == "stale_index"


def test_evidence_for_and_against_is_told():
    verdict = judge(scene("pii", (NEW_RELEASE, NEW_PROMPT), pii=0.04))
    assert verdict.cause == "prompt_change"
    assert verdict.evidence == (
        "prompt “support@8” appeared on Wed 18 Nov and has 100 % of these requests",
        "requests with “support@8” show the change",
    )
    assert dict(verdict.considered)["release"] == 4.0


def test_confidence_is_lower_where_the_next_cause_is_near():
    alone = judge(scene("output_tokens", (NEW_PROMPT,), output_tokens=0.5))
    rivalled = judge(scene("output_tokens", (NEW_PROMPT, NEW_MODEL), 1.0, output_tokens=0.5))
    assert alone.confidence == "likely" and rivalled.cause == "unclear"


def test_the_step_that_grew_and_the_tool_that_fails_are_named():
    slow = judge(scene("latency_s", latency_s=0.2, **{"seconds.retrieval": 3.0, "seconds.embedding": 0.05}))
    assert slow.evidence[0] == "time in retrieval steps grew by 300 %" and slow.named == "seconds.retrieval"
    by_name = judge(
        scene("latency_s", **{"seconds.retrieval": 3.0, "step_s.search": 2.9, "step_s.parse": 0.1, "call_s.answer": 9.0})
    )
    assert by_name.evidence[0] == "time in step “search” grew by 290 %" and by_name.named == "step_s.search"
    failing = judge(scene("tool_failure", tool_failure=0.1, **{"tool_failure.track": 0.4, "tool_failure.route": 0.02}))
    assert failing.evidence[0] == "tool “track” fails more" and failing.named == "tool_failure.track"


def test_that_more_requests_to_the_usual_model_fail_is_no_likely_incident_of_the_provider_and_retries_beside_it_are():
    failing = scene("error", models={"large": (1.0, 0.78), "mini": (0.0, 0.22)}, error=0.01)
    assert (judge(failing).cause, judge(failing).confidence) == ("provider_incident", "possible")
    retried = scene("error", models={"large": (1.0, 0.78), "mini": (0.0, 0.22)}, error=0.1, retried=0.2)
    assert judge(retried).confidence == "likely"


def test_a_price_is_likely_only_where_the_same_tokens_are_seen_to_cost_more():
    dearer = scene("cost_usd", cost_usd=0.07)
    assert judge(replace(dearer, price=0.068)).confidence == "likely"
    assert judge(dearer).confidence == "possible"
    # the mix of long and short requests moved, and no price
    assert judge(replace(dearer, price=0.004)).cause == "unclear"


def test_of_a_change_that_began_on_one_of_many_days_no_deployment_is_near():
    assert judge(scene("input_tokens", (NEW_MODEL,), input_tokens=0.03)).cause == "model_change"
    assert judge(replace(scene("input_tokens", (NEW_MODEL,), input_tokens=0.03), undated=83)).cause == "unclear"
