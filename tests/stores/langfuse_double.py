"""A Langfuse server for tests: real HTTP on localhost, answers in the shapes of shared/langfuse/recorded, faults on demand.

The modes `v4`, `v3` and `dual` (on its way from one to the other) differ in which endpoints exist, as the real servers do. Rows are the wire's own dictionaries;
`langfuse_rows.py` in this folder makes them.
"""

from __future__ import annotations

import base64
import bisect
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

GROUPS = {
    "core": ["id", "traceId", "startTime", "endTime", "projectId", "parentObservationId", "type"],
    "basic": ["name", "level", "statusMessage", "version", "environment", "bookmarked", "public", "userId", "sessionId",
              "isRootObservation"],
    "time": ["completionStartTime", "createdAt", "updatedAt"],
    "io": ["input", "output"],
    "metadata": ["metadata"],
    "model": ["model", "internalModelId", "modelParameters"],
    "usage": ["usageDetails", "inputUsage", "outputUsage", "totalUsage", "costDetails", "inputCost", "outputCost", "totalCost",
              "usagePricingTierId", "usagePricingTierName"],
    "prompt": ["promptId", "promptName", "promptVersion"],
    "metrics": ["latency", "timeToFirstToken"],
    "trace_context": ["tags", "release", "traceName"],
}  # fmt: skip
ALWAYS = ["modelId", "inputPrice", "outputPrice", "totalPrice", "latency", "timeToFirstToken"]
# what the server's specification names; anything else it would drop in silence, and a test would not see that it did nothing
KNOWN = {
    "v2/observations": {"fields", "expandMetadata", "limit", "cursor", "parseIoAsJson", "type", "traceId", "isRootObservation",
                        "environment", "fromStartTime", "toStartTime"},
    "v3/scores": {"fields", "limit", "cursor", "traceId", "fromTimestamp", "toTimestamp"},
    "v2/metrics": {"query"},
    "metrics": {"query"},
    "traces": {"page", "limit", "fields", "orderBy", "environment", "fromTimestamp", "toTimestamp"},
    "observations": {"page", "limit", "traceId", "environment", "fromStartTime", "toStartTime"},
    "v2/scores": {"page", "limit", "traceId", "fromTimestamp", "toTimestamp", "fields"},
    "projects": set(),
    "health": set(),
}  # fmt: skip
DIMENSIONS = {"environment", "type", "name", "level", "version", "tags", "release", "traceName", "traceRelease", "traceVersion",
              "providedModelName", "promptName", "promptVersion", "isRootObservation", "startTimeMonth"}  # fmt: skip
LEGACY_GONE = {"message": "This endpoint is not available on deployments running in Langfuse v4 events_only mode. "
                          "Learn more about Langfuse v4 at: https://langfuse.com/docs/v4"}  # fmt: skip


@dataclass
class Fault:
    """What happens to the next `times` requests whose path ends with `path` (after `skip` of them went well)."""

    path: str
    kind: str  # a status such as "429", or "cut", "truncated", "slow", "repeat_cursor", "too_large", "html"
    times: int = 1
    skip: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    above: int = 0  # too_large: only pages of more rows than this


class LangfuseDouble:
    """Serve `observations` and `scores` (wire dictionaries of v4) on a free local port until `close`."""

    public, secret = "pk-lf-test", "sk-lf-test"

    def __init__(self, observations: list[dict], scores: list[dict] | None = None, *, mode: str = "v4"):
        self.mode = mode
        self.scores = sorted(scores or [], key=lambda s: (s["timestamp"], s["id"]), reverse=True)
        self._score_times = [s["timestamp"] for s in reversed(self.scores)]
        self.observations = sorted(observations, key=_key, reverse=True)
        self._keys = [_key(o) for o in reversed(self.observations)]
        self._encoded: dict[tuple[str, int], bytes] = {}
        # rows that are counted but not shown, and rows that have not arrived yet
        self.hidden: set[tuple[str, str]] = set()
        self.absent: set[tuple[str, str]] = set()
        # a server between v3 and v4 shows its older rows to the older reads only
        self.v2_since = ""
        # the first servers of v3 know scores by their older address only
        self.first_v3 = False
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, dict]] = []
        self.on_request: Callable[[str, dict], None] | None = None
        self.running = 0
        self.most_running = 0
        self._lock = threading.Lock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # head and body in one packet, else every answer waits for a delayed acknowledgement
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                double._serve(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str, kind: str | int, times: int = 1, **more: object) -> None:
        self.faults.append(Fault(path, str(kind), times, **more))  # type: ignore[arg-type]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        params = {k: v if k == "environment" else v[-1] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
        with self._lock:
            self.requests.append((url.path, params))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            if self.on_request:
                self.on_request(url.path, params)
            fault = self._fault(url.path, params)
            self._answer(handler, url.path, params, fault)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self._lock:
                self.running -= 1

    def _fault(self, path: str, params: dict) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if path.endswith(fault.path) and int(params.get("limit", 50)) > fault.above:
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    if fault.times:
                        fault.times -= 1
                        return fault
        return None

    def _answer(self, handler: BaseHTTPRequestHandler, path: str, params: dict, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        if kind.isdigit():
            return self._send(handler, int(kind), {"message": "no"}, fault.headers)
        if kind == "too_large":
            return self._send(handler, 413, {"message": "Response too large"})
        if kind == "slow":
            time.sleep(0.6)
        if kind == "html":
            return self._raw(handler, 200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
        status, body = self._route(handler, path, params)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if kind == "cut":
            # complete HTTP, half a JSON text
            return self._raw(handler, 200, data[: len(data) // 2])
        if kind == "truncated":
            # the connection ends in the middle of the announced body
            handler.close_connection = True
            return self._raw(handler, 200, data[: len(data) // 2], length=len(data))
        if kind == "repeat_cursor":
            answer = json.loads(data)
            answer["meta"]["cursor"] = params.get("cursor") or answer["meta"].get("cursor")
            data = json.dumps(answer).encode()
        return self._raw(handler, status, data)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, body: dict, headers: dict | None = None) -> None:
        self._raw(handler, status, json.dumps(body).encode(), headers)

    def _raw(self, handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict | None = None,
             length: int | None = None) -> None:  # fmt: skip
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        handler.end_headers()
        handler.wfile.write(data)
        handler.wfile.flush()

    def _route(self, handler: BaseHTTPRequestHandler, path: str, params: dict) -> tuple[int, dict | bytes]:
        if not path.startswith("/api/public/"):
            return 404, {"message": "Not found"}
        name = path.removeprefix("/api/public/")
        if name == "health":
            return 200, {"status": "OK", "version": "4.16.0" if self.mode == "v4" else "3.140.0"}
        given = handler.headers.get("Authorization", "")
        if given != "Basic " + base64.b64encode(f"{self.public}:{self.secret}".encode()).decode():
            return 401, {"message": "Invalid credentials. Confirm that you've configured the correct host."}
        if name == "projects":
            return 200, {
                "data": [{"id": "proj1", "name": "proj1", "organization": {"id": "org1", "name": "org1"}, "metadata": {}}]
            }
        v4 = {"v2/observations": self._v2_observations, "v3/scores": self._v3_scores, "v2/metrics": self._v2_metrics}
        if self.mode == "v3" and self.first_v3 and name in ("scores", "v2/scores"):
            return self._v2_scores(params) if name == "scores" else (404, {"message": "Not found"})
        v3 = {"traces": self._v1_traces, "observations": self._v1_observations, "v2/scores": self._v2_scores,
              "metrics": self._v1_metrics}  # fmt: skip
        routes, gone = {"v4": (v4, v3), "v3": (v3, v4)}.get(self.mode) or (
            {**v3, "v2/observations": self._v2_observations}, {"v3/scores": None, "v2/metrics": None})  # fmt: skip
        if name in routes:
            return _refusal(name, params) or routes[name](params)
        return 404, LEGACY_GONE if name in gone and self.mode == "v4" else {"message": "Not found"}

    # v4

    def _v2_observations(self, params: dict) -> tuple[int, dict | bytes]:
        limit = int(params.get("limit", 50))
        if limit > 1000:
            return 400, _too_big(1000)
        if params.get("parseIoAsJson") == "true":
            return _invalid("parseIoAsJson", "parseIoAsJson=true is no longer supported on the v2 observations endpoint.")
        low, high = params.get("fromStartTime"), params.get("toStartTime")
        n = len(self._keys)
        # positions in newest-first order of the window
        first = n - bisect.bisect_left(self._keys, (_ms(high),)) if high else 0
        last = n - bisect.bisect_left(self._keys, (_ms(low),)) if low else n
        if "cursor" in params:
            try:
                at = json.loads(base64.b64decode(params["cursor"]))
                after = (at["lastStartTimeTo"], at["lastTraceId"], at["lastId"])
            except (ValueError, KeyError):
                return 400, {"message": "Invalid cursor format", "error": "InvalidRequestError"}
            first = max(first, n - bisect.bisect_left(self._keys, after))
        groups = params.get("fields", "core,basic").split(",")
        expand = params["expandMetadata"].split(",") if params.get("expandMetadata") else []
        rows, position = [], first
        chosen = []
        while position < last and len(chosen) <= limit:
            row = self.observations[position]
            if self._wanted(row, params):
                chosen.append(position)
            position += 1
        more = len(chosen) > limit
        chosen = chosen[:limit]
        rows = [self._encode(p, groups, expand) for p in chosen]
        meta = {"cursor": _cursor(self.observations[chosen[-1]])} if more else {}
        return 200, b'{"data":[' + b",".join(rows) + b'],"meta":' + json.dumps(meta).encode() + b"}"

    def _wanted(self, row: dict, params: dict) -> bool:
        if (row["traceId"], row["id"]) in self.hidden | self.absent or row["startTime"] < self.v2_since:
            return False
        if "traceId" in params and row["traceId"] != params["traceId"]:
            return False
        if "environment" in params and row["environment"] not in params["environment"]:
            return False
        if "isRootObservation" in params and row["isRootObservation"] is not (params["isRootObservation"] == "true"):
            return False
        return "type" not in params or row["type"] == params["type"]

    def _encode(self, position: int, groups: list[str], expand: list[str]) -> bytes:
        key = (",".join(groups), position)
        if key in self._encoded:
            return self._encoded[key]
        row = self.observations[position]
        names = [n for g in dict.fromkeys(["core", *groups]) for n in GROUPS.get(g, [])] + ALWAYS
        out = {n: row[n] for n in names if n in row}
        whole = out.get("metadata") or {}
        if "metadata" in out:
            out["metadata"] = {k: _cut(k, v, expand) for k, v in whole.items()}
        encoded = json.dumps(out).encode()
        # what is cut depends on the question
        if all(len(v if isinstance(v, str) else json.dumps(v)) <= 200 for v in whole.values()):
            self._encoded[key] = encoded
        return encoded

    def _v3_scores(self, params: dict) -> tuple[int, dict]:
        limit = int(params.get("limit", 50))
        if limit > 100:
            return 400, _too_big(100)
        groups = [g for g in params.get("fields", "").split(",") if g]
        if set(groups) - {"details", "subject", "annotation"}:
            return _invalid("fields", "Unknown field group")
        n = len(self.scores)
        low, high = params.get("fromTimestamp"), params.get("toTimestamp")
        first = n - bisect.bisect_left(self._score_times, _ms(high)) if high else 0
        rows = self.scores[first : n - bisect.bisect_left(self._score_times, _ms(low)) if low else n]
        if "traceId" in params:
            rows = [s for s in rows if params["traceId"] in (s["subject"]["id"], s["subject"].get("traceId"))]
        if "cursor" in params:
            try:
                at = json.loads(base64.urlsafe_b64decode(params["cursor"] + "=="))
                after = (at["lastTimestamp"], at["lastId"])
            except (ValueError, KeyError):
                return 400, {"message": "Invalid cursor format", "error": "InvalidRequestError"}
            rows = [s for s in rows if (s["timestamp"], s["id"]) < after]
        page = rows[:limit]
        names = ["id", "projectId", "name", "source", "timestamp", "environment", "createdAt", "updatedAt"]
        names += ["comment", "configId", "metadata"] if "details" in groups else []
        names += ["authorUserId", "queueId"] if "annotation" in groups else []
        names += ["subject"] if "subject" in groups else []
        meta: dict = {"limit": limit}
        if limit < len(rows):
            at = json.dumps({"v": 1, "lastTimestamp": page[-1]["timestamp"], "lastId": page[-1]["id"]})
            meta["cursor"] = base64.urlsafe_b64encode(at.encode()).decode().rstrip("=")
        return 200, {"data": [{n: s[n] for n in [*names, "dataType", "value"]} for s in page], "meta": meta}

    def _v2_metrics(self, params: dict) -> tuple[int, dict]:
        query = json.loads(params["query"])
        asked = {d["field"] for d in query.get("dimensions", [])} | {f["column"] for f in query.get("filters", [])}
        if query["view"] != "observations" or asked - DIMENSIONS or not query["metrics"]:
            return _invalid("query", "Invalid view, dimension or filter")
        if _naive(query["fromTimestamp"]) or _naive(query["toTimestamp"]) or query["fromTimestamp"] >= query["toTimestamp"]:
            return _invalid("query", "Invalid timestamps")
        if not 1 <= query.get("config", {}).get("row_limit", 100) <= 1000:
            return _invalid("query", "Invalid row_limit")
        low, high = _ms(query["fromTimestamp"]), _ms(query["toTimestamp"])
        first, last = bisect.bisect_left(self._keys, (low,)), bisect.bisect_right(self._keys, (high, "~"))
        counts: dict[tuple, int] = {}
        for row in self.observations[len(self._keys) - last : len(self._keys) - first]:
            if (row["traceId"], row["id"]) not in self.absent and all(_passes(row, f) for f in query.get("filters", [])):
                key = tuple(row[d["field"]] for d in query.get("dimensions", []))
                if query.get("timeDimension"):
                    key += (row["startTime"][:13] + ":00:00Z",)
                counts[key] = counts.get(key, 0) + 1
        names = [d["field"] for d in query.get("dimensions", [])]
        if query.get("timeDimension"):
            # hours without a row are filled
            for hour in _hours(low, high):
                counts.setdefault(("",) * len(names) + (hour,), 0)
            names.append("time_dimension")
        return 200, {"data": [dict(zip(names, k, strict=True)) | {"count_count": n} for k, n in counts.items()]}

    # v3

    def _v1_metrics(self, params: dict) -> tuple[int, dict]:
        query = json.loads(params["query"])
        if query["view"] != "traces" or [d["field"] for d in query["dimensions"]] != ["environment"]:
            return _invalid("query", "Invalid view or dimension")
        window = {"fromTimestamp": query["fromTimestamp"], "toTimestamp": query["toTimestamp"]}
        roots = [o for o in self.observations if o["isRootObservation"] and _within(o["startTime"], window, "Timestamp")]
        counts = Counter(self._trace(root)["environment"] for root in roots)
        # ClickHouse counts in 64 bits, which JSON has as text
        return 200, {"data": [{"environment": name, "count_count": str(n)} for name, n in counts.items()]}

    def _v1_traces(self, params: dict) -> tuple[int, dict]:
        rows = [
            self._trace(o) for o in self.observations if o["isRootObservation"] and _within(o["startTime"], params, "Timestamp")
        ]
        rows = [r for r in rows if "environment" not in params or r["environment"] in params["environment"]]
        if params.get("orderBy") == "timestamp.asc":
            rows.reverse()
        if "io" not in params.get("fields", "io"):
            rows = [{**r, "input": None, "output": None, "metadata": {}, "observations": []} for r in rows]
        return _page(rows, params)

    def _v1_observations(self, params: dict) -> tuple[int, dict]:
        # of the versions of an observation a v3 server shows the last
        newest = {(o["traceId"], o["id"]): o for o in sorted(self.observations, key=lambda o: o["updatedAt"])}
        rows = [
            self._v1_observation(o)
            for o in sorted(newest.values(), key=_key, reverse=True)
            if _within(o["startTime"], params, "StartTime")
            and params.get("traceId") in (None, o["traceId"])
            and ("environment" not in params or o["environment"] in params["environment"])
        ]
        return _page(rows, params)

    def _v2_scores(self, params: dict) -> tuple[int, dict]:
        rows = []
        for given in {s["id"]: s for s in sorted(self.scores, key=lambda s: s["updatedAt"])}.values():
            if not _within(given["timestamp"], params, "Timestamp"):
                continue
            subject, value = given["subject"], given["value"]
            rows.append(
                {
                    **{
                        k: given[k]
                        for k in (
                            "id",
                            "projectId",
                            "environment",
                            "name",
                            "source",
                            "dataType",
                            "createdAt",
                            "updatedAt",
                            "timestamp",
                            "comment",
                            "metadata",
                            "configId",
                            "authorUserId",
                            "queueId",
                        )
                    },
                    "value": float(value) if isinstance(value, (bool, int, float)) else 0,
                    "stringValue": str(value) if isinstance(value, (bool, str)) else None,
                    "traceId": {"trace": subject["id"], "observation": subject.get("traceId")}.get(subject["kind"]),
                    "observationId": subject["id"] if subject["kind"] == "observation" else None,
                    "sessionId": subject["id"] if subject["kind"] == "session" else None,
                    "datasetRunId": None,
                    "executionTraceId": None,
                    "trace": None,
                }
            )
        return _page([r for r in rows if params.get("traceId") in (None, r["traceId"])], params)

    def _trace(self, root: dict) -> dict:
        return {
            "id": root["traceId"], "projectId": "proj1", "name": root["traceName"], "timestamp": root["startTime"],
            "environment": root["environment"], "tags": root["tags"], "bookmarked": False, "release": root["release"],
            "version": root["version"], "userId": root["userId"] or None, "sessionId": root["sessionId"] or None,
            "public": False, "input": _decoded(root["input"]), "output": _decoded(root["output"]),
            "metadata": _nested(root["metadata"]), "createdAt": root["createdAt"], "updatedAt": root["updatedAt"],
            "observations": [], "scores": [], "totalCost": 0, "latency": _seconds(root),
            "htmlPath": f"/project/proj1/traces/{root['traceId']}", "externalId": None,
        }  # fmt: skip

    def _v1_observation(self, given: dict) -> dict:
        usage, cost = given["usageDetails"] or {}, given["costDetails"] or {}
        names = [
            "id",
            "traceId",
            "startTime",
            "endTime",
            "projectId",
            "parentObservationId",
            "type",
            "environment",
            "name",
            "level",
            "createdAt",
            "updatedAt",
            "modelParameters",
            "completionStartTime",
            "promptVersion",
            "timeToFirstToken",
            "usageDetails",
            "costDetails",
            "usagePricingTierId",
            "usagePricingTierName",
            *ALWAYS,
        ]
        return {
            **{n: given.get(n) for n in names},
            **{n: given.get(n) or None for n in ("statusMessage", "version", "model", "promptId", "promptName")},
            "input": _decoded(given["input"]), "output": _decoded(given["output"]), "latency": _seconds(given),
            "metadata": _nested(given["metadata"]), "calculatedInputCost": cost.get("input"),
            "calculatedOutputCost": cost.get("output"), "calculatedTotalCost": cost.get("total", 0), "unit": "TOKENS",
            "promptTokens": usage.get("input", 0), "completionTokens": usage.get("output", 0),
            "totalTokens": usage.get("total", 0),
            "usage": {"unit": "TOKENS", "input": usage.get("input", 0), "output": usage.get("output", 0),
                      "total": usage.get("total", 0)},
        }  # fmt: skip


def _key(row: dict) -> tuple[str, str, str]:
    return (row["startTime"], row["traceId"], row["id"])


def _cursor(row: dict) -> str:
    at = {"lastStartTimeTo": row["startTime"], "lastTraceId": row["traceId"], "lastId": row["id"]}
    return base64.b64encode(json.dumps(at).encode()).decode()


def _ms(text: str) -> str:
    """A bound as the wire writes times, with three digits of milliseconds."""
    moment = datetime.fromisoformat(text)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _within(moment: str, params: dict, suffix: str) -> bool:
    low, high = params.get(f"from{suffix}"), params.get(f"to{suffix}")
    return (not low or moment >= _ms(low)) and (not high or moment < _ms(high))


def _passes(row: dict, given: dict) -> bool:
    value = row.get(given["column"])
    return value in given["value"] if given["operator"] == "any of" else value == given["value"]


def _page(rows: list[dict], params: dict) -> tuple[int, dict]:
    limit, page = int(params.get("limit", 50)), int(params.get("page", 1))
    if limit > 100:
        return 400, _too_big(100)
    meta = {"page": page, "limit": limit, "totalItems": len(rows), "totalPages": -(-len(rows) // limit)}
    return 200, {"data": rows[(page - 1) * limit : page * limit], "meta": meta}


def _refusal(name: str, params: dict) -> tuple[int, dict] | None:
    """What is wrong with the query parameters, as the server's validation answers."""
    for key, value in params.items():
        if key not in KNOWN[name]:
            return _invalid(key, "Unknown parameter")
        if key.startswith(("from", "to")) and _naive(value):
            return _invalid(key, "Invalid ISO datetime")
        if key in ("limit", "page") and not (value.isdigit() and int(value) > 0):
            return _invalid(key, "Too small: expected number to be >0")
    return None


def _naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return True


def _hours(low: str, high: str) -> list[str]:
    at, out = datetime.fromisoformat(low).replace(minute=0, second=0, microsecond=0), []
    while at <= datetime.fromisoformat(high):
        out.append(at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        at += timedelta(hours=1)
    return out


def _invalid(key: str, message: str) -> tuple[int, dict]:
    return 400, {"message": "Invalid request data", "error": [{"code": "custom", "path": [key], "message": message}]}


def _too_big(most: int) -> dict:
    return {"message": "Invalid request data", "error": [{
        "origin": "number", "code": "too_big", "maximum": most, "inclusive": True, "path": ["limit"],
        "message": f"Too big: expected number to be <={most}"}]}  # fmt: skip


def _cut(key: str, value: object, expand: list[str]) -> object:
    if any(key == e or key.startswith(f"{e}.") for e in expand):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:200] if len(text) > 200 else value


def _decoded(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) and text[:1] in "{[" else text
    except ValueError:
        return text


def _nested(metadata: dict) -> dict:
    """v4's dotted names as v3 nests them: below `attributes`, `scope` and `resourceAttributes`."""
    out: dict = {}
    for key, value in (metadata or {}).items():
        head, _, rest = key.partition(".")
        if rest and head in ("attributes", "scope", "resourceAttributes"):
            out.setdefault(head, {})[rest] = value
        else:
            out[key] = value
    return out


def _seconds(row: dict) -> float | None:
    if not row.get("endTime"):
        return None
    return (datetime.fromisoformat(row["endTime"]) - datetime.fromisoformat(row["startTime"])).total_seconds()
