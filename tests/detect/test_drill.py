"""What a night would have told."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect import judge, visible_from_table, visible_to_table
from drift.detect.settings import Settings
from drift.profiles.day import DayProfile

CONFIG = Config()
SETTINGS = Settings.of(CONFIG)
FIRST = date(2026, 3, 2)


def _rows(number: int, n: int = 600, refusal: float = 0.03, latency: float = 1.0) -> dict[str, np.ndarray]:
    rng, own = np.random.default_rng(number), np.random.default_rng([number, 1])
    return {
        "name": np.where(np.arange(n) < 0.95 * n, "chat", "batch"),
        "latency_s": latency * np.exp(0.5 * rng.standard_normal(n) + 0.03 * own.standard_normal()),
        "refusal": (rng.random(n) < refusal).astype(float),
    }


def _day(number: int, **changed) -> DayProfile:
    rows = _rows(number, **changed)
    table = pa.table({"trace_id": np.arange(len(rows["name"])).astype(str), **rows})
    day = FIRST + timedelta(days=number)
    return DayProfile(day, profiles.build(table, CONFIG, day))


def _drill(days: int = 21, n: int = 600, **changed):
    judged = judge([_day(i, n=n) for i in range(days)], _day(days, n=n, **changed), SETTINGS)
    return {(row.metric, row.value): row for row in judged.drill()}


@pytest.fixture(scope="module")
def drill():
    return _drill()


def test_a_change_of_what_is_promised_is_told_and_a_quarter_of_it_is_not(drill):
    promised = drill["latency_s", ""].one_night
    told = {
        share: np.mean(
            [
                any(f.alarm and f.metric == "latency_s" for f in judge([_day(i) for i in range(21)], day, SETTINGS).findings)
                for day in (_day(seed, latency=1 + share * promised) for seed in range(21, 29))
            ]
        )
        for share in (0.25, 1.3)
    }
    assert told[0.25] <= 0.25
    assert told[1.3] == 1


def test_within_a_week_less_is_told_and_never_less_than_what_matters(drill):
    for row in drill.values():
        if not row.blind_reason:
            assert row.matters < row.seven_nights <= row.one_night


def test_more_traffic_hears_more(drill):
    more = _drill(n=6000)
    for metric in ("latency_s", "refusal"):
        assert more[metric, ""].one_night < drill[metric, ""].one_night


def test_a_drill_does_not_depend_on_what_the_day_itself_did(drill):
    changed = _drill(latency=1.5)
    assert changed["latency_s", ""].one_night == pytest.approx(drill["latency_s", ""].one_night, rel=0.02)


def test_what_is_too_small_is_blind_and_comes_first(drill):
    first = next(iter(drill.values()))
    assert first.blind_reason
    assert drill["refusal", "batch"].blind_reason == "30 traces, fewer than 50"
    assert drill["refusal", "batch"].one_night is None


def test_too_few_days_promise_nothing():
    few = _drill(days=4)
    assert few["refusal", ""].blind_reason == "only 4 ordinary days to compare with"
    assert few["refusal", ""].one_night is None


def test_answers_of_one_language_are_drilled_for_another_one_and_the_promise_holds():
    """Seen: "language of answers: no change, however large, would be told", and the next day half of them were German and it was."""

    def day(number: int, german: float = 0.0) -> DayProfile:
        rows = _rows(number) | {
            "output_language": np.where(np.random.default_rng([2, number]).random(600) < german, "de", "en")
        }
        on = FIRST + timedelta(days=number)
        return DayProfile(on, profiles.build(pa.table({"trace_id": np.arange(600).astype(str), **rows}), CONFIG, on))

    before = [day(i) for i in range(14)]
    (row,) = [r for r in judge(before, day(14), SETTINGS).drill() if r.metric == "output_language" and not r.value]
    assert not row.blind_reason and row.direction == "down" and row.matters < row.one_night < 0.1
    told = [
        any(f.alarm and f.metric == "output_language" for f in judge(before, day(seed, 1.3 * row.one_night), SETTINGS).findings)
        for seed in range(15, 23)
    ]
    assert sum(told) >= 7


def test_what_failed_a_check_is_blind():
    judged = judge([_day(i) for i in range(14)], _day(14), SETTINGS, warned=["refusal"])
    assert {row.blind_reason for row in judged.drill() if row.metric == "refusal"} == {"its data failed a check"}


def test_a_drill_is_the_same_after_it_was_stored(drill):
    assert visible_from_table(visible_to_table(drill.values())) == list(drill.values())
