"""Short texts as hashed character n-grams, for what is said in many languages with endings of many kinds.

An n-gram lies in one word, or takes the space before or after it along. Digits are alike. Where whole words and their order tell
more, as in long texts of one language, see `ngrams`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from drift.features.flat import Flat

LONGEST = 4
_SPACE, _ZERO = np.uint32(32), np.uint32(48)
_NEXT, _MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
# texts taken at once: few enough for the arrays to stay in the processor's cache
_ROWS = 512


@dataclass(frozen=True)
class Characters:
    """The characters of n texts, a space before the first and after each.

    codes: uint32, shape (characters + n + 1,). offsets: int64, shape (n + 1,); those of text i and the space behind it are
    codes[1 + offsets[i]:1 + offsets[i + 1]].
    """

    codes: np.ndarray
    offsets: np.ndarray
    bits: int

    def grams(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """By length, 1 to `LONGEST`: the places in `codes[1:]` at which n-grams end, and their ids; int64, uint32."""
        spaces = self.codes == _SPACE
        hashes = self.codes * _NEXT
        # whether a space is among the characters between the first and the last
        broken = np.zeros(len(self.codes), bool)
        for length in range(1, LONGEST + 1):
            if length > 1:
                hashes = hashes[:-1] * _NEXT + self.codes[length - 1 :]
                broken = broken[:-1] | spaces[length - 2 : -1] if length > 2 else broken[:-1]
            alone = spaces[length - 1 :] & spaces[: len(spaces) - length + 1]
            (first,) = np.nonzero(~(broken | alone))
            first = first[first + length > 1]
            yield first + length - 2, (hashes[first] ^ hashes[first] >> np.uint32(15)) * _MIX >> np.uint32(32 - self.bits)

    @property
    def counts(self) -> np.ndarray:
        """How many n-grams each text has; int64, shape (n,)."""
        ends = np.concatenate([at for at, _ in self.grams()])
        return np.bincount(np.searchsorted(self.offsets, ends, "right") - 1, minlength=len(self.offsets) - 1)

    def weighed(self, weights: np.ndarray) -> np.ndarray:
        """The weights of each text's n-grams, added up and divided by the root of their number; float64, shape (n,).

        weights: float32, shape (2**bits,).
        """
        total, number = np.zeros((2, len(self.codes) - 1))
        for at, ids in self.grams():
            total[at] += weights.take(ids)
            number[at] += 1
        starts = self.offsets[:-1]
        return np.add.reduceat(total, starts) / np.sqrt(np.maximum(np.add.reduceat(number, starts), 1))


def pieces(flat: Flat, bits: int) -> Iterator[Characters]:
    """The characters of texts in lower case, a few hundred texts at a time."""
    for first in range(0, len(flat), _ROWS):
        yield _of(flat.rows(first, first + _ROWS), bits)


def _of(flat: Flat, bits: int) -> Characters:
    codes = np.frombuffer((" " + flat.data.tobytes().decode()).encode("utf-32-le"), np.uint32).copy()
    codes[codes < _SPACE] = _SPACE
    codes[codes - _ZERO < 10] = _ZERO
    # a byte that continues a character begins with the bits 10
    begun = np.concatenate([[0], np.cumsum(flat.data & 0xC0 != 0x80)])
    return Characters(codes, begun[flat.offsets], bits)
