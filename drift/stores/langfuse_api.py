"""Reading a window out of a Langfuse server: `v2/observations` and `v3/scores` on v4, the page-based reads on v3.

Each source hands out spans in slices of rising time and says how many rows the server itself counts, so that the store can
tell a whole window from a part of one.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from drift import traces
from drift.errors import StoreError
from drift.stores.http import Http, NotFound, Refused
from drift.stores.langfuse_rows import legacy_trace, observation, score
from drift.stores.paging import PageSize, by_cursor, by_page, meta_of
from drift.stores.pulling import Slice, SpanSource, iso, split, tolerated
from drift.stores.spans import Span, latest

API = "/api/public"
FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
# a count is worth a few tries; a server whose counts are down is still read
_COUNT_ATTEMPTS = 4
_MS = timedelta(milliseconds=1)
# whose it is, and its metadata, which say who gave it
_SCORE_FIELDS = "details,subject"
# scores come in pages of 100 and are not counted beforehand
SCORE_PAGE = 100
_SCORES_A_SLICE = 400
_MOST_SCORE_SLICES = 12
# so many of the newest traces are looked at for one that the filters keep
_SAMPLE = 20
log = logging.getLogger(__name__)


class Source(SpanSource, Protocol):
    """One generation of Langfuse's API."""

    version: str

    def newest(self, start: datetime, end: datetime) -> list[Span]:
        """A few of the newest spans in the window, newest first."""

    def scores(self, start: datetime, end: datetime, trace_id: str | None = None) -> list[tuple[str, str, str, dict]]:
        """(score id, updated, trace id, score) of the scores given in [start, end), of one trace where it is named."""

    def newest_scores(
        self, start: datetime, end: datetime
    ) -> tuple[list[tuple[str, str, str, dict]], list[tuple[datetime, datetime]]]:
        """The newest scores given in [start, end), as many as one answer holds, and the windows that hold the others."""

    def count(self, start: datetime, end: datetime, keep: Callable[[str], bool]) -> int | None:
        """Traces the server counts in the environments that `keep` accepts."""


class V4:
    """`v2/observations` by cursor, newest first; `v3/scores`; counts from `v2/metrics`."""

    version = "v4"

    def __init__(self, http: Http, expand: tuple[str, ...], environments: list[str], retrievers: tuple[str, ...]):
        self.http = http
        self.name = f"Langfuse at {http.host}"
        self._params: dict[str, Any] = {"fields": FIELDS, "expandMetadata": ",".join(expand)}
        # only names, not patterns, can be asked of the server
        self._environments = environments if not any(c in e for e in environments for c in "*?[") else []
        self._parse = partial(observation, retrievers=retrievers)
        self._page, self._core_page, self._score_page = PageSize(1000), PageSize(1000), PageSize(100)
        self._page_based_scores: bool | None = None

    def slice(self, start: datetime, end: datetime) -> Slice:
        out = Slice(start, end)
        edges: list[Span] = []
        for rows in by_cursor(self.http, f"{API}/v2/observations", self._window(start, end, self._params), self._page):
            out.rows += len(rows)
            spans = _spans(rows, self._parse, self.http)
            out.spans += spans
            edges += spans[-1:]
        distinct = _latest_by_trace(out.spans)
        if len(distinct) < out.rows:
            # a cursor stands for an observation, not for one of its versions: the last one may lie behind the page's edge
            out.passed_over = max(0, len(edges) - 1)
            distinct = _latest_by_trace([*distinct, *(s for edge in edges[:-1] for s in self._versions(edge))])
        out.spans = distinct
        return out

    def begun(self, start: datetime, end: datetime) -> set[str]:
        pages = by_cursor(self.http, f"{API}/v2/observations", self._window(start, end, {"fields": "core"}), self._core_page)
        return {r["traceId"] for rows in pages for r in rows if r.get("traceId")}

    def newest(self, start: datetime, end: datetime) -> list[Span]:
        for only in ({"isRootObservation": "true"}, {}):
            params = self._window(start, end, {**self._params, **only, "limit": _SAMPLE})
            answer, _ = self.http.get(f"{API}/v2/observations", params)
            if answer["data"]:
                return _spans(answer["data"], self._parse, self.http)
        return []

    def rest(self, trace_id: str, start: datetime, end: datetime | None = None) -> list[Span]:
        params = {**self._params, "traceId": trace_id, "fromStartTime": iso(start)}
        if end is not None:
            params["toStartTime"] = iso(end)
        pages = by_cursor(self.http, f"{API}/v2/observations", params, self._page)
        return latest(s for rows in pages for s in _spans(rows, self._parse, self.http))

    def scores(self, start: datetime, end: datetime, trace_id: str | None = None) -> list[tuple[str, str, str, dict]]:
        window = _given_in(start, end, trace_id)
        if not self._page_based_scores:
            try:
                pages = by_cursor(self.http, f"{API}/v3/scores", {"fields": _SCORE_FIELDS, **window}, self._score_page)
                return [s for rows in pages for s in _scores(rows)]
            except NotFound:
                # a server that writes both generations at once has the older call only
                self._page_based_scores = True
        return _page_based_scores(self.http, window, self._score_page)

    def newest_scores(
        self, start: datetime, end: datetime
    ) -> tuple[list[tuple[str, str, str, dict]], list[tuple[datetime, datetime]]]:
        window = _given_in(start, end, None)
        try:
            answer, _ = self.http.get(f"{API}/v3/scores", {"fields": _SCORE_FIELDS, "limit": SCORE_PAGE, **window})
        except NotFound:
            self._page_based_scores = True
            return _first_page_of_scores(self.http, start, end)
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
            return [], [(start, end)]
        if not meta_of(answer).get("cursor"):
            return _scores(rows), []
        times = [traces.parse_time(r.get("timestamp")) for r in rows if isinstance(r, dict)]
        known = [t for t in times if t is not None]
        if not known or len(known) < len(rows) or known != sorted(known, reverse=True):
            return [], split(start, end, _MOST_SCORE_SLICES)
        # as many as there were in the time that this answer covers
        covered = max(known[0] - known[-1], _MS)
        left = len(rows) * ((known[-1] - start) / covered)
        return _scores(rows), split(start, known[-1] + _MS, min(_MOST_SCORE_SLICES, math.ceil(left / _SCORES_A_SLICE)))

    def expected(self, start: datetime, end: datetime) -> dict[datetime, int] | None:
        rows = self._metrics(start, end, [], {"timeDimension": {"granularity": "hour"}})
        if rows is None:
            return None
        out: dict[datetime, int] = {}
        for given in rows:
            hour, n = traces.parse_time(given.get("time_dimension")), _count(given)
            if hour is not None and n is not None:
                out[hour] = out.get(hour, 0) + n
        return out

    def count(self, start: datetime, end: datetime, keep: Callable[[str], bool]) -> int | None:
        only_roots = [{"type": "boolean", "column": "isRootObservation", "operator": "=", "value": True}]
        rows = self._metrics(start, end, only_roots, {"dimensions": [{"field": "environment"}]})
        if rows is None:
            return None
        return sum(_count(r) or 0 for r in rows if keep(r.get("environment") or "default"))

    def _metrics(self, start: datetime, end: datetime, filters: list[dict], more: dict) -> list[dict] | None:
        if self._environments:
            filters = [
                *filters,
                {"type": "stringOptions", "column": "environment", "operator": "any of", "value": self._environments},
            ]
        query = {
            "view": "observations",
            "metrics": [{"measure": "count", "aggregation": "count"}],
            "dimensions": [],
            "filters": filters,
            "fromTimestamp": iso(start),
            # whether the end is inclusive is not documented; a row less is no shortfall
            "toTimestamp": iso(max(end - _MS, start + _MS)),
            "config": {"row_limit": 1000},
            **more,
        }
        try:
            answer, _ = self.http.get(f"{API}/v2/metrics", {"query": json.dumps(query)}, attempts=_COUNT_ATTEMPTS)
        except StoreError as error:
            log.warning("the server gives no counts, the pull cannot be reconciled (%s)", error)
            return None
        rows = answer.get("data") if isinstance(answer, dict) else None
        return [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else None

    def _versions(self, span: Span) -> list[Span]:
        return [s for s in self.rest(span.trace_id, span.start, span.start + _MS) if s.id == span.id]

    def _window(self, start: datetime, end: datetime, params: dict) -> dict:
        out = {**params, "fromStartTime": iso(start), "toStartTime": iso(end)}
        if self._environments:
            out["environment"] = self._environments
        return out


class Legacy:
    """The page-based reads of a v3 server: a trace's record and its observations, joined by id."""

    version = "v3"

    def __init__(self, http: Http, environments: list[str], retrievers: tuple[str, ...]):
        self.http = http
        self.name = f"Langfuse at {http.host}"
        plain = environments and not any(c in e for e in environments for c in "*?[")
        self._filter: dict[str, Any] = {"environment": environments} if plain else {}
        self._parse = partial(observation, retrievers=retrievers)
        self._page, self._score_page = PageSize(100), PageSize(100)

    def slice(self, start: datetime, end: datetime) -> Slice:
        out = Slice(start, end)
        window = {
            "fromTimestamp": iso(start),
            "toTimestamp": iso(end),
            "orderBy": "timestamp.asc",
            # without their observations and scores, which cost the server most
            "fields": "core,io,metrics",
            **self._filter,
        }
        records = self._all(f"{API}/traces", window, legacy_trace)
        inside = {"fromStartTime": iso(start), "toStartTime": iso(end), **self._filter}
        spans = self._all(f"{API}/observations", inside, self._parse)
        out.rows = len(records) + len(spans)
        out.spans = _latest_by_trace([*records, *spans])
        return out

    def begun(self, start: datetime, end: datetime) -> set[str]:
        window = {"fromTimestamp": iso(start), "toTimestamp": iso(end), "fields": "core", **self._filter}
        return {r["id"] for rows, _ in by_page(self.http, f"{API}/traces", window, PageSize(100)) for r in rows}

    def newest(self, start: datetime, end: datetime) -> list[Span]:
        params = {"fromTimestamp": iso(start), "toTimestamp": iso(end), "limit": _SAMPLE, "page": 1, **self._filter}
        answer, _ = self.http.get(f"{API}/traces", params)
        return _spans(answer["data"], legacy_trace, self.http)

    def rest(self, trace_id: str, start: datetime) -> list[Span]:
        window = {"traceId": trace_id, "fromStartTime": iso(start)}
        return self._all(f"{API}/observations", window, self._parse)

    def scores(self, start: datetime, end: datetime, trace_id: str | None = None) -> list[tuple[str, str, str, dict]]:
        return _page_based_scores(self.http, _given_in(start, end, trace_id), self._score_page)

    def newest_scores(
        self, start: datetime, end: datetime
    ) -> tuple[list[tuple[str, str, str, dict]], list[tuple[datetime, datetime]]]:
        return _first_page_of_scores(self.http, start, end)

    def expected(self, start: datetime, end: datetime) -> dict[datetime, int] | None:
        # every listing is reconciled with its own meta.totalItems instead
        return None

    def count(self, start: datetime, end: datetime, keep: Callable[[str], bool]) -> int | None:
        params = {
            "fromTimestamp": iso(start),
            "toTimestamp": iso(end),
            "fields": "core",
            "limit": 100,
            "page": 1,
            **self._filter,
        }
        answer, _ = self.http.get(f"{API}/traces", params)
        rows, total = (answer.get("data"), meta_of(answer).get("totalItems")) if isinstance(answer, dict) else ([], None)
        if self._filter or total is None:
            return total
        if isinstance(rows, list) and total <= len(rows):
            return sum(keep(row.get("environment") or "default") for row in rows)
        # the list cannot leave environments out, and what it counts then is more than what is pulled
        return self._count_by_environment(start, end, keep)

    def _count_by_environment(self, start: datetime, end: datetime, keep: Callable[[str], bool]) -> int | None:
        query = {
            "view": "traces",
            "metrics": [{"measure": "count", "aggregation": "count"}],
            "dimensions": [{"field": "environment"}],
            "filters": [],
            "fromTimestamp": iso(start),
            "toTimestamp": iso(max(end - _MS, start + _MS)),
        }
        try:
            answer, _ = self.http.get(f"{API}/metrics", {"query": json.dumps(query)}, attempts=_COUNT_ATTEMPTS)
        except StoreError:
            return None
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            return None
        return sum(_count(r) or 0 for r in rows if isinstance(r, dict) and keep(r.get("environment") or "default"))

    def _all(self, path: str, params: dict, parse: Callable[[dict], Span]) -> list[Span]:
        """Every row of a listing once. Pages move while rows arrive: a listing that came up short is read once more."""
        for _ in range(3):
            spans: dict[tuple[str, str], Span] = {}
            ids: set[tuple[Any, Any]] = set()
            total = 0
            for rows, said in by_page(self.http, path, params, self._page):
                total = max(total, said or 0)
                ids.update((r.get("traceId"), r.get("id")) for r in rows if isinstance(r, dict))
                for span in _spans(rows, parse, self.http):
                    before = spans.get((span.trace_id, span.id))
                    if before is None or span.updated >= before.updated:
                        spans[span.trace_id, span.id] = span
            if len(ids) >= total - tolerated(total):
                return list(spans.values())
        raise StoreError(
            f"Langfuse at {self.http.host} counts {total} rows at {path} from {next(iter(params.values()))} "
            f"and gave {len(ids)}; run again",
            retryable=True,
        )


def detect(
    http: Http, start: datetime, end: datetime, expand: tuple[str, ...], environments: list[str], retrievers: tuple[str, ...]
) -> V4 | Legacy:
    """The source that the server's generation needs: v3 where `v2/observations` is not there.

    A server on its way from v3 to v4 has both; for the time before it began to write both, only the older reads have rows.
    """
    window = {"fromStartTime": iso(start), "toStartTime": iso(end)}
    try:
        answer, _ = http.get(f"{API}/v2/observations", {"limit": 1, "fields": "core", **window})
    except NotFound:
        if _legacy_traces(http, start, end) is None:
            raise StoreError(
                f"{http.host} has neither {API}/v2/observations nor {API}/traces: this host does not serve "
                "Langfuse's API; check LANGFUSE_HOST"
            ) from None
        return Legacy(http, environments, retrievers)
    if not (isinstance(answer, dict) and answer.get("data")) and _legacy_traces(http, start, end):
        return Legacy(http, environments, retrievers)
    return V4(http, expand, environments, retrievers)


def _legacy_traces(http: Http, start: datetime, end: datetime) -> int | None:
    """How many traces the page-based read has in the window; None where the server has no such read."""
    params = {"limit": 1, "page": 1, "fields": "core", "fromTimestamp": iso(start), "toTimestamp": iso(end)}
    try:
        answer, _ = http.get(f"{API}/traces", params)
    except StoreError as error:
        # a read that was taken away may say so in other ways than 404
        if error.retryable or isinstance(error, Refused):
            raise
        return None
    return int(meta_of(answer).get("totalItems") or 0)


def _given_in(start: datetime, end: datetime, trace_id: str | None) -> dict[str, str]:
    return {"fromTimestamp": iso(start), "toTimestamp": iso(end), **({"traceId": trace_id} if trace_id else {})}


def _latest_by_trace(spans: list[Span]) -> list[Span]:
    kept: dict[tuple[str, str], Span] = {}
    for span in spans:
        before = kept.get((span.trace_id, span.id))
        if before is None or span.updated >= before.updated:
            kept[span.trace_id, span.id] = span
    return list(kept.values())


def _spans(rows: list[Any], parse: Callable[[dict], Span], http: Http) -> list[Span]:
    out = []
    for given in rows:
        # v3 keeps observations that no trace owns
        if isinstance(given, dict) and given.get("id") and "traceId" in given and given["traceId"] is None:
            continue
        try:
            out.append(parse(given))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            known = given.get("id") if isinstance(given, dict) else None
            raise StoreError(
                f"{http.who} at {http.host} sent a broken row (id {str(known)[:40]}, {type(error).__name__}); run again",
                retryable=True,
            ) from None
    return out


def _scores(rows: list[Any]) -> list[tuple[str, str, str, dict]]:
    out = []
    for given in rows:
        found = score(given) if isinstance(given, dict) else None
        if found is not None:
            out.append((str(given.get("id")), given.get("updatedAt") or "", *found))
    return out


def _page_based_scores(http: Http, window: dict, size: PageSize) -> list[tuple[str, str, str, dict]]:
    try:
        return _numbered_scores(http, f"{API}/v2/scores", window, size)
    except NotFound:
        # the first servers of v3
        return _numbered_scores(http, f"{API}/scores", window, size)


def _numbered_scores(http: Http, path: str, window: dict, size: PageSize) -> list[tuple[str, str, str, dict]]:
    for _ in range(3):
        out: list[tuple[str, str, str, dict]] = []
        ids: set[object] = set()
        total = 0
        for rows, said in by_page(http, path, window, size):
            total = max(total, said or 0)
            ids.update(r.get("id") for r in rows if isinstance(r, dict))
            out += _scores(rows)
        if len(ids) >= total - tolerated(total):
            return out
    raise StoreError(f"Langfuse at {http.host} counts {total} scores and gave {len(ids)}; run again", retryable=True)


def _first_page_of_scores(
    http: Http, start: datetime, end: datetime
) -> tuple[list[tuple[str, str, str, dict]], list[tuple[datetime, datetime]]]:
    try:
        answer, _ = http.get(f"{API}/v2/scores", {"limit": SCORE_PAGE, "page": 1, **_given_in(start, end, None)})
    except NotFound:
        return [], split(start, end, _MOST_SCORE_SLICES)
    rows, total = (answer.get("data"), meta_of(answer).get("totalItems")) if isinstance(answer, dict) else (None, None)
    if isinstance(rows, list) and isinstance(total, int) and total <= len(rows):
        return _scores(rows), []
    # pages move while scores arrive, so what was seen is read again with the rest
    slices = math.ceil(total / _SCORES_A_SLICE) if isinstance(total, int) else _MOST_SCORE_SLICES
    return [], split(start, end, min(_MOST_SCORE_SLICES, slices))


def _count(given: dict) -> int | None:
    value = given.get("count_count", given.get("count"))
    try:
        return int(float(value)) if value is not None else None
    except (TypeError, ValueError):
        return None
