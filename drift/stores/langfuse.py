"""Traces from Langfuse: Cloud and self-hosted, v4 and v3.

Keys come from LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, the host from `[store] host`, LANGFUSE_HOST or
LANGFUSE_BASE_URL. Very large projects read the blob-storage export instead: `langfuse_export`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from urllib.parse import quote

import pyarrow as pa
from pydantic import Field

from drift.errors import StoreError
from drift.stores import Check
from drift.stores.batches import in_batches
from drift.stores.filters import TraceFilters
from drift.stores.http import Http, Refused, in_order
from drift.stores.langfuse_api import API, Source, detect
from drift.stores.langfuse_rows import EXPAND, with_session_scores
from drift.stores.pulling import HOUR, floor_ms, whole_traces
from drift.stores.spans import RECORD, row

_LATER = timedelta(hours=24)
log = logging.getLogger(__name__)
HOST = "https://cloud.langfuse.com"
KEYS = "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, and that they belong to this host"


class LangfuseFilters(TraceFilters):
    exclude_environments: list[str] = Field(
        ["langfuse-*", "sdk-experiment"], description="never these, unless environments names them: Langfuse's own evaluations"
    )
    metadata: list[str] = Field([], description="metadata keys that are needed whole; others are cut at 200 characters")
    retrievers: list[str] = Field([], description="names (patterns) of observations that retrieve but are not typed so")
    score_hours: float = Field(24, ge=0, le=720, description="scores given so long after the window's end are joined")


class LangfuseOptions(LangfuseFilters):
    host: str = Field("", description="the server's URL; default LANGFUSE_HOST, LANGFUSE_BASE_URL, Langfuse Cloud")
    project: str = Field("", description="the project's id, for links; found by the key where empty")
    timeout_seconds: float = Field(60, gt=0, le=600)
    patience_seconds: float = Field(600, ge=0, le=7200, description="how long one request is tried again")
    lead_minutes: float = Field(60, ge=0, le=1440, description="traces seen so long before the window began before it")


class LangfuseStore:
    Options = LangfuseOptions

    def __init__(self, options: LangfuseOptions, *, salt: str):
        self.options = options
        self.salt = salt
        host = options.host or os.environ.get("LANGFUSE_HOST") or os.environ.get("LANGFUSE_BASE_URL") or HOST
        self.host = host.strip().strip("\"'").rstrip("/").removesuffix("/api/public")
        self._project: str | None = options.project or None

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(floor_ms(start), floor_ms(end)))

    def count(self, start: datetime, end: datetime) -> int | None:
        http = self.http()
        try:
            start, end = floor_ms(start), floor_ms(end)
            return self._source(http, start, end).count(start, end, self.options.keeps_environment)
        finally:
            http.close()

    def trace_url(self, trace_id: str) -> str | None:
        project = self._project_id()
        return f"{self.host}/project/{quote(project)}/traces/{quote(trace_id, safe='')}" if project else None

    def list_url(self, days: tuple[date, date] | None = None, **equal: str) -> str | None:
        """The project's list of traces, filtered to a name, environment, version or release and to days (UTC, the last included).

        None without a project. Langfuse shows only the last day where no range is named.
        """
        project = self._project_id()
        if not project:
            return None
        # the list is of observations, whose own name is another
        columns = {"name": "traceName"}
        filters = ",".join(f"{columns.get(k, k)};stringOptions;;any of;{quote(value, safe='')}" for k, value in equal.items())
        query = [f"filter={quote(filters, safe='')}"] if filters else []
        if days is not None:
            first, last = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in days)
            query.append(f"dateRange={_ms(first)}-{_ms(last + timedelta(days=1))}")
        return f"{self.host}/project/{quote(project)}/traces" + (f"?{'&'.join(query)}" if query else "")

    def check(self) -> list[Check]:
        from drift.stores.langfuse_doctor import check

        return check(self)

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        http = self.http()
        try:
            source = self._source(http, start, end)
            scores = self._scores(source, start, end)
            too_late = self._too_late(source, start, end)
            lead = timedelta(minutes=self.options.lead_minutes)
            missed = 0
            for spans in whole_traces(source, start, end, linger=self.options.linger, lead=lead):
                if source.version == "v3":
                    # there a trace is its record: without one it began in another window
                    record = next((s for s in spans if s.kind == RECORD), None)
                    if record is None or not start <= record.start < end:
                        continue
                made = with_session_scores(row(spans, self.salt, scores.pop(spans[0].trace_id, None)), scores)
                if self.options.passes(made):
                    missed += too_late.count(made["trace_id"])
                    yield made
            if missed:
                log.warning(
                    "%d scores or more were given later than %g hours after their window's end and are left out; raise [store] "
                    "score_hours",
                    missed,
                    self.options.score_hours,
                )
        finally:
            http.close()

    def _scores(self, source: Source, start: datetime, end: datetime) -> dict[str, list[dict]]:
        last = min(end + timedelta(hours=self.options.score_hours), max(datetime.now(UTC), start + HOUR))
        newest: dict[str, tuple[str, str, dict]] = {}
        first, windows = source.newest_scores(start, last)
        for part in [first, *in_order(partial(source.scores, a, b) for a, b in windows)]:
            for score_id, updated, trace_id, given in part:
                if score_id not in newest or updated >= newest[score_id][0]:
                    newest[score_id] = (updated, trace_id, given)
        out: dict[str, list[dict]] = {}
        for _, (_, trace_id, given) in sorted(newest.items(), key=lambda item: (item[1][0], item[0])):
            out.setdefault(trace_id, []).append(given)
        return out

    def _too_late(self, source: Source, start: datetime, end: datetime) -> list[str]:
        """The traces of scores that were given just after those that are joined: as many as one answer holds."""
        last = end + timedelta(hours=self.options.score_hours)
        now = datetime.now(UTC)
        if last >= now:
            return []
        found, _ = source.newest_scores(last, min(now, last + _LATER))
        return [trace_id for _, _, trace_id, _ in found]

    def _source(self, http: Http, start: datetime, end: datetime) -> Source:
        expand = tuple(dict.fromkeys((*self.options.metadata, *EXPAND)))
        return detect(http, start, end, expand, self.options.environments, tuple(self.options.retrievers))

    def http(self, patience_s: float | None = None) -> Http:
        public, secret = (os.environ.get(key, "").strip() for key in ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"))
        if not public or not secret:
            missing = "LANGFUSE_PUBLIC_KEY" if not public else "LANGFUSE_SECRET_KEY"
            raise Refused(f"{missing} is not set; take both keys from Langfuse: Settings, API Keys")
        patience_s = self.options.patience_seconds if patience_s is None else patience_s
        return Http(
            self.host,
            who="Langfuse",
            key_hint=KEYS,
            auth=(public, secret),
            timeout_s=self.options.timeout_seconds,
            patience_s=patience_s,
        )

    @property
    def project(self) -> str | None:
        """The id of the key's project; None where the server does not say."""
        return self._project_id() or None

    def _project_id(self) -> str | None:
        if self._project is None:
            self._project = ""
            try:
                # a link is not worth a long wait
                http = self.http(patience_s=5)
            except StoreError:
                return None
            try:
                answer, _ = http.get(f"{API}/projects")
                self._project = str(answer["data"][0]["id"])
            except (StoreError, LookupError, TypeError):
                pass
            finally:
                http.close()
        return self._project or None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
