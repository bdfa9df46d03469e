"""How old the knowledge was when it was used: the documents of a request and the index they came from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from drift import traces
from drift.features import sources
from drift.features.batch import Batch, Context, Measured, epoch_seconds
from drift.features.retrieval import mean_by_row, per_document
from drift.features.scores import safe_name

_DAY = 86_400.0


def measure(batch: Batch, context: Context) -> Measured:
    """`document_age_days` (mean over the request's documents), `stale_documents`, `index_age_hours`, and the first two by source.

    Ages are taken at the time of the request and are never negative: a document changed after it was used has age 0.
    `stale_documents` is a rate of requests: 1 where at least half of the dated documents are older than the limit. Where no
    document has a date, the configured key of the trace's metadata stands for them.
    """
    rows, updated = per_document(batch.column("documents"), "updated_at")
    ages = np.maximum(batch.timestamps[rows] - epoch_seconds(updated), 0.0) / _DAY
    dated = np.isfinite(ages)
    by_source = _by_source(batch, context, rows, ages)
    rows, ages = rows[dated], ages[dated]
    stale = mean_by_row(rows, (ages > context.stale_after_days).astype(float), len(batch))
    age = mean_by_row(rows, ages, len(batch))
    if context.document_date_key:
        told = np.maximum(batch.timestamps - _dates(batch, context.document_date_key), 0.0) / _DAY
        stale = np.where(np.isnan(age) & np.isfinite(told), told > context.stale_after_days, stale)
        age = np.where(np.isnan(age), told, age)
    return by_source | {
        "document_age_days": age,
        "stale_documents": np.where(np.isnan(stale), np.nan, stale >= 0.5),
        "index_age_hours": index_age(batch, context),
    }


def _by_source(batch: Batch, context: Context, rows: np.ndarray, ages: np.ndarray) -> Measured:
    """`document_age.<source>` and `stale.<source>` of each source of drift.toml, of the requests that used dated documents of it."""
    dated = np.isfinite(ages)
    if not context.document_sources or not dated.any():
        return {}
    _, ids = per_document(batch.column("documents"), "id")
    source = sources.places(ids.filter(pa.array(dated)), context.document_sources)
    rows, ages = rows[dated], ages[dated]
    out: Measured = {}
    for place, name in enumerate(map(safe_name, context.document_sources)):
        mine = source == place
        if mine.any():
            out[f"document_age.{name}"] = mean_by_row(rows[mine], ages[mine], len(batch))
            stale = mean_by_row(rows[mine], (ages[mine] > context.stale_after_days).astype(float), len(batch))
            out[f"stale.{name}"] = np.where(np.isnan(stale), np.nan, stale >= 0.5)
    return out


def index_age(batch: Batch, context: Context) -> np.ndarray:
    """Hours since the index was built, by the trace or else by the probe; NaN where neither knows; shape (n,).

    The probe knows only the last build: for a request before it, it says nothing.
    """
    age = np.maximum(batch.timestamps - batch.epoch("index_built_at"), 0.0)
    if context.index_changed is not None:
        since = batch.timestamps - context.index_changed.timestamp()
        age = np.where(np.isnan(age) & (since >= 0), since, age)
    return age / 3600


def _dates(batch: Batch, key: str) -> np.ndarray:
    """A date in the traces' metadata in epoch seconds, NaN where there is none that can be read; shape (n,)."""
    texts = batch.dimension(f"metadata.{key}").to_pylist()
    times = [traces.parse_time(_number_or_text(text)) if text else None for text in texts]
    return np.array([time.timestamp() if time else np.nan for time in times], float)


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
