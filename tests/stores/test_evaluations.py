"""An evaluator's result is a score of its trace, as an event of a span or as a log record that comes hours later."""

from __future__ import annotations

import json

import pytest
from written import chat, document, nano, read, read_text, span

RESULT = "gen_ai.evaluation.result"
LATER = 5 * 3600


def said(name: str, **more: object) -> dict:
    return {"gen_ai.evaluation.name": name} | {f"gen_ai.evaluation.{k.replace('__', '.')}": v for k, v in more.items()}


def logs(*given: dict, name: str = "eventName") -> dict:
    def record(attributes: dict) -> dict:
        listed = [
            {"key": k, "value": {"doubleValue": v} if isinstance(v, float) else {"stringValue": v}}
            for k, v in attributes.items()
        ]
        out = {"timeUnixNano": nano(LATER), "traceId": "a" * 32, "spanId": "00000000000000c1", "attributes": listed}
        if name == "eventName":
            return out | {"eventName": RESULT}
        return out | {"attributes": [*listed, {"key": name, "value": {"stringValue": RESULT}}]}

    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [record(each) for each in given]}]}]}


def test_an_event_of_a_span(tmp_path):
    event = (RESULT, 3.0, said("Relevance", score__value=4.0, score__label="pass"))
    (found,) = read(tmp_path, span("app"), chat("c", "app", events=(event,)))["scores"]
    assert found == {"name": "Relevance", "value": 4.0, "label": None, "evaluator": None}


def test_a_label_alone_and_an_evaluation_that_failed(tmp_path):
    events = (
        (RESULT, 3.0, said("Tone", score__label="kind")),
        (RESULT, 3.0, said("Relevance") | {"error.type": "timeout", "gen_ai.evaluation.score.value": 0.0}),
        (RESULT, 3.0, {"gen_ai.evaluation.score.value": 1.0}),
    )
    (found,) = read(tmp_path, span("app"), chat("c", "app", events=events))["scores"]
    assert found == {"name": "Tone", "value": None, "label": "kind", "evaluator": None}


@pytest.mark.parametrize("name", ["eventName", "event.name"])
@pytest.mark.parametrize("first", ["spans", "logs"])
def test_a_log_record_hours_later_is_a_score_and_no_trace_of_its_own(name, first, tmp_path):
    written = [
        json.dumps(document(span("app"), chat("c", "app"))),
        json.dumps(logs(said("Relevance", score__value=0.25), name=name)),
    ]
    if first == "logs":
        written.reverse()
    (row,) = read_text(tmp_path, "\n".join(written))
    assert row["scores"] == [{"name": "Relevance", "value": 0.25, "label": None, "evaluator": None}]
    assert len(row["trajectory"]) == 1 and row["latency_s"] == 4


def test_other_log_records_are_nothing(tmp_path):
    other = {
        "resourceLogs": [
            {"scopeLogs": [{"logRecords": [{"body": {"stringValue": "hello"}, "traceId": "a" * 32, "timeUnixNano": nano(1)}]}]}
        ]
    }
    (row,) = read_text(tmp_path, json.dumps(document(span("app"), chat("c", "app"))) + "\n" + json.dumps(other))
    assert row["scores"] == []


def test_the_evaluator_and_its_version_are_known_where_they_are_said(tmp_path):
    by = {"gen_ai.evaluator.name": "builtin.relevance", "gen_ai.evaluator.version": "3"}
    event = (RESULT, 3.0, said("Relevance", score__value=4.0) | by)
    (found,) = read(tmp_path, span("app"), chat("c", "app", events=(event,)))["scores"]
    assert found["evaluator"] == "builtin.relevance@3"
