"""Throughput by the minute, the same from parts of a day as from the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.profiles import Minutes

DAY = date(2026, 11, 20)


def features(seconds: list[float], calls: list[int | None], tokens: list[int | None], **more: object) -> pa.Table:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    return pa.table(
        {
            "trace_id": [str(n) for n in range(len(seconds))],
            "timestamp": pa.array([start + timedelta(seconds=s) for s in seconds], pa.timestamp("us", tz="UTC")),
            "model_calls": pa.array(calls, pa.float64()),
            "input_tokens": pa.array(tokens, pa.float64()),
            "output_tokens": pa.array([None if t is None else 10 for t in tokens], pa.float64()),
            **more,
        }
    )


def totals(table: pa.Table, config: Config | None = None) -> dict[str, float]:
    built = profiles.build(table, config or Config.of({}), DAY).to_pylist()
    return {r["metric"]: r["total"] for r in built if r["metric"].startswith(("busiest_", "minute_"))}


def test_the_busiest_minute_and_the_mean_of_all():
    found = totals(features([1, 59, 61, 100, 119, 5000], [1, 3, 1, None, 1, 2], [100, 200, 50, None, 60, 70]))
    assert found == {
        "busiest_requests": 3.0,
        "busiest_calls": 4.0,
        "minute_calls": 8 / 1440,
        "busiest_tokens": 320.0,
        "minute_tokens": 530 / 1440,
    }


def test_parts_give_what_the_whole_gives():
    rng = np.random.default_rng(3)
    table = features(
        sorted(rng.uniform(0, 86_400, 5000).tolist()), rng.integers(1, 4, 5000).tolist(), rng.integers(9, 900, 5000).tolist()
    )
    own = rng.integers(0, 7, 5000)
    parts = [Minutes.of(table.filter(pa.array(own == n))) for n in range(7)]
    config = Config.of({})
    together, whole = (profiles.by_minute(each, config) for each in (Minutes.together(parts), Minutes.of(table)))
    assert together.equals(whole) and together.num_rows == 5


def test_of_a_sample_and_of_what_is_switched_off_nothing_is_said():
    table = features([1.0, 2.0], [1, 1], [5, 5])
    assert totals(table.append_column("_sampling_rate", pa.array([0.1, 0.1]))) == {}
    assert "busiest_calls" not in totals(table, Config.of({"metrics": {"busiest_calls": {"enabled": False}}}))
