"""By hand, after an upgrade: what did it change? The Airflow DAGs are those of `drift.airflow.dags.model_upgrade`, one an application; this
file shows them to Airflow."""

from drift.airflow.dags import model_upgrade

globals().update(model_upgrade.dags)
