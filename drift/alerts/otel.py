"""The numbers of the last night as OpenTelemetry gauges over OTLP/HTTP, for those who alert elsewhere (docs/dashboards.md).

On with `alerts.otel` and one of the standard variables for the endpoint; headers, certificates, time-out and compression are
the standard variables too, read by the exporter. A gauge says how things are now, so a rerun exports the same numbers again
and only the last night is exported: an earlier one that is run again would pass for the present.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import pandas as pd

from drift import __version__
from drift.config import Config
from drift.errors import installing
from drift.findings import CAUSES
from drift.results import Results, frames
from drift.results.verdict import Answer
from drift.text.escape import plain

log = logging.getLogger(__name__)

# an instrument of the SDK keeps 2,000 sets of attributes and merges the rest into one
MOST_SERIES = 1900
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
# what these log may hold the address with its secrets, or a header
_TALKATIVE = ("opentelemetry.exporter.otlp.proto.http.metric_exporter", "opentelemetry.util.re")


@dataclass(frozen=True)
class Gauge:
    """One data point: the instrument's name and unit (UCUM), the value, and the attributes that tell it from its siblings.

    A number without a unit has an annotation for one, for Prometheus would name a `1` a ratio.
    """

    name: str
    unit: str
    value: float
    attributes: Mapping[str, str | bool]


def endpoint(environ: Mapping[str, str] = os.environ) -> str:
    """Where the gauges go, as scheme, host and port: what else an address holds may be secret. Empty without an http(s) one."""
    given = next((environ[name] for name in _ENDPOINTS if environ.get(name)), "")
    try:
        parts = urlsplit(given)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return plain(f"{parts.scheme}://{parts.hostname}{port}") if parts.scheme in ("http", "https") and parts.hostname else ""


def missing(environ: Mapping[str, str] = os.environ) -> str:
    """What is needed before anything can be exported, as a line that says what to do; empty where nothing is."""
    if not endpoint(environ):
        return "alerts.otel is on without an http(s) endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT, such as http://collector:4318"
    try:
        import opentelemetry.exporter.otlp.proto.http.metric_exporter
        import opentelemetry.sdk.metrics  # noqa: F401
    except ImportError:
        return f"alerts.otel is on but OpenTelemetry is not installed; run: {installing('otel')}"
    return ""


def export(config: Config, results: Results, day: date) -> bool:
    """Export the night if `alerts.otel` is on and no later night was run; True if it was accepted. Never raises.

    What is missing or refused is a warning in the log that names the endpoint without its secrets.
    """
    if not config.alerts.otel:
        return False
    if problem := missing():
        log.warning("%s", problem)
        return False
    try:
        gauges = night(config, results, day)
        if not gauges:
            return False
        problem = _send(gauges)
    except Exception as error:
        # the tables are written and people are told; a defect here must not make that a failed night
        problem = f"not sent: {type(error).__name__}"
    if problem:
        log.warning("OpenTelemetry gauges of %s to %s: %s", day, endpoint(), problem)
    return not problem


def night(config: Config, results: Results, day: date) -> list[Gauge]:
    """The night's data points, overall before segments and busy segments before quiet ones; none if a later night was run."""
    runs = frames.runs(results)
    if runs.empty or max(filter(config.is_over, runs["day"].dt.date), default=None) != day:
        return []
    beats = frames.heartbeats(results)
    finished = next(iter(beats[beats["day"].dt.date == day]["finished_at"]), None)
    return [
        *_run(config, runs[runs["day"].dt.date == day].iloc[0], day, finished),
        *_incidents(results, day),
        *_metrics(results, day),
    ]


def _run(config: Config, run: pd.Series, day: date, finished: pd.Timestamp | None) -> Iterator[Gauge]:
    yield Gauge("drift.night.end", "s", int(config.window(day)[1].timestamp()), {})
    if finished is not None:
        yield Gauge("drift.night.finished", "s", int(finished.timestamp()), {})
    for status in (answer for answer in Answer if answer is not Answer.MISSING):
        yield Gauge("drift.night.status", "{night}", int(run["status"] == status), {"drift.status": str(status)})
    for name, unit in (("traces", "{trace}"), ("alarms", "{alarm}")):
        if pd.notna(run[name]):
            yield Gauge(f"drift.night.{name}", unit, int(run[name]), {})


def _incidents(results: Results, day: date) -> Iterator[Gauge]:
    lines = frames.incident_days(results, start=day, end=day)
    silent = dict(zip(lines["incident_id"], lines["silent"], strict=True))
    count: Counter[tuple[str, str, bool]] = Counter()
    for incident in frames.incidents(results, states=("open",)).itertuples():
        count[incident.direction, incident.cause or "unclear", bool(silent.get(incident.id, False))] += 1
    # what is 0 is exported too, so that an alert elsewhere ends
    for direction in ("worse", "better", "changed"):
        for cause in CAUSES:
            for quiet in (False, True):
                attributes = {"drift.direction": direction, "drift.cause": cause, "drift.silent": quiet}
                yield Gauge("drift.incidents.open", "{incident}", count[direction, cause, quiet], attributes)


def _metrics(results: Results, day: date) -> Iterator[Gauge]:
    rows = frames.daily_metrics(results, day).dropna(subset=["level"])
    overall = rows["dimension"] == "all"
    # every segment has each of the labels: they would be most of the series
    rows = rows.assign(segment=~overall)[overall | ~rows["metric"].str.contains(":")]
    rows["quietness"] = -rows.groupby(["dimension", "value"])["n"].transform("max")
    rows = rows.sort_values(["segment", "quietness", "dimension", "value", "metric"])
    if len(rows) > MOST_SERIES:
        log.warning("OpenTelemetry gauges of %s: %s of %s series, the busiest segments'", day, MOST_SERIES, len(rows))
    for row in rows.head(MOST_SERIES).itertuples():
        attributes = {
            "drift.metric": plain(row.metric),
            "drift.segment.dimension": plain(row.dimension),
            "drift.segment.value": plain(row.value),
            "drift.unit": row.unit,
        }
        # levels have the unit of their metric, so their instrument has none
        for name, unit, value in (
            ("level", "", row.level),
            ("expected", "", row.expected),
            ("z", "{standard_deviation}", row.z),
        ):
            if pd.notna(value):
                yield Gauge(f"drift.metric.{name}", unit, float(value), attributes)


def _send(gauges: list[Gauge]) -> str:
    """Export the points in one request; returns what went wrong, empty if they were accepted."""
    import requests
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    named = Resource({"service.name": "drift"}).merge(OTELResourceDetector().detect())
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], resource=Resource.create(dict(named.attributes)), shutdown_on_exit=False)
    meter = provider.get_meter("drift", __version__)
    instruments = {}
    for gauge in gauges:
        if gauge.name not in instruments:
            instruments[gauge.name] = meter.create_gauge(gauge.name, gauge.unit)
        instruments[gauge.name].set(gauge.value, dict(gauge.attributes))
    data = reader.get_metrics_data()
    provider.shutdown()
    if data is None:
        return "not sent, for OTEL_SDK_DISABLED is set"
    session, answers = requests.Session(), []
    session.hooks["response"].append(lambda answer, **_: answers.append(answer.status_code))
    with _silenced():
        exporter = OTLPMetricExporter(session=session)
        accepted = exporter.export(data) is MetricExportResult.SUCCESS
        exporter.shutdown()
    if accepted:
        return ""
    return f"answered {answers[-1]}" if answers else "cannot be reached by OTLP over HTTP"


@contextmanager
def _silenced() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(_nothing)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
