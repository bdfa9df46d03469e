"""Which segments repeat another: one that is (all but) the whole traffic, or has (all but) the same traces as an earlier one.

A prompt without a name, the only model, a model that serves one endpoint: compared again they say nothing new and cost sensitivity.
Whether traces are the same is seen in the cells, the cross of all dimensions; what fell outside the busiest cells counts as different.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from drift.detect.statistics.panel import Panel, Segment
from drift.profiles import CELL, OTHER

# as much of the traffic in common, today and over the earlier days, is the same traffic
SAME = 0.95


@dataclass(frozen=True)
class Place:
    """Where a metric is compared. traffic: the segment's share of the whole's traces; repeats: the segment with the same traces that
    is compared in its stead, None where it is its own."""

    segment: Segment
    traffic: float = 1.0
    repeats: Segment | None = None


# a night asks of its panel many times, and of that of the longer past
@lru_cache(maxsize=2)
def places(panel: Panel) -> Mapping[tuple[str, Segment], Place]:
    """By metric and segment, for all that have values today."""
    named = [i for i, (dimension, value) in enumerate(panel.segments) if dimension != CELL and value != OTHER]
    cells = [i for i, (dimension, value) in enumerate(panel.segments) if dimension == CELL and value != OTHER]
    member = np.array([np.isin(cells, panel.cells(panel.segments[i])) for i in named], float).reshape(len(named), len(cells))
    n = np.nan_to_num(panel.n)
    # before and today apart: traffic that has just come apart is no longer the same
    spans = (n[:-1].sum(0), n[-1])
    out: dict[tuple[str, Segment], Place] = {}
    for j, metric in enumerate(panel.metrics):
        same = np.logical_and(*(_same(span[named, j], span[cells, j], member) for span in spans))
        whole, kept = spans[1][0, j], np.zeros(len(named), bool)
        for row, i in enumerate(named):
            if spans[1][i, j] <= 0:
                continue
            twins = np.flatnonzero(same[row] & kept)
            kept[row] = not len(twins)
            share = min(1.0, float(spans[1][i, j] / whole)) if whole > 0 else 1.0
            out[metric.name, panel.segments[i]] = Place(
                panel.segments[i], share, panel.segments[named[twins[0]]] if len(twins) else None
            )
    return out


def _same(n: np.ndarray, cells: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Which segments have the same traces, (S, S); n: (S,), the whole first; cells: (C,) traces by cell; member: (S, C)."""
    common = (member * cells) @ member.T
    # of the whole every segment is a part
    common[0] = common[:, 0] = n
    return common >= SAME * np.maximum(n[:, None], n)
