"""The statistics of a night: which there are, on which scale, with which variance, at which mix."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.profiles import bins
from drift.profiles.day import DayProfile

FIRST = date(2026, 3, 2)


def panel(tables: Sequence[dict[str, object]], dimensions: Sequence[str] = ()) -> Panel:
    config = Config.of({"segments": {"dimensions": list(dimensions)}})
    days = [FIRST + timedelta(days=number) for number in range(len(tables))]
    return Panel(
        [DayProfile(day, profiles.build(pa.table(table), config, day)) for day, table in zip(days, tables, strict=True)]
    )


def found(panel: Panel, min_traces: int = 1, **rest) -> dict[tuple[str, str, str], Statistic]:
    return {(s.metric.name, s.segment[1], s.name): s for s in statistics.of(panel, min_traces, rest.get("excluded", {}))}


def test_a_positive_number_is_followed_by_the_mean_of_its_logarithms_whose_spread_is_known():
    rng = np.random.default_rng(1)
    values = [np.exp(rng.normal(5.0, 0.5, 4000)) for _ in range(4)]
    s = found(panel([{"output_characters": x} for x in values]))["output_characters", "", "level"]
    assert s.scale == "log" and s.n.tolist() == [4000.0] * 4
    np.testing.assert_allclose(s.raw, [np.log(x).mean() for x in values])
    assert s.variance == pytest.approx(0.25, rel=0.05)


def test_a_constant_varies_by_the_width_of_a_bin():
    s = found(panel([{"output_characters": [200.0] * 50}] * 3))["output_characters", "", "level"]
    assert s.variance == pytest.approx(bins.LOG_WIDTH**2 / 12) and s.y == pytest.approx([np.log(200.0)] * 3)


def test_a_rate_keeps_its_counts_and_has_the_variance_of_an_arcsine():
    s = found(panel([{"refusal": [1.0] * k + [0.0] * (100 - k)} for k in (5, 10, 30)]))["refusal", "", "level"]
    events, size, expected = s.counts()
    assert events.tolist() == [5.0, 10.0, 30.0] and size.tolist() == [100.0] * 3
    assert (s.scale, s.variance) == ("share", 0.25) and expected == pytest.approx([15.5 / 201] * 3, rel=0.05)
    assert np.all(np.diff(s.y) > 0)


def test_more_traffic_of_the_longer_answers_is_mix_and_longer_answers_are_not():
    def traffic(long: int, factor: float = 1.0) -> dict[str, object]:
        return {
            "name": ["chat"] * (1000 - long) + ["docs"] * long,
            "output_characters": [100.0] * (1000 - long) + [900.0 * factor] * long,
        }

    mixed = found(panel([traffic(500)] * 5 + [traffic(800)], ["name"]))["output_characters", "", "level"]
    assert mixed.mix[-1] == pytest.approx(0.3 * np.log(9), rel=0.02)
    assert mixed.y[-1] - mixed.y[0] == pytest.approx(0.0, abs=0.03)
    longer = found(panel([traffic(500)] * 5 + [traffic(500, 1.5)], ["name"]))["output_characters", "", "level"]
    assert longer.mix[-1] == pytest.approx(0.0, abs=0.01)
    assert longer.y[-1] - longer.y[0] == pytest.approx(0.5 * np.log(1.5), rel=0.02)


def test_the_largest_of_three_labels_follows_from_the_others_which_share_its_budget():
    day = {"finish_reason": ["stop"] * 80 + ["length"] * 15 + ["tool_calls"] * 5}
    shares = {key: s for key, s in found(panel([day] * 3)).items() if key[0] == "finish_reason"}
    assert {name for _, _, name in shares} == {"share:length", "share:tool_calls"}
    assert sum(s.weight for s in shares.values()) == pytest.approx(1.0)
    assert shares["finish_reason", "", "share:length"].counts()[0].tolist() == [15.0] * 3


def test_a_segment_of_few_traces_is_not_followed_and_its_small_days_are_unknown():
    def day(docs: int) -> dict[str, object]:
        return {"name": ["chat"] * 100 + ["docs"] * docs, "refusal": [0.0] * (100 + docs)}

    assert ("refusal", "docs", "level") not in found(panel([day(60)] * 3 + [day(20)], ["name"]), min_traces=50)
    s = found(panel([day(60), day(20), day(60), day(60)], ["name"]), min_traces=50)["refusal", "docs", "level"]
    assert np.isfinite(s.y).tolist() == [True, False, True, True] and s.n.tolist() == [60.0, 0.0, 60.0, 60.0]


def test_a_day_that_was_out_of_the_ordinary_overall_is_no_baseline_in_any_segment():
    days = panel([{"name": ["chat"] * 60, "refusal": [0.0] * 60}] * 4, ["name"])
    every = found(days, excluded={FIRST: {("refusal", "all", "")}})
    assert all(np.isfinite(every["refusal", value, "level"].y).tolist() == [False, True, True, True] for value in ("", "chat"))
    own = found(days, excluded={FIRST: {("refusal", "name", "chat")}})
    assert np.isfinite(own["refusal", "", "level"].y).all() and not np.isfinite(own["refusal", "chat", "level"].y[0])


def test_a_volume_is_a_count_whose_only_error_is_that_of_counting():
    s = found(panel([{"refusal": [0.0] * n} for n in (100, 200, 400)]))["volume", "", "level"]
    np.testing.assert_allclose(s.y, np.log([100.0, 200.0, 400.0]))
    assert s.variance == 1.0 and s.n.tolist() == [100.0, 200.0, 400.0]


def test_a_segment_has_a_level_and_no_tails():
    rng = np.random.default_rng(2)
    every = found(
        panel([{"name": ["chat"] * 2000, "latency_s": np.exp(rng.normal(0.0, 0.5, 2000))} for _ in range(9)], ["name"])
    )
    assert {name for metric, value, name in every if (metric, value) == ("latency_s", "chat")} == {"level"}
    assert every["latency_s", "chat", "level"].weight == 1.0 > every["latency_s", "", "level"].weight


def test_two_days_are_not_enough_to_compare_with():
    assert found(panel([{"refusal": [0.0] * 60}] * 2)) == {} and found(panel([{"refusal": [0.0] * 60}] * 3)) != {}


def scores(today: np.ndarray) -> Statistic:
    rng = np.random.default_rng(3)
    days = [{"score.harm": rng.uniform(0, 0.02, 100)} for _ in range(10)]
    return found(panel([*days, {"score.harm": today}]))["score.harm", "", "level"]


def test_two_traces_beyond_all_that_was_seen_move_a_mean_that_says_how_little_it_is_known():
    today = np.random.default_rng(4).uniform(0, 0.02, 100)
    ordinary, higher = scores(today), scores(today + 0.02)
    today[:2] = 0.9
    odd = scores(today)
    assert ordinary.n[-1] == higher.n[-1] == 100, "a change of all of them is known as well as ever"
    assert odd.n[-1] < 5 and (odd.n[:-1] == 100).all()
    error = np.sqrt(odd.variance / odd.n[-1])
    assert abs(odd.y[-1] - odd.y[:-1].mean()) < 2.5 * error


def test_the_age_of_a_version_of_some_days_is_read_as_its_whole_is():
    rng = np.random.default_rng(5)

    def day(number: int) -> dict[str, object]:
        age = 1 + number % 24
        version = "v2" if number > 20 else "v1"
        return {"prompt": [version] * 400, "document_age_days": age + rng.gamma(2, 0.5, 400)}

    s = found(panel([day(number) for number in range(25)], ["prompt"]))["document_age_days", "v2", "level"]
    assert abs(s.y[-1] - np.nanmean(s.y[:-1])) < 0.1, "its first refresh is none of its own"


def test_the_age_of_an_index_is_not_asked_of_a_version_whose_last_day_ended_at_noon():
    def day(number: int) -> dict[str, object]:
        hour = np.arange(240) / 10
        version = np.where((number == 9) & (hour >= 12), "v2", "v1")
        return {"prompt": version, "name": ["search"] * 240, "index_age_hours": 24 + hour}

    every = found(panel([day(number) for number in range(10)], ["prompt", "name"]))
    assert {value for metric, value, _ in every if metric == "index_age_hours"} == {"", "search"}


def answers(german: int, translated: int = 0) -> dict[str, object]:
    asked = ["de"] * german + ["en"] * (1000 - german)
    return {"input_language": asked, "output_language": ["en"] * translated + asked[translated:]}


def test_answers_in_the_language_of_the_question_move_with_it_and_alone_only_where_they_do_not():
    found_ = found(panel([answers(100)] * 8 + [answers(200)]))
    key = next(key for key in found_ if key[0] == "output_language")
    together, asked = found_[key], found_["input_language", "", key[2]]
    assert asked.y[-1] != pytest.approx(asked.y[0], abs=0.05)
    assert together.y[-1] == pytest.approx(together.y[0], abs=0.01)
    alone = found(panel([answers(100)] * 8 + [answers(100, translated=50)]))[key]
    assert abs(alone.y[-1] - alone.y[0]) > 0.05 and alone.mix[-1] == pytest.approx(0, abs=0.01)


def test_answers_that_never_follow_the_language_of_the_question_are_compared_by_themselves():
    def day(german: int) -> dict[str, object]:
        return {"input_language": ["de"] * german + ["en"] * (1000 - german), "output_language": ["en"] * 980 + ["de"] * 20}

    key = "output_language", "", "share:de"
    s = found(panel([day(100)] * 8 + [day(250)]))
    s = s[key] if key in s else next(each for name, each in s.items() if name[0] == "output_language")
    assert s.y[-1] == pytest.approx(s.y[0], abs=1e-6)
