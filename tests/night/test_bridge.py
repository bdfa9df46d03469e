"""After an upgrade that measures a metric otherwise: the days before are measured again where the store has them, else it starts anew."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from drift import metrics
from drift.config import Config
from drift.features import refusal
from drift.findings import FindingTest
from drift.lake import Lake
from drift.night import baseline, bridge, maintenance, run
from drift.night.detect import detect_day
from drift.night.profile import profile_day
from drift.night.pull import pull_day
from drift.profiles.bridge import KIND
from drift.results import Results
from drift.results.account import tell
from drift.stores.files import FilesStore

FIRST = date(2026, 11, 1)
OLD, TRACES = 10, 200
UPGRADED = FIRST + timedelta(days=OLD)
NO = "I'm sorry, but I can't help you with that request."


def _traces(day: date, refused: float) -> list[dict]:
    draw = random.Random(day.toordinal())
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return [
        {
            "trace_id": f"{day}-{n}",
            "timestamp": (at + timedelta(seconds=400 * n)).isoformat(),
            "name": "chat",
            "session_id": f"{day}-{n}",
            "input": f"Where is parcel {draw.randrange(10**6)}?",
            "output": NO
            if n < round(refused * TRACES)
            else f"Your parcel {draw.randrange(10**6)} left our house this morning.",
        }
        for n in range(TRACES)
    ]


def _write(folder: Path, day: date, refused: float = 0.2) -> None:
    (folder / "traces" / f"{day}.jsonl").write_text("\n".join(map(json.dumps, _traces(day, refused))))


def _config(folder: Path) -> Config:
    return Config.of(
        {
            "store": {"type": "files", "path": f"{folder}/traces/*.jsonl"},
            "lake": {"url": f"{folder}/lake"},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
            "report": {"enabled": False},
        }
    )


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Path:
    """Ten days of a drift whose refusals are those of ruler 1, and which saw one in three of them."""
    folder = tmp_path_factory.mktemp("nights")
    (folder / "traces").mkdir()
    for number in range(OLD + 2):
        _write(folder, FIRST + timedelta(days=number))
    real, config = refusal.measure, _config(folder)

    def blind(batch, context):
        found = real(batch, context)
        seen = np.array([int(key.rpartition("-")[2]) % 3 == 0 for key in batch.text("trace_id")])
        return {name: np.where(seen, values, 0.0) for name, values in found.items()}

    with pytest.MonkeyPatch.context() as then:
        then.setattr(refusal, "measure", blind)
        then.setattr(metrics, "RULER", 1)
        for number in range(OLD):
            day = FIRST + timedelta(days=number)
            profile_day(config, day, pull_day(config, day))
    return folder


@pytest.fixture
def before(nights, tmp_path) -> Config:
    shutil.copytree(nights, tmp_path, dirs_exist_ok=True)
    return _config(tmp_path)


@pytest.fixture
def asked(monkeypatch) -> list[date]:
    """The days that the store was asked for."""
    days: list[date] = []
    real = FilesStore.pull

    def pull(self, start, end):
        days.append(start.date())
        return real(self, start, end)

    monkeypatch.setattr(FilesStore, "pull", pull)
    return days


def _refusals(night: run.Night):
    """What the night says of the level of refusals of all traffic."""
    return next(
        f
        for f in night.findings
        if (f.metric, f.dimension, f.statistic, f.test) == ("refusal", "all", "level", FindingTest.NIGHT)
    )


def _remark(config: Config, day: date) -> str:
    results = Results.of(config)
    try:
        return tell(results, day).remark
    finally:
        results.close()


def _days(number: int) -> list[date]:
    """So many days before the upgrade, the latest first."""
    return [UPGRADED - timedelta(days=n) for n in range(1, number + 1)]


def test_where_the_store_still_has_the_days_the_metric_goes_on_and_nothing_alarms(before, asked):
    told = Lake(before.lake.url).manifest("profiles", FIRST)
    before = before.model_copy(update={"report": before.report.model_copy(update={"enabled": True})})
    night = run.run_day(before, UPGRADED)
    found = _refusals(night)
    assert found.baseline_days == before.baseline.min_days and found.p is not None
    assert found.value_from == pytest.approx(0.2, abs=0.01) and found.value_to == pytest.approx(0.2)
    assert not night.alarms
    assert asked == [UPGRADED, *_days(7)]
    assert _remark(before, UPGRADED).endswith(
        "measured otherwise by this version of drift than on 10 days before. They go on: 7 of these were measured again"
        " (refusals 7.0 % → 20.0 %, abandoned sessions 7.0 % → 20.0 %)."
    )
    page = Lake(before.lake.url).read_bytes(f"report/night/{UPGRADED}.html")
    assert page is not None and "They go on: 7 of these were measured again" in page.decode()
    assert Lake(before.lake.url).manifest("profiles", FIRST) == told


def test_compared_raw_the_upgrade_would_have_alarmed(before, monkeypatch):
    monkeypatch.setattr(metrics, "_RULERS", {})
    assert _refusals(run.run_day(before, UPGRADED)).alarm


def test_a_change_on_the_night_of_the_upgrade_is_found_over_the_bridge(before, tmp_path):
    _write(tmp_path, UPGRADED, refused=0.4)
    found = _refusals(run.run_day(before, UPGRADED))
    assert found.alarm and found.value_from == pytest.approx(0.2, abs=0.01)


def test_where_the_rows_are_gone_it_starts_anew_says_so_and_asks_no_second_time(before, asked, tmp_path):
    for day in _days(OLD):
        (tmp_path / "traces" / f"{day}.jsonl").unlink()
    night = run.run_day(before, UPGRADED)
    assert not night.alarms
    assert not any(f.metric == "refusal" and f.p is not None for f in night.findings)
    assert "They start anew: the store has none of the 200 traces of 2026-11-10." in _remark(before, UPGRADED)
    run.run_day(before, UPGRADED + timedelta(days=1))
    assert asked == [UPGRADED, UPGRADED - timedelta(days=1), UPGRADED + timedelta(days=1)]
    assert "They go on once 7 days are measured by it; so far 1." in _remark(before, UPGRADED + timedelta(days=1))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda rows: rows[: TRACES // 2], "the store has only 100 of the 200 traces of 2026-11-10"),
        (lambda rows: [row | {"output": "[redacted]"} for row in rows], "the store has other texts of 2026-11-10"),
        (lambda rows: [row | {"output": None} for row in rows], "the store has other texts of 2026-11-10"),
    ],
)
def test_a_day_that_the_store_has_otherwise_now_is_no_day_to_compare_with(
    before, tmp_path, spoil: Callable[[list[dict]], list[dict]], why: str
):
    day = UPGRADED - timedelta(days=1)
    file = tmp_path / "traces" / f"{day}.jsonl"
    file.write_text("\n".join(map(json.dumps, spoil(_traces(day, 0.2)))))
    night = run.run_day(before, UPGRADED)
    assert why in _remark(before, UPGRADED)
    assert not night.alarms and not any(f.metric == "refusal" and f.p is not None for f in night.findings)


def test_a_night_that_runs_out_of_time_is_gone_on_with_in_the_next(before):
    run_day = [UPGRADED + timedelta(days=n) for n in range(2)]
    run.run_day(before, run_day[0])
    lake = Lake(before.lake.url)
    for day in lake.days(KIND):
        lake.delete(KIND, day)
    # a clock that is at its end when the third day is measured
    ticks = iter([0.0, 1.0, 2.0, bridge.SECONDS + 1])
    bridge.build(before, run_day[0], clock=lambda: next(ticks))
    assert lake.days(KIND) == sorted(_days(2))
    detect_day(before, run_day[0])
    run.run_day(before, run_day[1])
    # the first night that this version measured counts as well
    assert lake.days(KIND) == sorted(_days(6))


def test_a_night_measures_a_bounded_number_of_traces_again(before, asked, monkeypatch):
    monkeypatch.setattr(bridge, "TRACES", 2 * TRACES)
    run.run_day(before, UPGRADED)
    assert asked[1:] == _days(2)
    assert "They go on once 7 days are measured by it; so far 2." in _remark(before, UPGRADED)
    monkeypatch.setattr(bridge, "TRACES", TRACES - 1)
    run.run_day(before, UPGRADED + timedelta(days=1))
    assert asked[3:] == [UPGRADED + timedelta(days=1)]


def test_a_store_that_fails_stops_no_night_and_is_asked_again_in_the_next(before, monkeypatch, caplog):
    real = FilesStore.pull

    def pull(self, start, end):
        if start.date() < UPGRADED:
            raise ConnectionError("the store is down")
        return real(self, start, end)

    with monkeypatch.context() as down:
        down.setattr(FilesStore, "pull", pull)
        night = run.run_day(before, UPGRADED)
    assert night.answer.compared and not night.alarms
    assert "the days before could not be measured again: " in caplog.text
    run.run_day(before, UPGRADED + timedelta(days=1))
    assert len(Lake(before.lake.url).days(KIND)) == 6


def test_days_of_an_incident_are_no_ordinary_days_to_measure_again(before, asked, monkeypatch):
    """Refusals had an incident on the two days before; all else is measured again on them."""
    real, incident = baseline.excluded, {day: frozenset({("refusal", "all", "")}) for day in _days(2)}
    monkeypatch.setattr(baseline, "excluded", lambda config, incidents: real(config, incidents) | incident)
    found = _refusals(run.run_day(before, UPGRADED))
    assert asked == [UPGRADED, *_days(9)] and found.baseline_days == 7


def test_days_of_this_version_need_no_bridge(before, asked):
    for each in (*_days(OLD), UPGRADED):
        profile_day(before, each, pull_day(before, each))
    asked.clear()
    bridge.build(before, UPGRADED)
    assert not asked and Lake(before.lake.url).days(KIND) == []


def test_bridges_go_when_no_night_reads_them(before):
    run.run_day(before, UPGRADED)
    lake = Lake(before.lake.url)
    maintenance.expire(before, UPGRADED + timedelta(days=3 * before.baseline.days - 2))
    assert lake.days(KIND) == sorted(_days(2))
    maintenance.expire(before, UPGRADED + timedelta(days=3 * before.baseline.days))
    assert lake.days(KIND) == []
