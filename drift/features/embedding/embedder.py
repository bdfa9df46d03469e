"""Texts in, vectors out: each different text is encoded once in a run, and never again where the cache knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from drift.errors import DriftError
from drift.features.embedding.cache import VectorCache
from drift.features.embedding.encoder import Encoder


class Embedder:
    """An encoder behind a cache.

    encoded: how many texts went through the model so far (0 where everything came from the cache).
    """

    def __init__(self, encoder: Encoder, cache: VectorCache | None = None):
        self._encoder = encoder
        self._cache = cache
        self._known: dict[bytes, np.ndarray] = {}
        self._refused: DriftError | None = None
        self.encoded = 0

    @property
    def encoder(self) -> str:
        """The encoder's identity. Vectors of two identities are never compared."""
        return self._encoder.identity

    @property
    def dimension(self) -> int:
        """Length of a vector. Asked of the model only where no vector is known."""
        if self._known:
            return len(next(iter(self._known.values())))
        return (self._cache and self._cache.dimension(self.encoder)) or self._encoder.dimension

    def embed(self, texts: Sequence[str | None]) -> np.ndarray:
        """One unit vector a text; float32 (n, d), NaN rows for None and for blank text.

        Raises DriftError where the encoder cannot be used; it is then not tried again.
        """
        keys = [_key(t) if t and not t.isspace() else None for t in texts]
        wanted = {k: t for k, t in zip(keys, texts, strict=True) if k is not None and t is not None and k not in self._known}
        if wanted and self._cache is not None:
            self._known |= self._cache.read(self.encoder, wanted)
        fresh = {k: t for k, t in wanted.items() if k not in self._known}
        if fresh:
            vectors = self._encode(list(fresh.values()))
            self.encoded += len(fresh)
            new = dict(zip(fresh, vectors, strict=True))
            self._known |= new
            if self._cache is not None:
                self._cache.write(self.encoder, new)
        out = np.full((len(keys), self.dimension), np.nan, np.float32)
        for row, key in enumerate(keys):
            if key is not None:
                out[row] = self._known[key]
        return out

    def _encode(self, texts: list[str]) -> np.ndarray:
        # a measurement that fails is tried again on fewer rows; a model that is not there stays away
        if self._refused is not None:
            raise self._refused
        try:
            # half precision moves a cosine by less than 1e-4 and halves what lake and cache hold of a day
            return np.asarray(self._encoder.encode(texts), np.float16).astype(np.float32)
        except DriftError as error:
            self._refused = error
            raise


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
