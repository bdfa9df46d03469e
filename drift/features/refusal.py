"""Refusals: does the answer decline the request, wholly or in part?

Patterns of how refusals are worded and the words themselves, weighed by a linear model (`training/refusal.py`,
`docs/models/refusal.md`), and rules for wordings that decline whatever the model makes of them (`refusal_rules`). Looks at
the beginning of the answer only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import declining, ngrams, refusal_rules
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat, whole
from drift.features.hints import Ask, Asked, Hints, among, search
from drift.features.refusal_patterns import CUE, ENGLISH, FOREIGN, OPENING, PATTERNS

BITS = 16
HEAD = 300
_OPENING_CHARACTERS = 160
# UTF-8 bytes of the whole answer from which it counts as longer
_LENGTHS = (80, 200, 400, 700, 1200)
_ROWS = 32_768


@dataclass(frozen=True)
class Refusals:
    """What was found in n answers; each array float64, shape (n,), 1, 0 or NaN where the answer is null.

    refusal: the answer declines the request, wholly or in part. partial: it declines a part and helps with the rest. declined:
    it does not help, and does not say no either. disclaimed: it says what the model is not or has not, and then helps.
    An answer is at most one of refusal, declined and disclaimed.
    """

    refusal: np.ndarray
    partial: np.ndarray
    declined: np.ndarray
    disclaimed: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """What is known of n answers. hints: what the model weighs with the terms, bool, shape (n, hints).

    declines: whether a rule decides that it is a refusal, bool, shape (n,).
    """

    terms: ngrams.Terms
    hints: np.ndarray
    declines: np.ndarray


def evidence(texts: pa.Array) -> Evidence:
    """Words and patterns of each answer; null counts as empty."""
    seen = ngrams.normal(ngrams.ends(texts, HEAD)).fill_null("")
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    opening = _opening(seen)
    english = ngrams.found_in(opening, ENGLISH)
    hints = _hints(seen, opening, english, length).all(len(seen))
    return Evidence(ngrams.terms(Flat.of(seen), BITS), hints, refusal_rules.declines(seen, english))


def _opening(seen: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(seen, 0, _OPENING_CHARACTERS)


def _hints(seen: pa.Array, opening: pa.Array, english: np.ndarray, length: np.ndarray) -> Hints:
    """The patterns, those of them that open the answer, and how long it is, in the order of the model's weights."""
    patterns: dict[str, Ask] = {}
    for name, pattern in PATTERNS.items():
        anywhere = search(seen, pattern)
        patterns[name] = Asked(among(~english, anywhere) if name in FOREIGN else anywhere, len(seen))
    # what is not in the beginning does not open it either
    opens = [among(patterns[name], search(opening, PATTERNS[name])) for name in OPENING]
    lengths = [lambda rows, limit=limit: length[rows] >= limit for limit in _LENGTHS]
    told = [*PATTERNS, *OPENING]
    # most answers are English, and in those nothing foreign is looked for
    free = [*range(len(told), len(told) + len(lengths)), *map(told.index, FOREIGN)]
    searches = [[place for place, of in enumerate(told) if of == name] for name in PATTERNS if name not in FOREIGN]
    return Hints([*patterns.values(), *opens, *lengths], searches, free)


def classify(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> Refusals:
    """Refusals among answers in any language, by the beginning of each."""
    column = ngrams.column(texts)
    kinds = np.zeros((4, len(column)))
    # small enough for the arrays of a slice to stay in the processor's cache
    for first in range(0, len(column), _ROWS):
        rows = whole(column.slice(first, _ROWS))
        seen = ngrams.normal(ngrams.ends(rows, HEAD)).fill_null("")
        (likely,) = np.nonzero(ngrams.found_in(seen, CUE))
        length = pc.fill_null(pc.binary_length(rows), 0).to_numpy(zero_copy_only=False)
        refuses, helps, disclaimed = np.zeros((3, len(rows)), bool)
        refuses[likely], helps[likely], disclaimed[likely] = _kinds(seen.take(pa.array(likely)), length[likely])
        (rest,) = np.nonzero(~refuses & ~disclaimed & (length > 0) & (length <= declining.LONGEST))
        declined = np.zeros(len(rows), bool)
        refuses[rest], declined[rest] = declining.by_model(rows.take(pa.array(rest)))
        declined |= declining.declined(seen, length) & ~refuses & ~disclaimed
        kinds[:, first : first + len(rows)] = refuses, helps, declined, disclaimed
    known = column.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    return Refusals(*np.where(known, kinds, np.nan))


def _kinds(seen: pa.Array, length: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of answers, their beginnings in normal form: refusal, partial, disclaimed; bool, shape (n,) each."""
    refuses, partial = _refuses(seen, length)
    disclaimed = declining.disclaimed(seen)
    refuses &= ~disclaimed
    return refuses, partial & refuses, disclaimed


def _refuses(seen: pa.Array, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each answer, its beginning in normal form, is a refusal, and whether of a part only; bool, shape (n,) each."""
    models = ngrams.load("refusal")
    opening = _opening(seen)
    english = ngrams.found_in(opening, ENGLISH)
    hints = _hints(seen, opening, english, length)
    terms = ngrams.terms(Flat.of(seen), BITS)
    refuses = hints.positive(models["refusal"], terms.weighed(models["refusal"].terms), np.arange(len(seen)))
    (rest,) = np.nonzero(~refuses)
    refuses[rest] = refusal_rules.declines(seen.take(pa.array(rest)), english[rest])
    partial = np.zeros(len(seen), bool)
    (rows,) = np.nonzero(refuses)
    partial[rows] = hints.positive(models["partial"], terms.of_texts(rows).weighed(models["partial"].terms), rows)
    return refuses, partial


def measure(batch: Batch, context: Context) -> Measured:
    found = classify(batch.column("output"))
    return {
        "refusal": found.refusal,
        "refusal_partial": found.partial,
        "declined": found.declined,
        "disclaimed": found.disclaimed,
    }
