"""Whether a prompt was put together as it was meant: no placeholder left open, no value that is none, no picture as text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured

# what a template, Python or JavaScript leaves where a value was missing; a user's own "none of these" is none of it
_LEFT = (
    r"\{\{\s*[A-Za-z_][\w.]*\s*\}\}|\{%-?\s*\w|\$\{[A-Za-z_][\w.]*\}|\[object Object\]|"
    r"(?m:^|[:=(] ?)(?:None|undefined|NaN|null)(?m:[,;)]|$)|[A-Za-z0-9+/]{400}"
)


def measure(batch: Batch, context: Context) -> Measured:
    """`assembly_fault`: an open placeholder, a missing value or base 64 in what the model was given, as far as it is known."""
    given, system = (_faulty(batch.key(name)) for name in ("input", "system_prompt"))
    return {"assembly_fault": np.where(np.isnan(given), system, np.where(np.isnan(system), given, np.maximum(given, system)))}


def _faulty(texts: pa.Array) -> np.ndarray:
    """1 where a text has such a fault, 0 where not, NaN where it is null; (n,)."""
    # prompts are long, and mostly one and the same
    encoded = texts.dictionary_encode()
    found = pc.match_substring_regex(encoded.dictionary, _LEFT).cast(pa.float64())
    return found.take(encoded.indices).to_numpy(zero_copy_only=False).astype(float)
