"""What a trace costs: the sum over its billed calls, each at its own model's price at its own hour."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from drift import pricing

if TYPE_CHECKING:
    from drift.stores.billed import Call


def each(calls: Iterable[Call]) -> dict[int, float | None]:
    """USD of each call that is billed, by `id(call)`; None where it has neither a cost of the store nor a known price."""
    found = ((call, _of(call)) for call in calls if call.billed)
    return {id(call): usd for call, usd in found if usd != 0 or call.usage is not None or call.cost_usd is not None}


def total(costs: Collection[float | None]) -> float | None:
    """USD of all calls; None where there is none, or one of them is unknown."""
    return math.fsum(c for c in costs if c is not None) if costs and None not in costs else None


def _of(call: Call) -> float | None:
    """The store's own cost of the call; else its tokens' price."""
    if call.several:
        return None
    if call.cost_usd is not None:
        return call.cost_usd
    if call.usage is None:
        # an embedding without tokens costs next to nothing; an answer without tokens costs nobody knows what
        return None if call.is_generation else 0
    return pricing.price(call.model, call.provider, at=call.start, tier=call.tier, **call.usage.buckets())
