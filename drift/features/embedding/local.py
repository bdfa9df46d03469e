"""A sentence-transformers model on this machine's CPU, as fast as it goes without changing what it says.

Texts are encoded in batches of about equal length and bounded size, so that hardly any padding is computed, and linear
layers run on oneDNN with weights packed once (on AMD that is about twice the speed of torch's default; docs/embeddings.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift.errors import ConfigError
from drift.features.embedding.encoders import Precision

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_TOKENS = 2048
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
            model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ConfigError(f"embeddings.model {self._folder}: cannot be loaded: {reason[:160]}") from None
        _pack(model, self._precision)
        return model

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 (n, dimension). A model reads the first tokens only (all-MiniLM-L6-v2: 256)."""
        import torch

        model, limit = self.model, self.model.max_seq_length
        prompt = model.prompts.get(model.default_prompt_name or "", "")
        if not limit or getattr(model.tokenizer, "pad_token_id", None) is None:
            return model.encode(list(texts), show_progress_bar=False, normalize_embeddings=True)
        tokens = _tokens(model.tokenizer, [prompt + text for text in texts], limit)
        out = np.empty((len(tokens), self.dimension), np.float32)
        with torch.inference_mode():
            for rows in batches(np.array([len(t) for t in tokens]), BATCH_TOKENS):
                ids, mask = _padded([tokens[r] for r in rows], model.tokenizer)
                features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
                vectors = model(features)["sentence_embedding"].float()
                out[rows] = torch.nn.functional.normalize(vectors, dim=1).numpy()
        return out


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


def _padded(tokens: Sequence[list[int]], tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Token ids and attention mask, int64 (rows, longest)."""
    ids = np.full((len(tokens), max(map(len, tokens))), tokenizer.pad_token_id, np.int64)
    mask = np.zeros_like(ids)
    for row, own in enumerate(tokens):
        place = slice(-len(own), None) if tokenizer.padding_side == "left" else slice(len(own))
        ids[row, place], mask[row, place] = own, 1
    return ids, mask


def _pack(model: SentenceTransformer, precision: Precision) -> None:
    """Replace linear layers by packed oneDNN ones, where this build of torch has them."""
    import torch

    kind = getattr(torch, precision)
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        if precision != "float32":
            raise ConfigError(f"embeddings.precision {precision}: this build of torch has no oneDNN; use float32")
        return

    class PackedLinear(torch.nn.Module):
        def __init__(self, linear: torch.nn.Linear):
            super().__init__()
            self.weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), BATCH_TOKENS)
            self.bias = None if linear.bias is None else linear.bias.detach()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")

    def replace(module: torch.nn.Module) -> None:
        for name, child in module.named_children():
            if type(child) is torch.nn.Linear:
                setattr(module, name, PackedLinear(child))
            else:
                replace(child)

    def in_single_precision(_, __, out: dict) -> dict:
        return out | {"token_embeddings": out["token_embeddings"].float()}

    if precision != "float32":
        # pooling adds up hundreds of tokens, which needs the precision that the layers do without
        model[0].to(kind).register_forward_hook(in_single_precision)
    replace(model[0])
