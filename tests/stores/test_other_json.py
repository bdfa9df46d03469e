"""Spans in other JSON than the collector's are read, or named for what they are."""

from __future__ import annotations

import json

import pytest
from written import ANSWER, AT, QUESTION, chat, document, read_text, span

from drift.errors import DataError

CALL = chat("c")
WANTED = (QUESTION, ANSWER, "gpt-4o-mini", 24, 3, 2.0)
TRACE, SPAN = "a" * 32, "00000000000000ab"
ATTRIBUTES = {a["key"]: a["value"].get("stringValue", a["value"].get("intValue")) for a in CALL["attributes"]}
START_US = int(AT.timestamp()) * 10**6


def facts(text: str, folder) -> tuple:
    (row,) = read_text(folder, text)
    return tuple(row[n] for n in ("input", "output", "model", "input_tokens", "output_tokens", "latency_s"))


def printed() -> dict:
    return {
        "name": "chat", "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{SPAN}", "trace_state": "[]"}, "kind": "SpanKind.CLIENT",
        "parent_id": None, "start_time": "2026-03-02T10:00:01.000000Z", "end_time": "2026-03-02T10:00:03.000000Z",
        "status": {"status_code": "UNSET"}, "attributes": ATTRIBUTES, "events": [], "links": [],
        "resource": {"attributes": {"service.name": "shop"}, "schema_url": ""},
    }  # fmt: skip


def jaeger() -> dict:
    tags = [{"key": k, "type": "string", "value": v} for k, v in ATTRIBUTES.items()]
    one = {"traceID": TRACE, "spanID": SPAN, "operationName": "chat", "references": [], "startTime": START_US + 10**6, "duration": 2 * 10**6,
           "tags": tags, "logs": [], "processID": "p1"}  # fmt: skip
    return {"data": [{"traceID": TRACE, "spans": [one], "processes": {"p1": {"serviceName": "shop", "tags": []}}}], "total": 0}


def zipkin() -> list:
    return [
        {"traceId": TRACE, "id": SPAN, "name": "chat", "timestamp": START_US + 10**6, "duration": 2 * 10**6, "tags": ATTRIBUTES}
    ]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(document(CALL)),
        json.dumps(document(CALL), indent=2),
        json.dumps([document(CALL)], indent=2),
        json.dumps(document(CALL, key="batches")),
        json.dumps({"trace": document(CALL)}),
        json.dumps(document(CALL, key="batches"), indent=4)
        + "\n"
        + json.dumps(document(span("late", "c", 3.5, 3.6)), indent=4),
        json.dumps(printed(), indent=4) + "\n",
        json.dumps(jaeger()),
        json.dumps(zipkin()),
        json.dumps({"resourceLogs": []}) + "\n" + json.dumps(document(CALL)),
    ],
    ids=["lines", "pretty", "list", "tempo", "tempo v2", "several", "console", "jaeger", "zipkin", "logs too"],
)
def test_read(tmp_path, text):
    assert facts(text, tmp_path) == WANTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"rows": []}', "line 1: no spans: its keys are rows"),
        (json.dumps(document(CALL)) + '\n{"hello": 1}', "line 2: no spans: its keys are hello"),
        ('{"question": "Why?", "answer": "So."}', 'line 1: a row of a trace, as .store. type = "files" reads them'),
        ('{"id": "1", "run_type": "llm", "inputs": {}}', 'preset = "langsmith"'),
        (
            '{"id": "g", "trace_id": "t", "type": "SPAN", "start_time": "x", "usage_details": {}, "input": ""}',
            'type = "langfuse_export"',
        ),
        ("{\n  resource: {\n    attributes: {}\n  },\n  traceId: 'x'\n}", "printed by JavaScript"),
        ('{"resourceSpans": [', "line 1: not valid JSON"),
    ],
)
def test_named(tmp_path, text, says):
    with pytest.raises(DataError, match=says):
        read_text(tmp_path, text)
