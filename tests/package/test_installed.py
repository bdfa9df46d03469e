"""The built wheel in an empty environment, in an empty folder: what a stranger has. Takes minutes; needs the package index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
# on two idle cores they take three minutes; beside other work many times that
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """The wheel and the source distribution; the wheel is built from the latter."""
    out = tmp_path_factory.mktemp("dist")
    # a tree without what earlier builds left behind
    clean = tmp_path_factory.mktemp("tree") / "nightdrift"
    clean.mkdir()
    for name in ("drift", "tests", "dags", "benchmarks"):
        shutil.copytree(REPO / name, clean / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for file in REPO.iterdir():
        if file.is_file():
            shutil.copy(file, clean)
    subprocess.run([sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", str(out)], cwd=clean, check=True, timeout=300)
    (wheel,), (source,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def home(built, tmp_path_factory) -> Path:
    """A folder with nothing but an environment, which has the default lock and the wheel."""
    folder = tmp_path_factory.mktemp("stranger")
    subprocess.run([sys.executable, "-m", "venv", "env"], cwd=folder, check=True)
    install = ["env/bin/pip", "install", "-q", "--no-deps"]
    subprocess.run(
        [*install, "--no-compile", "--require-hashes", "-r", str(REPO / "requirements.lock")], cwd=folder, check=True
    )
    subprocess.run([*install, str(built[0])], cwd=folder, check=True)
    subprocess.run(["env/bin/pip", "check"], cwd=folder, check=True)
    return folder


def _run(home: Path, *command: str, **variables: str) -> subprocess.CompletedProcess:
    env = {"PATH": f"{home}/env/bin:/usr/bin:/bin", "HOME": str(home), "COLUMNS": "160"} | variables
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=1500)


def test_nothing_but_drift_is_in_the_wheel(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"drift", "nightdrift"}
    assert {"drift/init.toml", "drift/features/models/static.npz", "drift/report/vendor/uPlot.iife.min.js"} <= set(names)
    assert sum(name.startswith("drift/airflow/dags/") and name.endswith(".py") for name in names) >= 3
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "Name: nightdrift" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert metadata.split("\n\n", 1)[1].startswith("# drift")


def test_the_source_distribution_has_what_it_is_built_from_and_no_data(built):
    with tarfile.open(built[1]) as source:
        names = {name.split("/", 1)[1] for name in source.getnames() if "/" in name}
    assert {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "drift/cli/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("tests", "drift-data", ".venv", "benchmarks"))]


def test_it_is_light(home):
    size = sum(file.stat().st_size for file in (home / "env").rglob("*") if file.is_file() and not file.is_symlink())
    assert size < 800e6, f"{size / 1e6:.0f} MB"


def test_what_a_stranger_types_first(home):
    version = _run(home, "drift", "--version")
    assert version.stdout.startswith("drift "), version.stderr
    where = _run(home, "python", "-c", "import drift; print(drift.__file__, drift.read.__name__)")
    assert where.stdout.startswith(f"{home}/env/"), where.stdout + where.stderr
    written = _run(home, "drift", "init")
    assert written.returncode == 0, written.stderr
    healthy = _run(home, "drift", "doctor")
    assert healthy.returncode == 0, healthy.stdout
    night = _run(home, "drift", "run", "--day", "2026-11-01")
    assert night.returncode == 0, night.stdout + night.stderr
    assert (home / "drift-data/lake/report/night/2026-11-01.html").exists()


def test_the_demo_finds_what_is_planted(home):
    told = _run(home, "drift", "demo")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "3 of 3 planted incidents found" in told.stdout
    hint = next(line for line in told.stdout.splitlines() if line.startswith("look around: ")).removeprefix("look around: ")
    assert _run(home, *hint.split()).returncode == 0


def test_airflow_loads_and_runs_the_dags_that_are_in_it(home, tmp_path):
    pytest.importorskip("airflow")
    # Airflow from this environment, behind the stranger's own; its .pth files, and so the clone, are not read from there
    site = next((home / "env/lib").glob("python*/site-packages"))
    (site / "airflow.pth").write_text(sysconfig.get_path("purelib") + "\n")
    try:
        folder = _run(home, "drift", "dags").stdout.strip()
        assert Path(folder).is_relative_to(home)
        config = tmp_path / "drift.toml"
        config.write_text('[store]\ntype = "demo"\ntraces_per_day = 200\n[embeddings]\nenabled = false\n')
        variables = {
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": folder,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
            "DRIFT_CONFIG": str(config),
        }
        told = _run(home, "python", "-c", _NIGHT, **variables)
        assert told.returncode == 0, told.stdout + told.stderr
        answer = json.loads(told.stdout.splitlines()[-1])
        assert answer["errors"] == {}
        assert {"nightly_drift", "model_upgrade"} <= set(answer["dags"])
        assert answer["state"] == "success"
        assert answer["drift"].startswith(str(home))
        assert (tmp_path / "drift-data/lake/report/night/2026-11-10.html").exists()
    finally:
        os.remove(site / "airflow.pth")


_NIGHT = """
import json, os
from datetime import UTC, datetime
from airflow.utils.db import initdb
initdb()
from airflow.dag_processing.dagbag import DagBag
import drift
bag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
run = bag.dags["nightly_drift"].test(logical_date=datetime(2026, 11, 11, tzinfo=UTC)) if not bag.import_errors else None
print(json.dumps({"errors": bag.import_errors, "dags": sorted(bag.dags), "state": str(run and run.state), "drift": drift.__file__}))
"""
