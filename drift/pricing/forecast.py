"""What a month will have cost: what is spent, and for the days that are left the level of the last weeks, with an interval.

The level is an exponentially weighted mean of the last 28 days that are known, weekends apart where there are enough of them; its half-life
is two weeks, so that growth is followed. Days of one application resemble each other from one to the next, so the interval is widened by
their autocorrelation. A day of the month whose cost is unknown is forecast as if it were still to come.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FEWEST_DAYS = 7
_DAYS, _HALF_LIFE = 28, 14.0
_WEEKENDS = 4
_Z = 1.96


@dataclass(frozen=True)
class Forecast:
    """USD of a month. spent: of the days up to now that are known; expected, low, high: of the whole month, with a 95 % interval. days:
    known days that it rests on; unknown: days of the month that have passed and whose cost is not known."""

    spent: float
    expected: float
    low: float
    high: float
    days: int
    unknown: int

    def chance_above(self, limit: float) -> float:
        """That the month will have cost more."""
        if self.spent > limit:
            return 1.0
        spread = (self.high - self.low) / (2 * _Z)
        if spread <= 0:
            return float(self.expected > limit)
        return 0.5 * math.erfc((limit - self.expected) / spread / math.sqrt(2))


def of(costs: Mapping[date, float], day: date) -> Forecast | None:
    """The month of `day`, as the night of that day knows it. costs: USD by day, those that are known; later days are not looked at.

    None with fewer than seven known days.
    """
    past = sorted(d for d in costs if d <= day and (day - d).days < _DAYS)
    if len(past) < FEWEST_DAYS:
        return None
    y, weight = np.array([costs[d] for d in past]), np.array([0.5 ** ((day - d).days / _HALF_LIFE) for d in past])
    ends = np.array([d.weekday() >= 5 for d in past])
    apart = ends.sum() >= _WEEKENDS and (~ends).sum() >= _WEEKENDS
    groups = [ends, ~ends] if apart else [np.ones(len(past), bool)]
    level = np.zeros(len(past))
    for mine in groups:
        level[mine] = np.average(y[mine], weights=weight[mine])
    rest = y - level
    known = float(weight.sum() ** 2 / (weight**2).sum())
    variance = float(np.average(rest**2, weights=weight)) * known / max(known - len(groups), 1.0)
    first = day.replace(day=1)
    month = [first + timedelta(days=n) for n in range(calendar.monthrange(day.year, day.month)[1])]
    left = [d for d in month if d > day or d not in costs]
    spent = float(sum(costs[d] for d in month if d <= day and d in costs))
    at = {
        bool(end): float(np.average(y[ends == end] if apart else y, weights=weight[ends == end] if apart else weight))
        for end in (True, False)
    }
    expected = spent + sum(at[d.weekday() >= 5] for d in left)
    spread = math.sqrt(variance * _persistence(rest) * (len(left) + len(left) ** 2 / known))
    # of few days the spread itself is uncertain
    spread *= 1 + 2 / known
    return Forecast(
        spent=spent,
        expected=expected,
        low=max(expected - _Z * spread, spent),
        high=expected + _Z * spread,
        days=len(past),
        unknown=sum(d <= day for d in left),
    )


def _persistence(rest: np.ndarray) -> float:
    """How much more a sum of days varies than one of days that have nothing to do with each other."""
    total = float((rest**2).sum())
    if total <= 0:
        return 1.0
    again = min(max(float((rest[1:] * rest[:-1]).sum()) / total, 0.0), 0.8)
    return (1 + again) / (1 - again)
