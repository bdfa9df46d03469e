"""Answers to a golden set that are expected to meet a rubric: the judge of `[judge]` is asked, within the set's own budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from drift.config import Config
from drift.errors import ConfigError
from drift.golden.sets import Example
from drift.judge.chat import PROVIDERS, Chat, Unanswered, installed, prices_of
from drift.judge.rubrics import Rubric, of_example
from drift.judge.spending import Budget, Exhausted


@dataclass
class Judged:
    """The judge of a run, and the rubrics of its examples by their texts. lost: how many answers it said nothing of, by why."""

    chat: Chat
    rubrics: dict[str, Rubric]
    lost: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, config: Config, examples: Sequence[Example], budget: Budget) -> Judged | None:
        """None where no example has a rubric. Raises ConfigError where one has and there is no judge, or no such rubric."""
        wanted = {example.rubric: example.id for example in examples if example.rubric}
        if not wanted:
            return None
        section = config.judge
        if not section.model:
            raise ConfigError(
                f"example {next(iter(wanted.values()))!r:.80} has a rubric, and nobody judges it; set judge.model"
            )
        installed(section.provider)
        chat = PROVIDERS[section.provider](
            section.provider, section.model, section.endpoint, prices_of(section), budget, section.timeout_s
        )
        found = {text: of_example(section, text) for text in wanted}
        for text, rubric in found.items():
            if missing := [name for name in rubric.needs if name not in ("input", "output")]:
                raise ConfigError(
                    f"example {wanted[text]!r:.80}: the rubric {rubric.name} needs {missing[0]}, which no golden set has"
                )
        return cls(chat, found)

    def is_good(self, example: Example, answer: str) -> bool | None:
        """Whether an answer meets the example's rubric; None where the judge said nothing that can be read."""
        rubric = self.rubrics[example.rubric]
        try:
            reply = self.chat.ask(rubric.ask({"input": example.input, "output": answer}), rubric.schema())
        except Unanswered as error:
            self.lost[error.why] += 1
            return None
        except Exhausted:
            self.lost["the budget is used up"] += 1
            return None
        score = rubric.score(reply.text)
        if score is None:
            self.lost["could not be read"] += 1
            return None
        return not rubric.fails(score)
