"""Which rows of a day must be looked at together: those of one user, else of one session.

A day that is pulled in shards is finished in as many buckets. Every shard puts the rows of a user into the same one, by a hash. So a
session of two users, or in which some requests name no user, is finished as one session for each.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def bucketed(features: pa.Table, buckets: int) -> tuple[pa.Table, list[int]]:
    """The rows by their bucket, in each as they were, and how many each bucket has."""
    place = of_texts(pc.coalesce(features.column("user"), features.column("session_id"), features.column("trace_id")), buckets)
    order = np.argsort(place, kind="stable")
    return features.take(pa.array(order)), np.bincount(place, minlength=buckets).tolist()


def of_texts(keys: pa.Array | pa.ChunkedArray, buckets: int) -> np.ndarray:
    """The bucket of each key, (n,) int64; the same on every machine."""
    encoded = pc.dictionary_encode(pc.fill_null(keys, ""))
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    hashes = np.array([crc32(key) for key in encoded.dictionary.cast(pa.binary()).to_pylist()], np.int64)
    return hashes[encoded.indices.to_numpy()] % buckets if len(hashes) else np.zeros(0, np.int64)


def split(table: pa.Table, key: str, buckets: int) -> list[pa.Table]:
    """The rows of each bucket of a text column, in each as they were."""
    place = of_texts(table.column(key), buckets)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=buckets))
    rows = table.take(pa.array(order))
    return [rows.slice(start, end - start) for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)]
