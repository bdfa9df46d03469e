"""Attempts to take over the model in what users send: overriding or drawing out its instructions, jailbreaks, planted orders.

Rules for what needs no weighing (`injection_rules`), else patterns and words weighed by a linear model
(`training/injection.py`, `docs/models/injection.md`), at the beginning and the end of the input. An input without a cue, a
word that every such attempt has, is ordinary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import injection_kinds, injection_rules, ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import Flat, whole
from drift.features.hints import Asked, Hints, among, search
from drift.features.injection_patterns import CUE, PATTERNS, TOGETHER

BITS = 16
HEAD, TAIL = 500, 250
# UTF-8 bytes of the whole input from which it counts as longer
_LENGTHS = (40, 100, 250)
_ROWS = 32_768
# patterns that are looked for together first: few inputs have one of them
_TOGETHER_RARE = (
    ("unrestricted", "freed", "placeholder", "document"),
    ("delimiter", "foreign", "foreign_role", "urging", "spelled"),
    ("reply_with", "reply_changed"),
)


@dataclass(frozen=True)
class Evidence:
    """What is known of n inputs. hints: what the model weighs with the terms, bool, shape (n, hints).

    decided: 1 where a rule finds an attack, -1 where one finds an ordinary input or there is no cue, else 0; int8, shape (n,).
    """

    terms: ngrams.Terms
    hints: np.ndarray
    decided: np.ndarray

    def settled(self, scores: np.ndarray) -> np.ndarray:
        """The model's log odds, shape (n,), infinite where a rule decides."""
        return np.where(self.decided > 0, np.inf, np.where(self.decided < 0, -np.inf, scores))


def evidence(texts: pa.Array) -> Evidence:
    """Words, patterns and rules of each input; null counts as empty."""
    seen = _normal(texts)
    cued = ngrams.found_in(seen, CUE)
    decided = np.full(len(seen), -1, np.int8)
    decided[cued] = injection_rules.decided(seen.filter(pa.array(cued)))
    return Evidence(ngrams.terms(Flat.of(seen), BITS), _hints(texts, seen, cued).all(len(seen)), decided)


def _normal(texts: pa.Array) -> pa.Array:
    return ngrams.normal(ngrams.ends(texts, HEAD, TAIL)).fill_null("")


def _hints(texts: pa.Array, seen: pa.Array, cued: np.ndarray) -> Hints:
    """The patterns, those that stand together and how long the input is, in the order of the model's weights."""
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    likely: dict[str, np.ndarray | Asked] = dict.fromkeys(PATTERNS, cued)
    for names in _TOGETHER_RARE:
        either = Asked(among(cued, search(seen, "|".join(f"(?:{PATTERNS[name]})" for name in names))), len(seen))
        likely |= dict.fromkeys(names, either)
    patterns = {name: Asked(among(likely[name], search(seen, pattern)), len(seen)) for name, pattern in PATTERNS.items()}
    together = [among(patterns[other], patterns[one]) for one, other in TOGETHER]
    lengths = [lambda rows, limit=limit: length[rows] >= limit for limit in _LENGTHS]
    told = [*PATTERNS, *(other for _, other in TOGETHER)]
    alone = [[name] for name in PATTERNS if not any(name in names for names in _TOGETHER_RARE)]
    searches = [[place for place, of in enumerate(told) if of in names] for names in (*alone, *_TOGETHER_RARE)]
    return Hints([*patterns.values(), *together, *lengths], searches, range(len(told), len(told) + len(lengths)))


def classify(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> np.ndarray:
    """1 where an input tries to take over the model, 0 where not, NaN where null; float64, shape (n,)."""
    column = ngrams.column(texts)
    found = np.full(len(column), np.nan)
    for first in range(0, len(column), _ROWS):
        rows = whole(column.slice(first, _ROWS))
        known = rows.is_valid().to_numpy(zero_copy_only=False)
        found[first : first + len(rows)] = np.where(known, _attacks(rows), np.nan)
    return found


def _attacks(texts: pa.Array) -> np.ndarray:
    """Whether each input tries to take over the model; bool, shape (n,)."""
    model = ngrams.load("injection")["injection"]
    seen = _normal(texts)
    attacks = np.zeros(len(seen), bool)
    (cued,) = np.nonzero(ngrams.found_in(seen, CUE))
    attacks[cued] = _cued_attacks(model, texts.take(pa.array(cued)), seen.take(pa.array(cued)))
    return attacks


def _cued_attacks(model: ngrams.LinearModel, texts: pa.Array, seen: pa.Array) -> np.ndarray:
    """The same for inputs that all have a cue; seen: their normal forms."""
    hints = _hints(texts, seen, np.ones(len(seen), bool))
    words = ngrams.terms(Flat.of(seen), BITS).weighed(model.terms)
    attacks = hints.positive(model, words, np.arange(len(seen)))
    (found,) = np.nonzero(attacks)
    attacks[found] = ~injection_rules.ordinary(seen.take(pa.array(found)))
    (rest,) = np.nonzero(~attacks)
    attacks[rest] = ngrams.found_in(seen.take(pa.array(rest)), injection_rules.ATTACK)
    return attacks


def kinds(texts: pa.Array | pa.ChunkedArray | list[str | None], attacks: np.ndarray) -> np.ndarray:
    """What each attack is after, one of `injection_kinds.KINDS`, None where the input is none; object, shape (n,).

    attacks: what `classify` gives for the texts.
    """
    found = np.full(len(attacks), None, object)
    (rows,) = np.nonzero(attacks == 1)
    if len(rows):
        seen = _normal(whole(ngrams.column(texts)).take(pa.array(rows)))
        found[rows] = injection_kinds.of(seen)
    return found


def measure(batch: Batch, context: Context) -> Measured:
    inputs = batch.column("input")
    attacks = classify(inputs)
    return {"injection": attacks, "injection_kind": kinds(inputs, attacks)}
