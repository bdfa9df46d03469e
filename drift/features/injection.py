"""Attempts to take over the model in what users send: overriding or drawing out its instructions, jailbreaks, planted orders.

Rules for what needs no weighing (`injection_rules`), else patterns and words weighed by a linear model
(`training/injection.py`, `docs/models/injection.md`), at the beginning and the end of the input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import injection_rules, ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat
from drift.features.injection_patterns import CUE, PATTERNS, TOGETHER

BITS = 16
HEAD, TAIL = 500, 250
# UTF-8 bytes of the whole input from which it counts as longer
_LENGTHS = (40, 100, 250)
_ROWS = 32_768


@dataclass(frozen=True)
class Evidence:
    """What is known of n inputs. hints: what the model weighs with the terms, bool, shape (n, hints).

    decided: 1 where a rule finds an attack, -1 where one finds an ordinary input, else 0; int8, shape (n,).
    """

    terms: ngrams.Terms
    hints: np.ndarray
    decided: np.ndarray

    def settled(self, scores: np.ndarray) -> np.ndarray:
        """The model's log odds, shape (n,), infinite where a rule decides."""
        return np.where(self.decided > 0, np.inf, np.where(self.decided < 0, -np.inf, scores))


def evidence(texts: pa.Array) -> Evidence:
    """Words, patterns and rules of each input; null counts as empty."""
    seen = ngrams.normal(ngrams.ends(texts, HEAD, TAIL)).fill_null("")
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    (likely,) = np.nonzero(ngrams.found_in(seen, CUE))
    some = seen.take(pa.array(likely))
    found = {name: np.zeros(len(seen), bool) for name in PATTERNS}
    for name, pattern in PATTERNS.items():
        if name == "question":
            found[name] = ngrams.found_in(seen, pattern)
        else:
            found[name][likely] = ngrams.found_in(some, pattern)
    hints = [*found.values(), *(found[one] & found[other] for one, other in TOGETHER)]
    hints += [length >= limit for limit in _LENGTHS]
    decided = np.zeros(len(seen), np.int8)
    decided[likely] = injection_rules.decided(some)
    return Evidence(ngrams.terms(Flat.of(seen), BITS), np.column_stack(hints), decided)


def classify(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> np.ndarray:
    """1 where an input tries to take over the model, 0 where not, NaN where null; float64, shape (n,)."""
    column = ngrams.column(texts)
    model = ngrams.load("injection")["injection"]
    found = np.full(len(column), np.nan)
    for first in range(0, len(column), _ROWS):
        rows = column.slice(first, _ROWS)
        rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
        seen = evidence(rows)
        known = rows.is_valid().to_numpy(zero_copy_only=False)
        found[first : first + len(rows)] = np.where(known, seen.settled(model.scores(seen.terms, seen.hints)) > 0, np.nan)
    return found


def measure(batch: Batch, context: Context) -> Measured:
    return {"injection": classify(batch.column("input"))}
