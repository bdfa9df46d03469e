"""drift's vector test as a contender of the peer harness (`run_embed.py --module benchmarks/contender_embedding.py`)."""

from __future__ import annotations

import numpy as np

from drift.detect import vectors

_DAYS: dict[int, tuple[np.ndarray, vectors.VectorDay]] = {}


def _day(x: np.ndarray) -> vectors.VectorDay:
    # a baseline day is summed up once, as in a lake; the array is kept beside its id, so the id stays its own
    kept = _DAYS.get(id(x))
    if kept is None or kept[0] is not x:
        while len(_DAYS) > 64:
            _DAYS.pop(next(iter(_DAYS)))
        kept = _DAYS[id(x)] = (x, vectors.VectorDay.of(x))
    return kept[1]


def fn_emb(reference: list[np.ndarray], current: np.ndarray, alpha: float = 0.05) -> bool:
    """Whether the metric alarms at `alpha`."""
    return vectors.vector_test([_day(x) for x in reference], _day(current)).p < alpha


def fn_emb_01(reference: list[np.ndarray], current: np.ndarray) -> bool:
    return fn_emb(reference, current, 0.01)


EMB_CONTENDERS = {"drift": fn_emb, "drift_01": fn_emb_01}
