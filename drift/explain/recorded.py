"""What the traces of an incident's place say at all: a side that is not recorded, or not measured, is evidence for nothing.

Only what has values on the night and on ordinary days can have moved or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.findings import Checked, Event
from drift.profiles import OTHER, OVERALL

# what is looked at, as it is told, by the metrics that say whether it moved
LOOKED_AT: dict[str, tuple[str, ...]] = {
    "what is asked": ("input_embedding", "input_topic"),
    "length and language of the questions": ("input_characters", "input_language"),
    "prompt tokens": ("input_tokens",),
    "length of the answers": ("output_tokens", "output_characters", "output_words"),
    "what is answered": ("output_embedding", "output_topic", "output_language", "refusal"),
    "retrieval": ("nothing_found", "documents", "retrieval_top_score", "retrieval_mean_score", "context_relevance"),
    "age of the documents": ("index_age_hours", "document_age_days", "stale_documents"),
    "tools": ("tool_failure", "tool_loop", "tool_calls", "steps"),
    "errors": ("error", "error_type"),
    "retries": ("retried", "fallback"),
    "latency": ("latency_s", "ttft_s"),
    "cost": ("cost_usd",),
    "traffic": ("volume", "users"),
}
# what somebody deploys, as it is told
DEPLOYED = {"model": "model", "prompt": "prompt version", "release": "release"}
_NAMELESS = frozenset({"", "unknown", OTHER})


def of(panel: Panel, place: Segment, ordinary: Sequence[int]) -> frozenset[str]:
    """The metrics that have values in the place, or of all traffic, on the panel's last day and on an ordinary one; of what is
    deployed those that have a name."""
    rows = [panel.row[each] for each in (place, (OVERALL, "")) if each in panel.row]
    return frozenset(
        metric.name for j, metric in enumerate(panel.metrics) if any(_known(panel, i, j, metric.name, ordinary) for i in rows)
    )


def _known(panel: Panel, row: int, column: int, name: str, ordinary: Sequence[int]) -> bool:
    n = np.nan_to_num(panel.n[:, row, column])
    if name in DEPLOYED:
        names, counts = panel.labels(row, column)
        named = [place for place, label in enumerate(names) if label not in _NAMELESS]
        n = np.nan_to_num(counts[:, named]).sum(1)
    elif panel.metrics[column].kind == "count":
        n = np.nan_to_num(panel.total[:, row, column])
    return bool(n[-1] > 0 and (n[list(ordinary)] > 0).any())


def checked(known: frozenset[str], moved: Mapping[str, object], events: Sequence[Event]) -> tuple[Checked, ...]:
    """What was looked at and what became of it, in a fixed order."""

    def state(names: tuple[str, ...], did: Callable[[str], bool]) -> str:
        if any(did(name) for name in names):
            return "moved"
        return "did not move" if known.intersection(names) else "not recorded"

    sides = [Checked(told, state(names, moved.__contains__), names) for told, names in LOOKED_AT.items()]
    new = {event.dimension for event in events if event.kind != "gone"}
    return (*sides, *(Checked(told, state((name,), new.__contains__), (name,)) for name, told in DEPLOYED.items()))
