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

from drift.features import ngrams, refusal_rules
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat
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

    refusal: the answer declines the request, wholly or in part. partial: it declines a part and helps with the rest.
    """

    refusal: np.ndarray
    partial: np.ndarray


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
    return _weighed(seen, length)


def _weighed(seen: pa.Array, length: np.ndarray) -> Evidence:
    opening = pc.utf8_slice_codeunits(seen, 0, _OPENING_CHARACTERS)
    english = ngrams.found_in(opening, ENGLISH)
    (foreign,) = np.nonzero(~english)
    hints = np.zeros((len(seen), len(PATTERNS) + len(OPENING) + len(_LENGTHS)), bool)
    for place, (name, pattern) in enumerate(PATTERNS.items()):
        if name in FOREIGN:
            hints[foreign, place] = ngrams.found_in(seen.take(pa.array(foreign)), pattern)
        else:
            hints[:, place] = ngrams.found_in(seen, pattern)
    for place, name in enumerate(OPENING, len(PATTERNS)):
        # what is not in the beginning does not open it either
        (rows,) = np.nonzero(hints[:, list(PATTERNS).index(name)])
        hints[rows, place] = ngrams.found_in(opening.take(pa.array(rows)), PATTERNS[name])
    for place, limit in enumerate(_LENGTHS, len(PATTERNS) + len(OPENING)):
        hints[:, place] = length >= limit
    return Evidence(ngrams.terms(Flat.of(seen), BITS), hints, refusal_rules.declines(seen, english))


def classify(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> Refusals:
    """Refusals among answers in any language, by the beginning of each."""
    column = ngrams.column(texts)
    models = ngrams.load("refusal")
    refusal = np.zeros(len(column))
    partial = np.zeros(len(column))
    # small enough for the arrays of a slice to stay in the processor's cache
    for first in range(0, len(column), _ROWS):
        rows = column.slice(first, _ROWS)
        rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
        seen = ngrams.normal(ngrams.ends(rows, HEAD)).fill_null("")
        (likely,) = np.nonzero(ngrams.found_in(seen, CUE))
        length = pc.binary_length(rows).take(pa.array(likely)).to_numpy(zero_copy_only=False)
        found = _weighed(seen.take(pa.array(likely)), length)
        refuses = found.declines | (models["refusal"].scores(found.terms, found.hints) > 0)
        refusal[first + likely] = refuses
        partial[first + likely] = refuses & (models["partial"].scores(found.terms, found.hints) > 0)
    known = column.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    return Refusals(np.where(known, refusal, np.nan), np.where(known, partial, np.nan))


def measure(batch: Batch, context: Context) -> Measured:
    found = classify(batch.column("output"))
    return {"refusal": found.refusal, "refusal_partial": found.partial}
