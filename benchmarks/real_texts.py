"""Texts of shared/data with their embeddings, each embedded once and kept below /tmp."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from drift.config.sections import STATIC_MODEL
from drift.features.embedding import Embedder, VectorCache, open_encoder

DATA = Path("/work/shared/data")
CACHE = "/tmp/drift-benchmarks/embeddings"


def embedder(model: str, day: date = date(2026, 1, 1)) -> Embedder:
    return Embedder(open_encoder(model), VectorCache(CACHE, day))


def queries(model: str = STATIC_MODEL) -> tuple[pd.DataFrame, np.ndarray]:
    """CLINC150 queries (text, intent, domain) and their vectors (n, d)."""
    table = pd.read_parquet(DATA / "intent_queries.parquet").drop_duplicates("text").reset_index(drop=True)
    return table, embedder(model).embed(table.text.tolist())


def instructions(model: str = STATIC_MODEL) -> tuple[list[str], np.ndarray]:
    """The 805 instructions of AlpacaEval, in the order of `prompt_id`, and their vectors."""
    table = pd.read_parquet(DATA / "alpaca_eval.parquet").drop_duplicates("prompt_id").sort_values("prompt_id")
    return table.instruction.tolist(), embedder(model, date(2026, 1, 2)).embed(table.instruction.tolist())


def answers(of: str, model: str = STATIC_MODEL) -> tuple[list[str | None], np.ndarray]:
    """The answers of a model to the 805 instructions in the same order (None where it has none), and their vectors."""
    table = pd.read_parquet(DATA / "alpaca_eval.parquet")
    ids = sorted(table.prompt_id.unique())
    own = table[table.model == of].drop_duplicates("prompt_id").set_index("prompt_id").output.reindex(ids)
    texts = [t if isinstance(t, str) else None for t in own]
    return texts, embedder(model, date(2026, 2, 1) + pd.Timedelta(days=sum(of.encode()) % 300)).embed(texts)
