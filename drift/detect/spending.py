"""Limits of what may be spent, held against a day and the forecast of its month, as findings: plain rules, outside the budget.

A limit of a month is told when its forecast is above it with a chance of four in five, and stays told until that chance is below three in
ten; each month is told by itself. Of a limit of a day the day itself is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from drift.findings import Direction, Finding, FindingTest, spend_in
from drift.pricing import forecast

TOLD, OVER = 0.8, 0.3


@dataclass(frozen=True)
class Limit:
    """USD a day and a month, None where there is none. dimension, value: whose; all traffic where the dimension is `all`."""

    dimension: str
    value: str
    day: float | None = None
    month: float | None = None


def evaluate(limit: Limit, costs: Mapping[date, float], day: date) -> list[Finding]:
    """One finding a limit. costs: USD by day, those that are known."""
    out, place = [], f"{limit.dimension}={limit.value}"
    if limit.day is not None:
        seen = costs.get(day)
        over = seen is not None and seen > limit.day
        reason = f"the day's cost is {'unknown' if seen is None else f'${seen:,.2f}'}, its limit ${limit.day:,.2f}"
        out.append(_finding(limit, day, spend_in(None, place), limit.day, seen, over, reason, len(costs)))
    if limit.month is not None:
        found = forecast.of(costs, day)
        name = spend_in(day, place)
        if found is None:
            few = f"fewer than {forecast.FEWEST_DAYS} days with a known cost: no forecast"
            out.append(_finding(limit, day, name, limit.month, None, False, few, len(costs)))
        else:
            unknown = f"; the cost of {found.unknown} days is unknown" if found.unknown else ""
            reason = (
                f"${found.spent:,.2f} so far, and probably ${found.expected:,.2f} (${found.low:,.2f} to ${found.high:,.2f}) by the end of "
                f"{day:%B}, of a limit of ${limit.month:,.2f}{unknown}"
            )
            told = _is_told(limit.month, costs, day)
            one = _finding(limit, day, name, limit.month, found.expected, told, reason, found.days, found)
            out.append(one)
    return out


def _is_told(limit: float, costs: Mapping[date, float], day: date) -> bool:
    """Whether the month is told to come out above the limit, as its nights up to this one have it."""
    told = False
    for n in range(day.day):
        found = forecast.of(costs, day.replace(day=1) + timedelta(days=n))
        if found is not None:
            told = found.chance_above(limit) >= (OVER if told else TOLD)
    return told


def _finding(
    limit: Limit,
    day: date,
    statistic: str,
    most: float,
    seen: float | None,
    alarm: bool,
    reason: str,
    days: int,
    found: forecast.Forecast | None = None,
) -> Finding:
    return Finding(
        day=day,
        metric="user_cost_usd" if limit.dimension == "user" else "total_cost_usd",
        dimension=limit.dimension,
        value=limit.value,
        statistic=statistic,
        test=FindingTest.RULE,
        unit="USD",
        reason=reason,
        value_from=most,
        value_to=seen,
        low=found.low - most if found else None,
        high=found.high - most if found else None,
        effect=seen / most - 1 if seen is not None and most > 0 else None,
        alarm=alarm,
        direction=Direction.WORSE,
        n=days,
        baseline_days=days,
    )
