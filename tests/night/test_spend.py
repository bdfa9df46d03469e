"""What was spent, gathered from the lake, and held against each limit."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.lake import Lake
from drift.night import spend

LAST = date(2026, 11, 20)


def written(lake: Lake, config: Config, days: int = 30) -> None:
    for day in (LAST - timedelta(days=n) for n in range(days)):
        rows = [("chat", "ann", 2.0), ("chat", "bob", 1.0), ("search", "bob", 1.0)]
        table = pa.table(
            {
                "trace_id": [str(n) for n in range(len(rows))],
                "name": [row[0] for row in rows],
                "user": [row[1] for row in rows],
                "cost_usd": [row[2] for row in rows],
                "input_tokens": [1.0] * len(rows),
            }
        )
        lake.write("features", day, table)
        lake.write("profiles", day, profiles.build(table, config, day))


def told(folder, limits: list[dict], **overall: float) -> dict[tuple[str, str], list[tuple[bool, float | None]]]:
    config = Config.of({"spend": {"limits": limits, **overall}})
    lake = Lake(str(folder))
    written(lake, config)
    out: dict[tuple[str, str], list[tuple[bool, float | None]]] = {}
    for found in spend.findings(config, lake, LAST):
        out.setdefault((found.dimension, found.value), []).append((found.alarm, found.value_to))
    return out


def test_each_limit_is_held_against_its_own_part(tmp_path):
    found = told(tmp_path, [{"of": "endpoint=chat", "day": 2.5}, {"of": "endpoint", "month": 50.0}], day=10.0, month=100.0)
    assert found == {
        ("all", ""): [(False, 4.0), (True, pytest.approx(120.0))],
        ("name", "chat"): [(True, 3.0), (True, pytest.approx(90.0))],
        ("name", "search"): [(False, pytest.approx(30.0))],
    }


def test_of_users_those_beyond_are_told(tmp_path):
    found = told(tmp_path, [{"of": "user", "month": 55.0}, {"of": "user=ann", "day": 5.0}])
    assert found == {
        ("user", "bob"): [(True, pytest.approx(60.0))],
        ("user", "ann"): [(True, pytest.approx(60.0)), (False, 2.0)],
    }


def test_without_limits_nothing_is_read(tmp_path):
    assert spend.findings(Config.of({}), Lake(str(tmp_path / "nowhere")), LAST) == []
