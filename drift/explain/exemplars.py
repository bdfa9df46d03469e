"""Traces that show a change: the most typical of it, and not all of one kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics
from drift.findings import Exemplar, label_of
from drift.profiles.build import ENCODER

HOW_MANY = 5
_POOL = 200
_BINS = 20


def choose(
    today: pa.Table,
    before: pa.Table | None,
    metric: str,
    statistic: str,
    rose: bool,
    trace_url: Callable[[str], str | None] = lambda trace_id: None,
) -> tuple[Exemplar, ...]:
    """Up to HOW_MANY traces of the day whose value is much more usual now than before.

    today, before: features tables of the incident's place (see `within`); `before` is of ordinary days, and without it the
    values farthest in the direction of the change are taken. Of the most typical the farthest from each other are chosen:
    by the answer's embedding where both have one, otherwise by session and user.
    """
    rows = today
    if metric not in rows.column_names or rows.num_rows == 0:
        return ()
    earlier = before if before is not None and metric in before.column_names else None
    typical = _typicality(rows, earlier, metric, statistic, rose)
    ids = np.array(rows.column("trace_id").to_pylist(), dtype=object)
    usable = np.flatnonzero(np.isfinite(typical) & (typical > 0))
    # equal scores are taken by a fixed order of trace ids, so that a rerun names the same traces
    pool = usable[np.lexsort((ids[usable].astype(str), -typical[usable]))][:_POOL]
    chosen = _spread(rows, pool, typical[pool])
    values = _shown(rows, metric)
    return tuple(Exemplar(str(ids[i]), trace_url(str(ids[i])) or "", values(i), _reason(metric, statistic)) for i in chosen)


def affected(rows: pa.Table, before: pa.Table | None, metric: str, statistic: str, rose: bool) -> np.ndarray:
    """Which rows have a value that is more usual now than before, on the side that the change went to; bool, shape (rows,)."""
    if metric not in rows.column_names or rows.num_rows == 0:
        return np.zeros(rows.num_rows, bool)
    earlier = before if before is not None and metric in before.column_names else None
    typical = _typicality(rows, earlier, metric, statistic, rose)
    return np.isfinite(typical) & (typical > 0)


def _typicality(rows: pa.Table, before: pa.Table | None, metric: str, statistic: str, rose: bool) -> np.ndarray:
    """How much more usual each value is now than before, as the logarithm of a ratio of densities; shape (rows,)."""
    kind = _kind(metric)
    if kind == "label":
        return _labels(rows, before, metric, statistic, rose)
    if kind == "vector":
        return _direction(rows, before, metric)
    x = _floats(rows, metric)
    if kind == "rate":
        return np.where(np.isfinite(x), np.where((x > 0.5) == rose, 1.0, -1.0), np.nan)
    earlier = _floats(before, metric) if before is not None else np.array([])
    known, usual = x[np.isfinite(x)], earlier[np.isfinite(earlier)]
    if len(known) == 0:
        return x
    if len(usual) < _BINS:
        rank = (x - np.median(known)) * (1 if rose else -1)
        return np.where(np.isfinite(x), rank, np.nan)
    edges = np.unique(np.quantile(np.concatenate([known, usual]), np.linspace(0, 1, _BINS + 1)[1:-1]))
    now, then = (np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1) for v in (known, usual))
    ratio = np.log((now + 0.5) / (len(known) + 0.5)) - np.log((then + 0.5) / (len(usual) + 0.5))
    # a distribution that narrows has more in its middle as well; only the side that it moved to shows the change
    centre = np.median(usual)
    side = (x > centre) if rose else (x < centre)
    score = ratio[np.searchsorted(edges, np.nan_to_num(x), side="right")]
    return np.where(np.isfinite(x) & side, score, np.nan)


def _labels(rows: pa.Table, before: pa.Table | None, metric: str, statistic: str, rose: bool) -> np.ndarray:
    label = label_of(statistic)
    values = rows.column(metric).cast(pa.string()).to_pylist()
    if rose or before is None:
        return np.array([1.0 if value == label else np.nan for value in values])
    earlier = before.column(metric).cast(pa.string()).to_pylist()
    now, then = Counter(values), Counter(earlier)
    grown = {v for v in now if v is not None and now[v] * max(len(earlier), 1) > then[v] * len(values)}
    return np.array([1.0 if value in grown and value != label else np.nan for value in values])


def _direction(rows: pa.Table, before: pa.Table | None, metric: str) -> np.ndarray:
    """Projection on the way from the earlier centroid to today's."""
    x = vectors(rows, metric)
    alike = before is not None and encoders(before) == encoders(rows)
    usual = vectors(before, metric) if alike else np.zeros((0, x.shape[1]))
    known = np.isfinite(x).all(1)
    usual = usual[np.isfinite(usual).all(1)] if len(usual) else usual
    if not known.any() or not len(usual):
        return np.full(len(x), np.nan)
    way = x[known].mean(0) - usual.mean(0)
    return np.where(known, (np.nan_to_num(x) - usual.mean(0)) @ way, np.nan)


def _spread(rows: pa.Table, pool: np.ndarray, typical: np.ndarray) -> list[int]:
    """Farthest-first among the typical, starting with the most typical; the pool's row numbers."""
    if not len(pool):
        return []
    name = "output_embedding" if "output_embedding" in rows.column_names else None
    points = vectors(rows.take(pa.array(pool)), name) if name else np.zeros((len(pool), 0))
    has = np.asarray(np.isfinite(points).all(1), bool) if points.shape[1] else np.zeros(len(pool), bool)
    groups = [_column(rows, key, pool) for key in ("session_id", "user")]
    chosen = [0]
    while len(chosen) < min(HOW_MANY, len(pool)):
        far = np.full(len(pool), 1.0)
        for c in chosen:
            # no two of one session or user, as long as there are others
            same = np.sum([[g is not None and g == group[c] for g in group] for group in groups], axis=0, dtype=float)
            near = np.where(has & has[c], np.nan_to_num(points) @ np.nan_to_num(points[c]), 0.0) if points.shape[1] else 0.0
            far = np.minimum(far, 1.0 - near - same)
        far[chosen] = -np.inf
        # among equally far ones the order of the pool, which is that of typicality
        chosen.append(int(np.argmax(far)))
    return [int(pool[c]) for c in chosen]


def _column(rows: pa.Table, name: str, pool: np.ndarray) -> list:
    return rows.column(name).take(pa.array(pool)).to_pylist() if name in rows.column_names else [None] * len(pool)


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def encoders(table: pa.Table) -> set[str]:
    """The encoders that the vectors of a features table come from."""
    return set(table.column(ENCODER).drop_null().to_pylist()) if ENCODER in table.column_names else set()


def vectors(table: pa.Table, name: str) -> np.ndarray:
    """A column of vectors, (rows, d), NaN where a row has none; d is 1 where no row has one."""
    column = table.column(name)
    lengths = pc.list_value_length(column).fill_null(0).to_numpy().astype(int)
    # never 0: a row of no numbers would pass for a vector that is known
    width = int(lengths.max(initial=0)) or 1
    out = np.full((len(column), width), np.nan)
    out[lengths > 0] = pc.list_flatten(column).to_numpy().reshape(-1, width)
    return out


def _shown(rows: pa.Table, metric: str) -> Callable[[int], float | None]:
    if _kind(metric) in ("label", "vector"):
        return lambda i: None
    values = _floats(rows, metric)
    return lambda i: float(values[i]) if np.isfinite(values[i]) else None


def _reason(metric: str, statistic: str) -> str:
    label = label_of(statistic)
    return f"typical of the change of {metric}" if label is None else f"{metric} is {label}"


def _kind(metric: str) -> str:
    known = metrics.find(metric)
    return known.kind if known else "number"
