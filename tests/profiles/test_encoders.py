"""What was measured with one encoder is not compared with what another gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import metrics, profiles
from drift.config import Config
from drift.detect import Settings, night
from drift.profiles.day import DayProfile


def _profile(encoder: str | None, width: int = 4) -> pa.Table:
    n = 60
    columns = {"trace_id": [str(i) for i in range(n)], "output_words": np.arange(n, dtype=float)}
    if encoder:
        x = np.random.default_rng(0).standard_normal((n, width)).astype(np.float32)
        columns |= {
            "input_embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), width),
            "answer_question_cosine": x[:, 0],
            "input_topic": ["one"] * n,
            "_encoder": [encoder] * n,
        }
    return profiles.build(pa.table(columns), Config.of({}), date(2026, 3, 1))


def _metrics(profile: pa.Table) -> set[str]:
    return set(profile.column("metric").to_pylist())


def test_of_a_day_of_another_encoder_cosines_and_topics_are_left_out_and_vectors_stay_to_say_so():
    today, before = _profile("new@1", 3), _profile("old@1")
    kept = profiles.comparable(before, today)
    assert _metrics(before) - _metrics(kept) == {"answer_question_cosine", "input_topic"}
    assert profiles.encoders(kept) == {"old@1"}


def test_a_day_of_the_same_encoder_or_of_none_stays_whole():
    today = _profile("new@1")
    for before, other in ((_profile("new@1"), today), (_profile(None), today), (today, _profile(None))):
        assert profiles.comparable(before, other).equals(before)


def _ruled(ruler: int | None, refused: float = 0.02) -> pa.Table:
    n = 2000
    columns = {
        "trace_id": [str(i) for i in range(n)],
        "refusal": (np.arange(n) < refused * n).astype(float),
        "empty": np.zeros(n),
    }
    return profiles.build(pa.table(columns | ({"_ruler": [ruler] * n} if ruler else {})), Config.of({}), date(2026, 3, 1))


def test_what_another_version_of_drift_measured_otherwise_is_left_out_and_all_else_stays():
    before, today = _ruled(None), _ruled(metrics.RULER)
    assert profiles.remeasured(before, today) == ["refusal"]
    assert _metrics(before) - _metrics(profiles.comparable(before, today)) == {"refusal"}
    assert profiles.comparable(today, _ruled(metrics.RULER)).equals(today)
    assert _metrics(profiles.comparable(_ruled(1), before)) == _metrics(before)


def test_a_day_put_together_of_two_versions_counts_as_of_the_older():
    mixed = pa.table({"trace_id": ["a", "b"], "refusal": [0.0, 1.0], "_ruler": pa.array([None, metrics.RULER], pa.int8())})
    profile = profiles.build(mixed, Config.of({}), date(2026, 3, 1))
    assert profiles.remeasured(profile, _ruled(metrics.RULER)) == ["refusal"]


def test_an_upgrade_of_drift_alarms_nobody():
    start = date(2026, 3, 1)
    today = DayProfile(start + timedelta(days=28), _ruled(metrics.RULER, 0.2))
    past = [DayProfile(start + timedelta(days=k), _ruled(None)) for k in range(28)]
    settings = Settings.of(Config.of({}))

    def refusals_alarm(days: list[DayProfile]) -> bool:
        return any(f.alarm for f in night(days, today, settings) if f.metric == "refusal")

    assert not refusals_alarm([replace(day, table=profiles.comparable(day.table, today.table)) for day in past])
    assert refusals_alarm([replace(day, table=_ruled(metrics.RULER)) for day in past])
