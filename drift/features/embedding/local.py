"""A sentence-transformers model on this machine's CPU, as fast as it goes without changing what it says.

Texts are encoded in batches of about equal length and bounded size. Each core takes the next batch as it gets free: threads that
share every layer would wait for the slowest of them, many times over on a busy machine. What a batch costs is in `packed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift.errors import ConfigError
from drift.features.embedding.encoder import Precision

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

BATCH_TOKENS = 2048
# each holds the activations of a batch, some 30 MB
_WORKERS = 8
# modules after the transformer that need nothing but its last hidden states
_OF_TOKENS = ("Pooling", "Dense", "Normalize")
# longer texts are first cut here: a word of English has 5 to 6 characters, so this is some 4 times what a model reads
_CHARACTERS_A_TOKEN = 16


class LocalEncoder:
    """A sentence-transformers folder. The model is loaded by the first `encode`."""

    def __init__(self, folder: Path, identity: str, precision: Precision = "float32"):
        self.identity = identity
        self._folder = folder
        self._precision = precision

    @cached_property
    def dimension(self) -> int:
        return int(self.model.get_embedding_dimension())

    @cached_property
    def model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # a bar for a hundred tensors that load at once is noise in every log
        logging.disable_progress_bar()

        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ConfigError(f"embeddings.model {self._folder}: cannot be loaded: {reason[:160]}") from None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 (n, dimension). A model reads the first tokens only (all-MiniLM-L6-v2: 256)."""
        import torch

        model, limit = self.model, self.model.max_seq_length
        # a static model looks its words up and has no layers to make fast
        if not limit or getattr(model.tokenizer, "pad_token_id", None) is None:
            return model.encode(list(texts), show_progress_bar=False, normalize_embeddings=True)
        forward = self._forward
        prompt = model.prompts.get(model.default_prompt_name or "", "")
        tokens = _tokens(model.tokenizer, [prompt + text for text in texts], limit)
        out = np.empty((len(tokens), self.dimension), np.float32)

        def run(rows: np.ndarray) -> None:
            with torch.inference_mode():
                vectors = forward([tokens[r] for r in rows]).float()
                out[rows] = torch.nn.functional.normalize(vectors, dim=1).numpy()

        lengths, threads = np.array([len(t) for t in tokens]), torch.get_num_threads()
        workers = min(threads, _WORKERS)
        budget = min(BATCH_TOKENS, -(-int(lengths.sum()) // workers))
        try:
            with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads // workers,)) as pool:
                list(pool.map(run, batches(lengths, budget)))
        finally:
            # what a worker sets is also the default of threads that begin later
            torch.set_num_threads(threads)
        return out

    @cached_property
    def _forward(self) -> Callable[[list[list[int]]], torch.Tensor]:
        """Token ids of texts, longest first, to their vectors (n, dimension)."""
        import torch

        from drift.features.embedding import packed

        model, kind = self.model, getattr(torch, self._precision)
        if not packed.available():
            if self._precision != "float32":
                raise ConfigError(f"embeddings.precision {self._precision}: this build of torch has no oneDNN; use float32")
        elif packed.PackedBert.fits(model[0].auto_model) and all(type(m).__name__ in _OF_TOKENS for m in list(model)[1:]):
            bert = packed.PackedBert(model[0].auto_model, kind)
            return lambda tokens: torch.cat([_pooled(model, part) for part in bert(tokens)])
        else:
            packed.pack(model[0].to(kind), kind)
        if self._precision != "float32":
            # pooling adds up hundreds of tokens, which needs the precision that the layers do without
            model[0].register_forward_hook(lambda _, __, out: out | {"token_embeddings": out["token_embeddings"].float()})
        return lambda tokens: model(_padded(tokens, model.tokenizer))["sentence_embedding"]


def _pooled(model: SentenceTransformer, states: torch.Tensor) -> torch.Tensor:
    """Sentence vectors (n, dimension) of hidden states (n, length, d) that hold no padding."""
    features = {"token_embeddings": states, "attention_mask": states.new_ones(states.shape[:2], dtype=int)}
    for module in list(model)[1:]:
        features = module(features)
    return features["sentence_embedding"]


def batches(lengths: np.ndarray, budget: int) -> Iterator[np.ndarray]:
    """Rows in batches, longest first, each of at most `budget` tokens with its padding (but at least one row)."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, budget // max(1, int(lengths[order[start]])))
        yield order[start : start + rows]
        start += rows


def cut(text: str, characters: int) -> str:
    """The text's first words, at most `characters` long; the text itself where it has no space to cut at."""
    if len(text) <= characters:
        return text
    spaces = [m.start() for m in re.finditer(r"\s", text[:characters])]
    return text[: spaces[-1]] if spaces else text


def _tokens(tokenizer, texts: Sequence[str], limit: int) -> list[list[int]]:
    """Token ids of each text, at most `limit`, special tokens included.

    What is cut off by characters is behind what the model reads; where it is not, the whole text is taken.
    """
    short = [cut(text, limit * _CHARACTERS_A_TOKEN) for text in texts]
    tokens = tokenizer(short, truncation=True, max_length=limit)["input_ids"]
    for row, (text, part) in enumerate(zip(texts, short, strict=True)):
        if len(part) < len(text) and len(tokens[row]) < limit:
            tokens[row] = tokenizer(text, truncation=True, max_length=limit)["input_ids"]
    return tokens


def _padded(tokens: Sequence[list[int]], tokenizer) -> dict[str, torch.Tensor]:
    """Token ids and attention mask, int64 (rows, longest)."""
    import torch

    ids = np.full((len(tokens), max(map(len, tokens))), tokenizer.pad_token_id, np.int64)
    mask = np.zeros_like(ids)
    for row, own in enumerate(tokens):
        place = slice(-len(own), None) if tokenizer.padding_side == "left" else slice(len(own))
        ids[row, place], mask[row, place] = own, 1
    return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
