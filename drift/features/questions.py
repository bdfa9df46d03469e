"""A key of each question, by which a day knows one that is asked again."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from drift.features.batch import Batch, Context, Measured
from drift.features.tokens import Tokens

_FEWEST_WORDS = 3


def measure(batch: Batch, context: Context) -> Measured:
    """`_input_hash`, by which a day knows a question that is asked again."""
    return {"_input_hash": keys(batch.tokens("input"), context.salt)}


def keys(words: Tokens, salt: str) -> pa.Array:
    """A secret key of each input's words, whatever their order, case and punctuation; uint64, null below 3 words.

    Short inputs (“yes”, “thank you”) have none: said twice, they are no question asked again.
    """
    with np.errstate(over="ignore"):
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words.hashes * words.hashes, dtype=np.uint64)])
    bags = sums[words.offsets[1:]] - sums[words.offsets[:-1]]
    secret = hashlib.blake2b(salt.encode(), digest_size=32).digest()
    digests = [hashlib.blake2b(bag, digest_size=8, key=secret).digest() for bag in bags.view("V8").tolist()]
    values = np.frombuffer(b"".join(digests), np.uint64)
    return pa.array(values, mask=words.counts < _FEWEST_WORDS)
