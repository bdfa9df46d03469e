"""The default encoder: a vector for every token, distilled from all-MiniLM-L6-v2, added up over a text.

It knows no order of words, and so costs a hundredth of a transformer: on all traffic it finds smaller changes than a transformer does
on the sample that the same time buys. No torch, no weights to install. docs/embeddings.md compares the two, docs/models/static.md
says what the table is made of. Source: Tulkens & van Dongen 2024 (Model2Vec); Arora et al. 2017 (weights by rarity).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift.config.sections import STATIC_MODEL

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = Path(__file__).parents[1] / "models" / "static.npz"
UNKNOWN = "[UNK]"
# what is read of a text: so many tokens, and no more characters than hold as many
TOKENS, CHARACTERS = 512, 3000
# texts at a time: with their tokens some 30 MB
_BATCH = 1024
_SHORTEST = 1e-6


class TableEncoder:
    """The table in `file`. It is read by the first `encode`; safe to share between threads."""

    def __init__(self, file: Path = FILE, name: str = STATIC_MODEL):
        self._file = file
        self.identity = f"{name}@{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"

    @property
    def dimension(self) -> int:
        return self._table.shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 (n, dimension). A text without a known token has the vector of the unknown one."""
        from scipy.sparse import csr_matrix

        table = self._table
        out = np.empty((len(texts), table.shape[1]), np.float32)
        for start in range(0, len(texts), _BATCH):
            ids = self._ids(texts[start : start + _BATCH])
            ends = np.cumsum([0, *map(len, ids)])
            tokens = np.concatenate(ids)
            counts = csr_matrix((np.ones(len(tokens), np.float32), tokens, ends), (len(ids), len(table)))
            out[start : start + len(ids)] = counts @ table
        length = np.linalg.norm(out, axis=1, keepdims=True)
        # tokens can cancel each other out
        out = np.where(length > _SHORTEST, out, table[self._unknown])
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    def _ids(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Token ids of each text, at least one."""
        # half of a surrogate pair is no character that a tokenizer takes
        read = [text[:CHARACTERS].encode(errors="replace").decode() for text in texts]
        found = self._tokenizer.encode_batch_fast(read, add_special_tokens=False)
        return [np.array(each.ids[:TOKENS] or [self._unknown], np.int32) for each in found]

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        with np.load(self._file) as file:
            return {word: i for i, word in enumerate(file["vocabulary"].tobytes().decode().split("\n"))}

    @cached_property
    def _table(self) -> np.ndarray:
        """float32 (tokens, dimension)."""
        with np.load(self._file) as file:
            return file["table"] * file["scale"].astype(np.float32)[:, None]

    @cached_property
    def _unknown(self) -> int:
        return self._vocabulary[UNKNOWN]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return word_pieces(self._vocabulary)


def word_pieces(vocabulary: dict[str, int]) -> Tokenizer:
    """The tokenizer of BERT uncased with this vocabulary, without special tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer
