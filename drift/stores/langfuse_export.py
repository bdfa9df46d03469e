"""Traces from Langfuse's blob-storage export, for projects too large to page through: a folder, a bucket, any fsspec URL.

Read are `{observations_v2,scores}/TS.{parquet,jsonl,json,csv}[.gz]` (of v3 servers `{traces,observations,scores}/…`). A
manifest is written last, so where there are manifests only the files they name count, and the windows they state must cover
what is asked for. Files are in no order of time: a large window is read in several passes, each over a share of the traces.
"""

from __future__ import annotations

import json
import logging
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pydantic import Field

from drift import traces
from drift.errors import DataError, StoreError
from drift.stores import Check
from drift.stores.assembly import Assembly
from drift.stores.batches import in_batches
from drift.stores.langfuse import LangfuseFilters
from drift.stores.langfuse_rows import legacy_trace, observation, score, with_session_scores
from drift.stores.messages import decode
from drift.stores.readers import File, Raw, list_files, read
from drift.stores.sample import describe
from drift.stores.spans import RECORD, Span, row

TABLES = ("observations_v2", "observations", "traces", "scores")
LEAD = timedelta(hours=1)
# what the spans of one pass may weigh, unpacked
_PASS_BYTES = 200_000_000
# inclusive bounds meet; anything wider than this between two windows is a hole
_HOLE = timedelta(seconds=1)
log = logging.getLogger(__name__)


class LangfuseExportOptions(LangfuseFilters):
    path: str = Field(description="the export's folder or URL, down to the project: s3://bucket/prefix/project")
    host: str = Field("", description="the server's URL, for links")
    project: str = Field("", description="the project's id, for links")


@dataclass(frozen=True)
class Manifest:
    """What one export run wrote: the window it covers, and its files' keys with their rows (None: not said)."""

    start: datetime
    end: datetime
    rows: dict[str, int | None]


class LangfuseExportStore:
    Options = LangfuseExportOptions
    reads_all = True

    def __init__(self, options: LangfuseExportOptions, *, salt: str):
        self.options = options
        self.salt = salt

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(start, end))

    def count(self, start: datetime, end: datetime) -> int | None:
        return None

    def trace_url(self, trace_id: str) -> str | None:
        host, project = self.options.host.rstrip("/"), self.options.project
        return f"{host}/project/{project}/traces/{trace_id}" if host and project else None

    def check(self) -> list[Check]:
        try:
            files = list_files(self.options.path, "auto")
            manifests = read_manifests(files)
            tables = {t: _files_of(files, t) for t in TABLES}
        except (StoreError, DataError) as error:
            return [Check("export", False, str(error), "correct [store] path")]
        if not any(tables[t] for t in TABLES[:3]):
            return [
                Check(
                    "export",
                    False,
                    f"no folder {' or '.join(TABLES[:2])} in {self.options.path}",
                    "point [store] path at the folder that holds observations_v2 and scores",
                )
            ]
        covered = (
            f"covers {manifests[0].start:%Y-%m-%d %H:%M} to {manifests[-1].end:%Y-%m-%d %H:%M} UTC"
            if manifests
            else ("no manifests: whether a file is complete cannot be told")
        )
        out = [Check("export", True, f"{sum(map(len, tables.values()))} files; {covered}")]
        try:
            sample = self._sample(tables)
        except (StoreError, DataError) as error:
            return [*out, Check("sample trace", False, str(error), "see the message")]
        if not sample:
            return [*out, Check("sample trace", False, "the newest file has no rows", "wait for the next export")]
        return [*out, *describe(sample, row(sample, self.salt), "the newest file")]

    def _sample(self, tables: dict[str, list[File]]) -> list[Span]:
        for table in TABLES[:2]:
            for file in reversed(tables[table]):
                spans = [s for _, s in zip(range(2_000), _spans(file, table, self._retrievers), strict=False)]
                whole = next((s.trace_id for s in spans if s.is_root), spans[0].trace_id if spans else None)
                if spans:
                    return [s for s in spans if s.trace_id == whole]
        return []

    @property
    def _retrievers(self) -> tuple[str, ...]:
        return tuple(self.options.retrievers)

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        files = list_files(self.options.path, "auto")
        manifests = read_manifests(files)
        if manifests:
            require_cover(manifests, start, end, self.options.path)
            log.warning("Langfuse never exports spans that arrive after their window was written; such spans are not seen")
        late = end + timedelta(hours=self.options.score_hours)
        scores = self._scores(chosen(files, "scores", manifests, start, late), start, late)
        found = [(t, *f) for t in TABLES[:3] for f in chosen(files, t, manifests, start - LEAD, end + LEAD)]
        if not found:
            raise StoreError(f"{self.options.path}: no export file for {start:%Y-%m-%d}; is the export on?", retryable=True)
        passes_ = max(1, math.ceil(sum(f.unpacked_bytes() for _, f, _ in found) / _PASS_BYTES))
        recorded = any(t == "traces" for t, _, _ in found)
        for share in range(passes_):
            assembly = Assembly(start, end, self.options.linger)
            assembly.add(
                span
                for table, file, rows in found
                for span in _spans(file, table, self._retrievers, rows, share, passes_)
                if start - LEAD <= span.start < end + timedelta(hours=24)
            )
            for spans in assembly.closed():
                record = next((s for s in spans if s.kind == RECORD), None)
                if recorded and (record is None or not start <= record.start < end):
                    continue
                made = with_session_scores(row(spans, self.salt, scores.pop(spans[0].trace_id, None)), scores)
                if self.options.passes(made):
                    yield made

    def _scores(self, files: list[tuple[File, int | None]], start: datetime, end: datetime) -> dict[str, list[dict]]:
        newest: dict[str, tuple[str, str, dict]] = {}
        for file, rows in files:
            for raw in _whole(file, rows):
                given = wire(raw.values)
                moment = traces.parse_time(given.get("timestamp"))
                found = score(given)
                if found is None or moment is None or not start <= moment < end:
                    continue
                updated = str(given.get("updatedAt") or "")
                key = str(given.get("id"))
                if key not in newest or updated >= newest[key][0]:
                    newest[key] = (updated, *found)
        out: dict[str, list[dict]] = {}
        for _, (_, trace_id, given) in sorted(newest.items(), key=lambda item: (item[1][0], item[0])):
            out.setdefault(trace_id, []).append(given)
        return out


def read_manifests(files: list[File]) -> list[Manifest]:
    """The manifests among the files, by the start of their windows. Raises DataError where one cannot be read."""
    out = []
    for file in files:
        if "/manifests/" not in f"/{file.name}":
            continue
        try:
            with file.open() as handle:
                given = json.load(handle)
            start, end = (traces.parse_time(given["window"][k]) for k in ("minTimestamp", "maxTimestamp"))
            rows = {f["key"]: f.get("rowCount") for f in given["files"]}
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{file.name}: not a manifest of a Langfuse export") from None
        if start is not None and end is not None:
            out.append(Manifest(start, end, rows))
    return sorted(out, key=lambda m: (m.start, m.end))


def require_cover(manifests: list[Manifest], start: datetime, end: datetime, path: str) -> None:
    """Raises StoreError unless the manifests' windows cover [start, end) without a hole."""
    reached = start
    for manifest in manifests:
        if manifest.start <= reached + _HOLE:
            reached = max(reached, manifest.end)
    if reached + _HOLE < end:
        last = max(m.end for m in manifests)
        raise StoreError(
            f"{path}: the export has nothing from {reached:%Y-%m-%d %H:%M} UTC"
            + (" on yet; run again later" if last <= reached else f" to the next window; it ends {last:%Y-%m-%d %H:%M}"),
            retryable=last <= reached,
        )


def chosen(
    files: list[File], table: str, manifests: list[Manifest], start: datetime, end: datetime
) -> list[tuple[File, int | None]]:
    """The files of a table that may hold rows of [start, end), each with the rows it must have where that is known.

    Those that the manifests of that time name, or all of them without manifests. Raises StoreError where one is missing.
    """
    mine = _files_of(files, table)
    if not manifests:
        return [(f, None) for f in mine]
    named = {
        _tail(k, table): n
        for m in manifests
        if m.start <= end and m.end >= start
        for k, n in m.rows.items()
        if f"/{table}/" in f"/{k}"
    }
    present = {_tail(f.path, table): f for f in mine}
    for key in named:
        if key not in present:
            raise StoreError(f"{key}: named by the export's manifest but not there; export the day again", retryable=True)
    return [(present[key], rows) for key, rows in sorted(named.items())]


def wire(given: dict[str, Any]) -> dict[str, Any]:
    """An exported row (snake_case, maps as pairs, everything text in CSV) as the API would have sent it."""
    out = {_camel(name): _plain(value) for name, value in given.items()}
    for name in ("metadata", "usageDetails", "costDetails", "tags"):
        out[name] = decode(out.get(name))
        if name == "tags":
            out[name] = out[name] if isinstance(out[name], list) else []
    if isinstance(out.get("isRootObservation"), str):
        out["isRootObservation"] = out["isRootObservation"].lower() in ("true", "1")
    # the export cannot tell an empty text from none
    out["input"], out["output"] = out.get("input") or None, out.get("output") or None
    if isinstance(out.get("value"), str) and out.get("dataType") in ("NUMERIC", "BOOLEAN"):
        out["value"] = float(out["value"])
    first = out.get("timeToFirstToken")
    if isinstance(first, str):
        out["timeToFirstToken"] = float(first)
    return out


def _whole(file: File, rows: int | None) -> Iterator[Raw]:
    """The file's rows. Raises StoreError at its end where the manifest says that there are more."""
    seen = 0
    for raw in read(file):
        seen += 1
        yield raw
    if rows is not None and seen < rows:
        raise StoreError(
            f"{file.name}: {seen} rows, where the export's manifest says {rows}; export the day again", retryable=True
        )


def _spans(
    file: File, table: str, retrievers: tuple[str, ...], rows: int | None = None, share: int = 0, shares: int = 1
) -> Iterator[Span]:
    name = "id" if table == "traces" else "trace_id"
    for raw in _whole(file, rows):
        trace_id = raw.values.get(name)
        if shares > 1 and zlib.crc32(str(trace_id).encode()) % shares != share:
            continue
        try:
            yield legacy_trace(wire(raw.values)) if table == "traces" else observation(wire(raw.values), retrievers)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DataError(f"{raw.place}: not an exported observation ({type(error).__name__} {error})") from None


def _files_of(files: list[File], table: str) -> list[File]:
    return [f for f in files if f"/{table}/" in f"/{f.path}"]


def _tail(path: str, table: str) -> str:
    """The key from the project's folder on: keys are the bucket's, paths have its name or a local folder before them."""
    steps = path.split("/")
    at = max((n for n, s in enumerate(steps) if s == table), default=0)
    return "/".join(steps[max(0, at - 1) :])


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {k: _plain(v) for k, v in value}
    return value
