"""What inputs and outputs mean, as sentence embeddings of a sample of the traces.

Here is what turns text into vectors: encoders, the cache, the sample. What is done with a vector (topics, tests) is
elsewhere. Importing this package costs nothing: torch is imported when a transformer really encodes a text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from drift.errors import ConfigError
from drift.features.batch import Batch, Context, Measured
from drift.features.embedding.cache import VectorCache
from drift.features.embedding.embedder import Embedder
from drift.features.embedding.encoder import Encoder
from drift.features.embedding.encoders import open_encoder

if TYPE_CHECKING:
    from drift.config import Config

__all__ = ["Embedder", "Encoder", "VectorCache", "measure", "open_embedder", "open_encoder", "sampled", "share_for", "thinned"]

# the column that says which encoder a features table's vectors come from
ENCODER_COLUMN = "_encoder"

SIDES = {"input": "input_embedding", "output": "output_embedding"}


def open_embedder(config: Config, cache: VectorCache | None = None) -> Embedder | None:
    """The embedder that `[embeddings]` asks for, None where it is off. Loads no model.

    Raises ConfigError where the model cannot be found or its weights are not the pinned ones.
    """
    section = config.embeddings
    if not section.enabled or section.sample == 0:
        return None
    if section.endpoint and not config.privacy.texts_leave:
        raise ConfigError("embeddings.endpoint sends texts elsewhere, and privacy.texts_leave is false; leave one of them out")
    encoder = open_encoder(section.model, endpoint=section.endpoint, precision=section.precision)
    return Embedder(encoder, cache)


def measure(batch: Batch, context: Context) -> Measured:
    """`input_embedding`, `output_embedding`: float32 (n, d), NaN rows where not sampled or without text; the encoder; and the
    similarities of `drift.features.similarity`.

    Nothing where `context.embedder` is None.
    """
    from drift.features import similarity

    embedder = context.embedder
    if embedder is None:
        return {}
    ids = batch.column("trace_id").to_pylist()
    chosen = sampled(ids, context.embed_share)
    texts = {side: [t if c else None for t, c in zip(batch.text(side), chosen, strict=True)] for side in SIDES}
    vectors = embedder.embed([*texts["input"], *texts["output"]])
    n = len(batch)
    paired = sampled(ids, min(context.embed_share, context.paired_share))
    return {
        "input_embedding": vectors[:n],
        "output_embedding": vectors[n:],
        ENCODER_COLUMN: np.full(n, embedder.encoder, object),
        **similarity.measure(batch, paired, vectors[:n], vectors[n:], embedder),
    }


def sampled(trace_ids: Sequence[str], share: float) -> np.ndarray:
    """Whether each trace belongs to the sample; bool, shape (n,).

    A trace is in when the 64-bit BLAKE2b hash of its id is below share · 2⁶⁴, so every shard, rerun and machine picks the
    same traces, and a smaller share picks a subset of a larger one.
    """
    if share >= 1:
        return np.ones(len(trace_ids), bool)
    digests = b"".join(hashlib.blake2b(str(t).encode(), digest_size=8).digest() for t in trace_ids)
    return np.frombuffer(digests, "<u8") < np.uint64(max(share, 0.0) * 2.0**64)


def share_for(sample: float, traces: int | None) -> float:
    """The share of a day's traces to take so that about `sample` are; 1 where the day's size is unknown."""
    return min(1.0, sample / traces) if traces else 1.0


def thinned(table: pa.Table, rows: int) -> pa.Table:
    """At most so many of the rows, evenly over the table."""
    return table if table.num_rows <= rows else table.take(np.arange(rows) * table.num_rows // rows)
