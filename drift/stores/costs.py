"""What a trace costs: the sum over its billed calls, each at its own model's price at its own hour."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from drift import pricing

if TYPE_CHECKING:
    from drift.stores.billed import Call


def total(calls: Iterable[Call]) -> float | None:
    """USD of all calls; None where there is none, or where one of them has neither a cost of the store nor a known price."""
    sums = [
        c for call in calls if call.billed for c in [_of(call)] if c != 0 or call.usage is not None or call.cost_usd is not None
    ]
    known = [c for c in sums if c is not None]
    return math.fsum(known) if known and len(known) == len(sums) else None


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
