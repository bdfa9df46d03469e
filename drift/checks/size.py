"""When a day's size says that it was not pulled whole, or that the traffic is another one from now on."""

from __future__ import annotations

# of the traces of the smallest ordinary day; a smaller fall is for the detector alone
TOO_FEW = 0.2
# so many days of a size make it one that days have
SUCH_DAYS = 3


def is_too_few(traces: int, of: float) -> bool:
    """Whether a day with so many traces has far too few beside one with `of`."""
    return traces < int(TOO_FEW * of)
