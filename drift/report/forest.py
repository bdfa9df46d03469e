"""A forest plot of a comparison: each change with its 95 % interval, in margins, as a strip beside its row.

Inside the band a change is smaller than its margin. All strips of a page have one scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from drift.compare.verdict import Row

# beyond this many margins the picture would be of one row alone
_FARTHEST, _NEAREST = 12.0, 2.0
_WIDTH = 100.0


@dataclass(frozen=True)
class Strip:
    """Places from 0 to 100: the interval, the change, and whether it lies beyond the left or right end."""

    low: float
    high: float
    middle: float
    beyond: str


@dataclass(frozen=True)
class Scale:
    """farthest: margins from the middle to either end."""

    farthest: float

    @classmethod
    def of(cls, rows: Iterable[tuple[Row, float]]) -> Scale:
        """The scale that shows rows with their margins."""
        ends = [abs(end) for row, margin in rows for end in _in_margins(row, margin) if math.isfinite(end)]
        return cls(min(max([_NEAREST, *ends]), _FARTHEST))

    @property
    def band(self) -> tuple[float, float]:
        """Where the band begins, and how wide it is."""
        low, high = self._place(-1), self._place(1)
        return low, high - low

    def strip(self, row: Row, margin: float) -> Strip | None:
        """None where the row has no finite interval."""
        low, middle, high = _in_margins(row, margin)
        if not all(map(math.isfinite, (low, middle, high))):
            return None
        beyond = "" if abs(middle) <= self.farthest else "right" if middle > 0 else "left"
        return Strip(self._place(low), self._place(high), self._place(middle), beyond)

    def _place(self, margins: float) -> float:
        kept = max(-self.farthest, min(self.farthest, margins))
        return round(_WIDTH * (kept + self.farthest) / (2 * self.farthest), 2)


def _in_margins(row: Row, margin: float) -> tuple[float, float, float]:
    """Lower end, change and upper end of the 95 % interval, in margins."""
    if row.change == 0:
        return row.effect_low / margin, 0.0, row.effect_high / margin
    factor = row.effect / row.change / margin
    return row.low * factor, row.change * factor, row.high * factor
