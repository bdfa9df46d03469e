"""Vectors by the hash of their text, so that a rerun or a backfill encodes nothing twice.

A folder (any fsspec URL, such as one in the lake) holds, for each day and encoder, immutable parts named by their content;
adding is writing one more part. Shards and machines may add at once without a lock: the worst that can happen is a vector
stored twice. No text is stored, but a vector says a good deal about its text: keep the folder as private as the lake.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import uuid
import zipfile
from collections.abc import Container, Mapping
from datetime import date

import numpy as np

from drift import lake
from drift.errors import DriftError

_KEY_BYTES = 16


class VectorCache:
    """Vectors of one day below `url`. Parts are read once, when the first text of an encoder is asked for."""

    def __init__(self, url: str, day: date):
        self.url = url
        self.day = day
        self._parts: dict[str, dict[bytes, np.ndarray]] = {}
        self._fs, self._root = lake.opened(url, use_listings_cache=False)

    def read(self, encoder: str, keys: Container[bytes]) -> dict[bytes, np.ndarray]:
        """The known ones of `keys` (16-byte hashes) with their vectors, float32 (d,)."""
        if encoder not in self._parts:
            self._parts[encoder] = self._load(encoder)
        return {key: vector for key, vector in self._parts[encoder].items() if key in keys}

    def dimension(self, encoder: str) -> int | None:
        """How long the day's vectors of an encoder are; None where it has none."""
        self.read(encoder, ())
        return next((len(vector) for vector in self._parts[encoder].values()), None)

    def write(self, encoder: str, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Keep vectors under the hashes of their texts, in half precision."""
        if not vectors:
            return
        ordered = sorted(vectors)
        buffer = io.BytesIO()
        keys = np.frombuffer(b"".join(ordered), np.uint8).reshape(-1, _KEY_BYTES)
        np.savez(buffer, keys=keys, vectors=np.stack([vectors[k] for k in ordered]).astype(np.float16))
        name = hashlib.blake2b(buffer.getvalue(), digest_size=12).hexdigest() + ".npz"
        path = posixpath.join(self._folder(encoder), name)
        # a reader must never see half a part; object stores put a file whole, local disks need the rename
        if "file" in lake.protocols(self._fs):
            temporary = f"{path}.{uuid.uuid4().hex}.tmp"
            self._fs.makedirs(posixpath.dirname(path), exist_ok=True)
            self._fs.pipe_file(temporary, buffer.getvalue())
            self._fs.mv(temporary, path)
        else:
            self._fs.pipe_file(path, buffer.getvalue())
        self._parts.setdefault(encoder, {}).update(vectors)

    def sweep(self, before: date) -> int:
        """Delete the vectors of earlier days than `before`. Returns of how many days."""
        folders = self._fs.glob(posixpath.join(self._root, "day=*"))
        old = [path for path in folders if path.rsplit("day=", 1)[1] < before.isoformat()]
        for path in old:
            self._fs.rm(path, recursive=True)
        return len(old)

    def clear(self) -> None:
        """Delete the vectors of the day, of every encoder."""
        folder = posixpath.join(self._root, f"day={self.day}")
        if self._fs.exists(folder):
            self._fs.rm(folder, recursive=True)
        self._parts.clear()

    def _load(self, encoder: str) -> dict[bytes, np.ndarray]:
        found: dict[bytes, np.ndarray] = {}
        for path in sorted(self._fs.glob(posixpath.join(self._folder(encoder), "*.npz"))):
            try:
                with np.load(io.BytesIO(self._fs.cat_file(path))) as part:
                    keys, vectors = part["keys"], part["vectors"].astype(np.float32)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
                raise DriftError(f"embedding cache {path}: cannot be read ({error}); delete the file and run again") from None
            found.update((bytes(key), vector) for key, vector in zip(keys, vectors, strict=True))
        return found

    def _folder(self, encoder: str) -> str:
        # an identity may hold slashes and colons; its hash keeps two that look alike apart
        digest = hashlib.blake2b(encoder.encode(), digest_size=4).hexdigest()
        name = re.sub(r"[^A-Za-z0-9.@+-]+", "_", encoder)[-80:]
        return posixpath.join(self._root, f"day={self.day}", f"{name}-{digest}")
