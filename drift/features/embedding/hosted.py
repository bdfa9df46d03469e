"""A hosted encoder: any service that answers OpenAI's POST /embeddings. Texts leave this machine; it is never the default."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlsplit

import httpx
import numpy as np
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from drift.errors import ConfigError, StoreError

KEY_VARIABLE = "DRIFT_EMBEDDINGS_KEY"
_BATCH = 128
_CHARACTERS = 8_000
_ATTEMPTS = 5


class HostedEncoder:
    """`model` at `endpoint` (the URL up to or including /embeddings); the key is read from DRIFT_EMBEDDINGS_KEY."""

    def __init__(self, endpoint: str, model: str, *, client: httpx.Client | None = None, wait_s: float = 1.0):
        self._url = endpoint.rstrip("/").removesuffix("/embeddings") + "/embeddings"
        if urlsplit(self._url).scheme not in ("http", "https"):
            raise ConfigError(f"embeddings.endpoint {endpoint!r}: not a URL; it begins with https:// or http://")
        self._model = model
        self._client = client or httpx.Client(timeout=60)
        self._wait_s = wait_s
        self.identity = f"{model}@{urlsplit(self._url).hostname}"

    @cached_property
    def dimension(self) -> int:
        return self.encode(["dimension"]).shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 (n, dimension), of the first 8,000 characters of each text.

        Raises StoreError: retryable when the service is busy or away (after five attempts), not when it refuses.
        """
        parts = [self._vectors(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        vectors = np.concatenate(parts)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def _vectors(self, texts: Sequence[str]) -> np.ndarray:
        attempts = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential_jitter(self._wait_s, max=60, jitter=self._wait_s),
            retry=retry_if_exception(lambda error: isinstance(error, StoreError) and error.retryable),
            reraise=True,
        )
        return attempts(self._ask, [text[:_CHARACTERS] for text in texts])

    def _ask(self, texts: list[str]) -> np.ndarray:
        key = os.environ.get(KEY_VARIABLE, "")
        try:
            answer = self._client.post(
                self._url,
                json={"model": self._model, "input": texts},
                headers={"Authorization": f"Bearer {key}"} if key else {},
            )
        except httpx.HTTPError as error:
            raise StoreError(f"embeddings.endpoint {self._url}: {type(error).__name__}", retryable=True) from None
        if answer.status_code != 200:
            remedy = f"; check {KEY_VARIABLE}" if answer.status_code in (401, 403) else ""
            raise StoreError(
                f"embeddings.endpoint {self._url} answered {answer.status_code}{remedy}",
                retryable=answer.status_code == 429 or answer.status_code >= 500,
            )
        try:
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"embeddings.endpoint {self._url}: no vectors in the answer ({error!r:.80})") from None
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise StoreError(f"embeddings.endpoint {self._url}: {len(texts)} texts, but vectors of shape {vectors.shape}")
        return vectors
