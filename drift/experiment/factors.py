"""What differs between ordinary nights and the incident's, as recorded, and the arms that exchange it: one thing at a time, then all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from drift.config.sections import ExperimentSection
from drift.experiment.calls import Recorded, Sides
from drift.experiment.shape import Shape, filled, identities, shape_of
from drift.stores.final_call import Message


class Factor(StrEnum):
    """What can be exchanged in a call."""

    MODEL = "model"
    PROMPT = "prompt"
    PARAMETERS = "parameters"
    DOCUMENTS = "documents"


# the arms beside one a factor: the call as it was; with all that differs; the incident's own calls as they were
AS_IT_WAS, ALL, NOW = "as it was", "all", "now"
# of recorded calls, so many must say it before it counts as recorded
_MOST = 0.9
# two questions are one where their words are so near (cosine of TF-IDF)
_SAME_QUESTION = 0.8
# of questions asked on both sides, so many need other documents before these are another thing; and so many such calls are asked
_OTHER_DOCUMENTS, _FEWEST = 0.05, 50


@dataclass(frozen=True)
class Asked:
    """What is sent."""

    messages: tuple[Message, ...]
    model: str
    parameters: Mapping[str, Any]
    tools: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Factors:
    """What differs. same: what is recorded on both sides and does not; unknown: by factor, why it cannot be exchanged. then, now: by
    factor, what it was and is, in a word that holds no text of a trace."""

    differ: tuple[Factor, ...]
    same: tuple[Factor, ...]
    unknown: Mapping[Factor, str]
    then: Mapping[Factor, str] = field(default_factory=dict)
    now: Mapping[Factor, str] = field(default_factory=dict)


class Exchange:
    """The factors of two sides of recorded calls, and what each arm sends of a call."""

    def __init__(self, sides: Sides, section: ExperimentSection):
        self.section = section
        self._shapes = {one.trace_id: shape_of(one) for side in (sides.then, sides.now) for one in side}
        own, self._prompt = self._prompts(sides)
        self.sides = own
        self.factors = self._compared()

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms of ordinary calls: as it was, one a factor, and all together where several differ."""
        differ = tuple(factor.value for factor in self.factors.differ)
        return (AS_IT_WAS, *differ, *([ALL] if len(differ) > 1 else []))

    def asked(self, one: Recorded, arm: str) -> Asked | None:
        """What an arm sends of a call; None where the call does not allow the exchange."""
        differ = set(self.factors.differ) if arm == ALL else {Factor(arm)} if arm in set(Factor) else set()
        side = "now" if arm == NOW or Factor.MODEL in differ else "then"
        model = self.section.model or self._models[side] or one.call.model
        own = {**self.section.parameters, **one.call.parameters}
        parameters = {**self.section.parameters, **self._parameters["now"]} if Factor.PARAMETERS in differ else own
        messages: tuple[Message, ...] | None = one.call.messages
        if differ & {Factor.PROMPT, Factor.DOCUMENTS}:
            messages = self._filled(one, differ)
        return None if messages is None or model is None else Asked(messages, model, parameters, one.call.tools)

    def _filled(self, one: Recorded, differ: set[Factor]) -> tuple[Message, ...] | None:
        own = self._shapes[one.trace_id]
        if own is None:
            return None
        documents = own.documents
        if Factor.DOCUMENTS in differ:
            if one.trace_id not in self._matched:
                return None
            documents = self._matched[one.trace_id].documents
        return filled(self._prompt["now"] if Factor.PROMPT in differ and self._prompt["now"] else own, one, own, documents)

    def _prompts(self, sides: Sides) -> tuple[Sides, dict[str, Shape | None]]:
        """The calls of each side's commonest prompt, and that prompt; all calls where prompts are not known well enough."""
        chosen: dict[str, tuple[Recorded, ...]] = {}
        prompts: dict[str, Shape | None] = {}
        left_out = Counter(sides.left_out)
        for name, side in (("then", sides.then), ("now", sides.now)):
            shaped = [(one, shape) for one in side if (shape := self._shapes[one.trace_id]) is not None]
            chosen[name], prompts[name] = side, None
            names = identities([shape for _, shape in shaped])
            common = _commonest(names)
            if common is None or 2 * names.count(common) < len(side):
                continue
            kept = [pair for pair, of in zip(shaped, names, strict=True) if of == common]
            prompts[name] = next((shape for _, shape in kept if shape.has_place_for_documents), kept[0][1])
            if name == "then":
                # of its own calls the incident keeps all: what is asked may come with a prompt of its own
                chosen[name] = tuple(one for one, _ in kept)
                left_out["they have another prompt than most"] += len(side) - len(kept)
        return Sides(chosen["then"], chosen["now"], sides.whose, {k: n for k, n in left_out.items() if n}), prompts

    @cached_property
    def _models(self) -> dict[str, str | None]:
        return {
            side: _commonest([one.call.model for one in calls if one.call.model])
            for side, calls in (("then", self.sides.then), ("now", self.sides.now))
        }

    @cached_property
    def _parameters(self) -> dict[str, dict[str, Any]]:
        return {
            side: json.loads(_commonest([json.dumps(dict(one.call.parameters), sort_keys=True) for one in calls]) or "{}")
            for side, calls in (("then", self.sides.then), ("now", self.sides.now))
        }

    @cached_property
    def _matched(self) -> dict[str, Shape]:
        """By trace, the prompt with the documents of the incident's call that asked the same; nothing where few were asked on both sides."""
        with_documents = [
            [(one, shape) for one in calls if (shape := self._shapes[one.trace_id]) is not None and shape.documents]
            for calls in (self.sides.then, self.sides.now)
        ]
        then, now = with_documents
        if not then or not now:
            return {}
        return {
            then[at][0].trace_id: now[other][1]
            for at, other in enumerate(_nearest([one.question for one, _ in then], [one.question for one, _ in now]))
            if other is not None
        }

    def _compared(self) -> Factors:
        differ: list[Factor] = []
        same: list[Factor] = []
        unknown, then, now = {}, {}, {}
        models = self._models
        if self.section.model or models["then"] is None or models["now"] is None:
            unknown[Factor.MODEL] = "it is not recorded which was asked" if not self.section.model else "one is configured"
        else:
            then[Factor.MODEL], now[Factor.MODEL] = models["then"], models["now"]
            (same if models["then"] == models["now"] else differ).append(Factor.MODEL)
        if (before := self._prompt["then"]) is None or (after := self._prompt["now"]) is None:
            unknown[Factor.PROMPT] = "most calls have no prompt in common"
        else:
            then[Factor.PROMPT], now[Factor.PROMPT] = identities([before, after])
            (same if then[Factor.PROMPT] == now[Factor.PROMPT] else differ).append(Factor.PROMPT)
        if not all(self._records_parameters(calls) for calls in (self.sides.then, self.sides.now)):
            unknown[Factor.PARAMETERS] = "the store does not say them"
        else:
            then[Factor.PARAMETERS], now[Factor.PARAMETERS] = (_words(self._parameters[side]) for side in ("then", "now"))
            (same if self._parameters["then"] == self._parameters["now"] else differ).append(Factor.PARAMETERS)
        if any(one.documents for one in self.sides.then) or any(one.documents for one in self.sides.now):
            matched = self._matched
            others = sum(
                (own := self._shapes[trace]) is not None and own.documents != it.documents for trace, it in matched.items()
            )
            if len(matched) < _FEWEST:
                unknown[Factor.DOCUMENTS] = f"only {len(matched)} of the questions were asked on both sides"
            else:
                (differ if others > _OTHER_DOCUMENTS * len(matched) else same).append(Factor.DOCUMENTS)
        return Factors(tuple(differ), tuple(same), unknown, then, now)

    def _records_parameters(self, calls: Sequence[Recorded]) -> bool:
        known = sum("temperature" in {**self.section.parameters, **one.call.parameters} for one in calls)
        return bool(calls) and known >= _MOST * len(calls)


def _commonest(values: Sequence[Any]) -> Any:
    seen: Counter[Hashable] = Counter(values)
    return min(seen, key=lambda each: (-seen[each], str(each))) if seen else None


def _words(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(parameters.items()) if isinstance(value, (int, float, str)))


def _nearest(these: Sequence[str], those: Sequence[str]) -> list[int | None]:
    """For each question the one of `those` that is the same or nearly; None where none is."""
    known = {" ".join(text.lower().split()): at for at, text in reversed(list(enumerate(those)))}
    try:
        words = TfidfVectorizer(sublinear_tf=True).fit([*these, *those])
    except ValueError:
        # nothing but stop words and signs
        return [known.get(" ".join(text.lower().split())) for text in these]
    near = (words.transform(these) @ words.transform(those).T).toarray()
    best = near.argmax(1)
    return [
        known.get(" ".join(text.lower().split()), int(best[at]) if near[at, best[at]] >= _SAME_QUESTION else None)
        for at, text in enumerate(these)
    ]
