"""The double answers as the real server did: the same fields of the same types, the same errors, and the SDK can read it.

Where the recorded answers are at hand, the store's mapping is also run on them.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import langfuse_rows as wire
import pyarrow as pa
import pytest
from langfuse_double import GROUPS, LangfuseDouble

from drift import traces
from drift.stores.langfuse_api import FIELDS
from drift.stores.langfuse_export import LangfuseExportOptions, LangfuseExportStore
from drift.stores.langfuse_rows import legacy_trace, observation, score
from drift.stores.spans import row

DAY = datetime(2026, 11, 19, tzinfo=UTC)
WINDOW = {"fromStartTime": wire.iso(DAY), "toStartTime": wire.iso(DAY + timedelta(days=1))}


@pytest.fixture
def ask(serve):
    """ask(path, mode="v4", **params) → the double's answer."""
    observations, scores = wire.day(DAY, 4)
    doubles = {mode: serve(observations, scores, mode)[0] for mode in ("v4", "v3")}

    def get(path: str, mode: str = "v4", **params: object) -> httpx.Response:
        given = {k: v if isinstance(v, (str, int)) else json.dumps(v) for k, v in params.items()}
        return httpx.get(
            f"{doubles[mode].url}/api/public/{path}", params=given, auth=(LangfuseDouble.public, LangfuseDouble.secret)
        )

    return get


def kinds(value: object) -> set[str]:
    return {"number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__}


def shape(rows: list[dict]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for given in rows:
        for name, value in given.items():
            out.setdefault(name, set()).update(kinds(value))
    return out


def same_shape(mine: list[dict], theirs: list[dict]) -> None:
    ours, real = shape(mine), shape(theirs)
    assert set(ours) == set(real), set(ours) ^ set(real)
    for name, types in ours.items():
        # a field that is null or empty in the few recorded rows may be anything in ours
        assert types & real[name] or real[name] == {"NoneType"} or types == {"NoneType"}, (name, types, real[name])


def body(path: Path) -> dict:
    given = json.loads(path.read_text())
    return given.get("body", given)


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_field_group_has_the_fields_of_the_recorded_one(ask, recorded, group):
    mine = ask("v2/observations", fields=group, **WINDOW).json()["data"]
    theirs = body(recorded / f"obs_v2_group_{group}.json")["data"]
    real, ours = set(shape(theirs)), set(shape(mine))
    assert ours == real


def test_observations_have_the_recorded_shape(ask, recorded):
    mine = ask("v2/observations", fields=FIELDS, limit=100, **WINDOW).json()["data"]
    same_shape(mine, body(recorded / "obs_v2_all_fields_trace.json")["data"])


def test_scores_have_the_recorded_shape(ask, recorded):
    mine = ask("v3/scores", fields="details,subject,annotation", limit=100).json()
    theirs = body(recorded / "scores_v3_all.json")
    same_shape(mine["data"], theirs["data"])
    assert mine["meta"] == theirs["meta"]


@pytest.mark.parametrize(
    ("path", "file", "params"),
    [
        ("traces", "dual_v1_traces", {"limit": 2}),
        ("observations", "dual_v1_observations", {"limit": 100}),
        ("v2/scores", "dual_v2_scores", {"limit": 5}),
    ],
)
def test_the_older_reads_have_the_recorded_shape(ask, recorded, path, file, params):
    mine, theirs = ask(path, "v3", **params).json(), body(recorded / f"{file}.json")
    same_shape(mine["data"], theirs["data"])
    assert set(mine["meta"]) == set(theirs["meta"])


def test_pages_end_and_cursors_are_the_recorded_ones(ask, recorded):
    theirs = body(recorded / "obs_v2_page1.json")["meta"]["cursor"]
    mine = ask("v2/observations", limit=10, **WINDOW).json()["meta"]["cursor"]
    assert set(json.loads(base64.b64decode(mine))) == set(json.loads(base64.b64decode(theirs)))
    seen, cursor = [], None
    while True:
        answer = ask("v2/observations", limit=10, **WINDOW, **({"cursor": cursor} if cursor else {})).json()
        seen += [(r["startTime"], r["traceId"], r["id"]) for r in answer["data"]]
        cursor = answer["meta"].get("cursor")
        if not cursor:
            break
    assert len(seen) == 36 == len(set(seen)) and [s[0] for s in seen] == sorted((s[0] for s in seen), reverse=True)


@pytest.mark.parametrize(
    ("path", "params", "file"),
    [
        ("v2/observations", {"limit": 1001}, "obs_v2_err_limit1001"),
        ("v2/observations", {"cursor": "zzz"}, "obs_v2_err_cursor"),
        ("v2/observations", {"parseIoAsJson": "true"}, "obs_v2_err_parseIo"),
        ("v3/scores", {"limit": 101}, "scores_v3_err_limit101"),
        ("traces", {}, "legacy_traces"),
        ("observations", {}, "legacy_observations_v1"),
        ("v2/scores", {}, "legacy_scores_v2"),
    ],
)
def test_errors_are_the_recorded_ones(ask, recorded, path, params, file):
    theirs = json.loads((recorded / f"{file}.json").read_text())
    mine = ask(path, **params)
    assert mine.status_code == theirs["status"] and mine.json()["message"] == theirs["body"]["message"]


@pytest.mark.parametrize("mode", ["v4", "v3"])
@pytest.mark.parametrize(
    "params",
    [{"fromStartTime": "2026-11-19T00:00:00"}, {"toTimestamp": "2026-11-19"}, {"limit": 0}, {"environments": "production"},
     {"updatedAt": "2026-11-19T00:00:00Z"}],
)  # fmt: skip
def test_what_a_real_server_refuses_or_ignores_is_refused(ask, mode, params):
    for path in {"v4": ("v2/observations", "v3/scores"), "v3": ("traces", "observations", "v2/scores")}[mode]:
        assert ask(path, mode, **params).status_code == 400


@pytest.mark.parametrize(
    "change",
    [{"view": "traces"}, {"dimensions": [{"field": "traceId"}]}, {"toTimestamp": WINDOW["fromStartTime"]},
     {"fromTimestamp": "2026-11-19T00:00:00"}, {"config": {"row_limit": 1001}}],
)  # fmt: skip
def test_metrics_refuse_what_the_specification_does_not_know(ask, change):
    query = {"view": "observations", "metrics": [{"measure": "count", "aggregation": "count"}],
             "fromTimestamp": WINDOW["fromStartTime"], "toTimestamp": WINDOW["toStartTime"]}  # fmt: skip
    assert ask("v2/metrics", query=query).status_code == 200
    assert ask("v2/metrics", query={**query, **change}).status_code == 400


def test_hourly_counts_have_the_recorded_shape(ask, recorded):
    query = {"view": "observations", "metrics": [{"measure": "count", "aggregation": "count"}],
             "timeDimension": {"granularity": "hour"}, "fromTimestamp": WINDOW["fromStartTime"],
             "toTimestamp": WINDOW["toStartTime"]}  # fmt: skip
    mine = ask("v2/metrics", query=query).json()["data"]
    theirs = body(recorded / "metrics_v2_observations.json")["data"]
    # empty hours are filled with zeros in both
    assert min(r["count_count"] for r in mine) == 0 == min(r["count_count"] for r in theirs)
    assert shape(mine)["time_dimension"] == shape(theirs)["time_dimension"] and set(mine[0]) <= set(theirs[0])


def test_a_wrong_key_is_answered_as_recorded(ask, recorded, serve):
    double, _ = serve([])
    mine = httpx.get(f"{double.url}/api/public/projects", auth=("pk", "wrong"))
    theirs = json.loads((recorded / "unauthorized.json").read_text())
    assert (mine.status_code, mine.json()) == (theirs["status"], theirs["body"])
    assert httpx.get(f"{double.url}/api/public/health").json() == body(recorded / "health.json")


def test_metadata_is_cut_as_recorded(serve, recorded):
    rows = wire.trace("t", DAY)
    rows[0]["metadata"] = {"longmeta": "y" * 600}
    double, _ = serve(rows)
    get = lambda **p: httpx.get(f"{double.url}/api/public/v2/observations", params={"fields": "metadata", **p},  # noqa: E731
                                auth=(double.public, double.secret)).json()["data"][-1]["metadata"]["longmeta"]  # fmt: skip
    real = body(recorded / "obs_v2_noexpand.json")["data"][0]["metadata"]["longmeta"]
    assert len(get()) == 200 == len(real) and len(get(expandMetadata="longmeta")) == 600


def test_the_sdk_reads_the_doubles_answers(serve):
    api = pytest.importorskip("langfuse.api")
    observations, scores = wire.day(DAY, 4)
    double, _ = serve(observations, scores)
    client = api.LangfuseAPI(base_url=double.url, username=double.public, password=double.secret)
    page = client.observations.get_many(fields=FIELDS, limit=100, from_start_time=DAY, to_start_time=DAY + timedelta(days=1))
    assert len(page.data) == 36 and {o.type for o in page.data} >= {"GENERATION", "RETRIEVER"}
    found = client.scores.get_many_v3(limit=100, fields="subject") if hasattr(client.scores, "get_many_v3") else None
    assert found is None or len(found.data) == len(scores)


# the mapping on the recorded answers


def as_row(spans: list, scores: list | None = None) -> dict:
    return traces.table([row(spans, "salt", scores)]).to_pylist()[0]


def test_a_recorded_trace_of_the_langfuse_sdk(recorded):
    given = body(recorded / "obs_v2_all_fields_trace.json")["data"]
    scores = [s for g in body(recorded / "scores_v3_all.json")["data"] if (s := score(g)) and s[0] == given[0]["traceId"]]
    out = as_row([observation(g) for g in given], [s for _, s in scores])
    assert out["timestamp"] == datetime(2026, 11, 21, 1, 29, 9, 156000, UTC)
    assert (out["input"], out["output"]) == ("What is drift 0?", "Drift is a change in distribution 0.")
    assert (out["model"], out["prompt_name"], out["prompt_version"], out["system_prompt"]) == (
        "gpt-4o-2024-08-06", "rag-answer", "2", "You are helpful")  # fmt: skip
    assert (out["latency_s"], out["ttft_s"], out["cost_usd"]) == (0.17, 0.05, pytest.approx(0.00060014))
    assert (out["name"], out["environment"], out["release"], out["version"]) == ("rag-request", "production", "v1.4.2", "app-3")
    assert [(d["id"], d["score"]) for d in out["documents"]] == [("doc-0", 0.91), ("doc-1", 0.81), ("doc-2", 0.71)]
    assert out["tool_calls"] == 1 and out["error"] is None and out["reference"] == "A corrected answer"
    assert {s["name"]: s["value"] if s["label"] is None else s["label"] for s in out["scores"]} == {
        "faithfulness": 0.83, "quality": "bad", "rating": 1.0, "topic": "billing", "user-feedback": 1.0}  # fmt: skip
    assert dict(out["metadata"])["tenant"] == "acme" and not any(k.startswith("scope.") for k, _ in out["metadata"])


def test_a_recorded_trace_of_a_v3_server(recorded):
    given = body(recorded / "dual_v1_trace_get.json")
    out = as_row([legacy_trace(given), *map(observation, given["observations"])])
    assert (out["input"], out["output"]) == ("What is drift 0?", "Drift is a change in distribution 0.")
    assert (out["model"], out["latency_s"], out["ttft_s"], out["cost_usd"]) == (
        "gpt-4o-2024-08-06",
        0.2,
        0.05,
        pytest.approx(0.00060014),
    )
    assert len(out["documents"]) == 3 and dict(out["metadata"])["tenant"] == "acme" and out["tags"] == ["prod", "rag"]


def test_a_recorded_failure(recorded):
    (given,) = body(recorded / "obs_v2_error_trace.json")["data"]
    out = as_row([observation(given)])
    assert out["error"] == "rate_limit" and out["input_tokens"] is None and out["cost_usd"] is None


def test_recorded_spans_of_other_conventions(recorded):
    given = [observation(g) for g in body(recorded / "otel_foreign_conventions.json")["data"]]
    by_name = {s.name: s for s in given}
    assert [d["id"] for d in by_name["oi-retriever"].documents] == ["doc-0", "doc-1"]
    assert [d["score"] for d in by_name["oi-retriever-with-output"].documents] == [0.9, 0.8]
    assert by_name["genai-retrieval"].documents == [{"id": "doc-1", "score": 0.91, "updated_at": None, "text": None}]
    assert by_name["genai-chat"].ttft_s == 0.3 and by_name["genai-error"].failed
    out = as_row(given)
    assert (out["input"], out["output"], out["session_id"], out["environment"]) == ("q", "a", "s1", "staging")
    assert {d["id"] for d in out["documents"]} == {"doc-0", "doc-1"} and dict(out["metadata"])["tenant"] == "acme"


def test_every_recorded_score(recorded):
    found = {
        k: score(body(recorded / f"scores_v3_{k}.json")["data"][0])
        for k in ("BOOLEAN", "CATEGORICAL", "CORRECTION", "NUMERIC", "TEXT")
    }
    assert found["BOOLEAN"][1]["value"] == 1.0 and isinstance(found["CATEGORICAL"][1]["label"], str)
    assert found["CORRECTION"][1]["text"] == "A corrected answer" and isinstance(found["NUMERIC"][1]["value"], float)
    assert found["TEXT"] is None
    assert score(body(recorded / "scores_v3_session.json")["data"][0]) == (
        "session:sess-0",
        {"name": "session.csat", "value": 4.5},
    )
    old = {g["dataType"]: score(g) for g in body(recorded / "dual_v2_scores.json")["data"] if g["traceId"]}
    assert old["BOOLEAN"][1]["value"] == 1.0 and old["CATEGORICAL"][1]["label"] == "billing"


def export(folder: Path, recorded: Path, name: str) -> LangfuseExportStore:
    for path in recorded.glob(f"export_{name}__*"):
        _, project, table, file = path.name.split("__")
        target = folder / name / project / table / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    manifest = folder / name / "proj1" / "manifests" / "2026-11-20T00-00-00.json"
    manifest.parent.mkdir()
    manifest.write_bytes((recorded / f"export_manifest_{name}.json").read_bytes())
    return LangfuseExportStore(LangfuseExportOptions(path=str(folder / name / "proj1")), salt="salt")


def test_the_recorded_exports_give_the_same_rows(recorded, tmp_path):
    pulled = [
        pa.concat_tables(export(tmp_path, recorded, name).pull(DAY, DAY + timedelta(days=1))).sort_by("trace_id").to_pylist()
        for name in ("lf-JSONL-true", "lf-PARQUET-false")
    ]
    assert len(pulled[0]) == 60 and pulled[0] == pulled[1]
    assert pulled[0][0]["model"] == "gpt-4o-2024-08-06" and len(pulled[0][0]["documents"]) == 5
