"""What changed about the traffic at a time: a model, prompt, release or endpoint that appeared, went, or took over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.findings import Event
from drift.metrics import SCORED_BY, TOOL_SCHEMA

_DIMENSIONS = ("model", "prompt", "release", "name", "step_model", "parameters")
# a value below this share is an experiment or a stray
_SHARE, _BEFORE = 0.03, 0.005
_SHIFT = 0.15
_NAMELESS = ("", "unknown", "other")


def around(panel: Panel, within: Segment, first: date, last: date) -> list[Event]:
    """The events inside a segment whose day is within a day of `first` … `last`, the largest share first.

    A value appeared on the first day on which it has a quarter of the share that it has afterwards; a shift is dated by the
    day of its largest step.
    """
    row = panel.row.get(within)
    if row is None:
        return []
    found = []
    families = sorted(name for name in panel.column if name.startswith((SCORED_BY, TOOL_SCHEMA)))
    for dimension in (*_DIMENSIONS, *families):
        if dimension not in panel.column or dimension == within[0]:
            continue
        names, counts = panel.labels(row, panel.column[dimension])
        known = np.flatnonzero(np.isfinite(counts).all(1) & (counts.sum(1) > 0))
        if not len(names) or len(known) < 2:
            continue
        shares = counts[known] / counts[known].sum(1, keepdims=True)
        days = [panel.days[i] for i in known]
        for j, name in enumerate(names):
            if name not in _NAMELESS:
                event = _event(dimension, name, days, shares[:, j])
                if event is not None and first - timedelta(days=1) <= event.day <= last + timedelta(days=1):
                    found.append(event)
    order = {"appeared": 0, "gone": 1, "shifted": 2}
    return sorted(found, key=lambda e: (order[e.kind], -abs(e.share_to - e.share_from), e.dimension, e.value))


def _event(dimension: str, name: str, days: Sequence[date], shares: np.ndarray) -> Event | None:
    step = int(np.argmax(np.abs(np.diff(shares)))) + 1
    before, after = float(np.median(shares[:step])), float(np.median(shares[step:]))
    appeared = np.flatnonzero(shares > 0.25 * max(shares[step:].max(), _SHARE))
    if before <= _BEFORE and after >= _SHARE and len(appeared):
        return Event("appeared", dimension, name, days[int(appeared[0])], before, after)
    if after <= _BEFORE and before >= _SHARE:
        return Event("gone", dimension, name, days[step], before, after)
    if abs(after - before) >= _SHIFT:
        return Event("shifted", dimension, name, days[step], before, after)
    return None
