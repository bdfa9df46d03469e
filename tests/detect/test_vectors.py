"""A day's vectors against the baseline's: silent on ordinary days, found when meaning moves, and never across encoders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect import vectors
from drift.detect.settings import Settings
from drift.explain import classifier, given_input
from drift.profiles.day import DayProfile
from drift.profiles.fourier import FEATURES, rff

D = 48
CONFIG = Config.of({"segments": {"dimensions": ["model"]}})
SETTINGS = Settings.of(CONFIG)


class Traffic:
    """Unit vectors in six topics, whose mix wobbles from day to day."""

    def __init__(self, seed: int, wobble: float = 0.15):
        self.rng = np.random.default_rng(seed)
        self.wobble = wobble
        self.centres = np.random.default_rng(99).standard_normal((7, D)) / np.sqrt(D)
        self.common = np.full(D, 0.15)

    def rows(self, n: int, new: float = 0.0, style: float = 0.0) -> np.ndarray:
        mix = np.exp(self.wobble * self.rng.standard_normal(6))
        topic = self.rng.choice(6, n, p=mix / mix.sum())
        topic = np.where(self.rng.random(n) < new, 6, topic)
        x = self.common + self.centres[topic] + 0.6 * self.rng.standard_normal((n, D)) / np.sqrt(D)
        x[:, 0] += style
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)

    def day(self, n: int = 400, **change) -> vectors.VectorDay:
        return vectors.VectorDay.of(self.rows(n, **change))


@pytest.mark.parametrize(
    ("n", "wobble"),
    [(100, 0.3), *(pytest.param(2000, wobble, marks=pytest.mark.slow) for wobble in (0.0, 0.15, 0.3))],
)
def test_ordinary_days_alarm_within_the_budget(n, wobble):
    traffic = Traffic(1, wobble)
    days = [traffic.day(n) for _ in range(128)]
    p = np.array([vectors.vector_test(days[i : i + 28], days[i + 28]).p for i in range(100)])
    # 100 nights share their baselines: 11 of 100 at 5 % has a chance below 1 % even if they were independent
    assert (p < 0.05).sum() <= 10
    assert (p < 0.001).sum() <= 1


@pytest.mark.parametrize("change", [{"new": 0.05}, {"style": 0.03}])
def test_a_change_of_meaning_is_found(change):
    found = 0
    for seed in range(3):
        traffic = Traffic(seed)
        days = [traffic.day(1500) for _ in range(20)]
        found += vectors.vector_test(days, traffic.day(1500, **change)).p < 0.01
    assert found == 3


def test_the_direction_points_to_what_is_new():
    traffic = Traffic(2)
    days = [traffic.day(1500) for _ in range(28)]
    today = traffic.rows(1500, new=0.08)
    result = vectors.vector_test(days, vectors.VectorDay.of(today))
    new = traffic.centres[6] / np.linalg.norm(traffic.centres[6])
    furthest = np.argsort(-(today @ result.direction))[:20]
    assert (today[furthest] @ new).mean() > (today @ new).mean() + 0.2
    assert result.cosine_shift > 0
    assert result.statistic in result.parts


def test_more_traffic_is_not_more_drift():
    traffic = Traffic(3)
    days = [traffic.day(300) for _ in range(28)]
    assert vectors.vector_test(days, traffic.day(20_000)).p > 0.01


def test_few_days_are_enough_to_ask_and_never_certain():
    traffic = Traffic(4)
    assert 0 < vectors.vector_test([traffic.day(), traffic.day()], traffic.day()).p <= 1


def test_axes_are_as_many_as_the_rows_can_bear():
    traffic = Traffic(5)
    axes = vectors.Axes.of([traffic.day(30) for _ in range(7)])
    assert len(axes.variances) == 21
    np.testing.assert_allclose(axes.directions.T @ axes.directions, np.eye(21), atol=1e-9)


def test_a_constant_vector_is_no_drift():
    x = np.ones((50, D), np.float32) / np.sqrt(D)
    days = [vectors.VectorDay.of(x) for _ in range(10)]
    assert vectors.vector_test(days, vectors.VectorDay.of(x)).p > 0.5


# from profiles


def profile(i: int, x: np.ndarray, encoder: str = "a@1") -> DayProfile:
    features = pa.table(
        {
            "trace_id": [str(k) for k in range(len(x))],
            "model": ["big" if k % 3 else "small" for k in range(len(x))],
            "output_embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), x.shape[1]),
            "_encoder": [encoder] * len(x),
        }
    )
    day = date(2026, 1, 5) + timedelta(days=i)
    return DayProfile(day, profiles.build(features, CONFIG, day))


def test_profiles_say_what_the_rows_say():
    traffic = Traffic(6)
    rows = [traffic.rows(600) for _ in range(15)]
    found = vectors.compare_vectors([profile(i, x) for i, x in enumerate(rows[:14])], profile(14, rows[14]))
    assert [(c.dimension, c.value) for c in found] == [("all", ""), ("model", "big"), ("model", "small")]
    raw = vectors.vector_test([vectors.VectorDay.of(x) for x in rows[:14]], vectors.VectorDay.of(rows[14]))
    assert found[0].result.p == pytest.approx(raw.p, rel=0.02)
    assert found[0].result.n == 600


def test_a_change_in_one_segment_is_found_there():
    traffic = Traffic(7)
    history = [profile(i, traffic.rows(1500)) for i in range(20)]
    today = traffic.rows(1500)
    today[::3] = traffic.rows(500, style=0.1)
    p = {c.value: c.result.p for c in vectors.compare_vectors(history, profile(20, today))}
    assert p["small"] < 0.001
    assert p["big"] > 0.01


def with_rare(traffic: Traffic, many: int) -> np.ndarray:
    """240 texts, among the third of them that the small model wrote so many of a kind that is far from all others."""
    x, rare = traffic.rows(240), np.zeros(D)
    rare[7] = 1.0
    x[: 3 * many : 3] = 0.2 * x[: 3 * many : 3] + rare
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_a_few_texts_of_a_kind_that_is_seen_now_and_then_are_no_other_meaning_of_the_day():
    traffic = Traffic(11)
    history = [profile(i, with_rare(traffic, int(i % 9 == 4))) for i in range(28)]

    def told(many: int) -> dict[str, float]:
        return {c.value: c.result.p for c in vectors.compare_vectors(history, profile(28, with_rare(traffic, many)))}

    # 6 of 80, and what a segment needs in a night is about one in 100,000
    assert told(6)["small"] > 3e-5
    assert told(30)["small"] < 1e-6


def test_days_of_a_segments_incident_are_no_baseline_of_that_segment():
    traffic = Traffic(7)
    days = [profile(i, traffic.rows(1500)) for i in range(10)]
    for i in range(10, 21):
        rows = traffic.rows(1500)
        rows[::3] = traffic.rows(500, style=0.1)
        days.append(profile(i, rows))
    excluded = {day.day: {("output_embedding", "model", "small")} for day in days[10:20]}
    p, swallowed = (
        {m.segment[1]: m.comparison.result for m in vectors.moved_vectors(days[:20], days[20], SETTINGS, out)}
        for out in (excluded, {})
    )
    assert (p["small"].days, p["big"].days, p[""].days) == (10, 20, 20)
    assert p["small"].p < 0.001 and swallowed["small"].p > 0.01
    overall = {day.day: {("output_embedding", "all", "")} for day in days[10:20]}
    assert {m.comparison.result.days for m in vectors.moved_vectors(days[:20], days[20], SETTINGS, overall)} == {10}


def test_shards_add_up_to_the_day():
    traffic = Traffic(8)
    history = [profile(i, traffic.rows(600)) for i in range(10)]
    x = traffic.rows(600)
    whole = profile(10, x)
    shards = DayProfile(whole.day, profiles.add([profile(10, x[:300]).table, profile(10, x[300:]).table]))
    one, two = (vectors.compare_vectors(history, day)[0].result for day in (whole, shards))
    assert one.p == pytest.approx(two.p, rel=0.01)


def test_two_encoders_are_never_compared():
    traffic = Traffic(9)
    history = [profile(i, traffic.rows(200)) for i in range(10)]
    found = vectors.compare_vectors(history, profile(10, traffic.rows(200), "b@2"))
    assert [c.result for c in found] == [None]
    assert "b@2" in found[0].reason
    assert "a@1" in found[0].reason
    assert "drift backfill" in found[0].reason


def test_days_of_the_former_encoder_leave_the_baseline():
    traffic = Traffic(10)
    history = [profile(i, traffic.rows(200), "a@1" if i < 6 else "b@2") for i in range(10)]
    assert vectors.compare_vectors(history, profile(10, traffic.rows(200), "b@2"))[0].result.days == 4


def test_small_segments_are_left_out():
    traffic = Traffic(11)
    history = [profile(i, traffic.rows(120)) for i in range(6)]
    assert {c.value for c in vectors.compare_vectors(history, profile(6, traffic.rows(120)), min_traces=50)} == {"", "big"}


def test_a_segment_that_has_lived_for_a_few_days_is_left_to_the_whole_unless_the_whole_is_as_young():
    traffic = Traffic(11)

    def day(number: int, version: str) -> DayProfile:
        one = profile(number, traffic.rows(240))
        named = [version if value == "small" else value for value in one.table.column("value").to_pylist()]
        return replace(one, table=one.table.set_column(one.table.column_names.index("value"), "value", pa.array(named)))

    history = [day(i, "old" if i < 6 else "new") for i in range(10)]
    settings = replace(SETTINGS, min_days=4)

    def asked(days: list[DayProfile]) -> set[str]:
        return {m.segment[1] for m in vectors.moved_vectors(days, day(10, "new"), settings, {})}

    assert asked(history) == {"", "big"} and asked(history[6:]) == {"", "big", "new"}


# random Fourier features


def test_fourier_features_approximate_the_kernel():
    x = Traffic(12).rows(200)
    f = rff(x)
    assert f.shape == (200, FEATURES)
    squared = ((x[:, None] - x[None]) ** 2).sum(2)
    kernel = (np.exp(-squared / (2 * 0.5**2)) + np.exp(-squared / 2)) / 2
    assert np.abs(f @ f.T - kernel).mean() < 0.06
    np.testing.assert_allclose((f**2).sum(1), 1, atol=1e-5)


def test_fourier_features_are_the_same_for_ever():
    x = np.eye(4, dtype=np.float32)
    # written down once: profiles of years ago must still be comparable
    np.testing.assert_allclose(rff(x)[0, :3], [-0.0267966, 0.08560394, 0.05408125], atol=1e-6)


# input or output?


def pairs(rng, n=120, asked=0.0, answered=0.0) -> given_input.Pairs:
    base = np.random.default_rng(0).standard_normal((D, D)) / np.sqrt(D)
    x = rng.standard_normal((n, D)) / np.sqrt(D)
    x[:, 1] += asked
    y = x @ base + 0.5 * rng.standard_normal((n, D)) / np.sqrt(D)
    y[:, 2] += answered
    return given_input.Pairs(*(v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x, y)))


@pytest.mark.parametrize(
    ("asked", "answered", "moved"),
    [
        (0.0, 0.0, (False, False, False)),
        (0.3, 0.0, (True, True, False)),
        (0.0, 0.15, (False, True, True)),
        (0.3, 0.15, (True, True, True)),
    ],
    ids=["nothing", "users ask other things", "the model answers the same differently", "both"],
)
def test_inputs_that_moved_and_answers_that_moved_are_told_apart(asked, answered, moved):
    rng = np.random.default_rng(3)
    days = [pairs(rng) for _ in range(16)]
    today = pairs(rng, 400, asked, answered)
    of = vectors.VectorDay.of
    inputs = vectors.vector_test([of(d.inputs) for d in days], of(today.inputs)).p
    outputs = vectors.vector_test([of(d.outputs) for d in days], of(today.outputs)).p
    given = given_input.test_given_input(days, today).p
    assert tuple(p <= 0.01 for p in (inputs, outputs, given)) == moved


# the second opinion


def test_the_classifier_confirms_and_says_by_what():
    traffic = Traffic(13)
    days = [traffic.rows(200) for _ in range(8)]
    before = np.array(["old"] * 1600, object)
    ordinary = classifier.separate(days, traffic.rows(200))
    today = traffic.rows(300, new=0.4)
    new = (today @ traffic.centres[6]) > 0.4
    columns = {"input_topic": (before, np.where(new, "new", "old").astype(object))}
    changed = classifier.separate(days, today, columns)
    assert ordinary.p > 0.01
    assert changed.p < 0.01 < changed.auc - changed.usual
    assert changed.labels[0][:2] == ("input_topic", "new")
    assert new[changed.traces[:20]].mean() > 0.9
