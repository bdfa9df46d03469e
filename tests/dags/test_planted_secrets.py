"""Secrets and texts of traces that a night in Airflow is given are in none of its XComs, nor in anything else that Airflow keeps."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from drift.config import SECRETS, Config
from drift.lake import Lake

MARK = "planted7secret"
DAY = date(2026, 3, 4)
ADDRESSES = {"DRIFT_SLACK_WEBHOOK", "DRIFT_WEBHOOK_URL", "DRIFT_HEARTBEAT_URL"}


@pytest.mark.slow
@pytest.mark.parametrize("traces", [300, 0], ids=["a night", "a night that fails"])
def test_in_no_xcom_and_nowhere_else_in_airflow(dagbag, drift_toml, tmp_path, monkeypatch, traces):
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    for name in SECRETS:
        monkeypatch.setenv(name, f"http://127.0.0.1:1/{MARK}-{name}" if name in ADDRESSES else f"{MARK}-{name}")
    for name in ("DRIFT_SLACK_TOKEN", "DRIFT_APPRISE_URLS"):
        monkeypatch.delenv(name)
    (tmp_path / "salt").write_text(f"{MARK}-salt")
    monkeypatch.delenv("DRIFT_SALT")
    monkeypatch.setenv("DRIFT_SALT_FILE", str(tmp_path / "salt"))
    at = datetime.combine(DAY, datetime.min.time(), UTC)
    rows = [
        {"trace_id": f"t{i}", "timestamp": (at + timedelta(minutes=i)).isoformat(), "user": f"{MARK}-user", "name": "chat",
         "input": f"my password is {MARK}-text", "output": f"It is {i} km, {MARK}-answer."}
        for i in range(traces)
    ]  # fmt: skip
    (tmp_path / "traces.jsonl").write_text("\n".join(map(json.dumps, rows)))
    text = drift_toml.read_text().replace('type = "demo"\ntraces_per_day = 200', 'type = "files"\npath = "traces.jsonl"')
    drift_toml.write_text(text)
    for task in dagbag.dags["nightly_drift"].tasks:
        task.retries = 0
    run = dagbag.dags["nightly_drift"].test(run_conf={"day": str(DAY)}, logical_date=None)
    assert run.state == ("success" if traces else "failed")
    with create_session() as session:
        kept = [str(each.value) for each in session.query(XComModel).filter_by(run_id=run.run_id)]
    assert kept and MARK not in "".join(kept)
    home = Path(os.environ["AIRFLOW_HOME"])
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert MARK.encode() not in everything
    assert not traces or Lake(Config.load().lake.url).days("profiles") == [DAY]
