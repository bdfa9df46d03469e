"""What drift needs of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

Precision = Literal["float32", "bfloat16"]


class Encoder(Protocol):
    """What drift needs of an encoder. `identity` changes whenever the same text may get another vector."""

    @property
    def identity(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of non-empty texts, float32 (n, dimension)."""
        ...
