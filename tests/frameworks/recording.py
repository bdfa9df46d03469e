"""Spans of a program as the collector's JSON lines, and beside them what is true of each trace.

Runs in a framework's own environment (OpenTelemetry's SDK and nothing of drift). The truth comes from what the program asked and
expects and from what the server answered and billed, never from the spans.
"""

from __future__ import annotations

import json
import random
import re
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import SpanKind
from provider.reply import Reply
from provider.server import Providers

RECORDED = Path(__file__).parent / "recorded"
_OF_THE_MACHINE = re.compile(r"(process|host|os|telemetry|service\.instance)\.")
# where two watch, the cases in which one call can be taken for two
SEEN_TWICE = (
    "chat", "cached", "reasoning", "stream", "retry", "failure", "responses", "tools", "two equal calls", "session",
    "embedding", "retrieval", "two at once", "responses tools",
)  # fmt: skip
_IDS = ("traceId", "spanId", "parentSpanId")


class Ids(IdGenerator):
    """Ids that a second recording repeats."""

    def __init__(self, seed: str):
        self.random = random.Random(seed)

    def generate_trace_id(self) -> int:
        return self.random.getrandbits(128) or 1

    def generate_span_id(self) -> int:
        return self.random.getrandbits(64) or 1


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        pass


class Recording:
    """One program's traces. `case` runs and judges one request of a user, `save` writes the fixture and its truth."""

    def __init__(self, name: str, below_a_request: bool = False):
        self.name = name
        self.below_a_request = below_a_request or "+" in name
        self.server = Providers()
        self.ids = Ids(name)
        self.kept = Kept()
        self.provider = TracerProvider(resource=Resource({"service.name": "shop"}), id_generator=self.ids)
        self.processor = SimpleSpanProcessor(self.kept)
        self.provider.add_span_processor(self.processor)
        self.lines: list[str] = []
        self.traces: list[dict] = []
        self.flush: Callable[[], Any] = self.provider.force_flush

    def case(self, name: str, replies: list[Reply], run: Callable[[], Any], below: bool = False, **truth: Any) -> None:
        """Run one request. `truth` are the fields that the program knows; what was billed the server knows.

        Where several watch, or `below` says so, the request is below a web framework's span, which makes them one trace.
        """
        if "+" in self.name and name not in SEEN_TWICE:
            return
        self.server.script(*replies)
        self.kept.spans.clear()
        try:
            with self._request() if self.below_a_request or below else ExitStack():
                run()
        except Exception as error:
            if not truth.get("error"):
                raise
            truth.setdefault("raised", type(error).__name__)
        document = self.document()
        spans = [s for group in document.get("resourceSpans", []) for scope in group["scopeSpans"] for s in scope["spans"]]
        ids = {s["traceId"] for s in spans}
        if len(ids) != 1:
            seen = [(s["name"], s["traceId"][:6]) for s in spans]
            raise SystemExit(f"{self.name}, {name}: one trace expected, not {len(ids)}: {seen}")
        left = list(self.server.replies)
        if left or any(a.reply.status == 400 for a in self.server.answered):
            raise SystemExit(f"{self.name}, {name}: the script was not followed, left: {left}")
        self.lines.append(self._without_this_machine(document))
        self.traces.append({"case": name, "trace_id": ids.pop(), **billed(self.server.answered), **truth})

    def save(self) -> None:
        RECORDED.mkdir(exist_ok=True)
        of_this_machine = (
            tempfile.gettempdir(),
            str(Path.home()),
            str(Path(__file__).parents[2]),
            sys.prefix,
            socket.gethostname(),
        )
        for line in self.lines:
            told = [w for w in of_this_machine if w in line]
            if told:
                raise SystemExit(f"{self.name}: the recording tells of this machine: {told}")
        (RECORDED / f"{self.name}.jsonl").write_text("\n".join(self.lines) + "\n", "utf-8")
        truth = json.dumps({"recorded_with": self.versions(), "traces": self.traces}, indent=1, ensure_ascii=False)
        (RECORDED / f"{self.name}.truth.json").write_text(truth + "\n", "utf-8")
        print(f"{self.name}: {len(self.traces)} traces, {sum(len(line) for line in self.lines) // 1000} kB")

    def versions(self) -> dict[str, str]:
        """The releases of what this environment was made for."""
        listed = (Path(__file__).parent / "environments" / f"{Path(sys.prefix).name}.txt").read_text("utf-8").splitlines()
        names = [re.split(r"[\[<=>]", line)[0] for line in listed]
        return {name: version(name) for name in names if not name.startswith(("opentelemetry-sdk", "opentelemetry-exporter"))}

    def _request(self) -> Any:
        span = self.provider.get_tracer("opentelemetry.instrumentation.fastapi").start_as_current_span
        return span("POST /answer", kind=SpanKind.SERVER, attributes={"http.request.method": "POST", "http.route": "/answer"})

    def document(self) -> dict:
        """The spans since the last case, as OTLP's JSON."""
        self.flush()
        document = MessageToDict(encode_spans(list(self.kept.spans)))
        for group in document.get("resourceSpans", []):
            for scope in group.get("scopeSpans", []):
                for span in scope["spans"]:
                    _as_the_collector_writes(span)
        return document

    def _without_this_machine(self, document: dict) -> str:
        for group in document["resourceSpans"]:
            resource = group.get("resource", {})
            resource["attributes"] = [a for a in resource.get("attributes", []) if not _OF_THE_MACHINE.match(a["key"])]
            for scope in group["scopeSpans"]:
                for event in (e for span in scope["spans"] for e in span.get("events", [])):
                    for attribute in event.get("attributes", []):
                        if attribute["key"] == "exception.stacktrace":
                            attribute["value"] = {"stringValue": _short(attribute["value"].get("stringValue", ""))}
        line = json.dumps(document, ensure_ascii=False)
        line = line.replace(self.server.url, "https://api.example.com")
        port = self.server.url.rpartition(":")[2]
        line = line.replace(f"127.0.0.1:{port}", "api.example.com").replace(f'"intValue": "{port}"', '"intValue": "443"')
        line = line.replace("127.0.0.1", "api.example.com")
        line = re.sub(r"/[\w./-]*?/(?:site-packages|python3\.\d+)/", "site-packages/", line)
        line = re.sub(r"(?:file://)?/[\w./@-]*?/(node_modules/|program\.mjs)", r"\1", line)
        return re.sub(r"/[\w./-]*?/tests/frameworks/", "program/", line)


def _as_the_collector_writes(span: dict) -> None:
    """Ids in hexadecimal and enumerations as numbers, where protobuf's own JSON has base 64 and names."""
    import base64

    for part in (span, *span.get("links", [])):
        for key in _IDS:
            if key in part:
                part[key] = base64.b64decode(part[key]).hex()
    span["kind"] = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3}.get(span.get("kind"), 1)
    status = span.get("status") or {}
    if "code" in status:
        status["code"] = {"STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}.get(status["code"], 0)


def _short(stack: str) -> str:
    return "Traceback (most recent call last):\n  …\n" + "\n".join(stack.strip().splitlines()[-1:])


def billed(answered: list) -> dict[str, Any]:
    """What the server counted, as fields of the truth; tokens of a bucket hold those of its parts, as OpenAI counts."""
    calls = [a for a in answered if a.kind == "chat" and a.reply.status == 200]
    failed = [a for a in answered if a.kind == "chat" and a.reply.status != 200]
    out: dict[str, Any] = {"n_generations": len(calls)}
    if failed:
        # how often a call that failed was tried is the SDK's business; what it billed is what counts
        out["failed_attempts"] = len(failed)
    if calls:
        out |= {
            "input_tokens": sum(a.reply.input for a in calls),
            "output_tokens": sum(a.reply.output for a in calls),
            "cached_tokens": sum(a.reply.cached for a in calls),
            "cache_write_tokens": sum(a.reply.written for a in calls),
            "reasoning_tokens": sum(a.reply.reasoning for a in calls),
            "model": calls[-1].served,
            "model_asked": calls[-1].asked,
            "finish_reason": calls[-1].reply.ending,
        }
        out["calls"] = [
            {"asked": a.asked, "served": a.served, "input": a.reply.input, "output": a.reply.output,
             "cached": a.reply.cached, "written": a.reply.written, "reasoning": a.reply.reasoning}
            for a in calls
        ]  # fmt: skip
    embedded = [a for a in answered if a.kind == "embedding"]
    if embedded:
        out["embedding_tokens"] = sum(a.reply.input for a in embedded)
    return out
