"""Profiles side by side: what is zero, what is unknown, and which cells make up a segment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)
DIMENSIONS = ["name", "model"]


def day(number: int, names: Sequence[str], top: int = 20, **columns) -> DayProfile:
    """One trace a name; further columns as given."""
    config = Config.of({"segments": {"dimensions": DIMENSIONS, "top": top}})
    when = FIRST + timedelta(days=number)
    table = pa.table({"name": list(names), "model": ["small"] * len(names), **columns})
    return DayProfile(when, profiles.build(table, config, when))


def test_a_value_that_a_day_has_nothing_of_is_zero_and_a_metric_it_did_not_measure_is_unknown():
    panel = Panel([day(0, ["chat", "chat"], refusal=[0.0, 1.0]), day(1, ["docs"], refusal=[1.0], empty=[0.0])])
    chat, refusal, empty = panel.row["name", "chat"], panel.column["refusal"], panel.column["empty"]
    assert panel.n[:, chat, refusal].tolist() == [2.0, 0.0] and panel.total[:, chat, refusal].tolist() == [1.0, 0.0]
    assert np.isnan(panel.n[0, 0, empty]) and panel.n[1, 0, empty] == 1.0


def test_a_value_that_may_have_been_folded_into_the_rest_is_unknown():
    many = [*["a"] * 4, *["b"] * 3, "c"]
    panel = Panel([day(0, many, top=2, refusal=[0.0] * 8), day(1, ["c"] * 3, top=2, refusal=[0.0] * 3)])
    assert np.isnan(panel.n[0, panel.row["name", "c"], panel.column["refusal"]])
    assert panel.n[1, panel.row["name", "a"], panel.column["refusal"]] == 0.0


def test_the_whole_comes_first_and_the_cells_of_a_segment_are_those_that_name_it():
    panel = Panel([day(0, ["chat", "docs", "docs"], refusal=[0.0, 1.0, 1.0])])
    assert panel.segments[0] == (OVERALL, "") and panel.dimensions == DIMENSIONS
    named = {segment: [panel.segments[row][1] for row in panel.cells(segment)] for segment in ((OVERALL, ""), ("name", "docs"))}
    assert sorted(named[OVERALL, ""]) == ["chat | small", "docs | small"] and named["name", "docs"] == ["docs | small"]
    assert panel.cells(("release", "1.0")) == []


def test_histograms_stand_on_common_bins_and_a_day_that_is_unknown_is_no_day_of_zeros():
    names = ["chat"] * 3
    days = [
        day(0, names, latency_s=[1.0, 1.0, 2.0]),
        day(1, names, refusal=[0.0] * 3),
        day(2, names, latency_s=[4.0, 4.0, None]),
    ]
    panel = Panel(days)
    first, counts = panel.histogram(0, panel.column["latency_s"])
    assert first == 0 and counts.shape == (3, 71)  # ln 4 / ln 1.02 = 70.0
    assert np.flatnonzero(counts[0]).tolist() == [0, 35] and counts[0, [0, 35]].tolist() == [2.0, 1.0]
    assert counts[2].sum() == counts[2, 70] == 2.0 and np.isnan(counts[1]).all()


def test_histograms_of_several_segments_are_those_of_each_over_the_days_that_are_asked_for():
    days = [
        day(0, ["chat", "docs", "docs"], latency_s=[1.0, 2.0, 4.0]),
        day(1, ["chat"] * 2, latency_s=[2.0, 2.0]),
        day(2, ["docs"], latency_s=[4.0]),
    ]
    panel = Panel(days)
    j, rows = panel.column["latency_s"], [panel.row["name", "docs"], panel.row["name", "chat"]]
    counts = panel.histograms(rows, j, np.array([True, True, False]), 0, 71)
    each = [panel.histogram(row, j) for row in rows]
    for own, (first, of_days) in zip(counts, each, strict=True):
        assert own[first : first + of_days.shape[1]].tolist() == np.nan_to_num(of_days[:2]).sum(0).tolist()
    assert counts.sum(1).tolist() == [2.0, 3.0] and panel.histograms([], j, np.ones(3, bool), 0, 71).shape == (0, 71)


def test_labels_are_aligned_by_their_names():
    panel = Panel([day(0, ["a"] * 3, finish_reason=["stop", "stop", "length"]), day(1, ["a"], finish_reason=["tool_calls"])])
    names, counts = panel.labels(0, panel.column["finish_reason"])
    assert names == ["length", "stop", "tool_calls"] and counts.tolist() == [[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]


def test_a_metric_that_nobody_defines_any_more_is_left_out():
    kept = day(0, ["chat"], refusal=[0.0])
    place = kept.table.column("metric").to_pylist().index("refusal")
    gone = pa.Table.from_pylist(
        [{**kept.table.to_pylist()[place], "metric": "of_a_module_that_was_removed"}], kept.table.schema
    )
    panel = Panel([DayProfile(kept.day, pa.concat_tables([kept.table, gone]))])
    assert "refusal" in panel.column and "of_a_module_that_was_removed" not in panel.column
