"""A night as OpenTelemetry gauges: what a collector, here a real HTTP server that decodes OTLP, is sent; and when nothing is."""

from __future__ import annotations

import builtins
import logging
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from nights import day, finding, story, write
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from drift.alerts import otel
from drift.config import Config
from drift.findings import CAUSES, Explanation
from drift.night import doctor, run
from drift.results import DailyMetric, Results, Run, frames

ON = Config.of({"alerts": {"otel": True}})
SECRET = "s3cr3t"
Point = tuple[str, frozenset]


class Collector:
    """A local OTLP/HTTP receiver: keeps the decoded requests, answers with `status`."""

    def __init__(self):
        self.requests: list[ExportMetricsServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/metrics"
                collector.requests.append(ExportMetricsServiceRequest.FromString(body))
                collector.headers.append(dict(self.headers))
                self.send_response(collector.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def points(self) -> dict[Point, float]:
        """The last request: (name, attributes) → value."""
        (resource,) = self.requests[-1].resource_metrics
        (scope,) = resource.scope_metrics
        return {
            (metric.name, frozenset((each.key, _value(each.value)) for each in point.attributes)): (
                point.as_double if point.HasField("as_double") else point.as_int
            )
            for metric in scope.metrics
            for point in metric.gauge.data_points
        }

    def of(self, name: str) -> dict[frozenset, float]:
        return {attributes: value for (each, attributes), value in self.points().items() if each == name}


def _value(value) -> str | bool:
    return getattr(value, value.WhichOneof("value"))


def series(metric: str, dimension: str = "all", value: str = "", unit: str = "share") -> frozenset:
    given = {
        "drift.metric": metric,
        "drift.segment.dimension": dimension,
        "drift.segment.value": value,
        "drift.unit": unit,
    }
    return frozenset(given.items())


@pytest.fixture(autouse=True)
def _no_otel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    # the first failure is the last: no waiting for a second try
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    server = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
    yield server
    server.close()


def measured(results: Results, number: int = 0) -> None:
    """An ordinary night with a metric that is compared, one that is not, and the share of a label."""
    rows = [
        DailyMetric("refusal", "all", "", 1000, 0, 0.031, "share", expected=0.02, low=0.01, high=0.03, z=3.5),
        DailyMetric("refusal", "name", "chat", 600, 0, 0.04, "share", expected=0.02, low=0.01, high=0.03, z=4.0),
        DailyMetric("volume", "all", "", 1000, 0, 1000.0, "traces"),
        DailyMetric("toxicity", "all", "", 0, 1000, None, "0–1"),
        DailyMetric("model:gpt-4o", "all", "", 1000, 0, 0.7, "share"),
        DailyMetric("model:gpt-4o", "name", "chat", 600, 0, 0.9, "share"),
    ]
    results.write_night(day(number), Run(1000, 28), rows)


def test_a_night_arrives_with_its_names_attributes_and_values(results: Results, collector: Collector):
    measured(results)
    assert otel.export(ON, results, day(0))
    assert collector.of("drift.metric.level") == {
        series("refusal"): 0.031,
        series("refusal", "name", "chat"): 0.04,
        series("volume", unit="traces"): 1000.0,
        series("model:gpt-4o"): 0.7,
    }
    assert collector.of("drift.metric.expected") == {series("refusal"): 0.02, series("refusal", "name", "chat"): 0.02}
    assert collector.of("drift.metric.z") == {series("refusal"): 3.5, series("refusal", "name", "chat"): 4.0}
    assert collector.of("drift.night.traces") == {frozenset(): 1000}
    assert collector.of("drift.night.alarms") == {frozenset(): 0}
    assert collector.of("drift.night.status") == {
        frozenset({("drift.status", status)}): int(status == "ordinary")
        for status in ("drift", "known", "ordinary", "no_baseline", "failed")
    }
    assert collector.of("drift.night.end") == {frozenset(): datetime(2026, 11, 2, tzinfo=UTC).timestamp()}


def test_the_resource_is_drift_or_what_the_standard_variables_name(results: Results, collector: Collector, monkeypatch):
    measured(results)

    def resource() -> dict[str, object]:
        otel.export(ON, results, day(0))
        return {each.key: _value(each.value) for each in collector.requests[-1].resource_metrics[0].resource.attributes}

    assert resource()["service.name"] == "drift"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "support-bot-drift")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=production")
    assert resource()["service.name"] == "support-bot-drift"
    assert resource()["deployment.environment.name"] == "production"


def test_open_incidents_are_counted_by_direction_and_cause_and_go_back_to_0(results: Results, collector: Collector):
    note = Explanation(cause="silent_model_update", confidence="likely")
    write(results, day(0), [finding(day(0)), finding(day(0), "latency_s", "name=chat", -0.07)], note)
    otel.export(ON, results, day(0))
    assert sum(collector.of("drift.incidents.open").values()) == frames.incidents(results, states=("open",)).shape[0] > 0
    worse = {("drift.direction", "worse"), ("drift.cause", "silent_model_update"), ("drift.silent", False)}
    assert collector.of("drift.incidents.open")[frozenset(worse)] == 1
    assert len(collector.of("drift.incidents.open")) == 3 * len(CAUSES) * 2
    assert collector.of("drift.night.status")[frozenset({("drift.status", "drift")})] == 1
    for number in (1, 2):
        write(results, day(number), [finding(day(number), change=0), finding(day(number), "latency_s", "name=chat", 0)])
    otel.export(ON, results, day(2))
    assert set(collector.of("drift.incidents.open").values()) == {0}


def test_an_incident_that_somebody_muted_can_be_told_apart(results: Results, collector: Collector):
    story(results, [0.07])
    (incident,) = frames.incidents(results)["id"]
    results.decide(incident, "mute", until=day(9))
    write(results, day(1), [finding(day(1))])
    otel.export(ON, results, day(1))
    (counted,) = [dict(attributes) for attributes, value in collector.of("drift.incidents.open").items() if value]
    assert counted["drift.silent"] is True


def test_a_rerun_sends_the_same_numbers_and_an_earlier_night_none(results: Results, collector: Collector):
    measured(results, 0)
    measured(results, 1)
    otel.export(ON, results, day(1))
    first = collector.points()
    assert otel.export(ON, results, day(1))
    assert collector.points() == first
    assert not otel.export(ON, results, day(0))
    assert len(collector.requests) == 2


def test_a_failed_night_says_so_and_shows_no_old_numbers(results: Results, collector: Collector):
    measured(results, 0)
    results.write_night(day(1), Run(failed=True, reason="half of the traces are missing"))
    otel.export(ON, results, day(1))
    assert collector.of("drift.night.status")[frozenset({("drift.status", "failed")})] == 1
    assert collector.of("drift.metric.level") == {}


def test_text_from_traces_is_cut_to_plain_text(results: Results, collector: Collector):
    hostile = "\x1b[31mred\u202e" + "x" * 5000
    row = DailyMetric("refusal", "name", hostile, 10, 0, 0.1, "share")
    results.write_night(day(0), Run(10), [row])
    otel.export(ON, results, day(0))
    ((attributes, _),) = collector.of("drift.metric.level").items()
    value = dict(attributes)["drift.segment.value"]
    assert value.startswith("red\N{REPLACEMENT CHARACTER}x") and len(value) <= 200


def test_what_is_exported_is_bounded_and_the_busiest_come_first(results: Results, collector: Collector, caplog):
    base = DailyMetric("refusal", "all", "", 10**6, 0, 0.1, "share")
    quiet = [replace(base, dimension="name", value=f"n{number:04d}", n=number) for number in range(2500)]
    results.write_night(day(0), Run(10**6), [*quiet, base])
    assert otel.export(ON, results, day(0))
    sent = {dict(attributes)["drift.segment.value"] for attributes in collector.of("drift.metric.level")}
    assert len(sent) == otel.MOST_SERIES
    assert {"", "n2499"} <= sent and "n0000" not in sent
    assert "1900 of 2501 series" in caplog.text


def test_an_endpoint_that_is_down_is_a_warning_without_secrets(results: Results, monkeypatch, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"http://user:{SECRET}@127.0.0.1:{port}/{SECRET}?key={SECRET}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"Authorization: Bearer {SECRET}")
    measured(results)
    with caplog.at_level(logging.INFO):
        assert not otel.export(ON, results, day(0))
    assert f"to http://127.0.0.1:{port}: cannot be reached" in caplog.text
    assert SECRET not in caplog.text


def test_an_endpoint_that_refuses_is_a_warning_with_its_answer(results: Results, collector: Collector, monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"api-key={SECRET}")
    collector.status = 401
    measured(results)
    assert not otel.export(ON, results, day(0))
    assert "answered 401" in caplog.text and SECRET not in caplog.text
    assert collector.headers[-1]["api-key"] == SECRET


def test_a_disabled_sdk_is_a_warning(results: Results, collector: Collector, monkeypatch, caplog):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    measured(results)
    assert not otel.export(ON, results, day(0))
    assert collector.requests == [] and "OTEL_SDK_DISABLED" in caplog.text


def test_a_defect_is_a_warning_and_not_a_failed_night(results: Results, collector: Collector, caplog):
    measured(results)
    results.database.writing = results.database.reading = None
    assert not otel.export(ON, results, day(0))
    assert "not sent: TypeError" in caplog.text


def test_off_is_off_even_with_an_endpoint(results: Results, collector: Collector, caplog):
    measured(results)
    assert not otel.export(Config.of({}), results, day(0))
    assert collector.requests == [] and caplog.text == ""


@pytest.mark.parametrize("given", ["", "collector:4318", "http://[bad", "http://collector:port"])
def test_without_an_endpoint_nothing_is_tried_and_the_log_says_what_to_set(results: Results, monkeypatch, caplog, given):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", given)
    measured(results)
    assert not otel.export(ON, results, day(0))
    assert "set OTEL_EXPORTER_OTLP_ENDPOINT" in caplog.text


def test_without_the_extra_the_log_names_the_pip_command(results: Results, collector: Collector, monkeypatch, caplog):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest, **named)

    measured(results)
    monkeypatch.setattr(builtins, "__import__", without)
    assert not otel.export(ON, results, day(0))
    assert "pip install 'nightdrift[otel]'" in caplog.text


def _gauges(config: Config) -> tuple[bool, str]:
    (check,) = [each for each in doctor.examine(config) if each.name == "gauges"]
    return check.ok, f"{check.detail}; {check.remedy}"


def test_the_doctor_says_whether_it_is_on(tmp_path, monkeypatch):
    def config(on: bool) -> Config:
        given = {
            "lake": {"url": str(tmp_path / "lake")},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "embeddings": {"enabled": False},
            "alerts": {"otel": on},
        }
        return Config.of(given, root=tmp_path)

    assert _gauges(config(False)) == (True, "off (alerts.otel = false): no OpenTelemetry gauges; ")
    ok, said = _gauges(config(True))
    assert not ok and "set OTEL_EXPORTER_OTLP_ENDPOINT" in said
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"https://u:{SECRET}@collector.example:4318/{SECRET}")
    ok, said = _gauges(config(True))
    assert ok and "https://collector.example:4318" in said and SECRET not in said


def test_a_run_exports_and_a_backfill_does_not(tmp_path, collector: Collector):
    given = {
        "store": {"type": "demo", "traces_per_day": 200},
        "lake": {"url": str(tmp_path / "lake")},
        "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
        "embeddings": {"enabled": False},
        "segments": {"dimensions": ["name"]},
        "alerts": {"otel": True},
        "report": {"enabled": False},
    }
    config = Config.of(given, root=tmp_path)
    list(run.backfill(config, day(0), day(0)))
    assert collector.requests == []
    done = run.run_day(config, day(1))
    assert collector.of("drift.night.traces") == {frozenset(): done.traces}
    stored = frames.series(config.results.url, "refusal").iloc[-1]
    assert collector.of("drift.metric.level")[series("refusal")] == stored["level"]
