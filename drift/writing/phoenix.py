"""An incident in Phoenix: a dataset of its traces, an annotation on each, a note with the report on its exemplars.

Annotations, notes and examples have an identifier that follows from incident and trace, under which Phoenix keeps one.
"""

from __future__ import annotations

from typing import Any

from drift.config import Config
from drift.stores.http import Http, NotFound
from drift.stores.phoenix import PhoenixStore
from drift.stores.scores import INCIDENT
from drift.writing.leaving import Leaving

_AT_ONCE = 100
# the request waits until it is written: else that it was answered would not say that it is there
_NOW = {"sync": "true"}


def write(store: PhoenixStore, config: Config, leaving: Leaving) -> dict[str, int]:
    """Leave what `[write_back]` switches on; how many of each are there now. Traces that Phoenix has deleted are passed over. Raises StoreError
    where the server refuses."""
    section, out = config.write_back, {}
    http = store.http()
    try:
        if section.dataset:
            out["dataset items"] = _dataset(http, leaving)
        if section.score:
            out["scores"] = _annotations(http, leaving)
        if section.comment:
            out["comments"] = _notes(http, leaving)
    finally:
        http.close()
    return out


def _dataset(http: Http, leaving: Leaving) -> int:
    items = leaving.items
    body = {
        # what is there already under its id is not made again, and what is as it was makes no new version
        "action": "update",
        "name": leaving.dataset,
        "description": leaving.sentence,
        "inputs": [{"input": item.question} for item in items],
        "outputs": [{"output": item.answer} if item.ordinary else {} for item in items],
        "metadata": [
            {
                "side": "ordinary" if item.ordinary else "incident",
                "answer": item.answer,
                "trace_id": item.trace_id,
                "incident": leaving.incident,
                "report": leaving.report_url,
            }
            for item in items
        ],
        "example_ids": [f"{leaving.dataset}-{item.trace_id}" for item in items],
    }
    if items:
        http.request("POST", "/v1/datasets/upload", params=_NOW, body=body)
    return len(items)


def _annotations(http: Http, leaving: Leaving) -> int:
    every = [
        {
            "name": INCIDENT,
            "trace_id": trace_id,
            "annotator_kind": "CODE",
            "identifier": leaving.incident,
            "result": {"label": leaving.incident, "explanation": leaving.sentence},
        }
        for trace_id in dict.fromkeys(leaving.affected)
    ]
    there = 0
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        # one that Phoenix no longer has makes it refuse all of them
        there += _posted(http, some) or sum(_posted(http, [one]) for one in some)
    return there


def _posted(http: Http, annotations: list[dict[str, Any]]) -> int:
    try:
        http.request("POST", "/v1/trace_annotations", params=_NOW, body={"data": annotations})
    except NotFound:
        return 0
    return len(annotations)


def _notes(http: Http, leaving: Leaving) -> int:
    return sum(_noted(http, trace_id, leaving) for trace_id in dict.fromkeys(leaving.exemplars))


def _noted(http: Http, trace_id: str, leaving: Leaving) -> int:
    note = {"trace_id": trace_id, "note": leaving.told, "identifier": leaving.dataset}
    try:
        http.request("POST", "/v1/trace_notes", body={"data": note})
    except NotFound:
        return 0
    return 1
