"""What a request took: time and money. Whether it worked: `errors` and `tools`. What tokens cost: `pricing`."""

from __future__ import annotations

import numpy as np

from drift import pricing
from drift.features.batch import Batch, Context, Measured


def measure(batch: Batch, context: Context) -> Measured:
    """`latency_s`, `ttft_s`, `tokens_per_second`, `cost_usd`, `over_ceiling`. Negative times and costs are unknown.

    The store's own cost wins; where it has none, tokens are priced by the table in `pricing`.
    """
    latency, ttft = _positive(batch.numbers("latency_s")), _positive(batch.numbers("ttft_s"))
    paid = batch.once("paid", lambda: cost(batch))
    out: Measured = {
        "latency_s": latency,
        "ttft_s": ttft,
        "tokens_per_second": tokens_per_second(batch.numbers("output_tokens"), latency, ttft),
        "cost_usd": paid,
    }
    if context.ceiling_usd is not None:
        out["over_ceiling"] = np.where(np.isnan(paid), np.nan, paid > context.ceiling_usd)
    return out


def cost(batch: Batch) -> np.ndarray:
    """USD of each request, NaN where neither the store nor the price table knows; shape (n,).

    A request of several calls is priced call by call by its store, or not at all: only the last call's model is known here.
    """
    given = _positive(batch.numbers("cost_usd"))
    missing = np.flatnonzero(np.isnan(given) & ~(batch.numbers("n_generations") > 1))
    if not len(missing):
        return given
    models = batch.key("model").take(missing).to_pylist()
    tokens_in, tokens_out = batch.numbers("input_tokens")[missing], batch.numbers("output_tokens")[missing]
    given[missing] = pricing.cost(models, np.asarray(batch.timestamps)[missing], tokens_in, tokens_out)
    return given


def tokens_per_second(tokens: np.ndarray, latency: np.ndarray, ttft: np.ndarray) -> np.ndarray:
    """Completion tokens a second after the first token, over the whole latency where that is unknown; NaN below 2 tokens."""
    streaming = latency - np.where(np.isfinite(ttft) & (ttft < latency), ttft, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = tokens / streaming
    return np.where((tokens >= 2) & (streaming > 0), speed, np.nan)


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values >= 0, values, np.nan)
