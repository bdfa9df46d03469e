"""Each night: did the provider change the model? The Airflow DAG is `drift.airflow.dags.golden_set`; this file shows it to Airflow."""

from drift.airflow.dags.golden_set import dag

__all__ = ["dag"]
