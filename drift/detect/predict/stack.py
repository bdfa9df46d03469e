"""The statistics of a night as series of the model of an ordinary day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drift.detect.predict.ordinary import Series
from drift.detect.statistics.statistic import Statistic


def stacked(kinds: Sequence[Statistic]) -> Series:
    """The statistics as series of the model, each counting as evidence for itself."""
    return Series(
        np.array([s.y for s in kinds]),
        np.array([s.n for s in kinds]),
        np.array([s.variance for s in kinds]),
        np.array([max(s.typical, 1e-4) for s in kinds]),
        np.array([f"{s.metric.kind} {s.name.partition(':')[0]}" for s in kinds]),
        np.ones(len(kinds)),
    )
