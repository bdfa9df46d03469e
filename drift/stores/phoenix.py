"""Traces from Arize Phoenix: the REST API of a server or of Phoenix Cloud.

The host is `[store] host`, PHOENIX_HOST or PHOENIX_COLLECTOR_ENDPOINT; a key, where the server asks for one, PHOENIX_API_KEY.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from pydantic import Field

from drift import traces
from drift.errors import StoreError
from drift.stores import Check, evaluators
from drift.stores.batches import in_batches
from drift.stores.filters import TraceFilters
from drift.stores.http import Http, NotFound, Refused, in_order
from drift.stores.otel import Event, span
from drift.stores.paging import PageSize, by_cursor
from drift.stores.pulling import Slice, floor_ms, iso, plan, whole_traces
from drift.stores.sample import describe
from drift.stores.spans import Span, latest, row

HOST = "http://localhost:6006"
# ids in one question for annotations: the URL must stay short
_ASKED_AT_ONCE = 100
# the kinds of annotators that are no person
_JUDGES = frozenset({"LLM", "CODE"})


class PhoenixOptions(TraceFilters):
    host: str = Field("", description="the server's URL; default PHOENIX_HOST, PHOENIX_COLLECTOR_ENDPOINT, localhost:6006")
    project: str = Field("default", description="the project's name")
    timeout_seconds: float = Field(60, gt=0, le=600)
    patience_seconds: float = Field(600, ge=0, le=7200, description="how long one request is tried again")


class PhoenixStore:
    Options = PhoenixOptions

    def __init__(self, options: PhoenixOptions, *, salt: str):
        self.options = options
        self.salt = salt
        host = options.host or os.environ.get("PHOENIX_HOST") or os.environ.get("PHOENIX_COLLECTOR_ENDPOINT") or HOST
        if "://" not in host:
            # as Phoenix's own client reads PHOENIX_HOST
            host = f"http://{host}" if ":" in host else f"http://{host}:{os.environ.get('PHOENIX_PORT') or 6006}"
        self.host = host.rstrip("/").removesuffix("/v1/traces")
        self._project_id: str | None = None

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(floor_ms(start), floor_ms(end)))

    def count(self, start: datetime, end: datetime) -> int | None:
        http = self.http()
        try:
            return PhoenixSource(http, self.options.project).counted("traceCount", floor_ms(start), floor_ms(end))
        finally:
            http.close()

    def trace_url(self, trace_id: str) -> str | None:
        if self._project_id is None:
            try:
                http = self.http(patience_s=5)
            except StoreError:
                return None
            try:
                self._project_id = PhoenixSource(http, self.options.project).project_id()
            except StoreError:
                self._project_id = ""
            finally:
                http.close()
        return f"{self.host}/projects/{self._project_id}/traces/{trace_id}" if self._project_id else None

    def check(self) -> list[Check]:
        http = self.http(patience_s=10)
        try:
            source = PhoenixSource(http, self.options.project)
            try:
                project = source.project_id()
            except NotFound:
                try:
                    known = ", ".join(source.projects()[:10])
                except NotFound as error:
                    return [Check("phoenix server", False, str(error), "this is not Phoenix: set [store] host or PHOENIX_HOST")]
                return [
                    Check("phoenix server", True, f"{self.host} answers"),
                    Check(
                        "phoenix project",
                        False,
                        f"no project {self.options.project!r}",
                        f"set [store] project to one of {known}",
                    ),
                ]
            except Refused as error:
                return [Check("phoenix key", False, str(error), "set PHOENIX_API_KEY")]
            except StoreError as error:
                return [Check("phoenix server", False, str(error), "set [store] host or PHOENIX_HOST to the server's URL")]
            out = [
                Check("phoenix server", True, f"{self.host} answers, version {http.header('x-phoenix-server-version')}"),
                Check("phoenix project", True, f"{self.options.project} ({project})"),
            ]
            now = datetime.now(UTC)
            newest = source.newest(now - timedelta(days=30), now)
            if not newest:
                return [
                    *out,
                    Check("sample trace", False, "no span in the last 30 days", "point [store] project at live traffic"),
                ]
            spans = source.rest(newest[0].trace_id, now - timedelta(days=31))
            return [*out, *describe(spans, row(spans, self.salt), "the last 30 days")]
        except StoreError as error:
            return [Check("sample trace", False, str(error), "try again")]
        finally:
            http.close()

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        http = self.http()
        try:
            source = PhoenixSource(http, self.options.project)
            try:
                source.project_id()
            except NotFound:
                raise StoreError(
                    f"Phoenix at {http.host} has no project {self.options.project!r}; set [store] project, or host "
                    "if this is not Phoenix"
                ) from None
            for spans in whole_traces(source, start, end, linger=self.options.linger):
                made = row(spans, self.salt)
                if self.options.passes(made):
                    yield made
        finally:
            http.close()

    def http(self, patience_s: float | None = None) -> Http:
        key = os.environ.get("PHOENIX_API_KEY")
        patience_s = self.options.patience_seconds if patience_s is None else patience_s
        return Http(
            self.host,
            who="Phoenix",
            key_hint="PHOENIX_API_KEY",
            timeout_s=self.options.timeout_seconds,
            patience_s=patience_s,
            headers={"Authorization": f"Bearer {key}", "api_key": key} if key else None,
        )


class PhoenixSource:
    """The spans of one project, each with the annotations on it and, on a root, those on its trace."""

    def __init__(self, http: Http, project: str):
        self.http = http
        self.name = f"Phoenix at {http.host}"
        self._path = f"/v1/projects/{quote(project, safe='')}"
        self._page, self._annotation_page = PageSize(1000), PageSize(1000)
        self._trace_annotations = True
        self._id: str | None = None

    def project_id(self) -> str:
        if self._id is None:
            answer, _ = self.http.get(self._path)
            self._id = str(answer["data"]["id"])
        return self._id

    def projects(self) -> list[str]:
        answer, _ = self.http.get("/v1/projects")
        return [p["name"] for p in answer["data"]]

    def expected(self, start: datetime, end: datetime) -> dict[datetime, int] | None:
        hours = list(in_order(partial(self._hour, a, b) for a, b in plan(start, end, None)))
        return None if any(n is None for _, n in hours) else {hour: n for hour, n in hours if n is not None}

    def counted(self, what: str, start: datetime, end: datetime) -> int | None:
        """Phoenix's own `traceCount` or `recordCount` (spans) of a window; only its GraphQL API tells them."""
        query = (
            "query ($id: ID!, $range: TimeRange!) { node(id: $id) { ... on Project { n: " + what + "(timeRange: $range) } } }"
        )
        try:
            variables = {"id": self.project_id(), "range": {"start": iso(start), "end": iso(end)}}
            answer, _ = self.http.request("POST", "/graphql", body={"query": query, "variables": variables})
        except StoreError as error:
            if error.retryable:
                raise
            return None
        node = (answer.get("data") or {}).get("node") or {} if isinstance(answer, dict) else {}
        return node.get("n")

    def slice(self, start: datetime, end: datetime) -> Slice:
        spans = self._list({"start_time": iso(start), "end_time": iso(end)})
        return Slice(start, end, self._annotated(spans), len(spans))

    def begun(self, start: datetime, end: datetime) -> set[str]:
        return {s.trace_id for s in self._list({"start_time": iso(start), "end_time": iso(end)})}

    def rest(self, trace_id: str, start: datetime) -> list[Span]:
        return self._annotated(latest(self._list({"trace_id": trace_id, "start_time": iso(start)})))

    def newest(self, start: datetime, end: datetime) -> list[Span]:
        answer, _ = self.http.get(f"{self._path}/spans", {"start_time": iso(start), "end_time": iso(end), "limit": 1})
        return [_span(given) for given in answer["data"]]

    def _hour(self, start: datetime, end: datetime) -> tuple[datetime, int | None]:
        return start.replace(minute=0, second=0, microsecond=0), self.counted("recordCount", start, end)

    def _list(self, params: dict) -> list[Span]:
        pages = by_cursor(self.http, f"{self._path}/spans", params, self._page, lambda a: a.get("next_cursor"))
        out = []
        for given in (g for rows in pages for g in rows):
            try:
                out.append(_span(given))
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise StoreError(
                    f"{self.name} sent a broken span ({type(error).__name__}); run again", retryable=True
                ) from None
        return out

    def _annotated(self, spans: list[Span]) -> list[Span]:
        by_span: dict[str, list[Span]] = {}
        for s in spans:
            by_span.setdefault(s.id, []).append(s)
        for given in self._annotations("span_annotations", "span_ids", list(by_span)):
            for s in by_span.get(given.get("span_id", ""), []):
                s.scores = [*s.scores, *_scores(given)]
        roots = {s.trace_id: s for s in spans if s.is_root}
        for given in self._annotations("trace_annotations", "trace_ids", list(roots)) if self._trace_annotations else []:
            if given.get("trace_id") in roots:
                root = roots[given["trace_id"]]
                root.scores = [*root.scores, *_scores(given)]
        return spans

    def _annotations(self, what: str, name: str, ids: list[str]) -> list[dict]:
        out: list[dict] = []
        for n in range(0, len(ids), _ASKED_AT_ONCE):
            try:
                pages = by_cursor(
                    self.http,
                    f"{self._path}/{what}",
                    {name: ids[n : n + _ASKED_AT_ONCE]},
                    self._annotation_page,
                    lambda a: a.get("next_cursor"),
                )
                out += [given for rows in pages for given in rows]
            except NotFound:
                # none of these spans is known any more, or the server is older than annotations on traces
                self._trace_annotations = self._trace_annotations and what != "trace_annotations"
        return out


def _span(given: dict[str, Any]) -> Span:
    start = traces.parse_time(given["start_time"])
    if start is None:
        raise ValueError("start_time")
    attributes = dict(given.get("attributes") or {})
    if given.get("span_kind"):
        attributes.setdefault("openinference.span.kind", given["span_kind"])
    events = [
        Event(e.get("name") or "", traces.parse_time(e.get("timestamp")), e.get("attributes") or {})
        for e in given.get("events") or []
    ]
    return span(
        trace_id=given["context"]["trace_id"],
        span_id=given["context"]["span_id"],
        parent_id=given.get("parent_id"),
        name=given.get("name"),
        start=start,
        end=traces.parse_time(given.get("end_time")),
        failed=given.get("status_code") == "ERROR",
        message=given.get("status_message"),
        attributes=attributes,
        events=events,
    )


def _scores(given: dict[str, Any]) -> list[dict]:
    """An annotation has a number, a label or both; the number is what can be followed, a bare label is a label."""
    name, result = given.get("name"), given.get("result")
    if not isinstance(name, str) or not name or name == "note" or not isinstance(result, dict):
        return []
    evaluator = evaluators.of(given.get("metadata")) if given.get("annotator_kind") in _JUDGES else None
    if isinstance(result.get("score"), (int, float)):
        return [evaluators.noted({"name": name, "value": float(result["score"])}, evaluator)]
    if isinstance(result.get("label"), str) and result["label"]:
        return [evaluators.noted({"name": name, "label": result["label"]}, evaluator)]
    return []
