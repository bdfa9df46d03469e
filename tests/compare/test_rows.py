"""A comparison says what changed, what did not, and what the data cannot tell."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift import profiles
from drift.compare import effects
from drift.compare.rows import compare_rows
from drift.compare.windows import compare_windows, slice_of, without
from drift.config import Config
from drift.errors import DataError
from drift.profiles.day import DayProfile

CONFIG = Config.of({"segments": {"dimensions": ["name", "model"]}})


def traffic(rng, n, *, length=1.0, refusal=0.05, share=0.5, cost=0.01, level=0.0):
    """Two endpoints; search answers are half as long and are refused three times as often."""
    search = rng.random(n) < share
    return pd.DataFrame(
        {
            "name": np.where(search, "search", "chat"),
            "output_characters": np.exp(rng.normal(6.5, 0.6, n) + level) * np.where(search, 0.5, 1.0) * length,
            "refusal": (rng.random(n) < np.where(search, 3, 1) * refusal / 2).astype(float),
            "finish_reason": np.where(rng.random(n) < 0.03, "length", "stop"),
            "cost_usd": np.full(n, cost),
        }
    )


def day_profiles(rng, first, count, n=1500, config=CONFIG, model="gpt", **change):
    out = []
    for k in range(count):
        day = first + timedelta(days=k)
        frame = traffic(rng, n, level=rng.normal(0, 0.02), **change).assign(model=model)
        out.append(DayProfile(day, profiles.build(pa.Table.from_pandas(frame), config, day)))
    return out


def test_what_changed_is_found_and_what_did_not_is_called_equivalent():
    rng = np.random.default_rng(1)
    a, b = traffic(rng, 20_000), traffic(rng, 20_000, length=1.12, refusal=0.07)
    found = compare_rows(a, b, CONFIG)
    length, refusal = found.row("output_characters"), found.row("refusal")
    assert length.verdict == "changed" and length.effect == pytest.approx(0.12, abs=0.02)
    assert length.low < length.value_a * 0.12 < length.high
    assert refusal.verdict == "changed" and refusal.direction == "worse" and refusal.low < 0.02 < refusal.high
    assert found.row("finish_reason", "share:length").verdict == "equivalent"
    assert found.row("cost_usd").verdict == "equivalent"
    assert [row.verdict for row in found.rows][:2] == ["changed", "changed"]


def test_too_few_traces_are_not_called_equivalent():
    rng = np.random.default_rng(2)
    row = compare_rows(traffic(rng, 40), traffic(rng, 40), CONFIG).row("refusal")
    assert row.verdict == "not enough data" and row.bound > row.matters


@pytest.mark.parametrize("pairs", [False, True])
def test_dollars_in_vain_are_means_of_a_request_and_where_there_are_none_nothing_is_said(pairs):
    """Seen: "cost of what was in vain (always $1)" of files without any, and of files with some."""
    rng = np.random.default_rng(4)
    a, b = (traffic(rng, 400).assign(trace_id=np.arange(400).astype(str), input=np.arange(400).astype(str)) for _ in "ab")
    none = compare_rows(
        a.assign(vain_cost_usd=0.0), b.assign(vain_cost_usd=0.0), CONFIG, pairs=pairs, pair_on="trace_id" if pairs else ""
    )
    assert "vain_cost_usd" not in {row.metric for row in none.rows}
    some = (frame.assign(vain_cost_usd=np.where(np.arange(400) % 4 < more, 0.02, 0.0)) for frame, more in ((a, 1), (b, 3)))
    found = compare_rows(*some, CONFIG, pairs=pairs, pair_on="trace_id" if pairs else "")
    (row,) = [row for row in found.rows if row.metric == "vain_cost_usd"]
    assert (row.statistic, row.unit) == ("mean", "USD")
    assert (row.value_a, row.value_b) == (pytest.approx(0.005), pytest.approx(0.015)) and row.direction == "worse"


def test_more_search_traffic_is_mix_and_not_a_change():
    rng = np.random.default_rng(3)
    found = compare_rows(traffic(rng, 20_000, share=0.3), traffic(rng, 20_000, share=0.7), CONFIG)
    for name in ("output_characters", "refusal"):
        row = found.row(name)
        assert row.verdict != "changed", row
        assert row.value_b - row.value_a == pytest.approx(row.mix_part + row.change, abs=abs(row.value_a) * 0.15)
    naive = compare_rows(traffic(rng, 20_000, share=0.3), traffic(rng, 20_000, share=0.7), CONFIG, strata=[])
    assert naive.row("output_characters").verdict == "changed"


def test_same_inputs_are_compared_in_pairs_and_find_more():
    rng = np.random.default_rng(4)
    n = 200
    base = rng.normal(6.5, 1.0, n)
    frames = [
        pd.DataFrame(
            {
                "trace_id": [f"{side}{i}" for i in range(n)],
                "_input_hash": np.arange(n, dtype=np.uint64),
                "output_characters": np.exp(base + shift + rng.normal(0, 0.1, n)),
                "refusal": (base + rng.normal(0, 0.1, n) > limit).astype(float),
            }
        )
        for side, shift, limit in (("a", 0.0, 7.8), ("b", 0.08, 7.3))
    ]
    frames[1].loc[7, "output_characters"] = 9e5
    found = compare_rows(*frames, CONFIG)
    assert "200 inputs matched by _input_hash" in found.note
    assert found.row("output_characters").method == "pairs" and found.row("output_characters").verdict == "changed"
    assert found.row("refusal").verdict == "changed"
    assert found.pairs[0].trace_a == "a7" and found.pairs[0].trace_b == "b7"
    apart = compare_rows(*frames, CONFIG, pair_on="")
    assert apart.row("output_characters").verdict == "not enough data"


def test_inputs_of_one_side_alone_are_in_no_row_of_a_comparison_in_pairs():
    rng = np.random.default_rng(0)
    a, b = ({"_input_hash": [f"q{i}" for i in range(400)], "latency_s": rng.lognormal(0, 0.3, 400)} for _ in range(2))
    b = {name: [*b[name], *more] for name, more in zip(b, ([f"new{i}" for i in range(300)], [30.0] * 300), strict=True)}
    found = compare_rows(pa.table(a), pa.table(b), pair_on="_input_hash")
    assert {row.statistic for row in found.rows} == {"level", "mean", "tail"}
    assert not found.with_verdict("changed") and found.row("latency_s", "tail").replicates == (400, 400)


def test_the_pairs_that_changed_most_are_shown_by_answers_that_have_a_value():
    sides = [
        [{"trace_id": f"{name}{i}{k}", "_input_hash": f"q{i}", "output_words": words if k else None, "refusal": refused if k else None}
         for i in range(40) for k in range(2)]
        for name, words, refused in (("a", 50.0, False), ("b", 90.0, True))
    ]  # fmt: skip
    found = compare_rows(*map(pa.Table.from_pylist, sides), pair_on="_input_hash")
    assert {(pair.value_a, pair.value_b) for pair in found.pairs} <= {(50.0, 90.0), (0.0, 1.0)} and found.pairs
    assert all(pair.trace_a.endswith("1") and pair.trace_b.endswith("1") for pair in found.pairs)


def test_documents_of_one_query_are_not_replicates():
    rng = np.random.default_rng(5)
    alarms = {"unit": 0, "rows": 0}
    for _ in range(60):
        frames = []
        for side in "ab":
            query = np.repeat(np.arange(20), 10)
            scores = np.repeat(rng.normal(10, 3, 20), 10) + rng.normal(0, 1, 200)
            frames.append(pd.DataFrame({"query": [f"{side}{q}" for q in query], "score.rank": scores}))
        alarms["unit"] += compare_rows(*frames, CONFIG, unit="query").row("score.rank").p < 0.05
        alarms["rows"] += compare_rows(*frames, CONFIG).row("score.rank").p < 0.05
    assert alarms["unit"] <= 8 < 20 < alarms["rows"]


def test_a_and_a_alarm_no_more_often_than_the_budget():
    rng = np.random.default_rng(6)
    alarms = sum(bool(compare_rows(traffic(rng, 400), traffic(rng, 400), CONFIG).with_verdict("changed")) for _ in range(100))
    assert alarms <= 4


def test_windows_take_days_as_replicates():
    rng = np.random.default_rng(7)
    first = date(2026, 1, 5)
    before = day_profiles(rng, first, 14)
    after = day_profiles(rng, first + timedelta(days=14), 7, length=1.15)
    row = compare_windows(before, after, CONFIG).row("output_characters")
    assert row.verdict == "changed" and row.method == "days" and row.replicates == (14, 7)
    assert row.low < 0.15 * row.value_a < row.high
    same = compare_windows(before[:7], before[7:], CONFIG)
    assert not same.with_verdict("changed")
    # 1,500 traces a day leave 1.2 % of sampling error, ordinary days differ by 2 %: the interval knows
    assert same.row("output_characters").high - same.row("output_characters").low > 0.03 * row.value_a


def test_two_models_on_the_same_days_are_compared_day_by_day():
    rng = np.random.default_rng(8)
    days = []
    for k in range(10):
        day = date(2026, 1, 5) + timedelta(days=k)
        level = rng.normal(0, 0.2)  # rough days, but rough for both
        sides = [traffic(rng, 900, level=level, length=x).assign(model=m) for x, m in ((1.0, "old"), (0.93, "new"))]
        frame = pd.concat(sides)
        days.append(DayProfile(day, profiles.build(pa.Table.from_pandas(frame), CONFIG, day)))
    sides = [[slice_of(day, "model", value) for day in days] for value in ("old", "new")]
    found = compare_windows(*sides, CONFIG, ("model=old", "model=new"))
    row = found.row("output_characters")
    assert row.method == "paired days" and row.verdict == "changed" and row.low < -0.07 * row.value_a < row.high
    assert (found.a, found.b) == ("model=old", "model=new")
    assert without(days, "model", "newer") == "no day has 'newer'; these days have: new, old"


def test_an_empty_side_is_refused():
    frame = traffic(np.random.default_rng(9), 10)
    with pytest.raises(DataError, match="candidate: no traces"):
        compare_rows(frame, frame[:0], CONFIG, names=("base", "candidate"))
    with pytest.raises(DataError, match="no column 'query'"):
        compare_rows(frame, frame, CONFIG, unit="query")


def test_nothing_in_common_is_no_pass():
    rng = np.random.default_rng(12)
    a = traffic(rng, 50).assign(_input_hash=np.arange(50))
    with pytest.raises(DataError, match="no input in common by _input_hash"):
        compare_rows(a, a.assign(_input_hash=np.arange(50) + 100), CONFIG, pair_on="_input_hash")
    with pytest.raises(DataError, match="no metric that both"):
        compare_rows(a[["refusal"]], a[["cost_usd"]], CONFIG)


def test_odd_columns_do_not_crash():
    n = 30
    odd = pd.DataFrame(
        {
            "trace_id": [f"t{i}" for i in range(n)],
            "refusal": [None] * n,
            "injection": [True, None] * 15,
            "latency_s": [np.inf, np.nan, -1.0, 0.0, 1e300] * 6,
            "cost_usd": [0.0] * n,
            "output_language": [None, "en", "", "☃", 3] * 6,
            "output_embedding": [None, np.zeros(4, np.float32), np.ones(4, np.float32)] * 10,
            "score.x": ["high"] * n,
        }
    )
    for other in (odd, odd.assign(trace_id=[f"u{i}" for i in range(n)]), odd[:4], odd.iloc[::-1]):
        found = compare_rows(odd, other, CONFIG)
        assert not found.with_verdict("changed")
    with pytest.raises(DataError, match="cannot be compared"):
        compare_rows(odd, odd[:1], CONFIG)


def test_embeddings_that_moved():
    rng = np.random.default_rng(10)
    centre = rng.normal(0, 1, 32)

    def frame(shift):
        x = centre + rng.normal(0, 1, (300, 32))
        x[:, 0] += shift
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        return pd.DataFrame({"output_embedding": list(x.astype(np.float32))})

    assert compare_rows(frame(0), frame(0), CONFIG).row("output_embedding").verdict != "changed"
    assert compare_rows(frame(0), frame(1), CONFIG).row("output_embedding").verdict == "changed"


def test_published_score_interval_for_pairs():
    # Tango 1998, table I: 12 and 2 of 50 pairs differ
    assert effects.tango(12, 2, 50) == pytest.approx((0.0611, 0.3447), abs=1e-4)


@pytest.mark.parametrize(("rate_a", "rate_b"), [(0.03, 0.03), (0.03, 0.08), (0.5, 0.5)])
def test_intervals_of_rates_cover(rate_a, rate_b):
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(600):
        a, b = ((rng.random(n) < p).astype(float) for n, p in ((300, rate_a), (400, rate_b)))
        effect = effects.rates(effects.Sample.of(a), effects.Sample.of(b))
        hits += effect.low <= rate_b - rate_a <= effect.high
    assert 0.93 <= hits / 600 <= 0.98
