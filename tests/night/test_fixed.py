"""From an incident to its proved fix."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from nights import day, finding, write
from typer.testing import CliRunner

from drift import metrics, profiles
from drift.cli import app
from drift.config import Config
from drift.lake import Lake
from drift.results import Results
from drift.results.account import of_incident

BROKEN, FIXED, LAST = 14, 18, 20


@pytest.fixture
def config(tmp_path, monkeypatch) -> Config:
    """Refusals of 2 %, four nights of 9 %, then 2 % again; the nights are in the tables as a run would have left them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drift.toml").write_text(
        '[store]\ntype = "demo"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///drift.db"\n'
    )
    settings = Config.load(None)
    lake, results = Lake(settings.lake.url), Results.of(settings)
    for number in range(LAST + 1):
        rng = np.random.default_rng(number)
        broken = BROKEN <= number < FIXED
        rows = {"trace_id": np.arange(900).astype(str), "refusal": (rng.random(900) < (0.09 if broken else 0.02)) * 1.0}
        facts = {"ok": True, "reason": "", "warned": [], "traces": 900}
        lake.write("profiles", day(number), profiles.build(pa.table(rows), settings, day(number)), facts)
        write(results, day(number), [finding(day(number), change=0.07 if broken else 0)])
    results.close()
    return settings


def _said(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["fixed", *arguments])
    return done.exit_code, done.output if done.exception is None or isinstance(done.exception, SystemExit) else str(
        done.exception
    )


def _incidents(config: Config):
    results = Results.of(config)
    try:
        return results.incidents()
    finally:
        results.close()


def test_a_proved_fix_ends_the_incident_and_is_remembered_when_it_comes_back(config):
    (incident,) = _incidents(config)
    code, said = _said(incident.id[:8], "--since", str(day(FIXED)), "--note", "rolled back")
    assert code == 0 and "the fix is proved" in said
    (incident,) = _incidents(config)
    assert (incident.state, incident.fixed) == ("closed", day(LAST))
    results = Results.of(config)
    write(results, day(LAST + 1), [finding(day(LAST + 1))])
    results.close()
    *_, back = _incidents(config)
    results = Results.of(config)
    assert of_incident(results, back.id).before == f"again, 2nd time, last fixed on {day(LAST)}"
    results.close()


def test_an_upgrade_of_drift_that_sees_fewer_refusals_proves_no_fix(config):
    """The refusals go on at 9 % and an upgrade on the first day of the fix finds one in four of them."""
    lake = Lake(config.lake.url)
    for number in range(FIXED, LAST + 1):
        rows = {"trace_id": np.arange(900).astype(str), "refusal": (np.arange(900) < 18) * 1.0, "_ruler": [metrics.RULER] * 900}
        facts = {"ok": True, "reason": "", "warned": [], "traces": 900}
        lake.write("profiles", day(number), profiles.build(pa.table(rows), config, day(number)), facts)
    (incident,) = _incidents(config)
    code, said = _said(incident.id[:8], "--since", str(day(FIXED)))
    assert code == 1 and "not measured on at least two ordinary days" in said
    assert _incidents(config)[0].fixed is None


def test_a_day_of_the_incident_itself_is_no_fix(config):
    (incident,) = _incidents(config)
    code, said = _said(incident.id, "--since", str(day(BROKEN + 2)))
    assert code == 3 and "may be left" in said
    assert _incidents(config)[0].fixed is None


def test_what_cannot_be_judged_is_said(config):
    (incident,) = _incidents(config)
    assert "is not after" in _said(incident.id, "--since", str(day(BROKEN - 3)))[1]
    assert "no night since" in _said(incident.id, "--since", str(day(LAST + 1)))[1]
    assert "no incident" in _said("ffff")[1]
