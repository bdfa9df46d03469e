"""Every DAG file loads, quickly and without heavy imports, and every DAG runs."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from drift.config import Config
from drift.lake import Lake
from drift.night.run import run_day

DAGS = Path(__file__).parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))
LIGHT = {"airflow", "croniter", "dotenv", "drift", "pydantic", "pydantic_settings", "slugify", "text_unidecode"}


def test_every_file_is_a_dag_with_a_page_of_its_own(dagbag):
    assert dagbag.import_errors == {}
    assert {Path(dag.fileloc).name for dag in dagbag.dags.values()} == {file.name for file in FILES}
    for dag in dagbag.dags.values():
        assert dag.doc_md.strip()
        assert dag.tags == {"drift"}
        assert not dag.catchup
        assert dag.max_active_runs


def test_tasks_are_retried_where_waiting_can_help(dagbag):
    for dag in dagbag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, "a killed worker's task must be tried again"
            assert task.retry_policy.evaluate(_error("ConfigError"), 1, 5).action.value == "fail"
            assert task.retry_policy.evaluate(_error("CheckFailed"), 1, 5).action.value == "fail"
            assert task.retry_policy.evaluate(_error("StoreError"), 1, 5).action.value == "default"


def _error(name: str) -> Exception:
    from drift import errors

    return getattr(errors, name)("")


def test_an_error_that_no_retry_can_mend_fails_at_once():
    from airflow.sdk.exceptions import AirflowFailException

    from drift.airflow.policy import fail_at_once_where_retrying_is_useless
    from drift.errors import StoreError

    with pytest.raises(AirflowFailException, match="wrong key"), fail_at_once_where_retrying_is_useless():
        raise StoreError("wrong key", retryable=False)
    with pytest.raises(StoreError), fail_at_once_where_retrying_is_useless():
        raise StoreError("429", retryable=True)


def test_parsing_loads_the_settings_and_nothing_else(drift_toml):
    # what Airflow itself loads for a DAG with an asset is loaded before
    code = f"""
import runpy, sys, airflow.sdk, airflow.providers.standard.operators.python, airflow.providers.standard.triggers.temporal
airflow.sdk.Asset(name="any", uri="drift://any")
before = set(sys.modules)
for file in {[str(file) for file in FILES]!r}:
    runpy.run_path(file)
print(*set(sys.modules) - before)
"""
    parsed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], check=True, timeout=300, capture_output=True, text=True
    )
    loaded = set(parsed.stdout.splitlines()[-1].split())
    assert {name.split(".")[0] for name in loaded} - sys.stdlib_module_names <= LIGHT
    assert {".".join(name.split(".")[:2]) for name in loaded if name.startswith("drift.")} <= {
        "drift.airflow",
        "drift.config",
        "drift.errors",
    }


def _run(dag, **how):
    # a failing task would otherwise be tried again after a minute
    for task in dag.tasks:
        task.retries = 0
    return dag.test(**how)


def _tables(url: str) -> dict[str, list]:
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in metadata.sorted_tables}
    # when each night ended is no part of what it says
    return {name: rows for name, rows in found.items() if name != "heartbeats"}


@pytest.mark.slow
def test_a_night_in_airflow_writes_the_tables_of_drift_run(dagbag, drift_toml, tmp_path):
    config = Config.load()
    other = config.model_copy(deep=True)
    other.lake.url, other.results.url = str(tmp_path / "other"), f"sqlite:///{tmp_path}/other.db"
    for day in (date(2026, 11, 10), date(2026, 11, 11)):
        run_day(other, day)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        run = _run(dagbag.dags["nightly_drift"], logical_date=midnight + timedelta(days=1))
        assert run.state == "success"
    assert _tables(config.results.url) == _tables(other.results.url)
    first, second = Lake(config.lake.url), Lake(other.lake.url)
    for kind in ("features", "profiles", "findings"):
        assert first.days(kind) == second.days(kind)
        assert all(first.manifest(kind, day) == second.manifest(kind, day) for day in first.days(kind))


def test_the_day_can_be_given(dagbag, drift_toml):
    run = _run(dagbag.dags["nightly_drift"], run_conf={"day": "2026-11-05"}, logical_date=None)
    assert run.state == "success"
    assert Lake(Config.load().lake.url).days("findings") == [date(2026, 11, 5)]


def test_a_day_that_is_not_fit_fails_the_night_and_is_told_once(dagbag, drift_toml, monkeypatch):
    told = []
    monkeypatch.setattr("drift.airflow.alert._post", lambda context: told.append(context["dag_run"].run_id) or (None, []))
    run = _run(dagbag.dags["nightly_drift"], run_conf={"day": "2020-01-01"}, logical_date=None)
    assert run.state == "failed"
    assert len(told) == 1
    night = _tables(Config.load().results.url)["runs"]
    assert len(night) == 1
    assert "'failed'" in night[0]
    assert "0 traces" in night[0]


def test_a_model_upgrade_pulls_what_is_missing_and_says_what_changed(dagbag, drift_toml, monkeypatch):
    told = []
    monkeypatch.setattr("drift.alerts.notice.notify", lambda sinks, title, lines, page="": told.append((title, *lines)) or [])
    drift_toml.write_text(drift_toml.read_text().replace("traces_per_day = 200", "traces_per_day = 1500"))
    config = Config.load()
    run_day(config, date(2026, 11, 9))
    conf = {"a_from": "2026-11-09", "a_to": "2026-11-10", "b_from": "2026-11-11", "b_to": "2026-11-12"}
    conf |= {"dimension": "name", "a_value": "account-actions", "b_value": "account-actions"}
    run = _run(dagbag.dags["model_upgrade"], run_conf=conf)
    assert run.state == "success"
    lake = Lake(config.lake.url)
    assert lake.days("profiles") == [date(2026, 11, day) for day in (9, 10, 11, 12)]
    # the demo's prompt change is on 11 November: account-actions answers at greater length
    assert any(" characters → " in line for line in told[0]), told[0]
    again = _run(dagbag.dags["model_upgrade"], run_conf=conf)
    assert again.state == "success"
    assert told[0] == told[1]


def test_two_files_are_compared_by_the_form_and_the_message_links_to_the_page(dagbag, drift_toml, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("drift.alerts.notice.notify", lambda sinks, title, lines, page="": told.append((title, page)) or [])
    drift_toml.write_text(drift_toml.read_text() + '[report]\nurl = "https://drift.example.com/"\n')
    for name, more in (("old", ""), ("new", " Let me explain at length why that is so.")):
        rows = [{"input": f"What is {n} and {n}?", "output": f"It is {2 * n}." + more * (1 + n % 3)} for n in range(60)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    # in one process Airflow keeps the values of the run before
    conf = dict.fromkeys(dagbag.dags["model_upgrade"].params) | {"pairs": False}
    conf |= {"a_source": str(tmp_path / "old.jsonl"), "b_source": str(tmp_path / "new.jsonl")}
    run = _run(dagbag.dags["model_upgrade"], run_conf=conf)
    assert run.state == "success"
    (_, page), lake = told[0], Lake(Config.load().lake.url)
    assert page.startswith("https://drift.example.com/comparison/")
    shown = lake.read_bytes("report/" + page.removeprefix("https://drift.example.com/")).decode()
    assert "old.jsonl" in shown and "The most changed pairs" in shown
    assert lake.days("features") == []


def test_maintenance(dagbag, drift_toml):
    config = Config.load()
    for day in (date(2026, 10, 15), date(2026, 11, 10)):
        run_day(config, day)
    before = _tables(config.results.url)
    run = _run(dagbag.dags["drift_maintenance"], run_conf={"again_from": "2026-11-01", "again_to": None})
    assert run.state == "success"
    assert _tables(config.results.url) == before


@pytest.fixture
def two(tmp_path, monkeypatch, drift_toml):
    """The modules of the DAGs by name, as a folder of two applications makes them."""
    from drift.airflow.dags import golden_set, maintenance, model_upgrade, nightly_drift

    modules = (golden_set, maintenance, model_upgrade, nightly_drift)
    folder = tmp_path / "applications"
    folder.mkdir()
    for name in ("one", "two"):
        text = drift_toml.read_text().replace("/lake", f"/{name}-lake").replace("drift.db", f"{name}.db")
        (folder / f"{name}.toml").write_text(
            text.replace('"demo"\n', '"demo"\nlanguage = "de"\n', 1) if name == "two" else text
        )
    monkeypatch.setenv("DRIFT_CONFIG", str(folder))
    yield {module.__name__.rpartition(".")[2]: importlib.reload(module) for module in modules}
    monkeypatch.setenv("DRIFT_CONFIG", str(drift_toml))
    for module in modules:
        importlib.reload(module)


def test_in_a_folder_each_application_has_each_dag(two, tmp_path, airflow_database):
    ids = {dag.dag_id for module in two.values() for dag in module.dags.values()}
    kinds = ("golden_set", "drift_maintenance", "model_upgrade", "nightly_drift")
    assert ids == {f"{kind}.{name}" for kind in kinds for name in ("one", "two")}
    old, day = date(2026, 10, 15), date(2026, 11, 10)
    files = {name: Config.load(tmp_path / f"applications/{name}.toml") for name in ("one", "two")}
    for each in (old, day):
        run_day(files["two"], each)
    run_day(files["one"], old)
    assert _run(two["maintenance"].dags["dag_two"]).state == "success"
    # what is old went from its own lake, and from no other
    assert old not in Lake(files["two"].lake.url).days("features")
    assert old in Lake(files["one"].lake.url).days("features")


def test_maintenance_pulls_again_what_lacks_a_new_segment(dagbag, drift_toml):
    day = date.today() - timedelta(days=10)
    drift_toml.write_text(drift_toml.read_text().replace('"demo"', f'"demo"\nuntil = {day}', 1))
    run_day(Config.load(), day)
    drift_toml.write_text(drift_toml.read_text() + '[segments]\ndimensions = ["name", "environment"]\n')
    run = _run(dagbag.dags["drift_maintenance"], run_conf={"again_from": str(day)})
    assert run.state == "success"
    profile = Lake(Config.load().lake.url).read("profiles", day)
    assert "environment" in set(profile["dimension"].to_pylist())


def test_the_task_that_publishes_links_to_a_page_that_is_there_and_its_event_names_the_day(dagbag, drift_toml):
    from airflow.models.asset import AssetEvent
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    drift_toml.write_text(drift_toml.read_text() + '[report]\nurl = "https://drift.example.com/"\n')
    run = _run(dagbag.dags["nightly_drift"], run_conf={"day": "2026-11-07"}, logical_date=None)
    assert run.state == "success"
    with create_session() as session:
        link = session.query(XComModel).filter_by(run_id=run.run_id, key="_link_ReportLink").one().value
        event = session.query(AssetEvent).filter_by(source_run_id=run.run_id).one()
    assert "https://drift.example.com/night/2026-11-07.html" in link
    assert Lake(Config.load().lake.url).read_bytes("report/night/2026-11-07.html")
    assert event.extra["day"] == "2026-11-07"


def test_every_task_knows_the_users_own_metrics(tmp_path, drift_toml, monkeypatch):
    """Each runs in a process of its own, and a metric that is not known would be left out without a word."""
    (tmp_path / "own_metrics.py").write_text(
        "from drift import metric\n\n@metric(kind='rate', side='output', matters=0.01)\ndef shouts(output: str | None) -> bool | None:\n"
        '    """Answers in capitals."""\n    return None if output is None else output.isupper()\n'
    )
    drift_toml.write_text(drift_toml.read_text() + '[custom]\nmodules = ["own_metrics"]\n')
    code = "from drift.airflow import tasks\nwith tasks.configured(): from drift import metrics; print('shouts' in metrics.CATALOGUE)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=DAGS.parent, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{DAGS.parent}"},
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr


def test_golden_sets_are_asked_each_night_and_what_changed_is_told(dagbag, drift_toml, tmp_path):
    (tmp_path / "set.jsonl").write_text("\n".join(json.dumps({"input": f"What is question {n} about?"}) for n in range(12)))
    text = drift_toml.read_text() + '[golden.support]\ntarget = "command cat"\ntimes = 2\nfile = '
    drift_toml.write_text(text + json.dumps(str(tmp_path / "set.jsonl")) + "\n")
    run = _run(dagbag.dags["golden_set"], run_conf={"day": "2026-11-02"})
    assert run.state == "success"
    assert Lake(Config.load().lake.url).read("golden-support", date(2026, 11, 2)).num_rows == 24


def test_after_an_upgrade_of_drift_the_task_that_profiles_measures_days_before_again(tmp_path, monkeypatch):
    from drift import metrics
    from drift.airflow import tasks

    (tmp_path / "drift.toml").write_text(
        f'[store]\ntype = "demo"\ntraces_per_day = 60\n[embeddings]\nenabled = false\n[baseline]\nmin_days = 2\n[lake]\nurl = "{tmp_path}/lake"\n'
        f'[results]\nurl = "sqlite:///{tmp_path}/drift.db"\n'
    )
    monkeypatch.setenv("DRIFT_CONFIG", str(tmp_path / "drift.toml"))

    def profiled(day: str) -> None:
        tasks.profile([tasks.pull({"day": day, "shard": 0, "shards": 1})])

    with monkeypatch.context() as before:
        before.setattr(metrics, "RULER", 1)
        for day in ("2026-11-09", "2026-11-10", "2026-11-11"):
            profiled(day)
    profiled("2026-11-12")
    assert Lake(f"{tmp_path}/lake").days("bridges") == [date(2026, 11, 10), date(2026, 11, 11)]
