"""An outage is told as its hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from drift.explain import hours

DAY = datetime(2026, 11, 18, tzinfo=UTC)


def day(rate: float = 0.005, bad: dict[int, float] | None = None, n: int = 2400) -> pa.Table:
    rng = np.random.default_rng(5)
    seconds = np.sort(rng.uniform(0, 86_400, n))
    p = np.array([(bad or {}).get(int(s // 3600), rate) for s in seconds])
    error = (rng.random(n) < p).astype(float)
    kinds = np.where(error == 1, "5xx", "none")
    return pa.table({"timestamp": pa.array([DAY + timedelta(seconds=s) for s in seconds]), "error": error, "error_type": kinds})


def test_an_hour_of_failures_is_told_as_that_hour_with_its_share_of_the_day():
    found = hours.look(day(bad={10: 0.6}), "error", "", 0.005)
    assert (found.start, found.end) == (10, 11) and found.outside < 0.01
    assert "between 10:00 and 11:00 UTC" in found.sentence and "(4 % of the day's)" in found.sentence


def test_a_label_is_told_alike_and_two_hours_are_two():
    found = hours.look(day(bad={22: 0.5, 23: 0.5}), "error_type", "5xx", 0.005)
    assert (found.start, found.end) == (22, 24) and "between 22:00 and 00:00" in found.sentence


def test_what_happens_all_day_or_goes_on_elsewhere_too_has_no_hour():
    assert hours.look(day(rate=0.05), "error", "", 0.005) is None
    assert hours.look(day(rate=0.03, bad={10: 0.6}), "error", "", 0.005) is None
    assert hours.look(day(), "no_such_metric", "", None) is None
    assert hours.look(day().slice(0, 0), "error", "", 0.0) is None
