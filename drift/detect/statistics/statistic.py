"""One comparable series of a night, and what the mix of cells explains of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from drift.detect.statistics.panel import Segment
from drift.metrics import Metric

# by day, the series (metric, dimension, value) that are not compared with it
Excluded = Mapping[date, Collection[tuple[str, str, str]]]
# a cell's baseline mean is drawn toward the segment's as if by this many traces
CELL_PRIOR = 20.0
# days after which a new cell's own past counts as much as that of the traffic that it took over
LIFE = 7.0
# the √ρ that is typical of a kind of statistic: day effects of some per cent of the spread within a day
TYPICAL_LEVEL, TYPICAL_LOGIT, TYPICAL_TRAFFIC, TYPICAL_SHAPE = 0.035, 0.12, 0.08, 0.3

# standard errors by which a day's variance may exceed the baseline's and still be that of one
BY_CHANCE = 3.0


class Scale(StrEnum):
    """On which scale a statistic is compared, and so how its numbers are read."""

    LOG = "log"
    LINEAR = "linear"
    SHARE = "share"
    QUANTILE = "quantile"
    SHAPE = "shape"


@dataclass(frozen=True)
class Statistic:
    """One series of a night; arrays are (T,), today last.

    y: standardised value on the scale on which it is compared. raw: the same before standardisation. mix: raw − y.
    n: effective traces. variance: of one trace on the scale. size: traces. events: counts behind a share, for exact tails.
    expected: the share that the day's mix explains. quantile: the day's quantile behind a tail. scale: how to read y.
    degrees: of freedom of the χ² that a shape's distance is. rough: of an earlier day, what its traces' own spread adds to its sampling
    variance where that is beyond what the other days show.
    """

    metric: Metric
    segment: Segment
    name: str
    scale: Scale
    y: np.ndarray
    mix: np.ndarray
    n: np.ndarray
    variance: float
    typical: float
    weight: float
    events: np.ndarray | None = None
    size: np.ndarray | None = None
    expected: np.ndarray | None = None
    quantile: np.ndarray | None = None
    one_sided: bool = False
    degrees: int = 0
    rough: np.ndarray | None = None

    @property
    def raw(self) -> np.ndarray:
        return self.y + self.mix

    @property
    def traces(self) -> np.ndarray:
        """(T,) traces behind each day, 0 where it is unknown."""
        return np.where(self.n > 0, self.n if self.size is None else self.size, 0.0)

    def counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """events, size and expected of a series that is a share. Raises ValueError where it is none."""
        if self.events is None or self.size is None or self.expected is None:
            raise ValueError(f"{self.metric.name} {self.name}: no share, so it has no counts")
        return self.events, self.size, self.expected


def standard(n: np.ndarray, total: np.ndarray, history: np.ndarray, like: np.ndarray) -> tuple[np.ndarray, float]:
    """What each day's mix explains: Σ_c n_dc m_c / n_d, and the baseline's mean m̄; m_c are the cells' baseline means.

    n, total: (T, C). like: (C, C), see `likeness`. Returns (T,) and a number.
    """
    base_n, base = n[history].sum(0), total[history].sum(0)
    mean = base.sum() / max(base_n.sum(), 1e-300)
    cell = (base + CELL_PRIOR * mean) / (base_n + CELL_PRIOR)
    target = like @ cell + (1 - like.sum(1)) * mean
    weight = prior(n, like)
    cell = (base + weight * target) / (base_n + weight)
    day = n.sum(1)
    return np.where(day > 0, n @ cell / np.maximum(day, 1e-300), mean), mean


def prior(n: np.ndarray, like: np.ndarray) -> np.ndarray:
    """How many traces what each cell is drawn toward counts for, (C,): of a newcomer as many as it has in a week."""
    return np.where(like.sum(1) > 0, np.maximum(CELL_PRIOR, LIFE * n[-1]), CELL_PRIOR)


def history_of(known: np.ndarray) -> np.ndarray:
    history = known.copy()
    history[-1] = False
    return history
