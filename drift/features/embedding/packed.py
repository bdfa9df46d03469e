"""Linear layers on oneDNN with weights packed once, and BERT on texts that lie end to end, without padding.

Most of an encoder's time are matrix products. Beyond them only what need not be computed can be saved: padding, its mask, and copies
of activations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import torch
from torch import Tensor, nn
from torch.nn import functional

# the batch size that weights are packed for; others work as well
_TOKENS = 2048


def available() -> bool:
    """Whether this build of torch has the packed layers."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


class PackedLinear(nn.Module):
    """One or more linear layers of the same input, side by side: (…, in) to (…, sum of out)."""

    def __init__(self, *layers: nn.Linear, kind: torch.dtype):
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers]).to(kind)
        biases = [torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach() for layer in layers]
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, _TOKENS)
        self.bias = torch.cat(biases).to(kind)

    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


def pack(module: nn.Module, kind: torch.dtype) -> None:
    """Replace every linear layer below `module` by a packed one."""
    for name, child in module.named_children():
        if type(child) is nn.Linear:
            setattr(module, name, PackedLinear(child, kind=kind))
        else:
            pack(child, kind)


class PackedBert:
    """A BertModel of transformers, run on texts end to end: linear layers see all tokens at once, attention each length."""

    def __init__(self, model: nn.Module, kind: torch.dtype):
        embeddings = model.embeddings
        self._kind = kind
        self._heads = model.config.num_attention_heads
        self._words = embeddings.word_embeddings.weight.detach()
        # every token is of type 0, as texts are encoded alone
        self._places = (embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]).detach()
        self._first = embeddings.LayerNorm
        self._layers = [_Layer(layer, kind) for layer in model.encoder.layer]

    @staticmethod
    def fits(model: nn.Module) -> bool:
        """Whether the model is a plain BERT encoder: no decoder, no adapters, absolute positions, exact GELU."""
        from transformers import BertModel

        config = model.config
        linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
        return (
            type(model) is BertModel
            and config.hidden_act == "gelu"
            and not config.is_decoder
            and getattr(config, "position_embedding_type", "absolute") == "absolute"
            and all(type(m) is nn.Linear for m in linear)
        )

    def __call__(self, tokens: Sequence[list[int]]) -> Iterator[Tensor]:
        """Last hidden states in the texts' order, float32 (texts of one length, length, d) for each run of equal lengths."""
        lengths = [len(own) for own in tokens]
        runs = [(length, sum(1 for _ in same)) for length, same in groupby(lengths)]
        sizes = [length * texts for length, texts in runs]
        ids = torch.tensor([token for own in tokens for token in own])
        places = torch.cat([torch.arange(length).repeat(texts) for length, texts in runs])
        x = self._first(self._words[ids].add_(self._places[places])).to(self._kind)
        for layer in self._layers:
            x = layer(x, runs, sizes, self._heads)
        for part, (length, texts) in zip(x.float().split(sizes), runs, strict=True):
            yield part.view(texts, length, -1)


class _Layer:
    def __init__(self, layer: nn.Module, kind: torch.dtype):
        own = layer.attention.self
        self._qkv = PackedLinear(own.query, own.key, own.value, kind=kind)
        self._joined = PackedLinear(layer.attention.output.dense, kind=kind)
        self._up = PackedLinear(layer.intermediate.dense, kind=kind)
        self._down = PackedLinear(layer.output.dense, kind=kind)
        self._middle = layer.attention.output.LayerNorm.to(kind)
        self._last = layer.output.LayerNorm.to(kind)

    def __call__(self, x: Tensor, runs: list[tuple[int, int]], sizes: list[int], heads: int) -> Tensor:
        attended = torch.cat(
            [
                _attend(part.view(texts, length, 3, heads, -1))
                for part, (length, texts) in zip(self._qkv(x).split(sizes), runs, strict=True)
            ]
        )
        x = self._middle(self._joined(attended).add_(x))
        wide = torch.ops.aten.gelu_(self._up(x))
        return self._last(self._down(wide).add_(x))


def _attend(qkv: Tensor) -> Tensor:
    """Attention within each text, (texts, length, 3, heads, width) to (texts · length, heads · width)."""
    query, key, value = qkv.permute(2, 0, 3, 1, 4)
    return functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2).flatten(0, 1)
