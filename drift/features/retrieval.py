"""What the retriever brought: how many documents and with which scores. Whether they help is `overlap`'s question."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured
from drift.features.flat import whole


def measure(batch: Batch, context: Context) -> Measured:
    """`documents`, `nothing_found`, `retrieval_top_score`, `retrieval_mean_score`, `context_characters`.

    A null list means that the request had no retrieval: unknown. An empty list means that the retrieval found nothing.
    """
    documents = batch.key("documents")
    counts = pc.list_value_length(documents).cast(pa.float64()).to_numpy(zero_copy_only=False)
    rows, scores = per_document(documents, "score")
    scores = np.asarray(scores.to_numpy(zero_copy_only=False), float)
    known = np.isfinite(scores)
    rows, scores = rows[known], scores[known]
    top = np.full(len(batch), -np.inf)
    np.maximum.at(top, rows, scores)
    return {
        "documents": counts,
        "nothing_found": np.where(np.isnan(counts), np.nan, counts == 0),
        "retrieval_top_score": np.where(np.isfinite(top), top, np.nan),
        "retrieval_mean_score": mean_by_row(rows, scores, len(batch)),
        "context_characters": _characters(documents, counts),
    }


def _characters(documents: pa.ListArray, counts: np.ndarray) -> np.ndarray:
    """Of all documents of a request together; NaN where it has none, or one whose text is not known."""
    rows, texts = per_document(documents, "text")
    lengths = pc.utf8_length(texts).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    return np.where(counts > 0, np.bincount(rows, lengths, len(counts)), np.nan)


def per_document(documents: pa.ListArray, field: str) -> tuple[np.ndarray, pa.Array]:
    """One field of all documents, and the row each belongs to: int64, shape (documents,)."""
    documents = whole(documents)
    flat = documents.flatten()
    return pc.list_parent_indices(documents).to_numpy(zero_copy_only=False), pc.struct_field(flat, field)


def mean_by_row(rows: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """Mean of the values of each row; NaN where a row has none; shape (n,)."""
    counts = np.bincount(rows, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(rows, values, n) / counts
