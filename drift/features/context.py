"""What a configuration makes of a measurement: the context that every concern gets."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from drift.errors import ConfigError
from drift.features.batch import Context
from drift.traces import SCHEMA

if TYPE_CHECKING:
    from drift.config import Config
    from drift.features.embedding import VectorCache

_NOT_DIMENSIONS = frozenset({"trace_id", "session_id", "system_prompt", "input", "output", "reference"})


def context(config: Config, *, traces: int | None = None, cache: VectorCache | None = None) -> Context:
    """The context that a configuration asks for.

    traces: how many the day has, if known; it sets the shares that are embedded and looked through. cache: vectors of earlier runs.
    Raises ConfigError where a dimension is not known, or a module of the user's own metrics or the embedding model cannot be
    found.
    """
    from drift.features import custom, embedding, index_probe, own, own_patterns, persons, presidio, similarity

    check_dimensions(config.segments.dimensions)
    return Context(
        dimensions=tuple(config.segments.dimensions),
        disabled=frozenset(name for name, metric in config.metrics.items() if not metric.enabled),
        stale_after_days=config.freshness.limit_days,
        completion_scores=tuple(config.quality.completion_scores),
        document_date_key=config.freshness.metadata_key,
        document_sources=tuple(config.freshness.sources),
        names=persons.known(config.safety.names),
        pii_types=presidio.known(config.safety.pii_types),
        pii_patterns=own_patterns.known(config.safety.patterns),
        harmful_patterns=tuple(config.safety.harmful_patterns),
        own=own.parse(config.safety.own),
        ceiling_usd=config.spend.request,
        index_changed=index_probe.last_change(config.freshness.index) if config.freshness.index else None,
        custom=custom.load(config.custom.modules),
        sampling_rate=config.pull.sampling_rate,
        embed_share=embedding.share_for(config.embeddings.sample, traces),
        paired_share=embedding.share_for(similarity.SHARE * config.embeddings.sample, traces),
        pii_share=embedding.share_for(presidio.SAMPLE, traces),
        embedder=embedding.open_embedder(config, cache),
        salt=os.environ.get("DRIFT_SALT", ""),
    )


def check_dimensions(names: Iterable[str]) -> None:
    """Raises ConfigError for a name by which traffic cannot be sliced."""
    texts = [field.name for field in SCHEMA if field.type == pa.string() and field.name not in _NOT_DIMENSIONS]
    for name in names:
        if name not in ("prompt", *texts) and not (name.startswith("metadata.") and name != "metadata."):
            allowed = ", ".join(["prompt", *texts, "metadata.<key>"])
            raise ConfigError(f"segments.dimensions: unknown dimension {name!r}; allowed: {allowed}")
