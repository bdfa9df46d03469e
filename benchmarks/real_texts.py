"""Texts of shared/data with their embeddings, each embedded once and kept below /tmp."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from drift.features.embedding import Embedder, VectorCache, open_encoder

DATA = Path("/work/shared/data")
CACHE = "/tmp/drift-benchmarks/embeddings"


def embedder(day: date = date(2026, 1, 1)) -> Embedder:
    return Embedder(open_encoder(), VectorCache(CACHE, day))


def queries() -> tuple[pd.DataFrame, np.ndarray]:
    """CLINC150 queries (text, intent, domain) and their vectors (n, 384)."""
    table = pd.read_parquet(DATA / "intent_queries.parquet").drop_duplicates("text").reset_index(drop=True)
    return table, embedder().embed(table.text.tolist())


def instructions() -> tuple[list[str], np.ndarray]:
    """The 805 instructions of AlpacaEval, in the order of `prompt_id`, and their vectors."""
    table = pd.read_parquet(DATA / "alpaca_eval.parquet").drop_duplicates("prompt_id").sort_values("prompt_id")
    return table.instruction.tolist(), embedder(date(2026, 1, 2)).embed(table.instruction.tolist())


def answers(model: str) -> tuple[list[str | None], np.ndarray]:
    """A model's answers to the 805 instructions in the same order (None where it has none), and their vectors."""
    table = pd.read_parquet(DATA / "alpaca_eval.parquet")
    ids = sorted(table.prompt_id.unique())
    own = table[table.model == model].drop_duplicates("prompt_id").set_index("prompt_id").output.reindex(ids)
    texts = [t if isinstance(t, str) else None for t in own]
    return texts, embedder(date(2026, 2, 1) + pd.Timedelta(days=sum(model.encode()) % 300)).embed(texts)
