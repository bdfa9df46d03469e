"""Persons' names in answers, by a spaCy pipeline of the user's choice (https://spacy.io/models).

A pipeline takes milliseconds a text, so it reads a sample of the day. A name that the question has is the user's own and no news. Names of
the famous are names, too; so they are followed as `pii.person` and not counted in `pii`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from drift.errors import ConfigError, MissingExtra
from drift.features import embedding
from drift.features.batch import Batch, Context

if TYPE_CHECKING:
    from spacy.language import Language

# as pipelines of different languages call a person
_PERSON = frozenset({"PERSON", "PER", "PS", "persName"})
_LONGEST = 10_000


def known(pipeline: str) -> str:
    """The pipeline as given, empty for none. Raises ConfigError where it is not installed or finds no persons, MissingExtra without spaCy."""
    if pipeline:
        labels = {
            label for name in _load(pipeline).pipe_names for label in getattr(_load(pipeline).get_pipe(name), "labels", ())
        }
        if not labels & _PERSON:
            raise ConfigError(f"safety.names: the pipeline {pipeline!r:.80} finds no persons")
    return pipeline


def measure(batch: Batch, context: Context) -> np.ndarray:
    """1 where an answer of the sample names a person whom the question does not, 0 where not, NaN elsewhere; float64, shape (n,)."""
    chosen = embedding.sampled(batch.column("trace_id").to_pylist(), context.pii_share) & batch.known("output")
    inputs, outputs = batch.text("input"), batch.text("output")
    found = np.where(chosen, 0.0, np.nan)
    (rows,) = np.nonzero(chosen)
    read = _load(context.names).pipe((outputs[row] or "")[:_LONGEST] for row in rows)
    for row, answer in zip(rows, read, strict=True):
        asked = (inputs[row] or "").casefold()
        found[row] = any(name.label_ in _PERSON and name.text.casefold() not in asked for name in answer.ents)
    return found


@cache
def _load(pipeline: str) -> Language:
    # an import of seconds, for those alone who ask for it
    try:
        import spacy
    except ImportError:
        raise MissingExtra("safety.names: persons' names need spaCy", "pii") from None
    try:
        return spacy.load(pipeline)
    except OSError:
        raise ConfigError(
            f"safety.names: there is no spaCy pipeline {pipeline!r:.80}; install one, as in: python -m spacy download en_core_web_sm"
        ) from None
