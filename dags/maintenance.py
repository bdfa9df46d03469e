"""Each week: keep drift's own house in order. The Airflow DAGs are those of `drift.airflow.dags.maintenance`, one an application; this
file shows them to Airflow."""

from drift.airflow.dags import maintenance

globals().update(maintenance.dags)
