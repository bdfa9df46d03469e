"""What the classifiers share: patterns, and linear models over hashed word n-grams, on many texts at once.

A model looks at the beginning and the end of a text, so its cost does not grow with the text. Training is in `training/`;
what is looked for, and what counts as found, is for the classifiers that use this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.flat import Flat, eight_bytes, ranges, whole
from drift.traces import clean_text

_MODELS = Path(__file__).parent / "models"
_LONGEST = 24
_OPENING_TOKENS = 12
# terms of a text from which on each counts less
_USUAL = 128
# soft hyphen, zero-width characters, marks of direction: they would split words for a pattern
_UNSEEN = r"[\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"
# texts taken at once: few enough for the arrays to stay in the processor's cache
_ROWS = 512

# lead bytes of Han, kana and CJK punctuation: written without spaces, so every character is a token
_FIRST_HAN = 0xE3
_HAN = np.zeros(256, bool)
_HAN[_FIRST_HAN:0xEA] = True


def _odd_numbers(seed: int, count: int) -> np.ndarray:
    """Fixed odd numbers (splitmix64, upper half); uint32, shape (count,)."""
    mask = (1 << 64) - 1
    numbers = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        mixed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        numbers.append((mixed ^ (mixed >> 31)) >> 32 | 1)
    return np.array(numbers, np.uint32)


_PLACE = _odd_numbers(1, _LONGEST)
_SECOND, _THIRD, _OPENING, _MIX = _odd_numbers(2, 4)


@dataclass(frozen=True)
class Terms:
    """The hashed terms of n texts: words, pairs and triples of words, and pairs and triples once more where they open a text.

    words: uint32, shape (words,). offsets: int64, shape (n + 1,); those of text i are words[offsets[i]:offsets[i + 1]].
    """

    words: np.ndarray
    offsets: np.ndarray
    bits: int

    @property
    def scale(self) -> np.ndarray:
        """What one term counts in each text, shape (n,); else a long or repetitive text would outvote its patterns."""
        return _USUAL / np.maximum(self.counts, _USUAL)

    @property
    def counts(self) -> np.ndarray:
        """How many terms each text has; int64, shape (n,)."""
        words = np.diff(self.offsets)
        pairs, triples = np.maximum(words - 1, 0), np.maximum(words - 2, 0)
        return words + pairs + triples + np.minimum(pairs, _OPENING_TOKENS) + np.minimum(triples, _OPENING_TOKENS)

    @property
    def rows(self) -> np.ndarray:
        """The text of each term; int64, shape (terms,)."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        return np.concatenate([np.delete(rows[at], across) for at, _, across in self._kinds(self.offsets)])

    @property
    def ids(self) -> np.ndarray:
        """The terms in the order of `rows`; int64 in [0, 2**bits), shape (terms,)."""
        return np.concatenate([np.delete(ids, across) for _, ids, across in self._kinds(self.offsets)]).astype(np.int64)

    def of_texts(self, chosen: np.ndarray) -> Terms:
        """The terms of some of the texts only; chosen: their numbers, ascending."""
        at, offsets = ranges(self.offsets[chosen], np.diff(self.offsets)[chosen])
        return Terms(self.words[at], offsets, self.bits)

    def weighed(self, weights: np.ndarray) -> np.ndarray:
        """The weights of each text's terms, added up and scaled; weights: float32, shape (2**bits,); float64, shape (n,)."""
        sums = np.zeros(len(self.offsets) - 1)
        for first in range(0, len(sums), _ROWS):
            offsets = self.offsets[first : first + _ROWS + 1]
            total = np.zeros(offsets[-1] - offsets[0])
            for at, ids, across in self._kinds(offsets):
                weight = weights.take(ids)
                weight[across] = 0
                total[at] += weight
            (some,) = np.nonzero(np.diff(offsets))
            if len(some):
                sums[first + some] = np.add.reduceat(total, offsets[some] - offsets[0])
        return sums * self.scale

    def evenly(self, weights: np.ndarray) -> np.ndarray:
        """The weights of each text's terms, added up and divided by the root of their number, as suits short texts; shape (n,)."""
        return self.weighed(weights) / self.scale / np.sqrt(np.maximum(self.counts, 1))

    def _kinds(self, offsets: np.ndarray) -> Iterator[tuple[np.ndarray | slice, np.ndarray, np.ndarray]]:
        """By kind: the places of the words that begin a term, the terms' ids, and which of these reach into the next text."""
        words = self.words[offsets[0] : offsets[-1]]
        shift = np.uint32(32 - self.bits)
        pairs = words[:-1] * _SECOND + words[1:]
        triples = pairs[:-1] * _THIRD + words[2:]
        starts, counts = offsets[:-1] - offsets[0], np.diff(offsets)
        ends = (starts + counts)[counts > 0]
        nowhere = ends[:0]
        yield slice(0, len(words)), words * _MIX >> shift, nowhere
        yield slice(0, len(pairs)), pairs * _MIX >> shift, ends[ends < len(words)] - 1
        last = np.concatenate([ends - 2, ends - 1])
        yield slice(0, len(triples)), triples * _MIX >> shift, last[(last >= 0) & (last < len(triples))]
        for size, hashes in ((2, pairs), (3, triples)):
            at, _ = ranges(starts, np.clip(counts - size + 1, 0, _OPENING_TOKENS))
            yield at, hashes[at] * _OPENING * _MIX >> shift, nowhere


def terms(flat: Flat, bits: int) -> Terms:
    """The terms of each text."""
    words, counts = [np.zeros(0, np.uint32)], [np.zeros(1, np.int64)]
    for first in range(0, len(flat), _ROWS):
        hashes, offsets = _tokens(flat.rows(first, first + _ROWS))
        words.append(hashes)
        counts.append(np.diff(offsets))
    return Terms(np.concatenate(words), np.cumsum(np.concatenate(counts)), bits)


def _tokens(flat: Flat) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the tokens (uint32), and where those of each text begin; int64, shape (texts + 1,).

    A token is a run of letters, digits, apostrophes, underscores and bytes of other scripts, or one mark, or one character of
    Han or kana.
    """
    # room after the last byte for reads of eight; line breaks end the last token
    data = np.full(len(flat.data) + 8, 10, np.uint8)
    data[:-8] = flat.data
    visible = (data > 32) & (data != 127)
    word = ((data | 32) - 97 < 26) | (data - 48 < 10) | (data > 127) | (data == 39) | (data == 95)
    begins = visible.copy()
    begins[1:] &= ~(word[1:] & word[:-1])
    if data.max() >= _FIRST_HAN:
        (han,) = np.nonzero(_HAN[data])
        begins[han] = True
        begins[han + 3] = visible[han + 3]
    (starts,) = np.nonzero(begins)
    (ends,) = np.nonzero(visible[:-1] & (begins[1:] | ~visible[1:]))
    return _hashes(data, starts, ends + 1), np.searchsorted(starts, flat.offsets)


def _hashes(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Of each token the sum of its bytes, each times the odd number of its place (the last number from there on); mixed."""
    lengths = ends - starts
    hashes = _eight(data, starts, lengths, 0)
    for place in range(8, _LONGEST, 8):
        (longer,) = np.nonzero(lengths > place)
        if not len(longer):
            break
        hashes[longer] += _eight(data, starts[longer] + place, lengths[longer] - place, place)
    (longer,) = np.nonzero(lengths > _LONGEST)
    if len(longer):
        rest = np.column_stack([starts[longer] + _LONGEST, ends[longer]]).ravel()
        hashes[longer] += np.add.reduceat(data, rest, dtype=np.uint32)[::2] * _PLACE[-1]
    hashes ^= hashes >> np.uint32(15)
    return hashes * _MIX


def _eight(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray, place: int) -> np.ndarray:
    """That sum over at most eight bytes, the first of which has that place; floats hold it exactly and multiply faster."""
    octets = eight_bytes(data, starts, lengths).view(np.uint8).reshape(-1, 8)
    return (octets.astype(float) @ _PLACE[place : place + 8].astype(float)).astype(np.int64).astype(np.uint32)


def column(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> pa.Array | pa.ChunkedArray:
    """Texts as Arrow; lone surrogates in Python strings become a question mark."""
    if isinstance(texts, (pa.Array, pa.ChunkedArray)):
        return texts
    return pa.array([None if text is None else clean_text(text) for text in texts], pa.string())


def normal(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lower case, with straight apostrophes and quotation marks, without characters that no reader sees."""
    texts = whole(texts)
    odd = _not_ascii(texts)
    straightened = pc.utf8_lower(texts.filter(odd))
    for curly, straight in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        straightened = pc.replace_substring(straightened, curly, straight)
    straightened = pc.replace_substring_regex(straightened, _UNSEEN, "")
    return pc.replace_with_mask(pc.ascii_lower(texts), odd, straightened)


def ends(texts: pa.Array | pa.ChunkedArray, head: int, tail: int = 0) -> pa.Array:
    """The first `head` characters, without white space before them, and, of longer texts, the last `tail`."""
    texts = whole(texts)
    first = beginnings(texts, head)
    blank = pc.fill_null(pc.match_substring_regex(first, r"^[\t-\r ]"), False)
    later = pc.ascii_ltrim_whitespace(pc.utf8_slice_codeunits(texts.filter(blank), 0, head + 64))
    first = pc.replace_with_mask(first, blank, pc.utf8_slice_codeunits(later, 0, head).cast(pa.string()))
    if not tail:
        return first
    longer = pc.fill_null(pc.greater(pc.binary_length(texts), head + tail), False)
    last = pc.utf8_slice_codeunits(texts.filter(longer), -tail, None).cast(pa.string())
    return pc.binary_join_element_wise(first, pc.replace_with_mask(pa.repeat("", len(texts)), longer, last), " \x1e ")


def beginnings(texts: pa.Array | pa.ChunkedArray, characters: int) -> pa.Array:
    """The first characters of each text. Most are of one byte each, and bytes are several times as fast to cut."""
    texts = whole(texts)
    bytes_ = texts.view(pa.large_binary() if pa.types.is_large_string(texts.type) else pa.binary())
    first = pc.binary_slice(bytes_, 0, characters).view(texts.type).cast(pa.string())
    odd = _not_ascii(first)
    return pc.replace_with_mask(first, odd, pc.utf8_slice_codeunits(texts.filter(odd), 0, characters).cast(pa.string()))


def _not_ascii(texts: pa.Array) -> pa.Array:
    """Where a text is not null and has a character beyond ASCII; bool."""
    return pc.fill_null(pc.invert(pc.string_is_ascii(texts)), False)


def found_in(texts: pa.Array | pa.ChunkedArray, pattern: str) -> np.ndarray:
    """Whether each text has the pattern (RE2 syntax, linear time), False where null; bool, shape (n,)."""
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(zero_copy_only=False).astype(bool)


@dataclass(frozen=True)
class LinearModel:
    """A linear score of a text: one weight a hashed term and one a hint (a named pattern that was or was not found).

    terms: float32, shape (2**bits,). hints: float32, shape (hints,). The score is the log odds of being of the class.
    """

    terms: np.ndarray
    hints: np.ndarray
    bias: float

    @property
    def bits(self) -> int:
        return int(len(self.terms)).bit_length() - 1

    def scores(self, found: Terms, hints: np.ndarray) -> np.ndarray:
        """Log odds of n texts; hints: bool, shape (n, hints); float64, shape (n,)."""
        return found.weighed(self.terms) + hints @ self.hints + self.bias


@cache
def load(name: str) -> dict[str, LinearModel]:
    """The models shipped under that name, by class."""
    with np.load(_MODELS / f"{name}.npz") as stored:
        classes = [key.removesuffix("_bias") for key in stored.files if key.endswith("_bias")]
        return {key: LinearModel(_dense(stored, key), stored[f"{key}_hints"], float(stored[f"{key}_bias"])) for key in classes}


def save(name: str, models: dict[str, LinearModel]) -> Path:
    """Store models beside this file; the weights of terms in steps of a 127th of the largest, zeros left out."""
    arrays: dict[str, Any] = {}
    for key, model in models.items():
        scale = float(np.abs(model.terms).max()) / 127
        steps = np.round(model.terms / scale).astype(np.int8)
        (ids,) = np.nonzero(steps)
        arrays |= {
            f"{key}_bits": np.array(model.bits, np.int8),
            f"{key}_ids": ids.astype(np.uint32),
            f"{key}_steps": steps[ids],
            f"{key}_scale": np.array(scale, np.float64),
            f"{key}_hints": model.hints.astype(np.float32),
            f"{key}_bias": np.array(model.bias, np.float64),
        }
    path = _MODELS / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    return path


def _dense(stored: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    weights = np.zeros(1 << int(stored[f"{key}_bits"]), np.float32)
    weights[stored[f"{key}_ids"]] = stored[f"{key}_steps"].astype(np.float32) * np.float32(stored[f"{key}_scale"])
    return weights
