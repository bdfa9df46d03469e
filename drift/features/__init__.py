"""What is measured on a trace: one file a concern, each with `measure(batch, context)`; this file only puts them together.

Numbers, flags and short labels out, no text: what leaves this room may be stored. A measurement that fails costs the rows
it fails on, for that measurement alone, and is counted in `Context.failures`; it never stops a night.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics, traces
from drift.features import memory
from drift.features.batch import FAILED, Batch, Context, Measure, Measured, mark_failures
from drift.features.context import context
from drift.features.flat import whole
from drift.features.sessions import finish, json_endpoints_of

__all__ = ["Batch", "Context", "Measure", "Measured", "context", "empty", "extract", "finish", "json_endpoints_of"]

if TYPE_CHECKING:
    from drift.config import Config

# the first group works best on arrays that fit the processor's cache, the second on large batches, as models do
CONCERNS = (
    "text",
    "language",
    "format",
    "repetition",
    "questions",
    "overlap",
    "tone",
    "prompt_leak",
    "retrieval",
    "freshness",
    "usage",
    "errors",
    "tools",
    "steps",
    "results",
    "attempts",
    "unsaid",
    "in_vain",
    "assembly",
    "scores",
)
LARGE = ("corrections", "refusal", "injection", "pii", "embedding", "topics")

BATCH = 8192
LARGE_BATCH = 32_768
_LOST_ROWS = 64
_KEYS = ("trace_id", "timestamp")
# by which version of drift's measurements the trace was measured
RULER = "_ruler"
_IDENTITY = ("user", "session_id")
# dimensions that are metrics too: their mix is followed whether or not they slice the traffic
_MIXES = ("name", "model", "prompt", "release")
# the same, of stores that record it
_PARAMETERS = "parameters"


def extract(table: pa.Table, context: Context) -> pa.Table:
    """The features of a trace table (`drift.traces.SCHEMA`).

    Columns: trace_id, timestamp, the dimensions, user, session_id, then one per metric.
    One row a trace, in the traces' order; null where unknown. Columns that begin with `_` are keys for `finish`, which
    adds what only the whole day can tell. Which columns there are depends on the traces (scores have names of their own),
    so tables are put together with `pa.concat_tables(…, promote_options="default")`.
    """
    memory.keep()
    parts = [_slice(Batch(table.slice(start, BATCH)), context) for start in range(0, max(table.num_rows, 1), BATCH)]
    features = pa.concat_tables(parts, promote_options="default")
    large = [_large(Batch(table.slice(start, LARGE_BATCH)), context) for start in range(0, max(table.num_rows, 1), LARGE_BATCH)]
    for name, column in _joined(large).items():
        features = features.append_column(name, column)
    return features.append_column(RULER, pa.array(np.full(len(features), metrics.RULER, np.int8))).combine_chunks()


def _slice(batch: Batch, context: Context) -> pa.Table:
    columns = _keys(batch, context)
    for name, measure in [*measures(_enabled(CONCERNS, context)), *context.custom]:
        columns |= _columns(measured(name, measure, batch, context), context)
    return pa.table(columns)


def _large(batch: Batch, context: Context) -> tuple[int, Measured]:
    columns: Measured = {}
    for name, measure in measures(_enabled(LARGE, context)):
        columns |= _columns(measured(name, measure, batch, context), context)
    return len(batch), columns


def _enabled(names: Iterable[str], context: Context) -> list[str]:
    return [name for name in names if name not in context.disabled]


def empty(config: Config) -> pa.Table:
    """The features of no traces."""
    # the width of a vector is known by the model alone, which is not loaded for no rows
    return extract(traces.empty(), replace(context(config), embedder=None))


def measured(name: str, measure: Measure, batch: Batch, context: Context) -> Measured:
    """What `measure` gives for the batch; where it raises, the batch is halved until only the rows at fault are unknown.

    Past 64 such rows the fault is the measurement's, and the rest of the batch is unknown too. The rows are marked in a
    column `_failed.<name>`, which is there only where something failed.
    """
    failed: Counter[str] = Counter()
    mark = FAILED + name
    result = _halving(measure, batch, context, failed, mark)
    if failed.total():
        rows = _array(result.pop(mark)).fill_null(False).to_numpy(zero_copy_only=False)
        result |= mark_failures(name, rows, failed, context)
    return result


def _halving(measure: Measure, batch: Batch, context: Context, failed: Counter[str], mark: str) -> Measured:
    if failed.total() >= _LOST_ROWS:
        failed["not tried"] += len(batch)
        return {mark: np.ones(len(batch), bool)}
    try:
        return measure(batch, context)
    except Exception as error:  # a night outlives any one row and any one feature
        if len(batch) <= 1:
            failed[type(error).__name__] += len(batch)
            return {mark: np.ones(len(batch), bool)}
    half = len(batch) // 2
    halves = [Batch(batch.traces.slice(0, half)), Batch(batch.traces.slice(half))]
    return _joined([(len(part), _halving(measure, part, context, failed, mark)) for part in halves])


def _joined(parts: Iterable[tuple[int, Measured]]) -> Measured:
    """Results of consecutive row ranges as one; a column that a range lacks is unknown there."""
    arrays = [(rows, {name: _array(values) for name, values in part.items()}) for rows, part in parts]
    kinds = {name: values.type for _, part in arrays for name, values in part.items()}
    return {
        name: pa.concat_arrays([part[name] if name in part else pa.nulls(rows, kind) for rows, part in arrays])
        for name, kind in kinds.items()
    }


def measures(names: Iterable[str]) -> Iterable[tuple[str, Measure]]:
    for name in names:
        yield name, importlib.import_module(f"drift.features.{name}").measure


def _keys(batch: Batch, context: Context) -> dict[str, pa.Array]:
    names = dict.fromkeys((*_KEYS, *_MIXES, *context.dimensions, *_IDENTITY))
    keys = {name: batch.key(name) if name in (*_KEYS, *_IDENTITY) else batch.dimension(name) for name in names}
    if batch.known(_PARAMETERS).any():
        keys[_PARAMETERS] = batch.dimension(_PARAMETERS)
    rate = pc.fill_null(batch.key("sampling_rate"), context.sampling_rate)
    # a column only where traces are a sample
    return keys if pc.all(pc.equal(rate, 1.0), min_count=0).as_py() else keys | {traces.SAMPLING_RATE: rate}


def _columns(values: Measured, context: Context) -> dict[str, pa.Array]:
    return {name: _array(column) for name, column in values.items() if name not in context.disabled}


def _array(values: np.ndarray | pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return whole(values)
    if values.ndim == 2:
        known = ~np.isnan(values).any(axis=1)
        flat = pa.array(np.ascontiguousarray(values, np.float32).ravel())
        return pa.FixedSizeListArray.from_arrays(flat, values.shape[1], mask=pa.array(~known))
    if values.dtype.kind == "f":
        return pa.array(values, pa.float64(), mask=~np.isfinite(values))
    if values.dtype == object:
        return pa.array(values, pa.string(), from_pandas=True)
    return pa.array(values)
