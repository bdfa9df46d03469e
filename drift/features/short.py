"""A linear model over the words and the characters with which a short text begins, for what is said in many languages.

Words and their order tell most where a language was seen a lot, characters where its endings were not. The words settle most
texts; only what they leave open is spelt. Training is in `training/short.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import characters, ngrams
from drift.features.flat import Flat

BITS = 16


@dataclass(frozen=True)
class Reading:
    """What is read of a text. head: its first characters. lengths: UTF-8 bytes of the whole text from which it counts as longer.

    unlikely: log odds by the words alone below which the characters are not asked; the best answer to them is less.
    """

    head: int
    lengths: tuple[int, ...]
    unlikely: float

    def beginnings(self, texts: pa.Array) -> pa.Array:
        """The beginning of each text in normal form; null as empty."""
        return ngrams.normal(ngrams.ends(texts, self.head)).fill_null("")

    def longer(self, texts: pa.Array) -> np.ndarray:
        """Whether each text is at least so long; bool, shape (n, lengths)."""
        size = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
        return size[:, None] >= np.array(self.lengths)

    def scores(self, models: dict[str, ngrams.LinearModel], name: str, texts: pa.Array) -> np.ndarray:
        """Log odds of each text by the model `name`, -inf where its words alone settle it; float64, shape (n,)."""
        words, spelt = models[name], models[f"{name}_characters"]
        seen = self.beginnings(texts)
        by_words = ngrams.terms(Flat.of(seen), words.bits).evenly(words.terms)
        out = by_words + self.longer(texts) @ words.hints + words.bias
        (open_,) = np.nonzero(out > self.unlikely)
        left = Flat.of(seen.take(pa.array(open_)))
        by_characters = [np.zeros(0), *(piece.weighed(spelt.terms) for piece in characters.pieces(left, spelt.bits))]
        out[out <= self.unlikely] = -np.inf
        out[open_] += np.concatenate(by_characters)
        return out
