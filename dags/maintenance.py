"""
### Keep drift's own house in order

Each Sunday: delete feature rows older than `lake.retention_days` and what killed runs left behind, then verify that every
stored part is whole. With the parameter `again_from` also make the profiles, findings and tables from that day on again from
the stored features, as is needed after a segment was added or `drift.toml` has changed.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronTriggerTimetable, Param, task

from drift.airflow import tasks
from drift.airflow.policy import RETRIES

_DAY = {"type": ["null", "string"], "format": "date"}

with DAG(
    "drift_maintenance",
    doc_md=__doc__,
    description="Prune, verify, profile again",
    schedule=CronTriggerTimetable("0 12 * * 0", timezone=tasks.zone().key),
    start_date=datetime(2020, 1, 1),
    catchup=False,
    max_active_runs=1,
    params={
        "again_from": Param(None, **_DAY, title="Profile again from", description="the first day; empty: none"),
        "again_to": Param(None, **_DAY, title="to", description="the last day; empty: the last one stored"),
    },
    default_args=RETRIES,
    tags=["drift"],
) as dag:

    @task(multiple_outputs=False)
    def prune() -> dict:
        """Delete what is older than its retention."""
        return tasks.prune()

    @task
    def profile_again(**context) -> int:
        """Only where `again_from` is given."""
        return tasks.profile_again(context["params"])

    @task
    def verify() -> None:
        """Every stored part is there and is what its name says."""
        tasks.verify()

    prune() >> profile_again() >> verify()
