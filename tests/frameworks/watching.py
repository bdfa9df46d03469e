"""The ways in which a program is watched: how each sets itself up, wraps a function or a tool, and says whose request it is.

A program names the class that instruments its library for each way; `watch("openinference+langfuse", …)` switches on several at
once, and the first wraps the program's own functions.
"""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import wraps
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor
from recording import Kept, Recording

# the experimental conventions are the ones of today; their names are on the spans only when asked for
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")
os.environ.setdefault("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "span_only")


class Watcher:
    """Plain OpenTelemetry: the application's own spans, the way a web framework or a developer without an SDK makes them."""

    def __init__(self, recording: Recording, instrumentors: list[str], options: Mapping[str, Any]):
        self.recording = recording
        self.tracer = self.set_up()
        for path in instrumentors:
            self.instrument(path, dict(options))

    def set_up(self) -> trace.Tracer:
        _use(self.recording.provider)
        return self.recording.provider.get_tracer("shop")

    def instrument(self, path: str, options: dict[str, Any]) -> None:
        loaded(path)().instrument(tracer_provider=self.recording.provider, **options)

    def work(self, function: Callable, name: str = "answer", kind: str = "workflow") -> Callable:
        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.tracer.start_as_current_span(f"POST /{name}", kind=trace.SpanKind.SERVER) as span:
                span.set_attribute("http.request.method", "POST")
                span.set_attribute("http.route", f"/{name}")
                made = function(*args, **kwargs)
                span.set_attribute("http.response.status_code", 200)
                return made

        return wrapped

    def tool(self, function: Callable) -> Callable:
        @wraps(function)
        def wrapped(**kwargs: Any) -> Any:
            with self.tracer.start_as_current_span(f"execute_tool {function.__name__}") as span:
                span.set_attribute("gen_ai.operation.name", "execute_tool")
                span.set_attribute("gen_ai.tool.name", function.__name__)
                span.set_attribute("gen_ai.tool.call.arguments", json.dumps(kwargs))
                made = function(**kwargs)
                span.set_attribute("gen_ai.tool.call.result", made)
                return made

        return wrapped

    @contextmanager
    def who(self, session: str, user: str) -> Any:
        with self.tracer.start_as_current_span("POST /answer", kind=trace.SpanKind.SERVER) as span:
            span.set_attributes({"session.id": session, "enduser.id": user})
            yield


class OpenInference(Watcher):
    def set_up(self) -> trace.Tracer:
        from openinference.instrumentation import OITracer, TraceConfig

        _use(self.recording.provider)
        return OITracer(self.recording.provider.get_tracer("shop"), config=TraceConfig())

    def work(self, function: Callable, name: str = "answer", kind: str = "workflow") -> Callable:
        return getattr(self.tracer, {"workflow": "chain", "agent": "agent"}[kind])(function, name=name)

    def tool(self, function: Callable) -> Callable:
        return self.tracer.tool(function)

    def who(self, session: str, user: str) -> AbstractContextManager:
        from openinference.instrumentation import using_attributes

        return using_attributes(session_id=session, user_id=user)


class OpenLLMetry(Watcher):
    """Traceloop's SDK, which instruments all it knows by itself."""

    def set_up(self) -> trace.Tracer:
        os.environ["TRACELOOP_TELEMETRY"] = "false"
        _use(self.recording.provider)
        return self.recording.provider.get_tracer("shop")

    def instrument(self, path: str, options: dict[str, Any]) -> None:
        if path != "traceloop":
            return super().instrument(path, options)
        from opentelemetry.sdk.metrics.export import ConsoleMetricExporter
        from traceloop.sdk import Traceloop
        from traceloop.sdk.instruments import Instruments

        Traceloop.init(
            app_name="shop",
            processor=SpanProcessor(),
            telemetry_enabled=False,
            metrics_exporter=ConsoleMetricExporter(out=io.StringIO()),
            instruments={getattr(Instruments, n) for n in options["traceloop"]},
        )
        return None

    def work(self, function: Callable, name: str = "answer", kind: str = "workflow") -> Callable:
        from traceloop.sdk import decorators

        return getattr(decorators, kind)(name=name)(function)

    def tool(self, function: Callable) -> Callable:
        from traceloop.sdk.decorators import tool

        return tool(name=function.__name__)(function)

    def who(self, session: str, user: str) -> AbstractContextManager:
        from traceloop.sdk import Traceloop

        Traceloop.set_association_properties({"session_id": session, "user_id": user})
        return ExitStack()


class Langfuse(Watcher):
    """Langfuse's SDK; its spans are ordinary ones of OpenTelemetry, which a collector may get as well."""

    def set_up(self) -> trace.Tracer:
        from langfuse import Langfuse as Client

        _use(self.recording.provider)
        self.client = Client(
            public_key="pk-lf-1", secret_key="sk-lf-1", host=self.recording.server.url, span_exporter=Kept(),
            tracer_provider=self.recording.provider, environment="production", release="r7",
        )  # fmt: skip
        return self.recording.provider.get_tracer("shop")

    def work(self, function: Callable, name: str = "answer", kind: str = "workflow") -> Callable:
        from langfuse import observe

        return observe(name=name, as_type={"workflow": "span", "agent": "agent"}[kind])(function)

    def tool(self, function: Callable) -> Callable:
        from langfuse import observe

        return observe(name=function.__name__, as_type="tool")(function)

    def who(self, session: str, user: str) -> AbstractContextManager:
        from langfuse import propagate_attributes

        return propagate_attributes(session_id=session, user_id=user)


class Logfire(Watcher):
    def set_up(self) -> trace.Tracer:
        import logfire

        logfire.configure(
            send_to_logfire=False, console=False, service_name="shop", metrics=False, inspect_arguments=False,
            additional_span_processors=[self.recording.processor],
            advanced=logfire.AdvancedOptions(id_generator=self.recording.ids),
        )  # fmt: skip
        self.logfire = logfire
        self.recording.flush = logfire.force_flush
        return trace.get_tracer("shop")

    def instrument(self, path: str, options: dict[str, Any]) -> None:
        getattr(self.logfire, path)(**options)

    def work(self, function: Callable, name: str = "answer", kind: str = "workflow") -> Callable:
        return self.logfire.instrument(name, record_return=True)(function)

    def tool(self, function: Callable) -> Callable:
        return self.logfire.instrument(f"execute_tool {function.__name__}", record_return=True)(function)

    @contextmanager
    def who(self, session: str, user: str) -> Any:
        with self.logfire.set_baggage(**{"session.id": session, "user.id": user}):
            yield


WAYS = {
    "otel": Watcher,
    "openinference": OpenInference,
    "openllmetry": OpenLLMetry,
    "langfuse": Langfuse,
    "logfire": Logfire,
    "own": Watcher,
}


def watch(
    ways: str, recording: Recording, instrumentors: Mapping[str, list[str]], options: Mapping[str, Mapping] | None = None
):
    """The first of `ways` (joined by +) as the program's watcher, with the instrumentation of all of them switched on.

    `instrumentors` names the classes for each way, as "module:Class" (of logfire, its functions).
    """
    names = ways.split("+")
    watchers = []
    for name in names:
        kind = WAYS.get(name, Watcher)
        watchers.append(kind(recording, instrumentors.get(name, []), (options or {}).get(name, {})))
    return watchers[0]


def loaded(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _use(provider: Any) -> None:
    if trace.get_tracer_provider() is not provider and not hasattr(trace.get_tracer_provider(), "add_span_processor"):
        trace.set_tracer_provider(provider)
