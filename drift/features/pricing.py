"""What tokens cost, by the price table of `genai-prices` (Pydantic): for traces whose store has no cost. Works offline.

The table is a release's: it is never fetched at run time, so a night run again gives the same costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np
from genai_prices import Usage, calc_price
from genai_prices.types import TieredPrices

_MILLION = 1e6


@dataclass(frozen=True)
class Rate:
    """USD per million tokens from a number of prompt tokens on; `starts` ascending, the first 0."""

    starts: tuple[float, ...]
    prices: tuple[float, ...]

    def at(self, input_tokens: np.ndarray) -> np.ndarray:
        """The price that a request of so many prompt tokens pays for each of its tokens."""
        tier = np.searchsorted(self.starts[1:], input_tokens, "left")
        return np.asarray(self.prices)[tier]


def cost(models: list[str | None], day: date, input_tokens: np.ndarray, output_tokens: np.ndarray) -> np.ndarray:
    """Cost of each request in USD, NaN where the model has no known price or a token count is missing; shape (n,)."""
    out = np.full(len(models), np.nan)
    names = np.array([model or "" for model in models], object)
    for model in set(names) - {""}:
        rates = price(model[:200], day)
        if rates is not None:
            at = names == model
            given = input_tokens[at]
            out[at] = (given * rates[0].at(given) + output_tokens[at] * rates[1].at(given)) / _MILLION
    return out


@lru_cache(maxsize=4096)
def price(model: str, day: date) -> tuple[Rate, Rate] | None:
    """Rates of input and output of a model on a day; None where the table does not know the model under that name.

    Names as gateways write them are understood: `azure/gpt-4o`, `anthropic/claude-…`, `us.anthropic.claude-…-v1:0`.
    """
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for name, provider in _readings(model):
        try:
            found = calc_price(
                Usage(input_tokens=1, output_tokens=1), name, provider_id=provider, genai_request_timestamp=at
            ).model_price
        except (LookupError, ValueError):
            continue
        if found.input_mtok is not None and found.output_mtok is not None:
            return _rate(found.input_mtok), _rate(found.output_mtok)
    return None


def _readings(model: str) -> list[tuple[str, str | None]]:
    provider, _, name = model.partition("/")
    readings: list[tuple[str, str | None]] = [(model, None)]
    if name:
        aliases = {"bedrock": "aws", "vertex_ai": "google", "gemini": "google"}
        readings += [(name, aliases.get(provider, provider)), (model, "openrouter")]
    if "." in model and "-" in model:
        readings.append((model, "aws"))
    return readings


def _rate(value) -> Rate:
    if isinstance(value, TieredPrices):
        return Rate((0.0, *(float(t.start) for t in value.tiers)), (float(value.base), *(float(t.price) for t in value.tiers)))
    return Rate((0.0,), (float(value),))
