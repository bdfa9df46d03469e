"""
### Did the provider change the model?

Each night ask every golden set of `drift.toml` (`[golden.NAME]`) its questions, the same as ever, and compare the answers with those of
the runs before; a set with `every = "week"` a week after its last run. What changed is told once, to the configured places; `drift golden gate NAME` shows it again. Without a golden set there
is nothing to do. Questions that were answered are not asked again when a task is; where some have no answer after all tries, the others are
compared.
Where `DRIFT_CONFIG` is a folder of applications, each has a DAG of its own, `golden_set.NAME`.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronTriggerTimetable, Param, get_current_context, task

from drift.airflow import tasks
from drift.airflow.policy import RETRIES

KIND = "golden_set"


def golden_sets(application: str = "") -> DAG:
    """The DAG of one application; of the only one where it has no name."""
    with DAG(
        tasks.dag_id(application, KIND),
        doc_md=__doc__,
        description="The same questions again: did the application or its model change?",
        schedule=CronTriggerTimetable("30 3 * * *", timezone=tasks.zone(application).key),
        start_date=datetime(2020, 1, 1),
        catchup=False,
        # two runs of a set on one day would ask the same questions
        max_active_runs=1,
        params={"day": Param(None, type=["null", "string"], format="date", description="YYYY-MM-DD instead of today")},
        default_args=RETRIES,
        tags=["drift"],
    ) as dag:

        @task
        def sets(**context) -> list:
            """The names of the golden sets that are due."""
            return tasks.golden_sets(context["params"]["day"])

        @task(multiple_outputs=False, map_index_template="{{ set_name }}")
        def ask(name: str, **context) -> dict:
            """Ask, compare with the runs before, and tell what changed."""
            get_current_context()["set_name"] = name
            last_try = context["ti"].try_number > RETRIES["retries"]
            return tasks.ask_golden(name, context["params"]["day"], last_try=last_try)

        ask.expand(name=sets())
    return dag


dags = tasks.one_each(golden_sets)
globals().update(dags)
