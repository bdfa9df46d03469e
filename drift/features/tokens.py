"""Words of many texts at once, as 64-bit hashes: the arithmetic under everything that compares words.

A token is a run of letters and digits, lower case (ASCII only); a Chinese, Japanese or Korean character is a token of its
own, for these scripts have no spaces. All in linear time. What is compared with what, and why, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from drift.features.flat import Flat, eight_bytes, few_places, ranges

_ODD = tuple(np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_PROBES = 16
_FEW_PROBES = 12
# texts whose tables are together small enough for the processor's cache
_TABLES, _TOGETHER = 32, 64

# the first k bytes of eight, and the last k of eight
_FIRST = np.array([0xFFFFFFFFFFFFFFFF >> (64 - 8 * k) if k else 0 for k in range(9)], np.uint64)
_CASE = np.uint64(0x2020202020202020)
_HIGH = np.uint64(0x8080808080808080)


@dataclass(frozen=True)
class Tokens:
    """The tokens of n texts.

    hashes: uint64, shape (tokens,); equal words have equal hashes. offsets: int64, shape (n + 1,); those of text i are
    hashes[offsets[i]:offsets[i + 1]].
    """

    hashes: np.ndarray
    offsets: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Tokens of each text; shape (n,)."""
        return np.diff(self.offsets)

    @cached_property
    def rows(self) -> np.ndarray:
        """The text of each token, int64, shape (tokens,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.counts)

    def of_texts(self, chosen: np.ndarray) -> Tokens:
        """The tokens of the chosen texts; chosen: their numbers."""
        return self._from(self.offsets[chosen], self.counts[chosen])

    def first(self, limit: int) -> Tokens:
        """The first tokens of each text, at most `limit`."""
        return self._from(self.offsets[:-1], np.minimum(self.counts, limit))

    def _from(self, starts: np.ndarray, counts: np.ndarray) -> Tokens:
        at, offsets = ranges(starts, counts)
        return Tokens(self.hashes.take(at), offsets)

    def where(self, keep: np.ndarray) -> Tokens:
        """The tokens where `keep` (bool, shape (tokens,)) holds, by the same texts."""
        kept = np.flatnonzero(keep)
        return Tokens(self.hashes.take(kept), np.searchsorted(kept, self.offsets))


def tokens(flat: Flat) -> Tokens:
    """The tokens of each text.

    A token's hash is made of its first eight bytes, its last eight and its length, each read for all tokens at once.
    """
    parts = [Tokens(np.zeros(0, np.uint64), np.zeros(1, np.int64)), *map(_tokens, flat.pieces())]
    counts = np.concatenate([[0], *(part.counts for part in parts)])
    return Tokens(np.concatenate([part.hashes for part in parts]), np.cumsum(counts))


def _tokens(flat: Flat) -> Tokens:
    # room before the first byte and after the last one for reads of eight
    data = np.empty(len(flat.data) + 16, np.uint8)
    data[:8] = data[-8:] = 10
    data[8:-8] = flat.data
    word = _letters(data)
    ideographs = _symbols_and_ideographs(data, word)
    if len(ideographs):
        starts, ends = _cut(word, ideographs)
    else:
        edges = np.flatnonzero(word[1:] != word[:-1])
        edges += 1
        starts, ends = np.ascontiguousarray(edges[0::2]), edges[1::2]
    return Tokens(_hashes(data, starts, ends - starts), np.searchsorted(starts, flat.offsets + 8))


def _cut(word: np.ndarray, ideographs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where tokens begin and end if every ideograph (three bytes) is one of its own."""
    begins = word[1:] & ~word[:-1]
    stops = word[:-1] & ~word[1:]
    # a token before it ends and a token after it begins, if there is one
    begins[ideographs - 1] = stops[ideographs + 2] = True
    begins[ideographs + 2] = word[ideographs + 3]
    stops[ideographs - 1] = word[ideographs - 1]
    return np.flatnonzero(begins) + 1, np.flatnonzero(stops) + 1


def _letters(data: np.ndarray) -> np.ndarray:
    """ASCII letters and digits, and every byte of other scripts; by arithmetic, which is faster than a table."""
    return ((data | 32) - 97 < 26) | (data - 48 < 10) | (data > 127)


def _hashes(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    out = eight_bytes(data, starts, lengths)
    _fold_case(out)
    out *= _ODD[0]
    long = np.flatnonzero(lengths > 8)
    tail = eight_bytes(data, starts[long] + lengths[long] - 8)
    _fold_case(tail)
    out[long] += tail * _ODD[2] + lengths[long].astype(np.uint64)
    out ^= out >> np.uint64(32)
    out *= _ODD[1]
    out ^= out >> np.uint64(29)
    return out


def _fold_case(eight: np.ndarray) -> None:
    """ASCII capitals become small, in place; bytes of other scripts stay as they are."""
    high = eight & _HIGH
    high >>= np.uint64(2)
    np.bitwise_xor(high, _CASE, out=high)
    eight |= high


def _symbols_and_ideographs(data: np.ndarray, word: np.ndarray) -> np.ndarray:
    """Punctuation and symbols beyond ASCII are no letters (changes `word`); returns where CJK characters begin."""
    high = few_places(data >= 0xC2)
    if not len(high):
        return high
    lead, second = data[high], data[high + 1]
    latin = high[lead == 0xC2]
    word[latin] = word[latin + 1] = False
    symbol = (lead == 0xE2) | ((lead == 0xE3) & (second == 0x80)) | ((lead == 0xEF) & (second >= 0xBC) & (second <= 0xBD))
    wide = high[symbol]
    word[wide] = word[wide + 1] = word[wide + 2] = False
    return high[(lead >= 0xE3) & (lead <= 0xED) & ~symbol]


def supported(parts: Tokens, whole: Tokens) -> np.ndarray:
    """Whether each token of `parts` is among the tokens of the same text of `whole`; bool, shape (tokens of parts,).

    By a table of 2^16 places a text: no token is missed, and of the others 1 in 100 is let in where a text has 650
    different tokens.
    """
    found = np.zeros(len(parts.hashes), bool)
    table = np.zeros(_TABLES << _PROBES, bool)
    wanted_places, whole_places = _places(parts, _TABLES, _PROBES), _places(whole, _TABLES, _PROBES)
    firsts = slice(0, len(parts.counts), _TABLES)
    bounds = [[*each.offsets[firsts].tolist(), len(each.hashes)] for each in (parts, whole)]
    for begin, end, a, b in zip(bounds[0], bounds[0][1:], bounds[1], bounds[1][1:], strict=False):
        if a == b or begin == end:
            continue
        there, wanted = whole_places[a:b], wanted_places[begin:end]
        if len(wanted) < len(there):
            # to read the table is faster than to write it
            table[wanted] = True
            there = there[table.take(there)]
            table[wanted] = False
        table[there] = True
        found[begin:end] = table.take(wanted)
        table[there] = False
    return found


def different(parts: Tokens) -> np.ndarray:
    """Number of different tokens of each text, or a little less: two share a place of 2^12 now and then; int64, shape (n,)."""
    out = np.zeros(len(parts.counts), np.int64)
    # the last token that has the place; what earlier texts left there is overwritten before it is read
    last = np.zeros(_TOGETHER << _FEW_PROBES, np.int32)
    all_places = _places(parts, _TOGETHER, _FEW_PROBES)
    for first in range(0, len(out), _TOGETHER):
        offsets = parts.offsets[first : first + _TOGETHER + 1]
        places = all_places[offsets[0] : offsets[-1]]
        numbers = np.arange(len(places), dtype=np.int32)
        last[places] = numbers
        once = np.flatnonzero(last.take(places) == numbers)
        out[first : first + _TOGETHER] = np.diff(np.searchsorted(once, offsets - offsets[0]))
    return out


def grams(parts: Tokens, size: int, step: int = 1) -> Tokens:
    """Every `size` neighbouring tokens of a text as one token; with a `step` that divides `size`, one of so many that follow each
    other."""
    n = max(len(parts.hashes) - size + step, 0) // step
    # those that reach into the next text are left out
    inside = np.ones(n, bool)
    ends = parts.offsets[1:]
    for back in range(-(-(size - 1) // step)):
        at = (ends - 1) // step - back
        inside[at[(at >= 0) & (at < n) & (at * step > ends - size)]] = False
    kept = np.flatnonzero(inside)
    hashes = _runs(_runs(parts.hashes, step)[::step] if step > 1 else parts.hashes, size // step, step)
    return Tokens(hashes.take(kept), np.searchsorted(kept * step, parts.offsets))


def _runs(hashes: np.ndarray, size: int, unit: int = 1) -> np.ndarray:
    """Σ h(i + k)·p^(unit·(size − 1 − k)) modulo 2^64 for every i; by halves, so in about log2(size) passes."""
    if size == 1:
        return hashes
    left, right = size - size // 2, size // 2
    first = _runs(hashes, left, unit)
    second = first if left == right else _runs(hashes, right, unit)
    n = max(len(hashes) - size + 1, 0)
    out = first[:n] * _power(right * unit)
    out += second[left : left + n]
    return out


def _power(exponent: int) -> np.uint64:
    return np.uint64(pow(int(_ODD[0]), exponent, 2**64))


def pairs(parts: Tokens) -> Tokens:
    """Every two neighbouring tokens as one token."""
    return grams(parts, 2)


def tally(yes: np.ndarray, parts: Tokens) -> np.ndarray:
    """How many tokens of each text `yes` (bool, shape (tokens,)) holds for; int64, shape (n,)."""
    return np.diff(np.concatenate([[0], np.cumsum(yes)])[parts.offsets])


def share(yes: np.ndarray, parts: Tokens, least: int = 1) -> np.ndarray:
    """Share of the tokens of each text for which `yes` holds, NaN for fewer than `least`; shape (n,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tally(yes, parts) / parts.counts
    return np.where(parts.counts >= least, shares, np.nan)


def word_set(words: str) -> np.ndarray:
    """The words of a text as a table for `among`; bool, shape (2^16,)."""
    table = np.zeros(1 << _PROBES, bool)
    table[_places(tokens(Flat.of(pa.array([words]))), 1, _PROBES)] = True
    return table


def among(parts: Tokens, words: np.ndarray) -> np.ndarray:
    """Whether each token is of the `word_set`; of other tokens one in 65,536 a word is taken for one."""
    return words.take(_places(parts, 1, _PROBES))


def _places(parts: Tokens, tables: int, probes: int) -> np.ndarray:
    """Of each token its place among the 2^probes of its text, where so many texts that follow each other have a table each."""
    places = (parts.hashes >> np.uint64(64 - probes)).view(np.int64)
    if tables > 1:
        places += np.repeat((np.arange(len(parts.counts)) % tables) << probes, parts.counts)
    return places
