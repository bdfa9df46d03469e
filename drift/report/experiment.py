"""What is said of an experiment: the verdict in one sentence, then each part with its interval, then what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from drift import metrics
from drift.experiment.asking import Plan
from drift.experiment.effects import Effect
from drift.experiment.factors import AS_IT_WAS, NOW, Factor
from drift.experiment.run import Outcome
from drift.experiment.verdict import Part, Says
from drift.text import wording
from drift.text.escape import plain

_NAMES = {
    Part.PROVIDER: "the model by itself",
    Part.MODEL: "the exchange of the model",
    Part.PROMPT: "the prompt",
    Part.PARAMETERS: "the parameters",
    Part.DOCUMENTS: "the documents",
    Part.GONE: "what has gone since, or was chance",
    Part.ASKED: "what is asked",
}
_HOW = {
    Part.PROVIDER: "with the model alone",
    Part.MODEL: "with the new model's name alone",
    Part.PROMPT: "with the new prompt alone",
    Part.PARAMETERS: "with the new parameters alone",
    Part.DOCUMENTS: "with the new documents alone",
}


def plan_told(plan: Plan, whose: Mapping[str, str], left_out: Mapping[str, int], host: str) -> str:
    """What would be asked, of whom, and what it costs, before anything is asked."""
    arms = ", ".join(f"{n:,} {_arm(arm)}" for arm, n in plan.by_arm.items())
    models = ", ".join(sorted({plain(each.asked.model, 60) for each in plan.questions}))
    lines = [
        f"{len(plan.questions):,} calls to {models} at {plain(host, 100)}: {arms}; about ${plan.usd:,.2f}",
        f"the calls are those of {_whose(whose)}; their messages leave for {plain(host, 100)} as they were; no tool is run",
    ]
    lines += [f"left out are {wording.count(n, 'call')}: {reason}" for reason, n in sorted(left_out.items())]
    return "\n".join(lines)


def sentence(outcome: Outcome) -> str:
    """The verdict."""
    said, what = outcome.verdict, wording.titled(outcome.series.metric, outcome.series.statistic)
    what = plain(what[:1].lower() + what[1:], 120)
    if said.not_there:
        return f"not there: on the stored requests {what} went from {_levels(outcome, outcome.level.then, outcome.level.now)}, which is no change of that size; nothing is to blame"
    if not said.causes:
        return f"not told: no part is shown to make half of the change of {what}"
    cause, others = said.causes[0], said.causes[1:]
    told = _proof(outcome, cause, what)
    if others:
        told += f"; also a part of it: {', '.join(_NAMES[part] for part in others)}"
    free = [_NAMES[part] for part, how in said.says.items() if how == Says.NOT_TO_BLAME and part in _HOW]
    free += [_NAMES[part] for part, how in said.says.items() if how == Says.SAME and part in _HOW]
    return (
        f"{told}; {_and(free)} {'is' if len(free) == 1 and not free[0].endswith('s') else 'are'} not to blame" if free else told
    )


def _proof(outcome: Outcome, cause: Part, what: str) -> str:
    calls = wording.count(outcome.parts[cause].calls, "call")
    if cause == Part.PROVIDER:
        but = " (or a parameter that the store does not say)" if outcome.verdict.or_unrecorded else ""
        return f"proved: on the same {calls} {what} went from {_levels(outcome, 'file', AS_IT_WAS)} with the model alone{but}"
    if cause in _HOW:
        return f"proved: on the same {calls} {what} went from {_levels(outcome, AS_IT_WAS, cause.value)} {_HOW[cause]}"
    if cause == Part.GONE:
        return f"over, or chance: asked again today, the incident's own {calls} go from {_levels(outcome, 'file now', NOW)}; nothing of today makes the change"
    documents = " or the documents found for it" if Factor.DOCUMENTS in outcome.factors.unknown else ""
    return (
        f"proved: it is what is asked{documents}; with everything as it is now the calls of ordinary nights answer as they did, and the "
        f"incident's own still make {wording.percent(outcome.parts[cause].estimate / outcome.level.change[0])} of the change"
    )


def lines(outcome: Outcome) -> list[str]:
    """The verdict, each part of the change with its interval, and what it stands on."""
    whole = outcome.level.change[0]
    told = [sentence(outcome), ""]
    told.append(f"the change, on all stored requests: {_levels(outcome, outcome.level.then, outcome.level.now)}")
    for part, effect in outcome.parts.items():
        told.append(f"  {_NAMES[part]}: {_effect(outcome, effect, whole)}; {outcome.verdict.says[part].value}")
    for factor in outcome.factors.same:
        told.append(f"  {_NAMES[Part(factor.value)]}: the same on both sides")
    for factor, why in outcome.factors.unknown.items():
        told.append(f"  {_NAMES[Part(factor.value)]}: not exchanged, for {why}")
    for factor in outcome.factors.differ:
        if factor in outcome.factors.then:
            told.append(
                f"{factor.value}: {plain(outcome.factors.then[factor], 120)} → {plain(outcome.factors.now[factor], 120)}"
            )
    if outcome.noise is not None:
        told.append(_noise(outcome, outcome.noise))
    if outcome.on_file and outcome.today and outcome.on_file[0] != outcome.today[0]:
        told.append(f"on file {plain(outcome.on_file[0], 80)} answered; today {plain(outcome.today[0], 80)} does")
    told += [f"{wording.count(n, 'call')} left out: {reason}" for reason, n in sorted(outcome.left_out.items())]
    told += [f"{wording.count(n, 'call')} without an answer: {plain(why, 80)}" for why, n in sorted(outcome.lost.items())]
    told.append(f"{sum(outcome.asked.values()):,} calls; spent today {outcome.spent[0]:,} calls and ${outcome.spent[1]:,.2f}")
    return told


def as_json(outcome: Outcome) -> dict[str, Any]:
    """All of it for `drift.text.json_form`: the levels before and after in the metric's unit; what the parts and steps add on `scale`."""
    metric = metrics.lookup(outcome.series.metric)
    return {
        "sentence": sentence(outcome),
        "metric": outcome.series.metric,
        "statistic": outcome.series.statistic,
        "scale": "share" if outcome.series.is_rate else metric.scale,
        "causes": list(outcome.verdict.causes),
        "or_unrecorded_parameter": outcome.verdict.or_unrecorded,
        "not_there": outcome.verdict.not_there,
        "change": {
            "value_from": metric.level(outcome.level.then),
            "value_to": metric.level(outcome.level.now),
            "on_scale": outcome.level.change[0],
            "error": outcome.level.change[1],
        },
        "parts": {part: {**vars(effect), "says": outcome.verdict.says[part]} for part, effect in outcome.parts.items()},
        "same": list(outcome.factors.same),
        "not_exchanged": dict(outcome.factors.unknown),
        "levels": dict(outcome.levels),
        "noise": outcome.noise,
        "asked": dict(outcome.asked),
        "left_out": dict(outcome.left_out),
        "without_answer": dict(outcome.lost),
        "answered_on_file": list(outcome.on_file),
        "answered_today": list(outcome.today),
        "spent": {"calls": outcome.spent[0], "usd": outcome.spent[1]},
    }


def _levels(outcome: Outcome, then: str | float, now: str | float) -> str:
    values = [outcome.levels.get(each, np.nan) if isinstance(each, str) else each for each in (then, now)]
    metric = metrics.lookup(outcome.series.metric)
    if outcome.series.is_rate:
        return " to ".join(wording.number(each, "share") for each in values)
    return " to ".join(wording.number(float(np.exp(each)) if metric.relative else each, metric.unit) for each in values)


def _effect(outcome: Outcome, effect: Effect, whole: float) -> str:
    three = (effect.estimate, effect.low, effect.high)
    if outcome.series.is_rate:
        told = "{:+.1f} points (95 % interval {:+.1f} to {:+.1f})".format(*(100 * each for each in three))
    elif metrics.lookup(outcome.series.metric).relative:
        told = "{:+.1f} % (95 % interval {:+.1f} to {:+.1f})".format(*(100 * np.expm1(each) for each in three))
    else:
        told = "{:+.3g} (95 % interval {:+.3g} to {:+.3g})".format(*three)
    return f"{told}, {wording.percent(effect.estimate / whole)} of the change" if whole else told


def _noise(outcome: Outcome, noise: float) -> str:
    if outcome.series.is_rate:
        return f"asked twice with nothing exchanged, {wording.percent(noise, 1)} of calls answer differently"
    scale = metrics.lookup(outcome.series.metric).relative
    spread = f"{100 * np.expm1(noise):.0f} %" if scale else f"{noise:.3g}"
    return f"asked twice with nothing exchanged, an answer strays by {spread}"


def _arm(arm: str) -> str:
    return {AS_IT_WAS: "as they were", NOW: "of the incident's own", "all": "with all of that"}.get(arm, f"with today's {arm}")


def _whose(whose: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {plain(value, 80)}" for name, value in whose.items()) or "the incident's place"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
