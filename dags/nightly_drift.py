"""Each night: was yesterday an ordinary day? The Airflow DAG is `drift.airflow.dags.nightly_drift`; this file shows it to Airflow."""

from drift.airflow.dags.nightly_drift import dag

__all__ = ["dag"]
