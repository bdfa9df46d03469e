"""An incident in Langfuse: a dataset of its traces, a score on each, its exemplars in an annotation queue, a comment with the report.

Everything has an id that follows from incident and trace, or is looked for before it is made: written twice it is there once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drift.config import Config
from drift.errors import ConfigError
from drift.judge import queue
from drift.stores.http import Http
from drift.stores.langfuse import LangfuseStore
from drift.stores.langfuse_api import API
from drift.stores.scores import INCIDENT
from drift.writing.leaving import Leaving

_PAGE = 100


def write(store: LangfuseStore, config: Config, leaving: Leaving) -> dict[str, int]:
    """Leave what `[write_back]` switches on; how many of each are there now. Raises ConfigError where the project is not known or there is no
    such queue, StoreError where the server refuses."""
    section, out = config.write_back, {}
    http = store.http()
    try:
        if section.dataset:
            out["dataset items"] = _dataset(http, leaving)
        if section.score:
            out["scores"] = _scores(http, leaving)
        if section.comment:
            out["comments"] = _comments(http, store, leaving)
    finally:
        http.close()
    if section.queue:
        queue.put(config, section.queue, leaving.exemplars)
        out["queue entries"] = len(set(leaving.exemplars))
    return out


def _dataset(http: Http, leaving: Leaving) -> int:
    name = leaving.dataset
    told = {"incident": leaving.incident, "report": leaving.report_url}
    http.request("POST", f"{API}/v2/datasets", body={"name": name, "description": leaving.sentence, "metadata": told})
    for item in leaving.items:
        body: dict[str, Any] = {
            "datasetName": name,
            "id": f"{name}-{item.trace_id}",
            "sourceTraceId": item.trace_id,
            "input": item.question,
            "metadata": {"side": "ordinary" if item.ordinary else "incident", "answer": item.answer},
        }
        if item.ordinary:
            body["expectedOutput"] = item.answer
        http.request("POST", f"{API}/dataset-items", body=body)
    return len(leaving.items)


def _scores(http: Http, leaving: Leaving) -> int:
    for trace_id in leaving.affected:
        body = {
            "id": f"{INCIDENT}-{leaving.incident}-{trace_id}",
            "traceId": trace_id,
            "name": INCIDENT,
            "value": leaving.incident,
            "dataType": "CATEGORICAL",
            "comment": leaving.sentence,
        }
        http.request("POST", f"{API}/scores", body=body)
    return len(leaving.affected)


def _comments(http: Http, store: LangfuseStore, leaving: Leaving) -> int:
    project = store.project
    if project is None:
        raise ConfigError("write_back.comment: the project of the key is not known; set store.project")
    for trace_id in dict.fromkeys(leaving.exemplars):
        if not any(leaving.mark in str(each.get("content")) for each in _said(http, trace_id)):
            body = {"projectId": project, "objectType": "TRACE", "objectId": trace_id, "content": leaving.told}
            http.request("POST", f"{API}/comments", body=body)
    return len(set(leaving.exemplars))


def _said(http: Http, trace_id: str) -> Iterable[dict[str, Any]]:
    page = 1
    while True:
        given, _ = http.get(f"{API}/comments", {"objectType": "TRACE", "objectId": trace_id, "page": page, "limit": _PAGE})
        yield from given["data"]
        if len(given["data"]) < _PAGE:
            return
        page += 1
