"""Which prompt a request had, where nobody names it: its system prompt's hash is then the version.

An edit without a new version is the most frequent silent change there is. What a template fills in, dates and numbers, is no edit;
a system prompt that is another one for every request is no version at all, which only the whole day can tell.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

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


def counts(part: pa.Table) -> Counter[str]:
    """How many requests have each hash for a prompt; those of parts of a day add up."""
    if "prompt" not in part.column_names:
        return Counter()
    names = pc.cast(part.column("prompt"), pa.string())
    hashed = pc.value_counts(names.filter(pc.fill_null(pc.starts_with(names, PROMPT_HASH), False)))
    return Counter(dict(zip(hashed.field("values").to_pylist(), hashed.field("counts").to_pylist(), strict=True)))


def settle(part: pa.Table, day: Counter[str]) -> pa.Array | None:
    """The `prompt` column without hashes that are no version of a prompt; None where the day has no hash at all.

    A version is what at least a hundredth of those requests (and five of them) have; where such versions are not half of them, the
    prompts are written anew for every request, and all of them are unknown. day: the `counts` of the whole day.
    """
    if not day:
        return None
    least = max(_FEWEST, _SHARE * day.total())
    kept = {name: n for name, n in day.items() if n >= least}
    if sum(kept.values()) < _TOGETHER * day.total():
        kept = {}
    prompts = pc.cast(part.column("prompt").combine_chunks(), pa.string())
    hashed = pc.fill_null(pc.starts_with(prompts, PROMPT_HASH), False)
    version = pc.is_in(prompts, pa.array(sorted(kept), pa.string()))
    return pc.if_else(pc.or_(pc.invert(hashed), version), prompts, None)


def _version(text: str | None) -> str | None:
    if not text:
        return None
    # white space is no edit that a model could follow
    plain = " ".join(_FILLED.sub("0", text).split())
    return PROMPT_HASH + hashlib.sha256(plain.encode()).hexdigest()[:8]
