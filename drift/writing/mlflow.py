"""An incident in MLflow: an assessment on each of its traces, whose rationale is the incident's sentence with the report's link.

MLflow gives an assessment an id of its own, so a trace is asked for what it has before it is given one.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from drift.config import Config
from drift.stores.http import Http, NotFound
from drift.stores.mlflow import API, MlflowStore
from drift.stores.scores import INCIDENT
from drift.writing.leaving import Leaving


def write(store: MlflowStore, config: Config, leaving: Leaving) -> dict[str, int]:
    """Leave what `[write_back]` switches on; how many are there now. Traces that MLflow has deleted are passed over. Raises StoreError where
    the server refuses."""
    http = store.http()
    try:
        return {"scores": sum(_assessed(http, trace_id, leaving) for trace_id in dict.fromkeys(leaving.affected))}
    finally:
        http.close()


def _assessed(http: Http, trace_id: str, leaving: Leaving) -> int:
    path = f"{API}/traces/{quote(trace_id, safe='')}"
    try:
        given, _ = http.get(path)
    except NotFound:
        return 0
    there = [each for each in given["trace"]["trace_info"].get("assessments") or [] if _is_of(each, leaving)]
    told = {"rationale": leaving.told}
    if not there:
        assessment = {
            "assessment_name": INCIDENT,
            "source": {"source_type": "CODE", "source_id": "drift"},
            "feedback": {"value": leaving.incident},
            **told,
        }
        http.request("POST", f"{path}/assessments", body={"assessment": assessment})
    elif there[0].get("rationale") != leaving.told:
        changed = {"assessment": {"assessment_name": INCIDENT, "trace_id": trace_id, **told}, "update_mask": "rationale"}
        http.request("PATCH", f"{path}/assessments/{quote(there[0]['assessment_id'], safe='')}", body=changed)
    return 1


def _is_of(assessment: dict[str, Any], leaving: Leaving) -> bool:
    value = (assessment.get("feedback") or {}).get("value")
    return assessment.get("assessment_name") == INCIDENT and value == leaving.incident
