"""Distil drift/features/models/static.npz from all-MiniLM-L6-v2: `python -m training.static` (half a minute, no data).

Every token of the vocabulary is encoded alone, the vectors are reduced by PCA, and each is weighted by how rare its token is in
English. The same as model2vec does (Tulkens & van Dongen 2024), but for two things: a token's rank is its place among the words, not
in the vocabulary, whose first thousand places are characters; and the PCA counts a token as much as it counts in texts. See
docs/models/static.md.
"""

from __future__ import annotations

import re

import numpy as np
import torch

from drift.config import FULL_MODEL
from drift.features.embedding import open_encoder, table

DIMENSION = 128
# a: a token whose share of all text is p weighs a / (a + p) (Arora et al. 2017)
RARE = 2e-4
# characters come before the words, which are ordered by frequency from this one on
FIRST_WORD = "the"
# characters and punctuation are taken to be as common as this word
CHARACTER = 50
_NO_TOKEN = re.compile(r"\[(unused\d+|PAD|CLS|SEP|MASK)\]")
_BATCH = 512


def main() -> None:
    full = open_encoder(FULL_MODEL)
    known = full.model.tokenizer.get_vocab()
    tokens = [token for token in sorted(known, key=known.get) if not _NO_TOKEN.fullmatch(token)]
    share = shares(tokens)
    weight = RARE / (RARE + share)
    vectors = leading(alone(full, [known[token] for token in tokens]), DIMENSION, share * weight**2)
    weighted = vectors * weight[:, None]
    scale = np.abs(weighted).max(1) / 127
    np.savez_compressed(
        table.FILE,
        vocabulary=np.frombuffer("\n".join(tokens).encode(), np.uint8),
        table=np.round(weighted / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
    )
    print(f"{table.FILE}: {len(tokens):,} tokens, {DIMENSION} dimensions, {table.FILE.stat().st_size / 1e6:.1f} MB")


def alone(full, ids: list[int]) -> np.ndarray:
    """The mean of the last hidden states of each token between [CLS] and [SEP], float64 (n, 384)."""
    tokenizer, model = full.model.tokenizer, full.model[0].auto_model
    rows = torch.tensor([[tokenizer.cls_token_id, token, tokenizer.sep_token_id] for token in ids])
    with torch.inference_mode():
        parts = [model(input_ids=part).last_hidden_state.mean(1) for part in rows.split(_BATCH)]
    return torch.cat(parts).double().numpy()


def leading(vectors: np.ndarray, dimension: int, importance: np.ndarray) -> np.ndarray:
    """The vectors along their principal axes, centred, (n, dimension). importance: (n,), how much each counts."""
    importance = importance / importance.sum()
    centred = vectors - importance @ vectors
    _, axes = np.linalg.eigh(centred.T @ (centred * importance[:, None]))
    axes = axes[:, ::-1][:, :dimension]
    # the sign of an axis is chance; a table that is made again must be the same
    return centred @ (axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(dimension)]))


def shares(tokens: list[str]) -> np.ndarray:
    """The share of English text that each token is, by Zipf's law, (n,)."""
    rank = np.arange(len(tokens)) - tokens.index(FIRST_WORD) + 1.0
    share = 1 / np.where(rank > 0, rank, CHARACTER)
    return share / share[rank > 0].sum()


if __name__ == "__main__":
    main()
