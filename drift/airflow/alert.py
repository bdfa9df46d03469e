"""One message when a night has failed for good: not on a retry, not for a backfill, and once however often it runs again."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

log = logging.getLogger(__name__)


def alert_failed_night(context: dict[str, Any]) -> None:
    """The DAG's `on_failure_callback`. Never raises: a failed alert is a line in the log."""
    run = context["dag_run"]
    if run.run_type == "backfill":
        return
    try:
        day, outcomes = _post(context)
    except Exception:
        log.exception("the failure of run %s could not be told", run.run_id)
        return
    for outcome in outcomes:
        log.info("the failure of %s was told to %s: %s %s", day, outcome.channel, outcome.status, outcome.error)


def _post(context: dict[str, Any]) -> tuple[date, list]:
    from drift import alerts
    from drift.airflow.secrets import find_connection, use_connections
    from drift.airflow.tasks import config_of
    from drift.config import Config
    from drift.errors import ConfigError
    from drift.night import schedule
    from drift.results import Results

    run = context["dag_run"]
    use_connections(find_connection)
    reason = _reason(context)
    try:
        config = config_of(run.dag_id)
    except ConfigError as error:
        # what is wrong must still be told; without the tables nothing is written down, and a run's callback comes once
        config, reason = Config.of({"results": {"url": "sqlite://"}}), str(error)
    day = schedule.resolve_day(_params(context), getattr(run, "partition_key", None), run.data_interval_start, config.zone)
    results = Results.of(config)
    try:
        return day, alerts.fail(results, alerts.configured(config), day, reason, report_url=config.report.url)
    finally:
        results.close()


def _params(context: dict[str, Any]) -> dict[str, Any]:
    return {**(context.get("params") or {}), **(context["dag_run"].conf or {})}


def _reason(context: dict[str, Any]) -> str:
    """Which task failed, as far as the callback is told; the task's log has the error."""
    ti = context.get("ti") or context.get("task_instance")
    task = f"task {ti.task_id} failed" if ti is not None else "a task failed"
    return f"{task} in run {context['dag_run'].run_id}; its log in Airflow says why"
