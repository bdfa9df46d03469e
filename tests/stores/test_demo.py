"""The demo store: the same traffic for ever, with the incidents it says it has and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import metrics, traces
from drift.config import Config
from drift.stores import demo_vocabulary, open_store
from drift.stores.demo import UNTIL, DemoOptions, DemoStore, planted


def _store(**options) -> DemoStore:
    return DemoStore(DemoOptions(**options), salt="salt")


def _day(store: DemoStore, day: date) -> pa.Table:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return pa.concat_tables(store.pull(start, start + timedelta(days=1)))


def test_a_day_alone_is_the_day_among_others():
    start = datetime(2026, 11, 10, tzinfo=UTC)
    together = pa.concat_tables(_store(traces_per_day=300).pull(start, start + timedelta(days=4)))
    alone = pa.concat_tables([_day(_store(traces_per_day=300), date(2026, 11, 10 + i)) for i in range(4)])
    assert together.equals(alone)
    assert together.schema.equals(traces.SCHEMA)


def test_windows_are_half_open_and_add_up_to_the_day():
    store = _store(traces_per_day=400)
    start = datetime(2026, 11, 10, tzinfo=UTC)
    hours = [pa.concat_tables(store.pull(start + timedelta(hours=h), start + timedelta(hours=h + 1))) for h in range(24)]
    assert pa.concat_tables(hours).equals(_day(store, start.date()))


def test_trace_ids_are_unique_over_days_and_users_are_hashed():
    table = pa.concat_tables([_day(_store(traces_per_day=500), UNTIL - timedelta(days=i)) for i in range(5)])
    assert len(set(table["trace_id"].to_pylist())) == table.num_rows
    assert not any("user" in user for user in table["user"].to_pylist())
    assert set(_day(_store(), UNTIL)["user"].to_pylist()).isdisjoint(
        _day(DemoStore(DemoOptions(), salt="other"), UNTIL)["user"].to_pylist()
    )


def test_another_seed_is_another_application():
    first, second = _day(_store(seed=1), UNTIL), _day(_store(seed=2), UNTIL)
    assert set(first["output"].to_pylist()).intersection(second["output"].to_pylist()) < set(first["output"].to_pylist())
    assert first["trace_id"][0] != second["trace_id"][0]


def test_texts_are_varied_and_answers_are_grounded():
    table = _day(_store(), date(2026, 10, 20))
    outputs = [text for text in table["output"].to_pylist() if text]
    assert len(set(outputs)) > 0.93 * len(outputs)
    logs = np.log([len(text) for text in outputs])
    assert 0.3 < logs.std() < 0.7
    rows = [row for row in table.to_pylist() if row["documents"] and row["output"] and len(row["output"]) > 300]
    grounded = [any(fact in row["output"] for fact in row["documents"][0]["text"].split(". ")) for row in rows]
    # the others are answers in German and Spanish
    assert np.mean(grounded) > 0.9


def test_before_the_first_day_there_is_nothing():
    store = _store()
    assert list(store.pull(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))) == []


def test_it_is_opened_by_its_name():
    store = open_store(Config.of({"store": {"type": "demo", "scenario": "twelve", "until": "2026-06-30"}}))
    assert store.first_day == date(2026, 6, 30) - timedelta(days=89)
    assert [check.ok for check in store.check()] == [True]


STEMS = tuple(text.split("{")[0] for text in demo_vocabulary.REFUSALS)


def _refused(row: dict) -> float:
    return float(bool(row["output"]) and row["output"].startswith(STEMS))


def _hours(row: dict) -> float:
    return np.nan if row["index_built_at"] is None else (row["timestamp"] - row["index_built_at"]).total_seconds() / 3600


def _feedback(row: dict) -> float:
    return next((score["value"] for score in row["scores"] if score["name"] == "user_feedback"), np.nan)


MEASURES = {
    "refusal": _refused,
    "index_age_hours": _hours,
    "output_characters": lambda row: np.nan if not row["output"] else np.log(len(row["output"])),
    "input_embedding": lambda row: float(any(word in row["input"] for word in ("student", "class", "universit", "professor"))),
    "nothing_found": lambda row: np.nan if row["documents"] is None else float(not row["documents"]),
    "error": lambda row: float(row["error"] is not None),
    "cost_usd": lambda row: np.log(row["cost_usd"]),
    "tool_failure": lambda row: float(row["tool_errors"] > 0),
    "pii": lambda row: float(bool(row["output"]) and "555-0" in row["output"] or "4111" in (row["output"] or "")),
    "output_language": lambda row: float(bool(row["output"]) and any(letter in row["output"] for letter in "äöü")),
    "score.user_feedback": _feedback,
}


@pytest.mark.parametrize("item", [*planted("demo"), *planted("twelve")], ids=lambda item: f"{item.first_day} {item.name}")
def test_each_planted_incident_moves_its_metric_in_its_segment_on_its_days_only(item):
    scenario = "demo" if item in planted("demo") else "twelve"
    store = _store(scenario=scenario)
    metrics.lookup(item.metric)
    for name in item.also:
        metrics.lookup(name)
    values = {}
    days = {item.first_day - timedelta(days=1), item.first_day, item.last_day, item.last_day + timedelta(days=1)}
    days |= {item.first_day - timedelta(days=7), item.first_day - timedelta(days=8)}
    for day in days:
        rows = _day(store, day).to_pylist()
        rows = [row for row in rows if row[item.dimension] == item.value]
        values[day] = np.array([MEASURES[item.metric](row) for row in rows])
    inside = [values[day] for day in (item.first_day, item.last_day)]
    outside = np.concatenate([v for day, v in values.items() if not item.first_day <= day <= item.last_day])
    spread = np.nanstd(outside)
    for today in inside:
        error = spread * np.sqrt(1 / np.isfinite(today).sum() + 1 / np.isfinite(outside).sum())
        assert abs(np.nanmean(today) - np.nanmean(outside)) > 4 * error
    yesterday = values[item.first_day - timedelta(days=1)]
    error = spread * np.sqrt(1 / np.isfinite(yesterday).sum() + 1 / np.isfinite(outside).sum())
    assert abs(np.nanmean(yesterday) - np.nanmean(outside)) <= 4 * error


def test_the_quiet_scenario_has_no_incident():
    assert planted("quiet") == []
    assert {row.cause for row in planted("twelve")} >= {"silent_model_update", "model_change", "prompt_change", "audience"}
