"""A night that failed for good is told once, with its reason, also when drift.toml is what is wrong; a backfill never."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from drift.airflow.alert import alert_failed_night


class Sink:
    channel = "test"
    owner = ""
    threaded = keyed = False

    def __init__(self):
        self.posted = []

    def form(self, account):
        return account

    def post(self, content, thread, key=""):
        self.posted.append(content)
        return ""


@pytest.fixture
def sink(monkeypatch, drift_toml) -> Sink:
    sink = Sink()
    monkeypatch.setattr("drift.alerts.configured", lambda config: [sink])
    monkeypatch.setattr("drift.airflow.secrets.find_connection", lambda name: None)
    return sink


def _context(run_type: str = "scheduled", **conf) -> dict:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    run = SimpleNamespace(
        dag_id="nightly_drift", run_type=run_type, run_id="run", conf=conf, data_interval_start=start, partition_key=None
    )
    return {"dag_run": run, "params": {}, "ti": SimpleNamespace(task_id="pull")}


def test_it_is_told_once_however_often_it_fails(sink):
    for _ in range(2):
        alert_failed_night(_context())
    assert len(sink.posted) == 1
    assert str(sink.posted[0].day) == "2026-11-20"
    assert "task pull failed" in sink.posted[0].said.reason


def test_the_day_may_be_given(sink):
    alert_failed_night(_context(day="2026-11-02"))
    assert str(sink.posted[0].day) == "2026-11-02"


def test_a_backfill_is_quiet(sink):
    alert_failed_night(_context("backfill"))
    assert sink.posted == []


def test_a_broken_configuration_is_told_with_what_is_wrong(sink, drift_toml):
    drift_toml.write_text('[lake]\nrul = "x"\n')
    alert_failed_night(_context())
    assert "lake.rul: unknown key" in sink.posted[0].said.reason


def test_an_alert_that_fails_does_not_raise(sink, monkeypatch, caplog):
    def broken(config):
        raise RuntimeError("no")

    monkeypatch.setattr("drift.alerts.configured", broken)
    alert_failed_night(_context())
    assert "could not be told" in caplog.text
