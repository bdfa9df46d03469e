"""What an evaluator said of a trace, in OTel's `gen_ai.evaluation.result`: as an event of a span, or as a log record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from drift.stores import evaluators
from drift.stores.span import EVALUATION, Span

RESULT = "gen_ai.evaluation.result"
_NAME, _VALUE, _LABEL = "gen_ai.evaluation.name", "gen_ai.evaluation.score.value", "gen_ai.evaluation.score.label"
# no part of the convention; Azure's evaluation SDK writes them
_EVALUATOR, _VERSION = "gen_ai.evaluator.name", "gen_ai.evaluator.version"


def score(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """The score in an evaluation's attributes; its number where it has one, else its label. None for one that failed or says nothing.

    >>> score({"gen_ai.evaluation.name": "Relevance", "gen_ai.evaluation.score.value": 4, "gen_ai.evaluation.score.label": "pass"})
    {'name': 'Relevance', 'value': 4.0}
    """
    name, value, label = (attributes.get(key) for key in (_NAME, _VALUE, _LABEL))
    if not isinstance(name, str) or not name or attributes.get("error.type"):
        return None
    evaluator = evaluators.named(attributes.get(_EVALUATOR), attributes.get(_VERSION))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return evaluators.noted({"name": name, "value": float(value)}, evaluator)
    return evaluators.noted({"name": name, "label": label}, evaluator) if isinstance(label, str) and label else None


def record(trace_id: str, span_id: str, at: datetime, attributes: Mapping[str, Any]) -> Span | None:
    """A log record of an evaluation; None where it says nothing."""
    found = score(attributes)
    return Span(trace_id, f"{EVALUATION}:{span_id}:{found['name']}", EVALUATION, at, scores=[found]) if found else None


def scores(events: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The scores among a span's events, each (name, attributes)."""
    return [found for name, attributes in events if name == RESULT and (found := score(attributes)) is not None]


def apart(spans: Iterable[Span], said: dict[str, list[dict[str, Any]]]) -> Iterator[Span]:
    """The spans without the evaluations among them, whose scores are put into `said` by trace."""
    for span in spans:
        if span.kind == EVALUATION:
            said.setdefault(span.trace_id, []).extend(span.scores)
        else:
            yield span
