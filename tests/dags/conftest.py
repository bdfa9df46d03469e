"""Airflow on a SQLite file of its own, and drift on folders of its own; set before airflow is imported."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"
HOME = Path(tempfile.mkdtemp(prefix="drift-airflow-"))
os.environ.update(
    {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
)


@pytest.fixture(scope="session")
def airflow_database():
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture(scope="session")
def dagbag(airflow_database):
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS))


@pytest.fixture
def drift_toml(tmp_path, monkeypatch) -> Path:
    """A small demo without embeddings, in a folder of the test."""
    file = tmp_path / "drift.toml"
    file.write_text(
        '[store]\ntype = "demo"\ntraces_per_day = 200\n[pull]\nshards = 2\n[embeddings]\nenabled = false\n'
        f'[lake]\nurl = "{tmp_path}/lake"\n[results]\nurl = "sqlite:///{tmp_path}/drift.db"\n'
    )
    monkeypatch.setenv("DRIFT_CONFIG", str(file))
    return file
