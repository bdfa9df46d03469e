"""The two operators that a plain task cannot be: one that waits without a worker, one with a link to the report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator, BaseOperatorLink

from drift.airflow import tasks


class Settle(BaseOperator):
    """Wait in the triggerer until the night's rows have come (not at all if that is past), then return the pieces to pull.

    night: what the task `plan` returned (templated).
    """

    template_fields = ("night",)

    def __init__(self, *, night: Any, **kwargs):
        super().__init__(**kwargs)
        self.night = night

    def execute(self, context: Any) -> list[dict[str, Any]]:
        moment = datetime.fromisoformat(self.night["ready_at"])
        if moment > datetime.now(UTC):
            self.defer(trigger=DateTimeTrigger(moment=moment), method_name="execute_complete")
        return tasks.pieces(self.night)

    def execute_complete(self, context: Any, event: Any = None) -> list[dict[str, Any]]:
        return tasks.pieces(self.night)


class ReportLink(BaseOperatorLink):
    """The night's page of the report, where `report.url` says that it is served."""

    name = "Report"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        from airflow.sdk.execution_time.xcom import XCom

        night = XCom.get_one(run_id=ti_key.run_id, dag_id=ti_key.dag_id, task_id="plan", key="return_value")
        url = tasks.config_of(ti_key.dag_id).report.url.rstrip("/")
        return f"{url}/night/{night['day']}.html" if url and night else ""


class Publish(PythonOperator):
    """A PythonOperator whose task page links to the report."""

    operator_extra_links = (ReportLink(),)
