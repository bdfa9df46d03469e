"""Which prompt a request had, where nobody names it: its system prompt's hash is then the version.

An edit without a new version is the most frequent silent change there is. What a template fills in, dates and numbers, is no edit;
a system prompt that is another one for every request is no version at all, which only the whole day can tell.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.traces import PROMPT_HASH

# a version has at least this share of the requests whose prompt nobody named, and all versions together so much of them
_SHARE, _TOGETHER = 0.01, 0.5
_FEWEST = 5
_FILLED = re.compile(
    r"\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
    r"\b[ap]\.?m\b",
    re.I,
)


def versions(system_prompts: pa.Array) -> pa.Array:
    """`system prompt@<hash>` of each system prompt, whatever dates and numbers stand in it; null where there is none; (n,)."""
    encoded = system_prompts.dictionary_encode()
    names = pa.array([_version(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return names.take(encoded.indices)


def settle(day: pa.Table) -> pa.Array | None:
    """The day's `prompt` column without hashes that are no version of a prompt; None where it has no hash at all.

    A version is what at least a hundredth of those requests (and five of them) have; where such versions are not half of them, the
    prompts are written anew for every request, and all of them are unknown.
    """
    if "prompt" not in day.column_names:
        return None
    prompts = pc.cast(day.column("prompt").combine_chunks(), pa.string())
    hashed = pc.fill_null(pc.starts_with(prompts, PROMPT_HASH), False).to_numpy(zero_copy_only=False)
    if not hashed.any():
        return None
    codes = prompts.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    sizes = np.bincount(codes[hashed])[np.maximum(codes, 0)]
    kept = hashed & (sizes >= max(_FEWEST, _SHARE * hashed.sum()))
    if kept.sum() < _TOGETHER * hashed.sum():
        kept[:] = False
    return pc.if_else(pa.array(~hashed | kept), prompts, None)


def _version(text: str | None) -> str | None:
    if not text:
        return None
    # white space is no edit that a model could follow
    plain = " ".join(_FILLED.sub("0", text).split())
    return PROMPT_HASH + hashlib.sha256(plain.encode()).hexdigest()[:8]
