"""The rules of the causes: a mechanism (the sides of an application that it can move at all), evidence for it and evidence against
it, in points.

The points were chosen by reasoning, not fitted: four is direct evidence (the new prompt is there and carries the change), two is
what the cause usually brings along, minus four is what it cannot bring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drift import metrics
from drift.explain import inside
from drift.explain.news import news, no_news
from drift.explain.scene import (
    INDEX,
    INPUT,
    MEANING,
    PROVIDER,
    RETRIEVAL,
    STEP_FAILURES,
    TOKENS,
    TOOL_RESULTS,
    TOOLS,
    Case,
    Scene,
)
from drift.text import names, wording

# of fewer requests a night does not tell one model from another
FEW = 100
# p-values of the answers given their questions
_ANSWERED_DIFFERENTLY, _ANSWERED_ALIKE = 0.001, 0.05


def _called(moved: Iterable[str]) -> str:
    return names.listed(moved)


def _judge_change(scene: Scene) -> Case:
    """A score moves with its judge's version whatever the application does."""
    case = Case("judge_change")
    family, _, score = scene.lead.partition(".")
    for event in scene.events:
        judged = event.dimension.removeprefix(metrics.SCORED_BY)
        mine = judged == score if family in _SCORES else scene.lead == "task_completed"
        if event.dimension == judged or not mine or event.kind == "gone":
            continue
        when = f"{event.day:%a} {event.day.day} {event.day:%b}"
        case.add(
            5,
            f"judge “{event.value}” of {names.called(f'score.{judged}')} appeared on {when} and gives {wording.percent(event.share_to)} of it",
        )
        answers = sorted(name for name in scene.moved if _is_answer(name))
        if answers:
            case.add(-2, f"the answers changed as well ({_called(answers[:4])})")
        else:
            case.add(1, "the answers did not change")
        return case
    return case


def _price(scene: Scene) -> Case:
    case = Case("price")
    cost = scene.moved.get("cost_usd")
    if cost is None or not cost.effect or not scene.records(*TOKENS):
        return case
    tokens = max((abs(scene.moved[name].effect) for name in TOKENS if name in scene.moved), default=0.0)
    if scene.price is not None and scene.price / cost.effect >= 0.5:
        case.add(5, f"the same tokens cost {scene.price:+.0%}")
    elif scene.price is not None:
        case.add(-4, "the same tokens cost as before")
    elif tokens <= abs(cost.effect) / 4:
        # that no length is known to have moved is less than a price that is known to have
        case.add(3.5, f"a request costs {cost.effect:+.0%} with the same number of tokens")
    else:
        case.add(-4, "the number of tokens changed as well")
    if (read := scene.moved.get("cache_hit")) is not None and abs(read.effect) > 0:
        case.add(-4, "another share of the prompts is read from the cache")
    no_news(scene, case, ("model", "prompt"), 1, -4)
    return case


def _prompt_change(scene: Scene) -> Case:
    case = Case("prompt_change")
    news(scene, case, "prompt")
    quiet = scene.records(*INPUT) and not _any(scene, INPUT) and not _any(scene, ("documents", "nothing_found"))
    if "input_tokens" in scene.moved and quiet:
        case.add(2, "prompt tokens changed and the users' questions did not")
    return case


def _model_change(scene: Scene) -> Case:
    case = Case("model_change")
    news(scene, case, "model")
    if not case.evidence:
        news(scene, case, "step_model")
    return case


def _parameter_change(scene: Scene) -> Case:
    case = Case("parameter_change")
    news(scene, case, "parameters")
    if case.points > 0 and any(event.dimension in ("prompt", "model") and event.kind == "appeared" for event in scene.events):
        case.add(-2, "a prompt or a model changed with it")
    return case


def _release(scene: Scene) -> Case:
    case = Case("release")
    news(scene, case, "release")
    if case.points > 0 and any(event.dimension in ("prompt", "model") and event.kind == "appeared" for event in scene.events):
        case.add(-2, "a prompt or a model changed with it, which is more specific")
    return case


def _audience(scene: Scene) -> Case:
    case = Case("audience")
    moved = [name for name in INPUT if name in scene.moved]
    if not moved:
        return case
    case.add((2 if moved[0] == "input_characters" else 3) + len(moved) - 1, f"the questions changed ({_called(moved)})")
    if scene.lead in INPUT:
        case.add(2, "the questions are what changed most")
    if not scene.inputs_first:
        case.add(-3, "the questions changed later than the answers")
    if "users" in scene.moved or "volume" in scene.moved:
        case.add(1, "the number of users or requests changed")
    if _answers_differ(scene):
        case.add(-3, "questions as before are answered differently")
    elif scene.given_input is not None and scene.given_input > _ANSWERED_ALIKE:
        case.add(2, "questions as before are answered as before")
    return case


def _stale_index(scene: Scene) -> Case:
    case = Case("stale_index")
    for name, points in (("index_age_hours", 6), ("document_age_days", 4), ("stale_documents", 2)):
        moved = scene.moved.get(name)
        if moved is not None and moved.effect > 0:
            case.add(points if not case.evidence else 1, f"{names.called(name)} grew")
    older = {name: each.effect for name, each in scene.moved.items() if name.startswith("document_age.") and each.effect > 0}
    if older:
        case.named = max(older, key=lambda name: older[name])
        case.add(4 if not case.evidence else 1, f"{names.called(case.named)} grew")
    if "nothing_found" in scene.moved and case.evidence:
        case.add(-1, "requests find nothing at all, which age alone does not explain")
    return case


def _broken_index(scene: Scene) -> Case:
    case = Case("broken_index")
    if (moved := scene.moved.get("nothing_found")) is not None and moved.effect > 0:
        case.add(5, "more requests find no document")
    if (moved := scene.moved.get("documents")) is not None and moved.effect < 0:
        case.add(3 if not case.evidence else 1, "fewer documents are found")
    for name in ("retrieval_top_score", "retrieval_mean_score", "context_relevance"):
        if (moved := scene.moved.get(name)) is not None and moved.effect < 0:
            case.add(2 if not case.evidence else 0.5, f"{names.called(name)} fell")
    if case.evidence and (moved := scene.moved.get("index_age_hours")) is not None and moved.effect > 0:
        case.add(-2, "the index got older")
    if case.evidence and any(name.startswith(STEP_FAILURES) and each.effect > 0 for name, each in scene.moved.items()):
        case.add(-2, "a step fails more")
    if case.evidence and _any(scene, ("input_embedding", "input_topic", "input_language")):
        case.add(-3, "the questions changed as well")
    return case


def _provider_incident(scene: Scene) -> Case:
    case = Case("provider_incident")
    if any(name in scene.moved and scene.moved[name].effect > 0 for name in ("error", "error_type")):
        case.add(4, "more requests fail")
    if any(name in scene.moved and scene.moved[name].effect > 0 for name in ("retried", "fallback")):
        case.add(2, "more requests are tried again or fall back")
    slower = [name for name in ("latency_s", "ttft_s") if name in scene.moved and scene.moved[name].effect > 0]
    longer = scene.moved.get("output_tokens")
    if slower and (longer is None or longer.effect < 0.05):
        case.add(2 if "ttft_s" not in slower else 3, f"answers are slower ({_called(slower)}) though not longer")
    if case.points > 0:
        no_news(scene, case, ("model", "prompt"), 0.5, -3)
        if _one_model(scene):
            # where most requests go most failures are, too
            case.add(1 if slower else 0.25, f"only requests to {_one_model(scene)} are affected")
    return case


def _silent_model_update(scene: Scene) -> Case:
    case = Case("silent_model_update")
    moved = [name for name in scene.moved if _is_answer(name)]
    if not moved or not _is_answer(scene.lead):
        return case
    if scene.requests is not None and scene.requests < FEW:
        case.add(-4, f"of {scene.requests} requests no change of the model can be read")
        return case
    case.add(1, f"the answers changed ({_called(sorted(moved)[:4])})")
    no_news(scene, case, ("model", "prompt", "release"), 1.5, -5)
    if any(event.dimension == "parameters" and event.kind != "gone" for event in scene.events):
        case.add(-5, "the model is asked with other parameters")
    if _any(scene, INPUT):
        case.add(-4, "the questions changed as well")
    elif scene.records(*MEANING):
        case.add(1, "the questions did not change")
    elif scene.records(*INPUT):
        case.add(0.5, "the questions are as long as before, and in the same languages")
    if _answers_differ(scene):
        case.add(1, "questions as before are answered differently")
    elsewhere = any(name.startswith((*STEP_FAILURES, *TOOL_RESULTS)) for name in scene.moved)
    if elsewhere or _any(scene, (*INDEX, *RETRIEVAL, *TOOLS, *PROVIDER)):
        case.add(-3, "retrieval, tools or errors moved as well")
    elif "input_tokens" in scene.moved:
        case.add(-2, "prompt tokens changed as well")
    else:
        quiet = [told for told, names in _ELSEWHERE.items() if scene.records(*names)]
        if quiet:
            case.add(len(quiet) / len(_ELSEWHERE), _did_not_move(quiet))
    model = _one_model(scene)
    if model:
        case.add(3, f"only answers by {model} changed")
    elif len(scene.models) > 1:
        case.add(-2, "answers by several models changed alike")
    return case


_ELSEWHERE = {"retrieval": (*INDEX, *RETRIEVAL), "tools": TOOLS, "errors": PROVIDER}


def _did_not_move(quiet: list[str]) -> str:
    return f"neither {' nor '.join(quiet)} moved" if len(quiet) > 1 else f"{quiet[0]} did not move"


RULES: tuple[Callable[[Scene], Case], ...] = (
    _judge_change,
    _price,
    _prompt_change,
    _model_change,
    _parameter_change,
    _release,
    _audience,
    _stale_index,
    _broken_index,
    _provider_incident,
    inside.tool_failure,
    inside.tool_results,
    inside.step_failure,
    inside.slower_step,
    inside.cache_lost,
    inside.throttled,
    _silent_model_update,
)

_ANSWER_SIDES = ("output", "quality", "safety")
_MECHANISM: dict[Callable[[Scene], Case], tuple[str, ...]] = {
    _judge_change: ("quality",),
    _price: ("cost",),
    _prompt_change: ("output", "quality", "safety", "system", "cost", "traffic"),
    _model_change: ("output", "quality", "safety", "system", "cost", "traffic"),
    _parameter_change: ("output", "quality", "safety", "system", "cost"),
    _release: ("input", "output", "quality", "safety", "system", "cost", "retrieval", "freshness", "traffic"),
    _audience: ("input", "output", "quality", "safety", "cost", "retrieval", "traffic"),
    _stale_index: ("freshness", "retrieval", "output", "quality"),
    _broken_index: ("retrieval", "output", "quality", "freshness"),
    _provider_incident: ("system", "output", "quality", "traffic", "cost"),
    inside.tool_failure: ("system", "output", "quality", "cost"),
    inside.tool_results: ("system", "output", "quality", "cost"),
    inside.step_failure: ("system", "retrieval", "output", "quality", "cost"),
    inside.slower_step: ("system",),
    inside.cache_lost: ("cost", "system"),
    inside.throttled: ("system",),
    _silent_model_update: _ANSWER_SIDES,
}


def can_move(rule: Callable[[Scene], Case], lead: str) -> bool:
    """Whether the rule's cause has a mechanism that reaches the metric."""
    side = _side(lead)
    # the questions are the users': no prompt and no model changes them, except the prompt's own tokens
    if lead == "input_tokens":
        return rule in (_prompt_change, _audience, _release, _broken_index, _model_change)
    return side in _MECHANISM[rule]


def _side(name: str) -> str:
    if name in ("groundedness", "answer_document_cosine"):
        # of the catalogue's retrieval side those that the answer can change
        return "output"
    known = metrics.find(name)
    return known.side if known else "output"


def _is_answer(name: str) -> bool:
    # what users and judges say of an answer is not the answer: alone it does not tell why
    return (
        _side(name) in _ANSWER_SIDES
        and name.partition(".")[0] not in _SCORES
        and name not in _OPINIONS | {"injection", "injection_kind"}
    )


_SCORES = ("score", "score_label")
_OPINIONS = frozenset({"correction", "repeated_question", "regenerated", "task_completed", "session_abandoned"})


def _answers_differ(scene: Scene) -> bool:
    return scene.given_input is not None and scene.given_input <= _ANSWERED_DIFFERENTLY


def _any(scene: Scene, names: tuple[str, ...]) -> bool:
    return any(name in scene.moved for name in names)


def _one_model(scene: Scene) -> str:
    """The one of several models that carries the change, though others have a fair part of the requests; else empty."""
    for model, (share, traffic) in scene.models.items():
        if share >= 0.8 and traffic <= 0.9 * share:
            return model
    return ""
