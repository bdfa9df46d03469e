"""Which segments a comparison looks into: those that both sides have enough traffic of.

A segment's rows are judged apart from those of all traffic: they say where a change is, and stop no gate.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from drift.metrics import Metric

# with fewer traces on a side a segment says nothing; of answers to the same inputs fewer are needed
FEWEST, FEWEST_PAIRS = 30, 10
# of the busiest values of a dimension
_VALUES = 6
_KINDS = ("number", "rate")


def looked_into(metric: Metric) -> bool:
    """Whether a metric's level is compared within segments."""
    return metric.kind in _KINDS


def busiest(a: Mapping[str, float], b: Mapping[str, float], *, fewest: int = FEWEST) -> list[str]:
    """The values of a dimension with the most traces of those with at least `fewest` on both sides; none where there is only one.

    a, b: traces by value.
    """
    enough = [value for value in a if a[value] >= fewest and b.get(value, 0) >= fewest]
    # a dimension of one value is all traffic once more
    return sorted(enough, key=lambda value: (-min(a[value], b[value]), value))[:_VALUES] if len({*a, *b}) > 1 else []


def masks(a: pd.Series, b: pd.Series, fewest: int = FEWEST) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each of the busiest values of a dimension its rows of a and of b, as flags."""
    known = [side.dropna().astype(str) for side in (a, b)]
    of_a, of_b = (side.value_counts().to_dict() for side in known)
    return {
        v: tuple((side.notna() & (side.astype(str) == v)).to_numpy() for side in (a, b))
        for v in busiest(of_a, of_b, fewest=fewest)
    }
