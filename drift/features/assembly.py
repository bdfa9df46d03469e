"""Whether a prompt, its documents and the answer were put together as they were meant: no placeholder left open, no value that is none, no
picture as text, no document that is empty or there twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features.batch import Batch, Context, Measured
from drift.features.retrieval import per_document

# what a template, Python or JavaScript leaves where a value was missing; a user's own "none of these" is none of it
_LEFT = (
    r"\{\{\s*[A-Za-z_][\w.]*\s*\}\}|\{%-?\s*\w|\$\{[A-Za-z_][\w.]*\}|\[object Object\]|"
    r"(?m:^|[:=(] ?)(?:None|undefined|NaN|null)(?m:[,;)]|$)|[A-Za-z0-9+/]{400}"
)
# the same in an answer, where code and mathematics have such words in their own right: only where a name or an amount should stand
_SHOWN = (
    r"\{\{\s*[A-Za-z_][\w.]*\s*\}\}|\$\{[A-Za-z_][\w.]*\}|\[object Object\]|[A-Za-z0-9+/]{400}|[€$£] ?(?:NaN|None|undefined|null)\b|"
    r"\b(?:Dear|Hi|Hello|Hallo|Bonjour|Hola|Ciao) (?:\{[A-Za-z_]\w*\}|None\b|undefined\b|null\b)"
)
_CODE = r"(?s)```.*?(?:```|\z)|`[^`\n]*`"
_DATA = r"^\s*[{\[<]"
# a shorter text may well be there twice
_SHORT = 20


def measure(batch: Batch, context: Context) -> Measured:
    """`assembly_fault`: an open placeholder, a missing value or base 64 in what the model was given, as far as it is known. `answer_fault`:
    the same in the answer. `context_fault`: documents that are all empty, or one text twice."""
    given, system = (_faulty(batch.key(name)) for name in ("input", "system_prompt"))
    return {
        "assembly_fault": np.where(np.isnan(given), system, np.where(np.isnan(system), given, np.maximum(given, system))),
        "answer_fault": _shown(batch.key("output")),
        "context_fault": _context(batch),
    }


def _shown(answers: pa.Array) -> np.ndarray:
    """1 where an answer in prose shows what a template left, outside code; NaN where it is null; (n,)."""
    found = pc.match_substring_regex(answers, _SHOWN)
    suspects = np.flatnonzero(found.fill_null(False).to_numpy(zero_copy_only=False))
    out = found.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    if len(suspects):
        texts = answers.take(pa.array(suspects))
        prose = pc.replace_substring_regex(texts, _CODE, " ")
        faulty = pc.and_(pc.match_substring_regex(prose, _SHOWN), pc.invert(pc.match_substring_regex(texts, _DATA)))
        out[suspects] = faulty.to_numpy(zero_copy_only=False).astype(float)
    return out


def _context(batch: Batch) -> np.ndarray:
    """1 where the texts of a request's documents are all blank or one is there twice; NaN where a text is not known; (n,)."""
    rows, texts = per_document(batch.column("documents"), "text")
    n = len(batch)
    if not len(rows):
        return np.full(n, np.nan)
    unknown = np.bincount(rows, texts.is_null().to_numpy(zero_copy_only=False), n) > 0
    any_at_all = np.bincount(rows, minlength=n) > 0
    encoded = pc.utf8_trim_whitespace(texts.fill_null("")).dictionary_encode()
    codes, lengths = encoded.indices.to_numpy(), pc.utf8_length(encoded.dictionary).to_numpy()[encoded.indices.to_numpy()]
    full = np.bincount(rows, lengths > 0, n) > 0
    long = lengths >= _SHORT
    key = rows[long] * len(encoded.dictionary) + codes[long]
    different = np.unique(key) // max(len(encoded.dictionary), 1)
    twice = np.bincount(rows[long], minlength=n) > np.bincount(different, minlength=n)
    return np.where(any_at_all & ~unknown, (~full | twice).astype(float), np.nan)


def _faulty(texts: pa.Array) -> np.ndarray:
    """1 where a text has such a fault, 0 where not, NaN where it is null; (n,)."""
    # prompts are long, and mostly one and the same
    encoded = texts.dictionary_encode()
    found = pc.match_substring_regex(encoded.dictionary, _LEFT).cast(pa.float64())
    return found.take(encoded.indices).to_numpy(zero_copy_only=False).astype(float)
