"""Traces from MLflow 3: the REST API of a tracking server.

The server is `[store] host` or MLFLOW_TRACKING_URI; MLFLOW_TRACKING_TOKEN or MLFLOW_TRACKING_USERNAME and _PASSWORD where it
asks for them. A trace is complete in itself there, so a window is the traces whose request time lies in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from pydantic import Field

from drift import traces
from drift.errors import StoreError
from drift.stores import Check, evaluators
from drift.stores.batches import in_batches
from drift.stores.filters import TraceFilters
from drift.stores.http import Http, NotFound, Refused, TooMuch, in_order
from drift.stores.otlp import otlp_span
from drift.stores.pulling import floor_ms
from drift.stores.sample import describe
from drift.stores.spans import RECORD, Span, row

API = "/api/3.0/mlflow"
PAGE = 100
_AT_ONCE = 25
KEYS = "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"


class MlflowOptions(TraceFilters):
    host: str = Field("", description="the tracking server's URL; default MLFLOW_TRACKING_URI")
    experiments: list[str] = Field(["Default"], min_length=1, description="names of the experiments that hold the traces")
    environment_tag: str = Field("env", description="the trace tag that names the environment")
    timeout_seconds: float = Field(60, gt=0, le=600)
    patience_seconds: float = Field(600, ge=0, le=7200, description="how long one request is tried again")


class MlflowStore:
    Options = MlflowOptions

    def __init__(self, options: MlflowOptions, *, salt: str):
        self.options = options
        self.salt = salt
        self.host = (options.host or os.environ.get("MLFLOW_TRACKING_URI") or "http://localhost:5000").rstrip("/")
        self._experiments: dict[str, str] = {}

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        return in_batches(self._rows(floor_ms(start), floor_ms(end)))

    def count(self, start: datetime, end: datetime) -> int | None:
        return None

    def trace_url(self, trace_id: str) -> str | None:
        experiment = next(iter(self._experiments), None)
        if experiment is None:
            try:
                http = self.http(patience_s=5)
                try:
                    experiment = next(iter(self._ids(http)))
                finally:
                    http.close()
            except StoreError:
                return None
        return f"{self.host}/#/experiments/{experiment}/traces?selectedEvaluationId={trace_id}"

    def check(self) -> list[Check]:
        try:
            http = self.http(patience_s=10)
        except StoreError as error:
            return [Check("mlflow server", False, str(error), "set [store] host or MLFLOW_TRACKING_URI")]
        try:
            try:
                ids = self._ids(http)
            except Refused as error:
                return [Check("mlflow key", False, str(error), f"set {KEYS}")]
            except NotFound as error:
                return [Check("mlflow experiment", False, str(error), "set [store] experiments")]
            except StoreError as error:
                return [
                    Check("mlflow server", False, str(error), "set [store] host or MLFLOW_TRACKING_URI to the server's URL")
                ]
            version = http.text("/version")
            out = [
                Check("mlflow server", True, f"{self.host} answers, version {version}"),
                Check("mlflow experiment", True, ", ".join(ids.values())),
            ]
            now = datetime.now(UTC)
            infos, _ = self._search(http, now - timedelta(days=30), now, None, 1, "DESC")
            if not infos:
                return [*out, Check("sample trace", False, "no trace in the last 30 days", "name the live experiment")]
            spans = self._spans(http, infos)[0]
            return [*out, *describe(spans, row(spans, self.salt), "the last 30 days")]
        except StoreError as error:
            return [Check("sample trace", False, str(error), "try again")]
        finally:
            http.close()

    def _rows(self, start: datetime, end: datetime) -> Iterator[dict]:
        http = self.http()
        seen: set[str] = set()
        try:
            self._ids(http)
            for page in self._pages(http, start, end):
                fresh = [i for i in page if i["trace_id"] not in seen]
                seen.update(i["trace_id"] for i in fresh)
                parts = [fresh[n : n + _AT_ONCE] for n in range(0, len(fresh), _AT_ONCE)]
                for part in in_order(partial(self._spans, http, infos) for infos in parts):
                    for spans in part:
                        made = row(spans, self.salt)
                        if self.options.passes(made):
                            yield made
        finally:
            http.close()

    def _pages(self, http: Http, start: datetime, end: datetime) -> Iterator[list[dict]]:
        token: str | None = None
        used: set[str] = set()
        while True:
            infos, token = self._search(http, start, end, token, PAGE, "ASC")
            yield infos
            if not token:
                return
            if token in used:
                raise StoreError(
                    f"MLflow at {self.host} repeated a page token, the listing is not whole; run again", retryable=True
                )
            used.add(token)

    def _search(
        self, http: Http, start: datetime, end: datetime, token: str | None, limit: int, order: str
    ) -> tuple[list[dict], str | None]:
        window = f"timestamp_ms >= {_ms(start)} AND timestamp_ms < {_ms(end)}"
        body = {
            "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": i}} for i in self._ids(http)],
            "filter": window,
            "max_results": limit,
            "order_by": [f"timestamp_ms {order}"],
            **({"page_token": token} if token else {}),
        }
        answer, _ = http.request("POST", f"{API}/traces/search", body=body)
        if not isinstance(answer, dict):
            raise StoreError(f"MLflow at {self.host} answered a search without traces")
        return [self._info(given) for given in self._listed(answer)], answer.get("next_page_token")

    def _listed(self, answer: dict[str, Any]) -> list[Any]:
        given = answer.get("traces") or []
        if not isinstance(given, list):
            raise StoreError(f"MLflow at {self.host} answered without a list of traces", retryable=True)
        return given

    def _info(self, given: Any) -> dict[str, Any]:
        """What a listing or an answer says of one trace. Raises StoreError where that has no id."""
        if not isinstance(given, dict) or not isinstance(given.get("trace_id"), str):
            raise StoreError(f"MLflow at {self.host} sent a broken trace (without an id); run again", retryable=True)
        return given

    def _spans(self, http: Http, infos: list[dict]) -> list[list[Span]]:
        """The spans of these traces, each with its record; a batch that is too much is asked for in halves."""
        try:
            answer, _ = http.get(
                f"{API}/traces/batchGet", {"trace_ids": [i["trace_id"] for i in infos]}, shrinkable=len(infos) > 1
            )
        except TooMuch:
            half = len(infos) // 2
            return self._spans(http, infos[:half]) + self._spans(http, infos[half:])
        except NotFound:
            # servers before 3.6 know a trace's spans only one by one
            answer = {"traces": [{"trace_info": i, "spans": self._artifact(http, i)} for i in infos]}
        whole = [given for given in self._listed(answer) if isinstance(given, dict)]
        found = {self._info(given.get("trace_info"))["trace_id"]: given for given in whole}
        missing = [i["trace_id"] for i in infos if i["trace_id"] not in found]
        if missing:
            raise StoreError(f"MLflow at {self.host} lists trace {missing[0]} but does not give it; run again", retryable=True)
        return [self._one(i, found[i["trace_id"]].get("spans") or []) for i in infos]

    def _artifact(self, http: Http, info: dict) -> list[dict]:
        answer, _ = http.get("/ajax-api/2.0/mlflow/get-trace-artifact", {"request_id": info["trace_id"]})
        return answer.get("spans") or [] if isinstance(answer, dict) else []

    def _one(self, info: dict[str, Any], given: list[dict]) -> list[Span]:
        try:
            record = _record(info, self.options.environment_tag)
            spans = [s for g in given if (s := otlp_span(g, trace_id=record.trace_id)) is not None]
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise StoreError(
                f"MLflow at {self.host} sent a broken trace (id {str(info.get('trace_id'))[:40]}, {type(error).__name__}); run again",
                retryable=True,
            ) from None
        return [record, *spans]

    def _ids(self, http: Http) -> dict[str, str]:
        if not self._experiments:
            found = {}
            for name in self.options.experiments:
                try:
                    answer, _ = http.get("/api/2.0/mlflow/experiments/get-by-name", {"experiment_name": name})
                except NotFound:
                    raise NotFound(
                        f"MLflow at {http.host} has no experiment {name!r}; set [store] experiments, or host if "
                        "this is not MLflow"
                    ) from None
                found[str(answer["experiment"]["experiment_id"])] = name
            self._experiments = found
        return self._experiments

    def http(self, patience_s: float | None = None) -> Http:
        token = os.environ.get("MLFLOW_TRACKING_TOKEN")
        user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
        return Http(
            self.host,
            who="MLflow",
            key_hint=KEYS,
            timeout_s=self.options.timeout_seconds,
            auth=(user, password) if user and password and not token else None,
            headers={"Authorization": f"Bearer {token}"} if token else None,
            patience_s=self.options.patience_seconds if patience_s is None else patience_s,
        )


def _record(info: dict[str, Any], environment_tag: str) -> Span:
    """MLflow's own record of a trace: when it began, what was asked, who, and what it was judged."""
    start = traces.parse_time(info.get("request_time"))
    if start is None:
        raise StoreError(f"MLflow sent trace {info.get('trace_id')} without a request time; run again", retryable=True)
    about, tags = info.get("trace_metadata") or {}, info.get("tags") or {}
    seconds = _seconds(info)
    scores: list[dict] = []
    metadata = {k: v for source in (about, tags) for k, v in source.items() if not k.startswith("mlflow.")}
    out = Span(
        trace_id=info["trace_id"],
        id=f"{RECORD}:{info['trace_id']}",
        kind=RECORD,
        start=start,
        end=start + timedelta(seconds=seconds) if seconds is not None else None,
        is_root=True,
        name=tags.get("mlflow.traceName"),
        failed=info.get("state") == "ERROR",
        session=about.get("mlflow.trace.session"),
        user=about.get("mlflow.trace.user"),
        environment=tags.get(environment_tag),
        version=about.get("mlflow.modelId"),
        release=about.get("mlflow.source.git.commit") or None,
        trace_name=tags.get("mlflow.traceName"),
        metadata=metadata,
        scores=scores,
    )
    for given in info.get("assessments") or []:
        name = given.get("assessment_name") or given.get("name")
        if given.get("valid") is False or not isinstance(name, str) or not name:
            continue
        judged = (given.get("feedback") or {}).get("value")
        if isinstance(judged, (bool, int, float)):
            scores.append(evaluators.noted({"name": name, "value": float(judged)}, _evaluator(given)))
        elif isinstance(judged, str):
            number = {"yes": 1.0, "no": 0.0}.get(judged)
            said = {"name": name, "value": number} if number is not None else {"name": name, "label": judged}
            scores.append(evaluators.noted(said, _evaluator(given)))
        wanted = given.get("expectation")
        if wanted and name in ("expected_response", "expected_output", "ground_truth", "expected_answer"):
            metadata["expected_output"] = wanted.get("value") or (wanted.get("serialized_value") or {}).get("value")
    return out


def _evaluator(assessment: dict[str, Any]) -> str | None:
    """What gave it, where that was a judge or code: its metadata, else its source's id."""
    source = assessment.get("source") or {}
    if source.get("source_type") not in ("LLM_JUDGE", "AI_JUDGE", "CODE"):
        return None
    return evaluators.of(assessment.get("metadata")) or evaluators.named(source.get("source_id"))


def _seconds(info: dict[str, Any]) -> float | None:
    given = info.get("execution_duration")
    if isinstance(given, str) and given.endswith("s"):
        try:
            return float(given[:-1])
        except ValueError:
            return None
    milliseconds = info.get("execution_duration_ms", info.get("execution_time_ms"))
    return milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
