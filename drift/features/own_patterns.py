"""Personal data of an application's own making: a customer number, a policy number, a patient's key, by the pattern that it has.

`[safety] patterns` names them. They are searched for in linear time (RE2), so that no pattern and no answer can hold a night up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.errors import ConfigError
from drift.features import ngrams

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def known(patterns: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The names and patterns as given. Raises ConfigError for a name that is taken or no name, and for what is no pattern of RE2, or one
    that every answer has."""
    from drift.features.pii import TYPES

    for name, pattern in patterns.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"safety.patterns: {name!r} is no name: small letters, digits and _, a letter first")
        if name in TYPES:
            raise ConfigError(f"safety.patterns: {name!r} is a type of drift's own; choose another name")
        try:
            empty = pc.match_substring_regex(pa.array([""]), pattern)[0].as_py()
        except pa.ArrowInvalid as error:
            raise ConfigError(f"safety.patterns.{name}: {str(error).splitlines()[0]}") from None
        if empty:
            raise ConfigError(f"safety.patterns.{name}: {pattern!r} is found in every answer, also in an empty one")
    return tuple(patterns.items())


def classify(
    texts: pa.Array | pa.ChunkedArray | list[str | None], patterns: tuple[tuple[str, str], ...]
) -> dict[str, np.ndarray]:
    """By name, 1 where an answer has the pattern, 0 where not, NaN where null; float64, shape (n,)."""
    column = ngrams.column(texts)
    absent = column.is_null().to_numpy(zero_copy_only=False).astype(bool)
    return {name: np.where(absent, np.nan, ngrams.found_in(column, pattern)) for name, pattern in patterns}
