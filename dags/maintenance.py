"""Each week: keep drift's own house in order. The Airflow DAG is `drift.airflow.dags.maintenance`; this file shows it to Airflow."""

from drift.airflow.dags.maintenance import dag

__all__ = ["dag"]
