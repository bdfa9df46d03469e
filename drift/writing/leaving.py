"""What is to be left of one incident in the store that its traces are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A trace of the dataset. ordinary: it is the neighbour of a bad one, from before; its answer is then what is expected."""

    trace_id: str
    question: str | None
    answer: str | None
    ordinary: bool


@dataclass(frozen=True)
class Leaving:
    """What is to be left of one incident. affected: traces that are scored; exemplars: those that are queued and commented on."""

    incident: str
    sentence: str
    report_url: str
    items: Sequence[Item]
    affected: Sequence[str]
    exemplars: Sequence[str]

    @property
    def dataset(self) -> str:
        """The name of its dataset."""
        return f"drift-incident-{self.incident}"

    @property
    def told(self) -> str:
        """What is said of it to a person: the sentence, the report's link, and last a line that only this incident has."""
        return "\n\n".join(filter(None, (self.sentence, self.report_url, self.mark)))

    @property
    def mark(self) -> str:
        return f"drift incident {self.incident}"
