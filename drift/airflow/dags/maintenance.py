"""
### Keep drift's own house in order

Each Sunday: delete feature rows older than `lake.retention_days` and what killed runs left behind, then verify that every
stored part is whole. With the parameter `again_from` also make the profiles, findings, tables and report from that day on again,
as is needed after a metric or a segment was added or `drift.toml` has changed: from the stored features where they have all that
is measured now, else from the trace store. Days whose feature rows are pruned stay as they are. Nothing is sent to Slack.
Where `DRIFT_CONFIG` is a folder of applications, each has a DAG of its own, `drift_maintenance.NAME`.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronTriggerTimetable, Param, get_current_context, task

from drift.airflow import tasks
from drift.airflow.policy import RETRIES

_DAY = {"type": ["null", "string"], "format": "date"}

KIND = "drift_maintenance"


def maintenance(application: str = "") -> DAG:
    """The DAG of one application; of the only one where it has no name."""
    with DAG(
        tasks.dag_id(application, KIND),
        doc_md=__doc__,
        description="Prune, verify, profile again",
        schedule=CronTriggerTimetable("0 12 * * 0", timezone=tasks.zone(application).key),
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
        def lacking(**context) -> list:
            """The pieces of the days whose features lack what is measured now."""
            return tasks.pieces_again(context["params"])

        @task(multiple_outputs=False, max_active_tis_per_dag=4, pool=tasks.pool(), map_index_template="{{ piece_name }}")
        def pull(piece: dict) -> dict:
            """Pull one shard of a day and measure it; the text goes no further."""
            get_current_context()["piece_name"] = f"{piece['day']} {piece['shard'] + 1}/{piece['shards']}"
            return tasks.pull(piece)

        # where nothing is lacking the pull is skipped, and this is not
        @task(trigger_rule="none_failed")
        def profile_again(parts: list, **context) -> int:
            """Only where `again_from` is given."""
            return tasks.profile_again(context["params"], parts[:] if parts else [])

        @task
        def verify() -> None:
            """Every stored part is there and is what its name says."""
            tasks.verify()

        again = lacking()
        prune() >> again
        profile_again(pull.expand(piece=again)) >> verify()
    return dag


dags = tasks.one_each(maintenance)
globals().update(dags)
