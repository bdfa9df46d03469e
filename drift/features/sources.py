"""Where a document comes from: by the host of its address or what its id begins with, so that the source that stopped refreshing is named.

An application whose ids begin with more than a few different words has no sources that can be told from them.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pyarrow as pa

from drift.features.batch import Context
from drift.features.scores import safe_name

# sources that are followed; of more, the ids say nothing of where they come from
MOST, FEWEST = 8, 2
# dated documents of a batch that tell which sources there are, and the share of them that a source has at the least
_DECIDE, _SHARE = 50, 0.05
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://([^/?#:]+)", re.I)
_PREFIX = re.compile(r"^([A-Za-z][\w .-]{0,39}?)[/:#|]")


def of(ids: pa.Array, context: Context) -> tuple[list[str], np.ndarray]:
    """(names, which of them each document is of, -1 of none); shape (documents,). The day keeps the names that its first
    batch with enough documents has."""
    codes = ids.dictionary_encode()
    raw = [_source(text) for text in codes.dictionary.to_pylist()]
    own = np.array([*raw, ""], object)[codes.indices.fill_null(len(raw)).to_numpy(zero_copy_only=False)]
    kept: list[str] | None = context.extra.get("document_sources")  # type: ignore[assignment]
    if kept is None and len(own) < _DECIDE:
        return [], np.full(len(own), -1)
    if kept is None:
        uses = Counter(name for name in own.tolist() if name)
        told = [name for name, n in uses.items() if n >= _SHARE * len(own)]
        rest = sum(uses.values()) - sum(uses[name] for name in told)
        known = FEWEST <= len(told) <= MOST and rest <= 0.1 * max(len(own), 1)
        kept = context.extra["document_sources"] = sorted(told) if known else []
    place = {name: n for n, name in enumerate(kept)}
    return kept, np.array([place.get(name, -1) for name in own.tolist()], np.int64)


def _source(text: str | None) -> str:
    if not text:
        return ""
    found = _HOST.match(text) or _PREFIX.match(text)
    return safe_name(found.group(1)) if found else ""
