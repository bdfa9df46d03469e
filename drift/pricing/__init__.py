"""What the tokens of a call cost, by the list price of who answered it.

`names` reads how a model's name is written, `table` finds the list's entry for it, `calls` puts a price on a call.
"""

from drift.pricing.calls import Rate, Rates, cost, price, rates_of, why_unknown

__all__ = ["Rate", "Rates", "cost", "price", "rates_of", "why_unknown"]
