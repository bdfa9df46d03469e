"""What is known of why an incident is there, as data that may be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

CAUSES = {
    "silent_model_update": "silent model update",
    "model_change": "change of model",
    "prompt_change": "prompt change",
    "audience": "other audience",
    "stale_index": "stale index",
    "broken_index": "broken index",
    "provider_incident": "provider incident",
    "price": "price",
    "tool_failure": "failing tool",
    "release": "application release",
    "unclear": "unclear",
}


@dataclass(frozen=True)
class Part:
    """A segment's part in a change: its share of the change within segments, and its share of the traffic."""

    dimension: str
    value: str
    share: float
    traffic: float


@dataclass(frozen=True)
class Event:
    """Something that changed about the traffic: a value of a dimension that appeared, went, or shifted, on a day."""

    kind: str
    dimension: str
    value: str
    day: date
    share_from: float
    share_to: float


@dataclass(frozen=True)
class Exemplar:
    """A trace that shows the change. `measured` is the metric's value on it."""

    trace_id: str
    url: str = ""
    measured: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why an incident is there, as far as one night shows it.

    cause: a key of CAUSES; `unclear` where the evidence does not decide. confidence: likely, possible or empty.
    summary: the cause's evidence as a few plain sentences. where: the parts of the change, largest first, by dimension.
    events: what changed about the traffic at that time. before, along: metrics that moved before it and with it.
    """

    cause: str = "unclear"
    confidence: str = ""
    summary: str = ""
    where: tuple[Part, ...] = ()
    events: tuple[Event, ...] = ()
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    considered: tuple[tuple[str, float], ...] = field(default=())
    exemplars: tuple[Exemplar, ...] = ()


def most_telling(notes: Sequence[Mapping[str, Any]]) -> int:
    """Which of an incident's explanations, one a night, is told: the latest that names a cause, else the latest; its place."""
    named = [place for place, note in enumerate(notes) if note.get("cause", "unclear") != "unclear"]
    return named[-1] if named else len(notes) - 1
