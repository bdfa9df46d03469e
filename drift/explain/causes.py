"""The likely cause of an incident, from what moved, where, and what changed at that time.

The cause with the most points (`rules.py`) is named if it has enough of them and clearly more than the next; otherwise the answer
is `unclear`.
"""

from __future__ import annotations

from dataclasses import dataclass

from drift.explain.rules import RULES, can_move
from drift.explain.scene import Case, Scene

ENOUGH, CLEAR, LIKELY = 4.0, 1.5, 5.0


@dataclass(frozen=True)
class Verdict:
    """The named cause with its evidence; `considered` are all causes' points, most first; `lacking`: what is not recorded and would
    make it surer; named: the metric that says which step or tool the cause is, where it is one."""

    cause: str
    confidence: str
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    considered: tuple[tuple[str, float], ...]
    lacking: tuple[str, ...] = ()
    named: str = ""


def judge(scene: Scene) -> Verdict:
    """The cause that the evidence names, or `unclear`."""
    cases = [rule(scene) for rule in RULES if can_move(rule, scene.lead)]
    cases.sort(key=lambda case: (-case.points, case.cause))
    considered = tuple((case.cause, case.points) for case in cases if case.points > 0)
    first = cases[0] if cases else Case("unclear")
    second = max(cases[1].points if len(cases) > 1 else 0.0, 0.0)
    if first.points < ENOUGH or first.points - second < CLEAR:
        known = [f"{case.cause.replace('_', ' ')}: {'; '.join(case.evidence)}" for case in cases[:2] if case.points >= 2]
        return Verdict("unclear", "", tuple(known), (), considered, _lacking(scene, "unclear"))
    lacking = _lacking(scene, first.cause)
    # a rival that could not be seen is not ruled out
    certain = first.points >= LIKELY and first.points - second >= 2 * CLEAR and not lacking
    sure = "likely" if certain else "possible"
    return Verdict(first.cause, sure, tuple(first.evidence), tuple(first.against), considered, lacking, first.named)


# what tells a cause from its rivals, by the names of which one has to be recorded
_TELLS = {
    "prompt versions, to tell an edit of the prompt": ("prompt",),
    "the model of each answer": ("model",),
    "what is asked (embeddings), to tell other questions": ("input_embedding", "input_topic"),
    "tokens, to tell longer answers from a price": ("input_tokens", "output_tokens"),
}
_NEEDS = {
    "silent_model_update": tuple(_TELLS)[:3],
    "price": (*tuple(_TELLS)[:2], tuple(_TELLS)[3]),
    "release": tuple(_TELLS)[:2],
    "unclear": tuple(_TELLS)[:3],
}


def _lacking(scene: Scene, cause: str) -> tuple[str, ...]:
    return tuple(told for told in _NEEDS.get(cause, ()) if not scene.records(*_TELLS[told]))
