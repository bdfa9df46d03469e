"""A segment by cell of traffic, of all metrics at once."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.split import Split
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile

WHOLE = (OVERALL, "")
FIRST = date(2026, 3, 2)
CONFIG = Config.of({"segments": {"dimensions": ["name"]}})


def _panel(*days: dict[str, list]) -> Panel:
    dates = [FIRST + timedelta(days=i) for i in range(len(days))]
    return Panel([DayProfile(day, profiles.build(pa.table(own), CONFIG, day)) for day, own in zip(dates, days, strict=True)])


def _rows(panel: Panel, *names: str) -> list[int]:
    return [panel.row["name", name] for name in names]


def test_the_cells_and_the_remainder_add_up_to_the_segment():
    panel = _panel({"name": ["a", "a", "b", None], "refusal": [1.0, 0.0, 1.0, 1.0]})
    split, j = Split(panel, WHOLE, [_rows(panel, "a"), _rows(panel, "b")]), panel.column["refusal"]
    assert split.of("total", j).tolist() == [[1.0, 1.0, 1.0]]
    assert split.of("n", j).tolist() == [[2.0, 1.0, 1.0]]
    assert Split(panel, WHOLE, []).of("n", j).tolist() == [[4.0]]


def test_cells_that_are_taken_together_are_one_column_of_every_metric():
    panel = _panel({"name": ["a", "a", "b", "c"], "refusal": [1.0, 0.0, 1.0, 1.0], "latency_s": [1.0, 2.0, 3.0, 4.0]})
    split = Split(panel, WHOLE, [_rows(panel, "a", "b"), _rows(panel, "c")])
    assert split.of("total", panel.column["refusal"]).tolist() == [[2.0, 1.0, 0.0]]
    assert np.exp(split.of("sum", panel.column["latency_s"])).round(9).tolist() == [[6.0, 4.0, 1.0]]


def test_a_label_is_counted_in_each_cell_and_unknown_days_are_none():
    day = {"name": ["a", "a", "b", "c"], "finish_reason": ["stop", "length", "stop", "stop"]}
    panel = _panel(day, {"name": ["a", "b"]}, {"name": ["b", "b"], "finish_reason": ["length", "length"]})
    labels = Split(panel, WHOLE, [_rows(panel, "a", "b"), _rows(panel, "c")]).labels(panel.column["finish_reason"])
    assert {name: counts.tolist() for name, counts in labels.items()} == {
        "stop": [[2.0, 1.0], [0.0, 0.0], [0.0, 0.0]],
        "length": [[1.0, 0.0], [0.0, 0.0], [2.0, 0.0]],
    }


def test_a_segments_cells_are_those_of_the_panel():
    panel = _panel(*[{"name": ["a"] * 60 + ["b"] * 40, "refusal": [0.0] * 100}] * 3)
    split = Split(panel, WHOLE)
    assert len(split.groups) == 2
    assert split.of("n", panel.column["refusal"])[-1].tolist() == [60.0, 40.0, 0.0]
