"""
### Was yesterday an ordinary day?

Each night after midnight of the configured time zone, and `pull.settle_minutes` later: pull yesterday's traces in shards,
measure them, sum the day up, compare it with the days before and publish what changed.

- **Which day**: the parameter `day`, else the day in which the run's data interval begins. A run started by hand for a
  logical date *D* is about the day before *D*; give `{"day": "2026-11-20"}` to mean that day.
- **Again**: any task, run or day can be cleared and run again; nothing is counted or told twice.
- **Backfill**: `airflow backfill create --dag-id nightly_drift --from-date … --to-date … --max-active-runs 3`, oldest first
  (not `--run-backwards`). Days are pulled in parallel and compared in order. Nothing is sent to Slack.
- **Several applications**: where `DRIFT_CONFIG` is a folder of drift.toml files, each has a DAG of its own, `nightly_drift.NAME`; they share
  one page and one digest a week.
- **When it fails**: the store is asked again with growing pauses; a wrong configuration, or a day that is not fit to compare,
  fails at once. A night that failed for good is told once.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, PokeReturnValue, get_current_context, task

from drift.airflow import tasks
from drift.airflow.alert import alert_failed_night
from drift.airflow.operators import Publish, Settle
from drift.airflow.policy import RETRIES


def nightly(application: str = "") -> DAG:
    """The DAG of one application; of the only one where it has no name."""
    with DAG(
        tasks.dag_id(application),
        doc_md=__doc__,
        description="Was yesterday an ordinary day, and if not, what changed?",
        schedule=CronDataIntervalTimetable("0 0 * * *", timezone=tasks.zone(application).key),
        start_date=datetime(2020, 1, 1),
        catchup=False,
        # more days at once would only wait for each other: pulling is parallel, comparing is in order
        max_active_runs=4,
        params={
            "day": Param(None, type=["null", "string"], format="date", description="YYYY-MM-DD instead of the run's own day")
        },
        default_args=RETRIES,
        on_failure_callback=alert_failed_night,
        tags=["drift"],
    ) as dag:
        # one small XCom a task, not one a key
        @task(multiple_outputs=False)
        def plan(**context) -> dict:
            """Which days, and from when on."""
            return tasks.plan(context)

        # at most this many shards in memory over all workers; the pool keeps other DAGs from asking the store as well
        @task(multiple_outputs=False, max_active_tis_per_dag=4, pool=tasks.pool(), map_index_template="{{ piece_name }}")
        def pull(piece: dict) -> dict:
            """Pull one shard of a day and measure it; the text goes no further."""
            get_current_context()["piece_name"] = f"{piece['day']} {piece['shard'] + 1}/{piece['shards']}"
            return tasks.pull(piece)

        @task
        def profile(parts: list) -> list:
            """Put the shards together, check the day and sum it up."""
            return tasks.profile(parts[:])

        # a few runs wait at most (max_active_runs), each for minutes, so holding the slot is quicker than coming back
        @task.sensor(poke_interval=5, timeout=2 * tasks.PATIENCE_S, mode="poke")
        def in_order(**context) -> PokeReturnValue:
            """Wait until the nights before this one are compared: their incidents stay out of this night's baseline."""
            waited = (datetime.now().astimezone() - context["ti"].start_date).total_seconds()
            return PokeReturnValue(tasks.earlier_nights_done(context, waited))

        @task
        def detect(days: list) -> list:
            """Compare with the days before."""
            return tasks.detect(days)

        night = plan()
        settle = Settle(task_id="settle", night=night, doc_md="Wait for late rows, then say what is pulled.")
        pulled = pull.expand(piece=settle.output)
        days = profile(pulled)
        compared = detect(days)
        publish = Publish(
            task_id="publish",
            doc_md="Write the tables, then tell whoever wants to know.",
            python_callable=tasks.publish,
            op_args=[night],
            outlets=[tasks.RESULTS],
        )
        days >> in_order() >> compared >> publish
    return dag


# one where $DRIFT_CONFIG is a file; where it is a folder of them, one each
dags = tasks.one_each(nightly)
globals().update(dags)
