"""The rules of causes that the steps of requests show: a step that is slower or fails, a tool and what it gives back, a lost cache.

Points are those of `rules`.
"""

from __future__ import annotations

from collections.abc import Collection

from drift.explain.news import no_news
from drift.explain.scene import BY_NAME, COST, INPUT, MODEL_TIME, PROVIDER, STEP_FAILURES, STEP_TIMES, Case, Scene
from drift.text import names, wording

# of several steps those that grew by as much of the most
_AS_MUCH = 0.9


def slower_step(scene: Scene) -> Case:
    case = Case("slower_step")
    longer = scene.moved.get("output_tokens")
    slower = {name: moved for name, moved in scene.moved.items() if name.startswith(STEP_TIMES) and moved.effect > 0}
    if not slower:
        return case
    # the kind of a step that is named says nothing more
    most = max(moved.effect for moved in slower.values())
    near = [name for name, moved in slower.items() if moved.effect >= _AS_MUCH * most]
    name = case.named = max(near, key=lambda each: (each.startswith(BY_NAME), slower[each].effect))
    moved = slower[name]
    case.add(5, f"{names.called(name)} grew by {wording.percent(moved.effect)}")
    if scene.lead in ("latency_s", name):
        case.add(1, "answers are slower by it")
    if longer is not None and longer.effect > 0.05:
        case.add(-2, "answers are longer as well")
    no_news(scene, case, ("model", "prompt", "release"), 0.5, -3)
    return case


def throttled(scene: Scene) -> Case:
    """The provider gives the same answers more slowly, token by token, and fails no more than ever."""
    case = Case("throttled")
    slower, steps = scene.moved.get("tokens_per_second"), [name for name in scene.moved if name.startswith(STEP_TIMES)]
    if slower is None or slower.effect >= 0 or not scene.records("output_tokens"):
        return case
    # without the time of its steps a slow search would look the same
    if not scene.records(MODEL_TIME):
        return case
    longer = scene.moved.get("output_tokens")
    if longer is not None and abs(longer.effect) > 0.05:
        case.add(-2, "the answers' length changed as well")
        return case
    case.add(4, f"a second brings {wording.percent(abs(slower.effect))} fewer tokens of answers that are as long as before")
    if (first := scene.moved.get("ttft_s")) is not None and first.effect > 0:
        case.add(-3, "the first token comes later as well")
    else:
        case.add(1.5, "the first token comes as soon as before")
    if _any(scene, PROVIDER):
        case.add(-3, "errors or retries moved as well")
    if any(scene.moved[name].effect > 0 for name in steps):
        case.add(-4, f"{names.called(steps[0])} grew")
    no_news(scene, case, ("model", "prompt", "release"), 0.5, -3)
    return case


def cache_lost(scene: Scene) -> Case:
    case = Case("cache_lost")
    if (moved := scene.moved.get("cache_hit")) is not None and moved.effect < 0:
        case.add(5, "less of the prompts is read from the provider's cache")
        if scene.lead in (*COST, "cache_hit"):
            case.add(1, "what changed is what a prompt costs")
        if (prompt := scene.moved.get("input_tokens")) is not None and abs(prompt.effect) > 0.05:
            case.add(-1, "the prompts' length changed as well")
    return case


def tool_failure(scene: Scene) -> Case:
    case = Case("tool_failure")
    failing = {name: each for name, each in scene.moved.items() if name.startswith("tool_failure.") and each.effect > 0}
    if failing:
        # the failures are told of the tool that has most more of them
        tool = case.named = max(failing, key=lambda name: failing[name].effect)
        case.add(5, f"tool “{tool.partition('.')[2]}” fails more")
    elif (tools := scene.moved.get("tool_failure")) is not None and tools.effect > 0:
        case.add(5, "more tool calls fail")
    for name in ("tool_loop", "steps", "tool_calls"):
        if case.evidence and name in scene.moved:
            case.add(0.5, f"{names.called(name)} moved with it")
    if case.evidence:
        no_news(scene, case, ("model", "prompt", "release"), 0.5, -3)
    return case


def tool_results(scene: Scene) -> Case:
    """A tool that raises no error and gives nothing back, or something of another shape than it did."""
    case = Case("tool_results")
    empty, other = (
        {name: abs(each.effect) for name, each in scene.moved.items() if name.startswith(family) and each.effect}
        for family in ("tool_empty.", "tool_shape.")
    )
    empty = {name: effect for name, effect in empty.items() if scene.moved[name].effect > 0}
    if empty:
        case.named = max(empty, key=lambda name: empty[name])
        case.add(5, f"tool “{case.named.partition('.')[2]}” gives nothing back more often")
    elif other:
        case.named = max(other, key=lambda name: other[name])
        case.add(4.5, f"what tool “{case.named.partition('.')[2]}” gives back has other keys or types")
    if not case.evidence:
        return case
    if _any(scene, INPUT):
        case.add(-2, "the questions changed as well")
    if _any(scene, ("bad_arguments", "call_not_offered")):
        case.add(-2, "the tools are asked otherwise as well")
    no_news(scene, case, ("model", "prompt", "release"), 0.5, -3)
    return case


def step_failure(scene: Scene) -> Case:
    case = Case("step_failure")
    failing = {name: each.effect for name, each in scene.moved.items() if name.startswith(STEP_FAILURES) and each.effect > 0}
    if not failing:
        return case
    # the kind of a step that is named says nothing more
    case.named = max(failing, key=lambda name: (name.startswith(STEP_FAILURES[0]), failing[name]))
    case.add(5.5, f"step “{case.named.partition('.')[2]}” fails more")
    no_news(scene, case, ("model", "prompt", "release"), 0.5, -3)
    return case


def _any(scene: Scene, moved: Collection[str]) -> bool:
    return not scene.moved.keys().isdisjoint(moved)
