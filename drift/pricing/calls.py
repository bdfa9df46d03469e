"""What the tokens of a call cost, in USD, at the list price of who answered it: for calls whose store has no cost.

Prices hold for one call: its own model, provider and time, each kind of token at its own price. `table` finds the entry of
a name. What is not on a list is unknown, never 0 and never another model's price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, TieredPrices, TimeOfDateConstraint

from drift.pricing import table

_MILLION = 1e6
# a bucket of tokens: its price, and whose price it pays where the list has none of its own
_PRICES = {
    "input": ("input_text_mtok", "input_mtok"),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "input_audio": ("input_audio_mtok",),
    "input_image": ("input_image_mtok", "input_mtok"),
    "output": ("output_text_mtok", "output_mtok"),
    "reasoning": ("output_reasoning_mtok", "output_mtok"),
    "output_audio": ("output_audio_mtok",),
    "output_image": ("output_image_mtok",),
}
_INPUTS = ("input", "cache_read", "cache_write", "cache_write_1h", "input_audio", "input_image")
# what providers call the tier that everyone gets
_STANDARD = ("", "auto", "default", "standard", "on_demand", "on-demand", "standard_only", "unspecified")


@dataclass(frozen=True)
class Rate:
    """USD per million tokens from a number of prompt tokens on; `starts` ascending, the first 0."""

    starts: tuple[float, ...]
    prices: tuple[float, ...]

    def at(self, input_tokens: float | np.ndarray) -> float | np.ndarray:
        """The price that a request of so many prompt tokens pays for each of its tokens."""
        if len(self.prices) == 1 and not isinstance(input_tokens, np.ndarray):
            return self.prices[0]
        return np.asarray(self.prices)[np.searchsorted(self.starts[1:], input_tokens, "left")]


@dataclass(frozen=True)
class Rates:
    """What a model asks at a time: a rate a bucket (those it has a price for), and USD a request beside its tokens."""

    buckets: Mapping[str, Rate]
    request: float = 0.0


def price(
    model: str | None,
    provider: str | None = None,
    *,
    at: datetime,
    input: float | None,
    output: float | None,
    cache_read: float = 0,
    cache_write: float = 0,
    cache_write_1h: float = 0,
    reasoning: float = 0,
    input_audio: float = 0,
    output_audio: float = 0,
    input_image: float = 0,
    output_image: float = 0,
    batch: bool = False,
    tier: str | None = None,
) -> float | None:
    """USD of one call; None where it is unknown.

    Counts are tokens, in buckets that do not overlap: `input` is without what was read from or written to a cache and without
    audio and images, `output` is without reasoning, audio and images. Where a span's prompt or completion count holds them,
    take them off first. A bucket without a price of its own is billed as plain input or output, as the providers do.
    Where a cached count is not known, all of the prompt in `input` is right: the full price.

    model, provider: as the trace writes them (`us.anthropic.claude-…-v1:0`, `azure/gpt-4o`; `gcp.vertex_ai`, `openai`, None).
    at: the call's time, aware, or naive in UTC: lists change, and some are cheaper at night.
    batch, tier: a batch interface, and the service tier that answered (`flex`, `priority`); where the list does not
    know their price, the price is unknown.

    Unknown are: a model or tier that is not on a list, a negative or missing count (a model without a price for output, such
    as of embeddings, needs none), and tokens of a kind that the list does not price. No errors are raised.
    """
    rates = rates_of(model, provider, at=at, batch=batch, tier=tier)
    if rates is None or input is None:
        return None
    if output is None:
        if "output" in rates.buckets:
            return None
        output = 0
    counts = {
        "input": input,
        "cache_read": cache_read,
        "cache_write": cache_write,
        "cache_write_1h": cache_write_1h,
        "input_audio": input_audio,
        "input_image": input_image,
        "output": output,
        "reasoning": reasoning,
        "output_audio": output_audio,
        "output_image": output_image,
    }
    if not all(0 <= count < np.inf for count in counts.values()):
        return None
    prompt = sum(counts[name] for name in _INPUTS)
    total = rates.request
    for name, count in counts.items():
        if count:
            rate = rates.buckets.get(name)
            if rate is None:
                return None
            total += count * float(rate.at(prompt)) / _MILLION
    return total


def why_unknown(model: str | None, provider: str | None = None) -> str | None:
    """Why a model has no price, for people to read; None where it has one."""
    if not model:
        return "no model is named"
    listing = table.find(model, provider)
    if listing.unknown is None and rates_of(model, provider, at=datetime.now(UTC)) is None:
        return "it is not billed by tokens"
    return listing.unknown


def cost(models: list[str | None], times: np.ndarray, input_tokens: np.ndarray, output_tokens: np.ndarray) -> np.ndarray:
    """Cost of requests of which only totals are known, all as plain input and output; NaN where unknown.

    times: seconds since 1970, NaN where unknown; every array of shape (n,).
    """
    out = np.full(len(models), np.nan)
    names = np.array([model or "" for model in models], object)
    known = (input_tokens >= 0) & (output_tokens >= 0) & np.isfinite(times)
    minutes = np.where(known, times // 60, 0).astype(np.int64)
    for model in set(names[known]) - {""}:
        rows = np.flatnonzero(known & (names == model))
        listed = table.find(model).model
        # a list price holds for a day, but for the few that are cheaper at some hours
        step = 1 if listed is not None and _changes_in_a_day(listed) else 24 * 60
        for start in np.unique(minutes[rows] // step):
            at = rows[minutes[rows] // step == start]
            rates = rates_of(model, at=datetime.fromtimestamp(int(start) * step * 60, UTC))
            if rates is not None and "output" in rates.buckets:
                given, made = input_tokens[at], output_tokens[at]
                tokens = given * rates.buckets["input"].at(given) + made * rates.buckets["output"].at(given)
                out[at] = tokens / _MILLION + rates.request
    return out


def rates_of(
    model: str | None, provider: str | None = None, *, at: datetime, batch: bool = False, tier: str | None = None
) -> Rates | None:
    """What a model asks at a time; None where the table does not know it, or does not know it at that tier."""
    if not model:
        return None
    listing = table.find(model, provider)
    if listing.model is None:
        return None
    if listing.free:
        return Rates({name: Rate((0.0,), (0.0,)) for name in _PRICES})
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    at = at.replace(second=0, microsecond=0)
    if not _changes_in_a_day(listing.model):
        at = at.replace(hour=12, minute=0)
    return _rates(model, provider, at, batch, (tier or "").strip().lower())


@lru_cache(maxsize=16384)
def _rates(model: str, provider: str | None, at: datetime, batch: bool, tier: str) -> Rates | None:
    info = table.find(model, provider).model
    if info is None:
        return None
    context = {}
    if batch or tier == "batch":
        context["processing"] = "batch"
    if tier not in ("batch", *_STANDARD):
        context["service_tier"] = tier
    for key, value in context.items():
        if not any(variant.when.get(key) == value for variant in info.price_variants or ()):
            return None
    prices = info.get_prices(at, context)
    buckets = {}
    for name, keys in _PRICES.items():
        found = next((value for key in keys if (value := getattr(prices, key)) is not None), None)
        if found is not None:
            buckets[name] = _rate(found)
    if "input" not in buckets:
        return None
    asked = prices.requests_kcount
    return Rates(buckets, float(asked.base if isinstance(asked, TieredPrices) else asked or 0) / 1e3)


def _changes_in_a_day(info: ModelInfo) -> bool:
    conditions = () if isinstance(info.prices, ModelPrice) else info.prices
    return any(isinstance(each, ConditionalPrice) and isinstance(each.constraint, TimeOfDateConstraint) for each in conditions)


def _rate(value) -> Rate:
    if isinstance(value, TieredPrices):
        return Rate((0.0, *(float(t.start) for t in value.tiers)), (float(value.base), *(float(t.price) for t in value.tiers)))
    return Rate((0.0,), (float(value),))
