"""Spans in JSON that is not the collector's: Grafana Tempo's answers, Jaeger's, Zipkin's, and what OpenTelemetry's SDK prints.

One object of a file in, its spans out; an object of no known form is named for what it looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from drift import traces
from drift.stores.otel import nanoseconds, span
from drift.stores.otel_texts import Event
from drift.stores.span import Span

# signals that the collector writes beside traces
_OTHER_SIGNALS = ("resourceLogs", "resource_logs", "resourceMetrics", "resource_metrics", "resourceProfiles")
_ROW = {"input", "output", "question", "answer", "prompt", "response", "completion"}
_LANGFUSE = {"trace_id", "traceId", "start_time", "startTime", "provided_model_name", "usage_details", "type"}
KNOWN = "OTLP's JSON (resourceSpans), Tempo's (batches), Jaeger's (data), Zipkin's, and what the Python SDK's ConsoleSpanExporter prints"


def resource_spans(given: Mapping[str, Any]) -> list | None:
    """The groups of spans in OTLP's JSON, under whichever key; None where the object has none."""
    for key in ("resourceSpans", "resource_spans", "batches"):
        if given.get(key) is not None:
            return given[key]
    for key in ("trace", "traces", "data"):
        inner = given.get(key)
        if isinstance(inner, Mapping) and (found := resource_spans(inner)) is not None:
            return found
    return None


def spans_of(given: Mapping[str, Any]) -> Iterator[Span] | None:
    """The spans of an object in one of the other forms; None where it has none of them."""
    if isinstance(given.get("context"), Mapping) and "start_time" in given:
        return iter([_printed(given)])
    listed = given.get("data")
    if isinstance(listed, list) and all(isinstance(t, Mapping) and isinstance(t.get("spans"), list) for t in listed):
        return (s for t in listed for s in _of_jaeger(t))
    if "traceID" in given and isinstance(given.get("spans"), list):
        return _of_jaeger(given)
    if "traceId" in given and "timestamp" in given and isinstance(given.get("timestamp"), (int, float)) and "id" in given:
        return iter([_of_zipkin(given)])
    if not given or any(key in given for key in _OTHER_SIGNALS):
        return iter(())
    return None


def named(given: Mapping[str, Any]) -> str:
    """What an object that holds no spans is taken for, and what to do."""
    keys = set(given)
    if _ROW & keys and len(keys & {"resource", "attributes", "context"}) < 2 and not keys >= {"trace_id", "type", "start_time"}:
        return 'a row of a trace, as [store] type = "files" reads them'
    if len(keys & _LANGFUSE) >= 4:
        return 'an observation as Langfuse exports them; set [store] type = "langfuse_export"'
    if "run_type" in keys:
        return 'a run as LangSmith exports them; set [store] type = "files" and preset = "langsmith"'
    shown = ", ".join(sorted(str(k)[:40] for k in keys)[:8])
    return f"no spans: its keys are {shown}; drift reads {KNOWN}"


def _printed(given: Mapping[str, Any]) -> Span:
    """ConsoleSpanExporter of OpenTelemetry's Python SDK; Phoenix's REST has the same form."""
    context, status, start = given["context"], given.get("status") or {}, traces.parse_time(given["start_time"])
    resource = given.get("resource")
    scope = given.get("instrumentation_scope") or given.get("instrumentation_info") or {}
    if start is None:
        raise ValueError("start_time")
    return span(
        trace_id=_hex(context["trace_id"]),
        span_id=_hex(context["span_id"]),
        parent_id=_hex(given.get("parent_id")),
        name=given.get("name"),
        start=start,
        end=traces.parse_time(given.get("end_time")),
        failed=(status.get("status_code") or given.get("status_code")) in ("ERROR", "StatusCode.ERROR"),
        message=status.get("description") or given.get("status_message"),
        attributes=given.get("attributes") or {},
        events=[
            Event(e.get("name") or "", traces.parse_time(e.get("timestamp")), e.get("attributes") or {})
            for e in given.get("events") or []
        ],
        resource=(resource.get("attributes") if isinstance(resource, Mapping) else None) or {},
        scope=scope.get("name"),
    )


def _of_jaeger(given: Mapping[str, Any]) -> Iterator[Span]:
    processes = given.get("processes") or {}
    for one in given["spans"]:
        process = one.get("process") or processes.get(one.get("processID")) or {}
        attributes = _tags(one.get("tags"))
        start = nanoseconds(int(one["startTime"]) * 1000)
        if start is None:
            raise ValueError("startTime")
        parent = next(
            (r.get("spanID") for r in one.get("references") or [] if r.get("refType", "CHILD_OF") == "CHILD_OF"), None
        )
        yield span(
            trace_id=_hex(one["traceID"]).zfill(32),
            span_id=_hex(one["spanID"]),
            parent_id=_hex(parent or one.get("parentSpanID")),
            name=one.get("operationName"),
            start=start,
            end=start + timedelta(microseconds=int(one.get("duration") or 0)),
            failed=attributes.get("error") in (True, "true") or attributes.get("otel.status_code") == "ERROR",
            message=attributes.get("otel.status_description"),
            attributes=attributes,
            events=[_jaeger_event(e) for e in one.get("logs") or []],
            resource={**_tags(process.get("tags")), "service.name": process.get("serviceName")},
            scope=attributes.get("otel.scope.name") or attributes.get("otel.library.name"),
        )


def _jaeger_event(given: Mapping[str, Any]) -> Event:
    fields = _tags(given.get("fields"))
    return Event(str(fields.pop("event", "") or ""), nanoseconds(int(given.get("timestamp") or 0) * 1000), fields)


def _of_zipkin(given: Mapping[str, Any]) -> Span:
    start = nanoseconds(int(given["timestamp"]) * 1000)
    if start is None:
        raise ValueError("timestamp")
    attributes = dict(given.get("tags") or {})
    return span(
        trace_id=_hex(given["traceId"]).zfill(32),
        span_id=_hex(given["id"]),
        parent_id=_hex(given.get("parentId")),
        name=given.get("name"),
        start=start,
        end=start + timedelta(microseconds=int(given.get("duration") or 0)),
        failed="error" in attributes or attributes.get("otel.status_code") == "ERROR",
        message=attributes.get("error"),
        attributes=attributes,
        events=[
            Event(str(e.get("value") or ""), nanoseconds(int(e.get("timestamp") or 0) * 1000))
            for e in given.get("annotations") or []
        ],
        resource={"service.name": (given.get("localEndpoint") or {}).get("serviceName")},
        scope=attributes.get("otel.scope.name") or attributes.get("otel.library.name"),
    )


def _tags(given: Any) -> dict[str, Any]:
    return {t["key"]: t.get("value") for t in given or [] if isinstance(t, Mapping) and "key" in t}


def _hex(given: Any) -> str:
    return str(given or "").removeprefix("0x").lower()
