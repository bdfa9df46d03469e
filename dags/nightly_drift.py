"""Each night: was yesterday an ordinary day? The Airflow DAGs are those of `drift.airflow.dags.nightly_drift`, one an application; this file
shows them to Airflow."""

from drift.airflow.dags import nightly_drift

globals().update(nightly_drift.dags)
