"""Text as one array of bytes, so that counting in it is arithmetic on arrays instead of a loop over strings.

Nothing here knows what is counted, or why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SPACE = 32
# the first k bytes of eight
_FIRST = np.array([0xFFFFFFFFFFFFFFFF >> (64 - 8 * k) if k else 0 for k in range(9)], np.uint64)
_PIECE = 1 << 17


@dataclass(frozen=True)
class Flat:
    """The UTF-8 bytes of n texts end to end, each followed by a line break, so that no run goes from one into the next.

    data: uint8, shape (bytes,). offsets: int64, shape (n + 1,); text i and its break are data[offsets[i]:offsets[i + 1]].
    known: bool, shape (n,); False where the text is null (there it is empty).
    """

    data: np.ndarray
    offsets: np.ndarray
    known: np.ndarray

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray, limit: int | None = None) -> Flat:
        """A string column, each text cut after `limit` characters."""
        if limit is not None:
            column = pc.utf8_slice_codeunits(column, 0, limit)
        known = column.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        # 64-bit offsets: a batch of huge answers passes 2 GB
        text = column.cast(pa.large_string()).fill_null("")
        column = pc.binary_join_element_wise(text, pa.scalar("", text.type), pa.scalar("\n", text.type))
        return cls(*text_bytes(whole(column)), known)

    def __len__(self) -> int:
        return len(self.known)

    def rows(self, first: int, last: int) -> Flat:
        """The texts from `first` up to but not including `last`."""
        offsets = self.offsets[first : last + 1]
        return Flat(self.data[offsets[0] : offsets[-1]], offsets - offsets[0], self.known[first:last])

    def counts(self, chosen: np.ndarray) -> np.ndarray:
        """How many of each text's bytes are `chosen` (bool, shape (bytes,) or one less); int64, shape (n,)."""
        # bits are counted instead of found
        words = _by_sixty_four(chosen)
        before = np.cumsum(np.bitwise_count(words), dtype=np.int64) - np.bitwise_count(words)
        at = np.minimum(self.offsets, len(chosen))
        word = at // 64
        lower = (np.uint64(1) << (at % 64).astype(np.uint64)) - np.uint64(1)
        return np.diff(before[word] + np.bitwise_count(words[word] & lower))

    def words(self) -> np.ndarray:
        """Number of runs without white space (and control characters) in each text; int64, shape (n,)."""
        return self.tally(_word_ends)

    def tally(self, choose: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """`counts` of what is chosen of the bytes, piece by piece; int64, shape (n,)."""
        return np.concatenate([np.zeros(0, np.int64), *(piece.counts(choose(piece.data)) for piece in self.pieces())])

    def pieces(self) -> Iterator[Flat]:
        """Texts that follow each other in pieces of about 128 KB, which stay in the processor's cache; a longer text is one."""
        marks = np.arange(_PIECE, self.offsets[-1], _PIECE)
        cuts = np.unique(np.concatenate([[0], np.searchsorted(self.offsets, marks), [len(self)]]))
        for first, last in pairwise(cuts.tolist()):
            yield self.rows(first, last)


def few_places(chosen: np.ndarray) -> np.ndarray:
    """`np.flatnonzero` for where it is rarely true, several times as fast."""
    words = _by_sixty_four(chosen)
    some = np.flatnonzero(words != 0)
    at = np.flatnonzero(np.unpackbits(words[some].view(np.uint8), bitorder="little").view(bool))
    return some[at >> 6] * 64 + (at & 63)


def _by_sixty_four(chosen: np.ndarray) -> np.ndarray:
    """Booleans as the bits of words, the first the lowest, with at least one more than there are; uint64."""
    words = np.zeros(len(chosen) // 64 + 1, "<u8")
    bits = np.packbits(chosen, bitorder="little")
    words.view(np.uint8)[: len(bits)] = bits
    return words


def _word_ends(data: np.ndarray) -> np.ndarray:
    """Where white space follows a word, as it does at every text's end."""
    space = data <= _SPACE
    return space[1:] & ~space[:-1]


def eight_bytes(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
    """The eight bytes from each start on as a number, the first the lowest; those beyond a length are 0. uint64, shape (starts,).

    data must have eight bytes from every start on.
    """
    # as bytes, which need not be aligned, they are faster to gather than as numbers
    out = np.ndarray(len(data) - 7, "S8", data, strides=(1,))[starts].view("<u8")
    if lengths is not None:
        out &= _FIRST.take(lengths, mode="clip")
    return out


def ranges(starts: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """So many numbers from each start on, one range after the other, and where each range begins among them."""
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts), offsets


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as one array; as it is where it has one chunk, which Arrow would copy."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def text_bytes(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The UTF-8 bytes of a string column as they lie in memory (uint8), and where each text begins; int64, shape (n + 1,)."""
    if not len(column):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    kind = np.dtype(np.int64 if pa.types.is_large_string(column.type) else np.int32)
    _, offsets, data = column.buffers()
    offsets = np.frombuffer(offsets, kind, len(column) + 1, column.offset * kind.itemsize).astype(np.int64)
    data = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]
