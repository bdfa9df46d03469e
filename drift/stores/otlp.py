"""Traces in OTLP files: the JSON lines that the OpenTelemetry collector's file exporter writes, in a folder or a bucket; also
what Tempo, Jaeger and Zipkin answer and what the Python SDK prints (`span_formats`).

A line is one export of many spans, of any trace and in the order in which they ended. A large folder is read in several
passes, each over a share of the traces, so that memory stays flat.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa
from pydantic import Field

from drift.errors import DataError, StoreError
from drift.stores import Check, evaluations
from drift.stores.assembly import Assembly
from drift.stores.batches import in_batches
from drift.stores.damage import Damage
from drift.stores.filters import TraceFilters
from drift.stores.otel import nanoseconds, span
from drift.stores.otel_texts import Event
from drift.stores.readers import File, Raw, list_files, read, refuse
from drift.stores.sample import describe
from drift.stores.sampling import of_trace_state
from drift.stores.span import Span
from drift.stores.span_formats import named, resource_spans, spans_of
from drift.stores.spans import row

LEAD = timedelta(hours=1)
LONGEST = timedelta(hours=24)
_PASS_BYTES = 200_000_000
_FAILED = {2, "2", "STATUS_CODE_ERROR", "ERROR"}


class OtlpOptions(TraceFilters):
    path: str = Field(description="a file, a folder, a glob, or an fsspec URL of the collector's JSON lines (.gz too)")
    url: str = Field("", description="link to a trace, with {trace_id} in it")


class OtlpStore:
    Options = OtlpOptions
    reads_all = True

    def __init__(self, options: OtlpOptions, *, salt: str):
        self.options = options
        self.salt = salt

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(start, end))

    def count(self, start: datetime, end: datetime) -> int | None:
        return None

    def trace_url(self, trace_id: str) -> str | None:
        return self.options.url.replace("{trace_id}", trace_id) if self.options.url else None

    def check(self) -> list[Check]:
        try:
            files = list_files(self.options.path, "jsonl")
            seen = (s for file in reversed(files) for s in evaluations.apart(read_spans(file), {}))
            spans = list(islice(seen, 2_000))
        except (StoreError, DataError) as error:
            return [Check("otlp files", False, str(error), "correct [store] path")]
        out = [Check("otlp files", True, f"{len(files)} files at {self.options.path}")]
        if not spans:
            return [*out, Check("sample trace", False, f"{self.options.path}: no spans", "let the collector write traces here")]
        whole = next((s.trace_id for s in spans if s.is_root), spans[0].trace_id)
        mine = [s for s in spans if s.trace_id == whole]
        return [*out, *describe(mine, row(mine, self.salt), "the newest files")]

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        files = list_files(self.options.path, "jsonl")
        passes = max(1, math.ceil(sum(f.unpacked_bytes() for f in files) / _PASS_BYTES))
        for share in range(passes):
            assembly = Assembly(start, end, self.options.linger)
            damage = Damage(start, end)
            said: dict[str, list[dict]] = {}
            given = evaluations.apart(self._spans(files, share, passes, damage), said)
            assembly.add(s for s in given if start - LEAD <= s.start < end + LONGEST)
            if share == 0:
                damage.tell()
            for spans in assembly.closed():
                made = row(spans, self.salt, said.get(spans[0].trace_id))
                if self.options.passes(made):
                    yield made

    def _spans(self, files: list[File], share: int, shares: int, damage: Damage) -> Iterator[Span]:
        for file in files:
            with damage.reading(file):
                yield from read_spans(file, share, shares, damage)


def read_spans(file: File, share: int = 0, shares: int = 1, damage: Damage | None = None) -> Iterator[Span]:
    """The spans of a file, of the traces of one share. `damage` counts the lines that are broken; without it they raise DataError."""
    lost = damage.lost if damage else refuse
    for raw in read(file, lost=lost):
        try:
            spans = list(_of_a_line(raw, share, shares))
        except DataError as error:
            lost(error)
            continue
        if damage and spans:
            damage.seen(spans[0].start)
        yield from spans


def _of_a_line(raw: Raw, share: int, shares: int) -> Iterator[Span]:
    try:
        groups = resource_spans(raw.values)
        if groups is not None:
            yield from _spans_of(raw, groups, share, shares)
        elif (logs := _get(raw.values, "resourceLogs", "resource_logs")) is not None:
            yield from (s for s in _evaluations_of(logs) if shares == 1 or _share(s.trace_id, shares) == share)
        elif (found := spans_of(raw.values)) is not None:
            yield from (s for s in found if shares == 1 or _share(s.trace_id, shares) == share)
        else:
            raise DataError(f"{raw.place}: {named(raw.values)}")
    except (AttributeError, TypeError, KeyError, ValueError):
        raise DataError(f"{raw.place}: not OTLP's JSON: resourceSpans, scopeSpans and spans are lists of objects") from None


def _share(trace_id: str, shares: int) -> int:
    return zlib.crc32(trace_id.encode()) % shares


def _spans_of(raw: Raw, groups: list, share: int, shares: int) -> Iterator[Span]:
    for group in groups:
        resource = attributes(_get(group.get("resource") or {}, "attributes"))
        for scope in _get(group, "scopeSpans", "scope_spans", "instrumentationLibrarySpans") or []:
            scope_name = (_get(scope, "scope", "instrumentationLibrary") or {}).get("name")
            for given in scope.get("spans") or []:
                trace_id = _get(given, "traceId", "trace_id") or ""
                if shares > 1 and _share(trace_id, shares) != share:
                    continue
                if _is_pending(given):
                    continue
                made = otlp_span(given, resource, scope=scope_name)
                if made is None:
                    raise DataError(f"{raw.place}: a span without trace id, span id or start")
                yield made


def _evaluations_of(groups: list) -> Iterator[Span]:
    """The evaluations among log records; of all others nothing is read."""
    for group in groups:
        for scope in _get(group, "scopeLogs", "scope_logs") or []:
            for given in _get(scope, "logRecords", "log_records") or []:
                said = attributes(given.get("attributes"))
                if (_get(given, "eventName", "event_name") or said.get("event.name")) != evaluations.RESULT:
                    continue
                trace_id, at = (
                    hex_id(_get(given, "traceId", "trace_id")),
                    _get(given, "timeUnixNano", "time_unix_nano", "observedTimeUnixNano"),
                )
                moment = nanoseconds(at)
                if trace_id and moment is not None:
                    span_id = hex_id(_get(given, "spanId", "span_id")) or ""
                    if (found := evaluations.record(trace_id, span_id, moment, said)) is not None:
                        yield found


def _is_pending(given: Mapping[str, Any]) -> bool:
    """Whether this is the copy of a span that logfire sends when it begins."""
    return any(
        a.get("key") == "logfire.span_type" and value(a.get("value")) == "pending_span"
        for a in given.get("attributes") or []
        if isinstance(a, Mapping)
    )


def otlp_span(
    given: Mapping[str, Any], resource: Mapping[str, Any] | None = None, trace_id: str | None = None, scope: str | None = None
) -> Span | None:
    """A span from OTLP's JSON, in camelCase (the collector) or snake_case (Phoenix, MLflow); None without ids or start."""
    trace_id = trace_id or hex_id(_get(given, "traceId", "trace_id"))
    span_id = hex_id(_get(given, "spanId", "span_id"))
    start = nanoseconds(_get(given, "startTimeUnixNano", "start_time_unix_nano"))
    if not trace_id or not span_id or start is None:
        return None
    status = given.get("status") or {}
    made = span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=hex_id(_get(given, "parentSpanId", "parent_span_id")),
        name=given.get("name"),
        start=start,
        end=nanoseconds(_get(given, "endTimeUnixNano", "end_time_unix_nano")),
        failed=status.get("code") in _FAILED,
        message=status.get("message"),
        attributes=attributes(given.get("attributes")),
        events=[
            Event(e.get("name") or "", nanoseconds(_get(e, "timeUnixNano", "time_unix_nano")), attributes(e.get("attributes")))
            for e in given.get("events") or []
        ],
        resource=resource,
        scope=scope,
    )
    made.sampling_rate = of_trace_state(_get(given, "traceState", "trace_state"))
    return made


def attributes(given: Any) -> dict[str, Any]:
    """OTLP's list of keys and typed values (or a plain mapping) as plain values."""
    if isinstance(given, Mapping):
        return dict(given)
    return {item["key"]: value(item.get("value")) for item in given or [] if isinstance(item, Mapping) and "key" in item}


def value(given: Any) -> Any:
    """A typed OTLP value as a plain one; of the several types only one is set."""
    if not isinstance(given, Mapping):
        return given
    for kind, inner in given.items():
        if inner is None:
            continue
        name = kind.replace("_", "").lower()
        if name in ("intvalue", "doublevalue"):
            return _number(inner, int if name == "intvalue" else float)
        if name in ("stringvalue", "boolvalue", "bytesvalue"):
            return inner
        if name == "arrayvalue":
            return [value(v) for v in inner.get("values") or []]
        if name == "kvlistvalue":
            return {v["key"]: value(v.get("value")) for v in inner.get("values") or []}
    return None


def _number(given: Any, kind: type[int] | type[float]) -> int | float | None:
    """The number, which JSON writes as text where it is a whole one; None for what is none."""
    try:
        return kind(given)
    except (ValueError, TypeError, OverflowError):
        return None


def hex_id(given: Any) -> str | None:
    """An id in hexadecimal; protobuf's own JSON writes it in base 64."""
    if not isinstance(given, str) or not given:
        return None
    if len(given) in (16, 32) and all(c in "0123456789abcdefABCDEF" for c in given):
        return given.lower()
    try:
        raw = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return given
    return raw.hex() if len(raw) in (8, 16) else given


def _get(given: Mapping[str, Any], *names: str) -> Any:
    return next((given[n] for n in names if given.get(n) is not None), None)
