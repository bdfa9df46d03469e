"""Further types of personal data by Presidio's own pattern recognisers (https://microsoft.github.io/presidio).

For types that the configuration names, such as CRYPTO, UK_NHS or IT_FISCAL_CODE. They run without a language model, so
names and places are not among them; and they take milliseconds a text, so they run on a sample of the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from drift.errors import ConfigError, MissingExtra
from drift.features import embedding
from drift.features.batch import Batch, Context
from drift.features.own import Own

if TYPE_CHECKING:
    from presidio_analyzer import PatternRecognizer

# Presidio's own score of a pattern that a checksum or its strictness backs
_SURE = 0.5
_LONGEST = 10_000
# traces a day that are looked through, chosen as those that are embedded
SAMPLE = 1500


def known(types: Iterable[str]) -> tuple[str, ...]:
    """The types as given. Raises ConfigError for one that no pattern of Presidio finds."""
    return tuple(type_ for type_ in types if _recognizers(type_))


def measure(batch: Batch, context: Context) -> dict[str, np.ndarray]:
    """By type in lower case: 1 where an answer of the sample has it, 0 where not, NaN elsewhere; float64, shape (n,)."""
    chosen = embedding.sampled(batch.column("trace_id").to_pylist(), context.pii_share) & batch.known("output")
    texts = batch.text("output")
    found = {type_: np.where(chosen, 0.0, np.nan) for type_ in context.pii_types}
    for type_, values in found.items():
        for row in np.flatnonzero(chosen):
            values[row] = has(texts[row] or "", type_, context.own)
    return {type_.lower(): values for type_, values in found.items()}


def has(text: str, type_: str, own: Own) -> bool:
    """Whether a recogniser of the type is sure of any part of the text that is not the company's own."""
    return any(
        result.score >= _SURE and not own.has(type_.lower(), text[result.start : result.end])
        for recognizer in _recognizers(type_)
        for result in recognizer.analyze(text[:_LONGEST], [type_], None) or []
    )


@cache
def _recognizers(type_: str) -> list[PatternRecognizer]:
    # an import of seconds, for those alone who ask for it
    try:
        from presidio_analyzer import PatternRecognizer, predefined_recognizers
    except ImportError:
        raise MissingExtra(f"safety.pii_types {type_}: further types need Presidio", "pii") from None

    kinds = [kind for kind in vars(predefined_recognizers).values() if isinstance(kind, type)]
    patterns = [kind() for kind in kinds if issubclass(kind, PatternRecognizer) and kind is not PatternRecognizer]
    found = [recognizer for recognizer in patterns if type_ in recognizer.supported_entities]
    if not found:
        known = sorted({entity for recognizer in patterns for entity in recognizer.supported_entities})
        raise ConfigError(f"safety.pii_types: no pattern of Presidio finds {type_!r}; it finds {', '.join(known)}")
    return found
