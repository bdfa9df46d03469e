"""
### What did the upgrade change?

By hand, with a form: two windows, or two models, prompts or releases inside one window. Pulls the days that are missing,
compares within the same mix of traffic, writes its page into the report and posts the verdict: which
metrics changed and by how much, which did not by more than what matters, and which the data cannot tell.

- **Two windows**: fill in both.
- **Two models, prompts or releases at once**: one window, a dimension and its two values.
- **The same inputs on both sides** (a golden set, replayed traffic): tick `pairs`; answers to the same input are compared.
- **Two files of traces**, or two Langfuse experiments on one dataset (`experiment:NAME`): fill in both sources and no window.
Where `DRIFT_CONFIG` is a folder of applications, each has a DAG of its own, `model_upgrade.NAME`.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, Param, get_current_context, task

from drift.airflow import tasks
from drift.airflow.policy import RETRIES

_DAY = {"type": ["null", "string"], "format": "date"}
_TEXT = {"type": ["null", "string"], "maxLength": 200}
_SOURCE = "instead of windows: a path that the workers see, or experiment:NAME"

KIND = "model_upgrade"


def model_upgrade(application: str = "") -> DAG:
    """The DAG of one application; of the only one where it has no name."""
    with DAG(
        tasks.dag_id(application, KIND),
        doc_md=__doc__,
        description="Compare two windows, models, prompts or releases",
        schedule=None,
        start_date=datetime(2020, 1, 1),
        catchup=False,
        max_active_runs=4,
        params={
            "a_from": Param(None, **_DAY, title="Before: first day", section="Before"),
            "a_to": Param(None, **_DAY, title="Before: last day", section="Before"),
            "a_source": Param(None, **_TEXT, title="Before: file or experiment", description=_SOURCE, section="Before"),
            "b_from": Param(None, **_DAY, title="After: first day", description="empty: the same window", section="After"),
            "b_to": Param(None, **_DAY, title="After: last day", section="After"),
            "b_source": Param(None, **_TEXT, title="After: file or experiment", description=_SOURCE, section="After"),
            "dimension": Param(
                None, type=["null", "string"], enum=[None, "model", "prompt", "release", "name"], section="Traffic"
            ),
            "a_value": Param(None, **_TEXT, title="Before: value", description="such as gpt-4o", section="Traffic"),
            "b_value": Param(None, **_TEXT, title="After: value", section="Traffic"),
            "pairs": Param(False, type="boolean", title="Same inputs on both sides", section="Traffic"),
        },
        default_args=RETRIES,
        tags=["drift"],
    ) as dag:

        @task
        def missing(**context) -> list:
            """The pieces of the days that were never pulled."""
            return tasks.missing_pieces(context["params"])

        @task(multiple_outputs=False, max_active_tis_per_dag=4, pool=tasks.pool(), map_index_template="{{ piece_name }}")
        def pull(piece: dict) -> dict:
            """Pull one shard of a day and measure it; the text goes no further."""
            get_current_context()["piece_name"] = f"{piece['day']} {piece['shard'] + 1}/{piece['shards']}"
            return tasks.pull(piece)

        # where nothing is missing the pull is skipped, and the comparison is not
        @task(trigger_rule="none_failed")
        def profile(parts: list) -> list:
            """Check the pulled days and sum them up."""
            return tasks.profile(parts[:] if parts else [])

        @task(multiple_outputs=False)
        def compare(**context) -> dict:
            """Compare, write the page, tell the verdict."""
            return tasks.compare(context["params"])

        profile(pull.expand(piece=missing())) >> compare()
    return dag


dags = tasks.one_each(model_upgrade)
globals().update(dags)
