"""By hand, after an upgrade: what did it change? The Airflow DAG is `drift.airflow.dags.model_upgrade`; this file shows it to Airflow."""

from drift.airflow.dags.model_upgrade import dag

__all__ = ["dag"]
