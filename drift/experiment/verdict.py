"""What an experiment says of an incident's change: which part of it each thing makes, and whether one is proved to be the cause.

    change = the model by itself + what was exchanged together + what has gone since + what is asked

The model by itself: the same calls as they were, today against the answers on file. What was exchanged: the same calls with that thing as it is
now. Gone: the incident's own calls, on file against today. What is asked is the rest. A cause is told where the interval of its part excludes 0
on the side of the change, and it is at least half of the change; for the provider at 99 %, for it can least defend itself. What is not told
is not acquitted: a thing is not to blame where its part is shown to be less than half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from drift.experiment.effects import Effect
from drift.experiment.factors import Factor

ENOUGH = 0.5
# a cause beside the first: part of the change, and the chance that any part which is none is called one
_ALSO, _SURE = 0.25, 0.01
_PROVIDER, _OTHERS = 0.99, 0.95


class Part(StrEnum):
    """What an incident's change may be made of."""

    PROVIDER = "provider"
    MODEL = "model"
    PROMPT = "prompt"
    PARAMETERS = "parameters"
    DOCUMENTS = "documents"
    GONE = "gone"
    ASKED = "asked"


class Says(StrEnum):
    """How a part stands after the experiment."""

    CAUSE = "proved"
    ALSO = "also a part"
    NOT_TO_BLAME = "not to blame"
    SAME = "the same on both sides"
    OPEN = "not shown"
    UNKNOWN = "not exchanged"


@dataclass(frozen=True)
class Verdict:
    """causes: the parts that are proved, the largest first; empty where the experiment does not tell. says: how each part stands.
    or_unrecorded: the provider's part is also that of a parameter which the store does not say. not_there: the stored calls do not show the change that the incident was told with."""

    causes: tuple[Part, ...]
    says: Mapping[Part, Says]
    or_unrecorded: bool = False
    not_there: bool = False


def verdict(
    change: tuple[float, float],
    parts: Mapping[Part, Effect],
    same: tuple[Factor, ...],
    unknown: Mapping[Factor, str],
    told: float | None = None,
) -> Verdict:
    """change: of the stored calls, and its standard error, on the metric's scale; told: the change that the incident was told with."""
    whole = change[0]
    says = {Part(factor.value): Says.SAME for factor in same} | {Part(factor.value): Says.UNKNOWN for factor in unknown}
    if told is not None and (whole * told <= 0 or abs(whole) < abs(told) / 4) or abs(whole) < 2 * change[1]:
        return Verdict((), says | dict.fromkeys(parts, Says.OPEN), not_there=True)
    shares = {part: effect.estimate / whole for part, effect in parts.items()}
    shown = {part for part, effect in parts.items() if _excludes_nothing(part, effect, whole)}
    first = max(shown, key=lambda part: shares[part], default=None)
    causes: tuple[Part, ...] = ()
    sure = _SURE / max(len(parts), 1)
    if first is not None and shares[first] >= ENOUGH:
        also = {part for part in shown - {first} if shares[part] >= _ALSO and parts[part].p <= sure}
        causes = (first, *sorted(also, key=lambda part: -shares[part]))
    elif first is not None:
        # none makes half of it, and several together do
        together = sorted((p for p in shown if shares[p] >= _ALSO and parts[p].p <= sure), key=lambda p: -shares[p])
        causes = tuple(together) if len(together) > 1 and sum(shares[p] for p in together) >= 1.5 * ENOUGH else ()
    for part, effect in parts.items():
        edge = max(effect.low / whole, effect.high / whole)
        says[part] = (
            (Says.CAUSE if part == causes[0] else Says.ALSO)
            if part in causes
            else Says.NOT_TO_BLAME
            if edge < ENOUGH
            else Says.OPEN
        )
    return Verdict(causes, says, or_unrecorded=Part.PROVIDER in causes and Factor.PARAMETERS in unknown)


def _excludes_nothing(part: Part, effect: Effect, whole: float) -> bool:
    low, high = effect.interval(_PROVIDER if part == Part.PROVIDER else _OTHERS)
    return low > 0 if whole > 0 else high < 0
