"""Each night: did the provider change the model? The Airflow DAGs are those of `drift.airflow.dags.golden_set`, one an application; this
file shows them to Airflow."""

from drift.airflow.dags import golden_set

globals().update(golden_set.dags)
