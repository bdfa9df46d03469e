"""What a month will have cost, and how well its interval holds."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np
import pytest

from drift.pricing import forecast

FIRST = date(2026, 9, 21)


def steady(days: int = 60, weekday: float = 10.0, weekend: float = 4.0) -> dict[date, float]:
    each = [FIRST + timedelta(days=n) for n in range(days)]
    return {day: weekend if day.weekday() >= 5 else weekday for day in each}


def whole(costs: dict[date, float], day: date) -> float:
    return sum(cost for each, cost in costs.items() if (each.year, each.month) == (day.year, day.month))


def test_a_steady_spend_is_forecast_to_the_dollar_with_its_weekends():
    costs = steady()
    found = forecast.of(costs, date(2026, 10, 20))
    assert found is not None and found.expected == pytest.approx(whole(costs, date(2026, 10, 20)))
    assert found.low == pytest.approx(found.high) and found.spent == pytest.approx(14 * 10 + 6 * 4)
    assert (found.chance_above(1.0), found.chance_above(1e6)) == (1.0, 0.0)


def test_later_days_are_not_looked_at_and_an_unknown_day_is_forecast():
    costs = steady()
    now = date(2026, 10, 20)
    earlier = {day: cost for day, cost in costs.items() if day <= now}
    assert forecast.of(costs, now) == forecast.of(earlier, now)
    del earlier[date(2026, 10, 7)]
    found = forecast.of(earlier, now)
    assert found is not None and found.unknown == 1 and found.expected == pytest.approx(whole(costs, now))


def test_of_few_days_there_is_no_forecast():
    costs = steady()
    assert forecast.of({day: costs[day] for day in sorted(costs)[:6]}, sorted(costs)[5]) is None
    assert forecast.of({day: costs[day] for day in sorted(costs)[:7]}, sorted(costs)[6]) is not None


@pytest.mark.parametrize("persistence", [0.0, 0.5])
def test_the_interval_holds_in_most_months_that_look_like_those_before(persistence):
    held = []
    for seed in range(300):
        rng = np.random.default_rng([seed, 3])
        noise, level = [0.0], 0.0
        for _ in range(61):
            level = persistence * level + rng.normal(0, 0.15)
            noise.append(level)
        costs = {day: cost * float(np.exp(noise[n])) for n, (day, cost) in enumerate(steady(61).items())}
        now = date(2026, 10, 1) + timedelta(days=int(rng.integers(6, 28)))
        found = forecast.of(costs, now)
        assert found is not None and calendar.monthrange(2026, 10)[1] == 31
        held.append(found.low <= whole(costs, now) <= found.high)
    assert 0.88 <= np.mean(held) <= 0.995
