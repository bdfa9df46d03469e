"""Limits of `[spend]`: a day's, and a month's by its forecast, which is told once."""

from __future__ import annotations

from datetime import date, timedelta

from drift.detect.spending import Limit, evaluate
from drift.findings import month_of_spend

FIRST = date(2026, 9, 1)


def costs(usd: float = 10.0, later: float | None = None, rise: date = date(2026, 10, 10)) -> dict[date, float]:
    days = [FIRST + timedelta(days=n) for n in range(91)]
    return {day: later if later is not None and day >= rise else usd + 0.5 * (day.day % 3 - 1) for day in days}


def test_a_days_limit_is_held_against_the_day():
    limit = Limit("all", "", day=12.0)
    (usual,), (dear,) = (evaluate(limit, costs(later=20.0), day) for day in (date(2026, 10, 9), date(2026, 10, 10)))
    assert (usual.alarm, dear.alarm, dear.value_from, dear.value_to) == (False, True, 12.0, 20.0)


def test_a_month_is_told_as_soon_as_its_forecast_is_beyond_and_stays_told():
    limit, spent = Limit("all", "", month=370.0), costs(later=16.0)
    told = [day for n in range(31) for day in [date(2026, 10, 1) + timedelta(days=n)] if evaluate(limit, spent, day)[0].alarm]
    assert told == [told[0] + timedelta(days=n) for n in range(len(told))] and told[-1] == date(2026, 10, 31)
    # days before the money is spent
    so_far = sum(cost for day, cost in spent.items() if day.month == 10 and day <= told[0])
    assert date(2026, 10, 10) <= told[0] and so_far < 370.0


def test_each_month_is_told_by_itself_and_one_within_its_limit_is_not():
    (october,), (november,) = (
        evaluate(Limit("all", "", month=250.0), costs(), day) for day in (date(2026, 10, 20), date(2026, 11, 20))
    )
    assert october.alarm and november.alarm and october.statistic != november.statistic
    assert (month_of_spend(october.statistic), month_of_spend(november.statistic)) == ("2026-10", "2026-11")
    assert not evaluate(Limit("all", "", month=340.0), costs(), date(2026, 10, 20))[0].alarm


def test_what_is_unknown_is_no_alarm():
    (day, month) = evaluate(Limit("all", "", day=1.0, month=1.0), {}, date(2026, 10, 20))
    assert not day.alarm and not month.alarm and "unknown" in day.reason and "no forecast" in month.reason
