"""What the classifiers share: patterns, and linear models over hashed word n-grams, on many texts at once.

A model looks at the beginning and the end of a text, so its cost does not grow with the text. Training is in `training/`;
what is looked for, and what counts as found, is for the classifiers that use this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.flat import Flat
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

# what a byte is: 0 white space and control, 1 part of a word, 2 a mark that is a token of its own
_CLASS = np.ones(256, np.uint8)
_CLASS[:33] = 0
_CLASS[127] = 0
_CLASS[[byte for byte in range(33, 127) if not chr(byte).isalnum() and chr(byte) not in "'_"]] = 2
# to translate bytes is several times as fast as to look them up as indices
_CLASSES = _CLASS.tobytes()
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
    """Hashed terms of n texts. rows: int64, ids: int64 in [0, 2**bits), both of shape (terms,).

    scale: what one term counts in each text, shape (n,); else a long or repetitive text would outvote its patterns.
    """

    rows: np.ndarray
    ids: np.ndarray
    scale: np.ndarray


def terms(flat: Flat, bits: int) -> Terms:
    """Words, pairs and triples of words of each text, and pairs and triples once more where they open the text."""
    parts = [_terms(flat.rows(first, first + _ROWS), first, bits) for first in range(0, max(len(flat), 1), _ROWS)]
    rows, ids, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Terms(rows, ids, _USUAL / np.maximum(counts, _USUAL))


def _terms(flat: Flat, first: int, bits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and ids of the terms, and how many each text has."""
    tokens, rows, place = _tokens(flat)
    if not len(tokens):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(len(flat), np.int64)
    pairs = tokens[:-1] * _SECOND + tokens[1:]
    triples = pairs[:-1] * _THIRD + tokens[2:]
    pair = rows[:-1] == rows[1:]
    triple = rows[:-2] == rows[2:]
    opening_pair = pair & (place[:-1] < _OPENING_TOKENS)
    opening_triple = triple & (place[:-2] < _OPENING_TOKENS)
    hashes = (tokens, pairs[pair], triples[triple], pairs[opening_pair] * _OPENING, triples[opening_triple] * _OPENING)
    owners = (rows, rows[:-1][pair], rows[:-2][triple], rows[:-1][opening_pair], rows[:-2][opening_triple])
    ids = (np.concatenate(hashes) * _MIX) >> np.uint32(32 - bits)
    owner = np.concatenate(owners)
    return owner + first, ids.astype(np.int64), np.bincount(owner, minlength=len(flat))


def _tokens(flat: Flat) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hashes of the tokens (uint32), the text each is in and its place there (int64); all of shape (tokens,)."""
    data = flat.data
    kind = np.frombuffer(data.tobytes().translate(_CLASSES), np.uint8)
    start = kind > 0
    start[1:] &= (kind[1:] == 2) | (kind[:-1] != 1)
    begins = flat.offsets[:-1][flat.offsets[:-1] < flat.offsets[1:]]
    start[begins] = kind[begins] > 0
    if len(data) and data.max() >= _FIRST_HAN:
        (han,) = np.nonzero(_HAN[data])
        start[han] = True
        after = han[han + 3 < len(data)] + 3
        start[after] |= kind[after] > 0
    (starts,) = np.nonzero(start)
    if not len(starts):
        nothing = np.zeros(0, np.int64)
        return nothing.astype(np.uint32), nothing, nothing
    lengths = np.diff(starts, append=len(data)).astype(np.int32)
    within = np.arange(len(data) - starts[0], dtype=np.int32) - np.repeat((starts - starts[0]).astype(np.int32), lengths)
    # white space counts nothing, so the bytes up to the next token are this token's
    values = (data * (kind > 0))[starts[0] :].astype(np.uint32)
    values *= _PLACE.take(within, mode="clip")
    hashes = np.add.reduceat(values, starts - starts[0], dtype=np.uint32)
    hashes ^= hashes >> np.uint32(15)
    first = np.searchsorted(starts, flat.offsets)
    rows = np.repeat(np.arange(len(flat)), np.diff(first))
    return hashes * _MIX, rows, np.arange(len(starts)) - first[rows]


def column(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> pa.Array | pa.ChunkedArray:
    """Texts as Arrow; lone surrogates in Python strings become a question mark."""
    if isinstance(texts, (pa.Array, pa.ChunkedArray)):
        return texts
    return pa.array([None if text is None else clean_text(text) for text in texts], pa.string())


def normal(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lower case, with straight apostrophes and quotation marks, without characters that no reader sees."""
    texts = pc.utf8_lower(_one(texts))
    odd = pc.fill_null(pc.invert(pc.string_is_ascii(texts)), False)
    straightened = texts.filter(odd)
    for curly, straight in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        straightened = pc.replace_substring(straightened, curly, straight)
    straightened = pc.replace_substring_regex(straightened, _UNSEEN, "")
    return pc.replace_with_mask(texts, odd, straightened)


def ends(texts: pa.Array | pa.ChunkedArray, head: int, tail: int = 0) -> pa.Array:
    """The first `head` characters, without white space before them, and, of longer texts, the last `tail`."""
    texts = _one(texts)
    first = pc.utf8_slice_codeunits(texts, 0, head).cast(pa.string())
    blank = pc.fill_null(pc.match_substring_regex(first, r"^[\t-\r ]"), False)
    later = pc.ascii_ltrim_whitespace(pc.utf8_slice_codeunits(texts.filter(blank), 0, head + 64))
    first = pc.replace_with_mask(first, blank, pc.utf8_slice_codeunits(later, 0, head).cast(pa.string()))
    if not tail:
        return first
    last = pc.utf8_slice_codeunits(texts, -tail, None).cast(pa.string())
    longer = pc.greater(pc.binary_length(texts), head + tail)
    return pc.binary_join_element_wise(first, pc.if_else(longer, last, ""), " \x1e ")


def _one(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


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
        words = np.bincount(found.rows, self.terms[found.ids], len(hints)) * found.scale
        return words + hints @ self.hints + self.bias


@cache
def load(name: str) -> dict[str, LinearModel]:
    """The models shipped under that name, by class."""
    with np.load(_MODELS / f"{name}.npz") as stored:
        classes = [key.removesuffix("_bias") for key in stored.files if key.endswith("_bias")]
        return {key: LinearModel(_dense(stored, key), stored[f"{key}_hints"], float(stored[f"{key}_bias"])) for key in classes}


def save(name: str, models: dict[str, LinearModel]) -> Path:
    """Store models beside this file; the weights of terms in steps of a 127th of the largest, zeros left out."""
    arrays: dict[str, np.ndarray] = {}
    for key, model in models.items():
        scale = float(np.abs(model.terms).max()) / 127
        steps = np.round(model.terms / scale).astype(np.int8)
        (ids,) = np.nonzero(steps)
        arrays |= {
            f"{key}_bits": np.int8(model.bits),
            f"{key}_ids": ids.astype(np.uint32),
            f"{key}_steps": steps[ids],
            f"{key}_scale": np.float64(scale),
            f"{key}_hints": model.hints.astype(np.float32),
            f"{key}_bias": np.float64(model.bias),
        }
    path = _MODELS / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    return path


def _dense(stored: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    weights = np.zeros(1 << int(stored[f"{key}_bits"]), np.float32)
    weights[stored[f"{key}_ids"]] = stored[f"{key}_steps"].astype(np.float32) * np.float32(stored[f"{key}_scale"])
    return weights
