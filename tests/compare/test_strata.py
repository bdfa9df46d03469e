"""Before against after an upgrade: what a new model or prompt changes is a change, not another mix of traffic."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift import profiles
from drift.compare.rows import compare_rows
from drift.compare.verdict import Comparison
from drift.compare.windows import compare_windows, slice_of
from drift.config import Config
from drift.profiles.day import DayProfile

CONFIG = Config.of({"segments": {"dimensions": ["name", "model", "prompt"]}})
FIRST = date(2026, 1, 5)


UPGRADES = [
    ({"upgraded": 1.0, "what": "prompt"}, 1.3**0.5 - 1),
    ({"upgraded": 1.0, "what": "model"}, 1.3**0.3 - 1),
    ({"upgraded": 0.5, "what": "prompt"}, 1.3**0.25 - 1),
]


def traffic(rng, *, upgraded: float = 0.0, what: str = "prompt", longer: float = 1.3, third: float = 0.0) -> pd.DataFrame:
    """Chat and search, half each but for the share `third` of a new endpoint; `upgraded`: how much of chat has the new one."""
    n = 2000
    name = rng.choice(["chat", "search", "new"], n, p=[(1 - third) / 2, (1 - third) / 2, third])
    moved = (name == "chat") & (rng.random(n) < upgraded)
    frame = pd.DataFrame(
        {
            "name": name,
            "model": np.where(rng.random(n) < 0.4, "large", np.where(moved & (what == "model"), "small-2", "small")),
            "prompt": np.where(moved & (what == "prompt"), "p@2", "p@1"),
        }
    )
    new = frame["prompt"].eq("p@2") | frame["model"].eq("small-2")
    usual = np.exp(rng.normal(6, 0.5, n) + rng.normal(0, 0.01)) * np.where(name == "search", 0.5, np.where(name == "new", 3, 1))
    return frame.assign(output_characters=usual * np.where(new, longer, 1.0))


def day(rng, number: int, **change) -> DayProfile:
    when = FIRST + timedelta(days=number)
    return DayProfile(when, profiles.build(pa.Table.from_pandas(traffic(rng, **change)), CONFIG, when))


def compared(**change) -> Comparison:
    rng = np.random.default_rng(3)
    return compare_windows([day(rng, k) for k in range(10)], [day(rng, 10 + k, **change) for k in range(7)], CONFIG)


@pytest.mark.parametrize(("change", "expected"), UPGRADES)
def test_what_the_new_one_does_differently_is_a_change(change, expected):
    row = compared(**change).row("output_characters")
    assert row.verdict == "changed" and row.low < expected * row.value_a < row.high
    assert row.effect == pytest.approx(expected, abs=0.025)
    assert abs(row.mix_part) < 0.02 * row.value_a


def test_a_new_one_that_does_the_same_changes_nothing():
    found = compared(upgraded=1.0, longer=1.0)
    assert {row.metric for row in found.with_verdict("changed")} == {"prompt"}
    assert found.row("output_characters").mix_part == pytest.approx(0, abs=5)


def test_the_share_of_a_model_within_one_endpoint_is_not_explained_by_itself():
    rng = np.random.default_rng(4)
    sides = [[day(rng, at + k, upgraded=part, what="model") for k in range(7)] for at, part in ((0, 0.2), (7, 0.6))]
    chat = [[slice_of(each, "name", "chat") for each in side] for side in sides]
    row = compare_windows(*chat, CONFIG, dimensions=["model", "prompt"]).row("model", "share:small-2")
    assert row.verdict == "changed" and row.low < 0.24 < row.high


def test_a_new_endpoint_is_another_mix_and_no_change():
    found = compared(third=0.2)
    row = found.row("output_characters")
    assert row.value_b > 1.2 * row.value_a and row.verdict != "changed"
    assert row.mix_part > 0.15 * row.value_a


@pytest.mark.parametrize(("change", "expected"), UPGRADES)
def test_it_is_a_change_between_two_files_of_traces_too(change, expected):
    rng = np.random.default_rng(5)
    a, b = (pd.concat([traffic(rng, **each) for _ in range(10)]) for each in ({}, change))
    row = compare_rows(a, b, CONFIG, pair_on="").row("output_characters")
    assert row.verdict == "changed" and row.effect == pytest.approx(expected, abs=0.025)
    # who names the strata holds them fixed
    held = compare_rows(a, b, CONFIG, pair_on="", strata=["name", "model", "prompt"]).row("output_characters")
    assert abs(held.effect) < 0.02 or change["upgraded"] == 1.0


def test_a_new_endpoint_in_a_file_of_traces_is_mix_too():
    rng = np.random.default_rng(6)
    a, b = (pd.concat([traffic(rng, third=third) for _ in range(5)]) for third in (0.0, 0.2))
    row = compare_rows(a, b, CONFIG, pair_on="").row("output_characters")
    assert row.value_b > 1.2 * row.value_a and row.verdict != "changed"


@pytest.mark.parametrize("dimensions", [["name", "prompt"], ["prompt", "name", "model"]])
def test_a_slice_takes_no_cell_of_another_value_whatever_the_day_was_measured_by(dimensions):
    rng = np.random.default_rng(2)
    config = Config.of({"segments": {"dimensions": dimensions}})
    columns = {"name": ["a | b", "a", "b | a", "p"], "prompt": ["p", "q | a"], "model": ["a | p", "m"]}
    table = pa.table({"trace_id": [f"{i}" for i in range(400)]} | {k: rng.choice(v, 400) for k, v in columns.items()})
    day = DayProfile(FIRST, profiles.build(table.append_column("latency_s", pa.array(rng.random(400))), config, FIRST))
    rows = slice_of(day, "name", "a").table.to_pandas().query("metric == 'latency_s'").groupby("dimension").n.sum()
    # values that have the separator in them cannot be taken apart, and stay in the remainder
    plain = table.to_pandas().query("name == 'a' and prompt == 'p'" + (" and model == 'm'" if "model" in dimensions else ""))
    assert rows["cell"] == len(plain)
