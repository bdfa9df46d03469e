"""Where a document comes from: by the host of its address or what its id begins with, so that the source that stopped refreshing is named.

Which sources there are is in drift.toml, so that every shard of a day follows the same ones.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from drift.features.scores import safe_name

_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://([^/?#:]+)", re.I)
_PREFIX = re.compile(r"^([A-Za-z][\w .-]{0,39}?)[/:#|]")


def places(ids: pa.Array, sources: tuple[str, ...]) -> np.ndarray:
    """Which of the sources each document is of, by its id, -1 of none; shape (documents,)."""
    codes = ids.dictionary_encode()
    place = {safe_name(name): n for n, name in enumerate(sources)}
    of = [place.get(_source(text), -1) for text in codes.dictionary.to_pylist()]
    return np.array([*of, -1], np.int64)[codes.indices.fill_null(len(of)).to_numpy(zero_copy_only=False)]


def _source(text: str | None) -> str:
    if not text:
        return ""
    found = _HOST.match(text) or _PREFIX.match(text)
    return safe_name(found.group(1)) if found else ""
