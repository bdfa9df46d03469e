"""The same made-up requests written into every kind of store, for the conformance suite."""

from __future__ import annotations

import csv
import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import langfuse_rows as wire
import pyarrow as pa
import pyarrow.parquet as pq

from drift.stores.files import FilesStore
from drift.stores.langfuse_export import LangfuseExportOptions, LangfuseExportStore
from drift.stores.mapping import FilesOptions
from drift.stores.mlflow import MlflowOptions, MlflowStore
from drift.stores.otlp import OtlpOptions, OtlpStore
from drift.stores.phoenix import PhoenixOptions, PhoenixStore
from drift.stores.sql import SqlOptions, SqlStore


@dataclass(frozen=True)
class Request:
    """What one request of a user is in every store: half a second, one generation, one retrieved document."""

    id: str
    start: datetime
    question: str | None = "Why?"
    answer: str | None = "Because."
    user: str | None = "user-1"
    model: str | None = "gpt-4o"
    metadata: dict[str, str] = field(default_factory=lambda: {"tenant": "acme"})

    @property
    def end(self) -> datetime:
        return self.start + timedelta(milliseconds=500)


Load = Callable[[list[Request]], Callable[[str], Any]]


def flat(request: Request) -> dict[str, Any]:
    """A row of a file or a table, in names of its own."""
    row = {"id": request.id, "at": request.start, "question": request.question, "answer": request.answer, "who": request.user,
           "model": request.model, "seconds": 0.5, "docs": [{"id": "doc-0", "score": 0.9}], **request.metadata}  # fmt: skip
    return {k: v for k, v in row.items() if v is not None}


COLUMNS = {"trace_id": "id", "timestamp": "at", "input": "question", "output": "answer", "user": "who", "latency_s": "seconds",
           "documents": "docs"}  # fmt: skip
NAMES = ["id", "at", "question", "answer", "who", "model", "seconds", "docs", "tenant"]


def parquet(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], FilesStore]:
        half = len(requests) // 2
        schema = pa.schema([(n, pa.string()) for n in NAMES])
        schema = schema.set(1, pa.field("at", pa.timestamp("us", "UTC"))).set(6, pa.field("seconds", pa.float64()))
        schema = schema.set(7, pa.field("docs", pa.list_(pa.struct([("id", pa.string()), ("score", pa.float64())]))))
        for n, part in enumerate((requests[:half], requests[half:])):
            pq.write_table(
                pa.Table.from_pylist([flat(r) for r in part], schema), folder / f"part-{n}.parquet", row_group_size=3
            )
        return lambda salt: FilesStore(FilesOptions(path=str(folder), columns=COLUMNS), salt=salt)

    return load


def jsonl(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], FilesStore]:
        lines = [json.dumps({**flat(r), "at": r.start.isoformat()}) for r in requests]
        path = folder / "traces.jsonl"
        path.write_text("\n".join(lines), "utf-8")
        return lambda salt: FilesStore(FilesOptions(path=str(path), columns=COLUMNS), salt=salt)

    return load


def comma_separated(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], FilesStore]:
        path = folder / "traces.csv"
        with path.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, NAMES)
            writer.writeheader()
            for r in requests:
                writer.writerow({**flat(r), "at": r.start.isoformat(), "docs": json.dumps(flat(r)["docs"])})
        return lambda salt: FilesStore(FilesOptions(path=str(path), columns=COLUMNS), salt=salt)

    return load


def bucket(url: str, options: dict[str, Any]) -> Load:
    """Files in an object store (`options` go to fsspec through its configuration)."""

    def load(requests: list[Request]) -> Callable[[str], FilesStore]:
        import fsspec

        fsspec.config.conf["s3"] = options
        base = f"{url}/{uuid.uuid4().hex}"
        with fsspec.open(f"{base}/traces.jsonl.gz", "wt", compression="gzip", encoding="utf-8") as handle:
            handle.write("\n".join(json.dumps({**flat(r), "at": r.start.isoformat()}) for r in requests))
        return lambda salt: FilesStore(FilesOptions(path=base, columns=COLUMNS), salt=salt)

    return load


def sqlite(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], SqlStore]:
        path = folder / "traces.db"
        with sqlite3.connect(path) as database:
            database.execute(f"CREATE TABLE calls ({', '.join(NAMES)})")
            for r in requests:
                row = {**flat(r), "at": r.start.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}
                row["docs"] = json.dumps(row["docs"])
                database.execute(f"INSERT INTO calls VALUES ({', '.join('?' * len(NAMES))})", [row.get(n) for n in NAMES])
        query = "SELECT * FROM calls WHERE at >= :start AND at < :end"
        options = SqlOptions(url=f"sqlite:///{path}", query=query, times="iso", columns=COLUMNS)
        return lambda salt: SqlStore(options, salt=salt)

    return load


def postgres(url: str) -> Load:
    def load(requests: list[Request]) -> Callable[[str], SqlStore]:
        import sqlalchemy as sa

        table = f"calls_{uuid.uuid4().hex}"
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text(f"CREATE TABLE {table} (id text, at timestamptz, question text, answer text, who text, "
                                       "model text, seconds float, docs jsonb, tenant text)"))  # fmt: skip
            for r in requests:
                row = {n: flat(r).get(n) for n in NAMES}
                row["docs"] = json.dumps(row["docs"])
                row = {k: v.replace("\x00", "") if isinstance(v, str) else v for k, v in row.items()}
                connection.execute(sa.text(f"INSERT INTO {table} VALUES ({', '.join(':' + n for n in NAMES)})"), row)
        engine.dispose()
        query = f"SELECT * FROM {table} WHERE at >= :start AND at < :end"
        return lambda salt: SqlStore(SqlOptions(url=url, query=query, columns=COLUMNS), salt=salt)

    return load


def observations(request: Request) -> list[dict]:
    """The request in the wire's shape of Langfuse: a root, a retriever, a generation."""
    common = {"userId": request.user or "", "sessionId": ""}
    root = wire.observation(
        request.id, f"{request.id}-0", request.start, 0.5, type="CHAIN", isRootObservation=True, name="app",
        input=request.question, output=request.answer, metadata=dict(request.metadata), **common,
    )  # fmt: skip
    later = request.start + timedelta(milliseconds=100)
    child = {**common, "parentObservationId": root["id"]}
    found = json.dumps([{"id": "doc-0", "score": 0.9}])
    made = {"model": request.model or "", "question": request.question or "", "answer": request.answer or ""}
    said = wire.generation(request.id, f"{request.id}-2", later, 0.2, **made, **child)
    if request.question is None:
        said["input"] = None
    if request.answer is None:
        said["output"] = None
    return [root, wire.observation(request.id, f"{request.id}-1", later, 0.01, type="RETRIEVER", output=found, **child), said]


def langfuse(serve: Callable, mode: str) -> Load:
    def load(requests: list[Request]) -> Callable[[str], Any]:
        _, store = serve([o for r in requests for o in observations(r)], [], mode)
        return lambda salt: type(store)(store.options, salt=salt)

    return load


def langfuse_export(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], LangfuseExportStore]:
        rows = [exported(o) for r in requests for o in observations(r)]
        half = len(rows) // 2
        low = min((r.start for r in requests), default=datetime(2026, 11, 19, tzinfo=UTC)) - timedelta(days=3)
        files = []
        for n, part in enumerate((rows[:half], rows[half:] + rows[:2])):
            key = f"proj1/observations_v2/{n}.jsonl"
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_text("\n".join(map(json.dumps, part)), "utf-8")
            files.append({"key": f"prefix/{key}", "table": "observations_v2", "rowCount": len(part)})
        window = {"minTimestamp": wire.iso(low), "maxTimestamp": wire.iso(low + timedelta(days=9))}
        (folder / "proj1/manifests").mkdir()
        (folder / "proj1/manifests/0.json").write_text(json.dumps({"version": 1, "window": window, "files": files}))
        return lambda salt: LangfuseExportStore(LangfuseExportOptions(path=str(folder / "proj1")), salt=salt)

    return load


def exported(observation: dict) -> dict:
    """An observation as the blob-storage export writes it."""

    def snake(name: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    row = {snake(k): v for k, v in observation.items()}
    row["provided_model_name"] = row.pop("model")
    for name in ("start_time", "end_time", "created_at", "updated_at"):
        row[name] = row[name].replace("T", " ").rstrip("Z") + "000"
    row["input"], row["output"] = row["input"] or "", row["output"] or ""
    return row


def otlp_request(requests: list[Request], nonce: str = "") -> dict:
    """An OTLP/JSON export of the requests, in GenAI's conventions. Servers want ids that no other project has: `nonce`."""

    def attributes(**given: Any) -> list[dict]:
        kinds = {str: "stringValue", float: "doubleValue", int: "intValue", bool: "boolValue"}
        return [{"key": k.replace("__", "."), "value": {kinds[type(v)]: v}} for k, v in given.items() if v is not None]

    def span(r: Request, n: int, parent: int | None, name: str, a: datetime, b: datetime, **given: Any) -> dict:
        out = {"traceId": trace_hex(nonce + r.id), "spanId": f"{trace_hex(nonce + r.id)[:14]}{n:02x}", "name": name, "kind": 1,
               "startTimeUnixNano": str(nano(a)), "endTimeUnixNano": str(nano(b)), "attributes": attributes(**given),
               "status": {"code": 1}}  # fmt: skip
        return {**out, "parentSpanId": f"{trace_hex(nonce + r.id)[:14]}{parent:02x}"} if parent is not None else out

    spans = []
    for r in requests:
        later = r.start + timedelta(milliseconds=100)
        asked = (
            None if r.question is None else json.dumps([{"role": "user", "parts": [{"type": "text", "content": r.question}]}])
        )
        said = (
            None if r.answer is None else json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": r.answer}]}])
        )
        spans += [
            span(r, 0, None, "app", r.start, r.end, openinference__span__kind="CHAIN", user__id=r.user, input__value=r.question,
                 output__value=r.answer, **r.metadata),
            span(r, 1, 0, "search", later, later, openinference__span__kind="RETRIEVER",
                 retrieval__documents__0__document__id="doc-0", retrieval__documents__0__document__score=0.9),
            span(r, 2, 0, "chat", later, r.end, gen_ai__operation__name="chat", gen_ai__request__model=r.model,
                 gen_ai__input__messages=asked, gen_ai__output__messages=said),
        ]  # fmt: skip
    return {"resourceSpans": [{"resource": {"attributes": attributes(service__name="app")}, "scopeSpans": [{"spans": spans}]}]}


def otlp(folder: Path) -> Load:
    def load(requests: list[Request]) -> Callable[[str], OtlpStore]:
        for n in range(3):
            lines = [json.dumps(otlp_request([r])) for r in requests[n::3]]
            (folder / f"traces-{n}.jsonl").write_text("\n".join(lines), "utf-8")
        return lambda salt: OtlpStore(OtlpOptions(path=str(folder)), salt=salt)

    return load


def phoenix(url: str) -> Load:
    """Into a new project of a running Phoenix; returns once it shows every span."""
    import httpx

    def load(requests: list[Request]) -> Callable[[str], PhoenixStore]:
        project = f"app-{uuid.uuid4().hex[:8]}"
        spans = []
        for given in otlp_request(requests, project)["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            about = {a["key"]: next(iter(a["value"].values())) for a in given["attributes"]}
            kind = about.pop("openinference.span.kind", "LLM")
            times = [
                datetime.fromtimestamp(int(given[k]) / 1e9, UTC).isoformat() for k in ("startTimeUnixNano", "endTimeUnixNano")
            ]
            spans.append(
                {
                    "name": given["name"],
                    "context": {"trace_id": given["traceId"], "span_id": given["spanId"]},
                    "parent_id": given.get("parentSpanId"),
                    "span_kind": kind,
                    "start_time": times[0],
                    "end_time": times[1],
                    "status_code": "OK",
                    "attributes": about,
                }
            )
        with httpx.Client(base_url=url, timeout=30) as client:
            client.post("/v1/projects", json={"name": project}).raise_for_status()
            if spans:
                client.post(f"/v1/projects/{project}/spans", json={"data": spans}).raise_for_status()
            wait_for(
                lambda: len(client.get(f"/v1/projects/{project}/spans", params={"limit": 1000}).json()["data"]) >= len(spans)
            )
        return lambda salt: PhoenixStore(PhoenixOptions(host=url, project=project), salt=salt)

    return load


def mlflow(url: str) -> Load:
    """Into a new experiment of a running MLflow, by its OTLP endpoint; returns once it shows every trace."""
    import httpx
    from google.protobuf import json_format
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    def load(requests: list[Request]) -> Callable[[str], MlflowStore]:
        name = f"app-{uuid.uuid4().hex[:8]}"
        with httpx.Client(base_url=url, timeout=60) as client:
            experiment = (
                client.post("/api/2.0/mlflow/experiments/create", json={"name": name})
                .raise_for_status()
                .json()["experiment_id"]
            )
            headers = {"x-mlflow-experiment-id": experiment, "Content-Type": "application/x-protobuf"}
            for request in requests:
                given = otlp_request([request], name)
                for s in given["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                    for key in ("traceId", "spanId", "parentSpanId"):
                        if key in s:
                            s[key] = _base64(s[key])
                body = json_format.ParseDict(given, ExportTraceServiceRequest()).SerializeToString()
                client.post("/v1/traces", content=body, headers=headers).raise_for_status()
            search = {
                "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}],
                "max_results": 500,
            }
            wait_for(
                lambda: len(client.post("/api/3.0/mlflow/traces/search", json=search).json().get("traces", [])) >= len(requests)
            )
        return lambda salt: MlflowStore(MlflowOptions(host=url, experiments=[name]), salt=salt)

    return load


def wait_for(ready: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError("the server did not show what was written")
        time.sleep(0.05)


def trace_hex(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, name).hex


def nano(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) * 1000


def _base64(given: str) -> str:
    import base64

    return base64.b64encode(bytes.fromhex(given)).decode()
