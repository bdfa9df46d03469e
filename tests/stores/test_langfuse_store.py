"""Langfuse: a window is whole or the pull fails; what a trace is does not depend on how it was pulled."""

from __future__ import annotations

import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import langfuse_rows as wire
import pyarrow as pa
import pytest

from drift import stores, traces
from drift.config import Config
from drift.errors import StoreError
from drift.stores import http, langfuse_api, paging
from drift.stores.langfuse import LangfuseOptions, LangfuseStore

DAY = datetime(2026, 11, 19, tzinfo=UTC)
END = DAY + timedelta(days=1)
MODES = ("v4", "v3")
BATCH_CALL = "v2/observations"


def pull(store, start=DAY, end=END) -> list[dict]:
    tables = list(store.pull(start, end))
    assert all(t.schema.equals(traces.SCHEMA) for t in tables)
    rows = pa.concat_tables(tables).to_pylist() if tables else []
    return sorted(rows, key=lambda r: (r["timestamp"], r["trace_id"]))


@pytest.mark.parametrize("mode", MODES)
def test_a_day_is_pulled_whole_and_each_trace_once(serve, mode):
    observations, scores = wire.day(DAY, 60)
    _, store = serve(observations, scores, mode)
    rows = pull(store)
    assert len(rows) == 60 == len({r["trace_id"] for r in rows}) == store.count(DAY, END)
    one = rows[0]
    assert one["input"].startswith("What is drift") and one["output"].startswith("Drift is a change")
    assert one["model"] == "gpt-4o" and (one["prompt_name"], one["prompt_version"]) == ("rag-answer", "2")
    assert one["system_prompt"] == "You are helpful"
    assert (one["latency_s"], one["ttft_s"]) == (0.7, 0.25)
    assert (one["input_tokens"], one["output_tokens"]) == (120, 30)
    assert one["cost_usd"] == pytest.approx(0.00060014)
    assert [d["id"] for d in one["documents"]] == ["doc-0", "doc-1", "doc-2"] and one["documents"][0]["score"] == 0.91
    assert one["documents"][0]["updated_at"] == one["timestamp"] - timedelta(days=1)
    assert one["tool_calls"] == 1 and one["tool_errors"] == 0 and one["error"] is None
    assert {s["name"] for s in one["scores"]} >= {"faithfulness"}
    assert dict(one["metadata"])["tenant"] == "acme" and one["tags"] == ["prod", "rag"]
    assert one["user"] not in (None, "user-1") and len(one["user"]) == 16


def test_both_generations_of_the_server_give_the_same_rows(serve):
    observations, scores = wire.day(DAY, 20)
    assert pull(serve(observations, scores, "v4")[1]) == pull(serve(observations, scores, "v3")[1])


@pytest.mark.parametrize("mode", MODES)
def test_the_window_is_half_open(serve, mode):
    inside = wire.trace("in", DAY) + wire.trace("last", END - timedelta(milliseconds=1))
    outside = wire.trace("before", DAY - timedelta(milliseconds=1)) + wire.trace("after", END)
    _, store = serve(inside + outside, [], mode)
    assert [r["trace_id"] for r in pull(store)] == ["in", "last"]


@pytest.mark.parametrize("mode", MODES)
def test_a_trace_over_midnight_belongs_whole_to_the_day_it_began(serve, mode):
    begin = END - timedelta(seconds=2)
    rows = [wire.observation("t", "root", begin, 1500, isRootObservation=True, input="q", output="a"),
            wire.generation("t", "g", begin + timedelta(minutes=24), parentObservationId="root")]  # fmt: skip
    _, store = serve(rows, [], mode)
    (row,) = pull(store)
    assert row["n_generations"] == 1 and row["latency_s"] == 1500
    assert pull(store, END, END + timedelta(days=1)) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("parts", [2, 5])
def test_windows_that_make_up_a_day_give_the_day(serve, mode, parts):
    observations, scores = wire.day(DAY, 40, seed=parts)
    _, store = serve(observations, scores, mode)
    width = timedelta(days=1) / parts
    pieces = [r for n in range(parts) for r in pull(store, DAY + width * n, END if n == parts - 1 else DAY + width * (n + 1))]
    assert sorted(pieces, key=lambda r: (r["timestamp"], r["trace_id"])) == pull(store)


def test_a_window_in_another_zone_is_the_same_window(serve):
    observations, scores = wire.day(DAY, 20)
    _, store = serve(observations, scores)
    zone = datetime.fromisoformat("2026-11-19T05:30:00+05:30").tzinfo
    assert pull(store, DAY.astimezone(zone), END.astimezone(zone)) == pull(store)


def test_of_several_versions_of_an_observation_the_last_counts(serve):
    rows = wire.trace("t", DAY)
    old = {
        **rows[4],
        "updatedAt": wire.iso(DAY - timedelta(hours=1)),
        "output": '{"role": "assistant", "content": "old"}',
        "totalCost": 9,
    }
    _, store = serve([old, *rows, dict(rows[0]), old])
    (row,) = pull(store)
    assert row["n_generations"] == 1 and row["cost_usd"] == pytest.approx(0.00060014)


def test_versions_on_either_side_of_a_page_edge_are_no_shortfall(serve, monkeypatch):
    monkeypatch.setattr(langfuse_api, "PageSize", lambda most: paging.PageSize(min(most, 4)))
    rows = wire.trace("t", DAY)
    _, store = serve([r for row in rows for r in (row, {**row, "updatedAt": wire.iso(DAY)})])
    assert len(pull(store)) == 1


def test_the_last_version_counts_though_it_lies_behind_a_page_edge(serve, monkeypatch):
    monkeypatch.setattr(langfuse_api, "PageSize", lambda most: paging.PageSize(min(most, 5)))
    rows = wire.trace("t", DAY, answer="new")
    # newest first the generation is fifth, the last of the first page; its last version lies behind that page's edge
    order = sorted(rows, key=lambda r: (r["startTime"], r["id"]), reverse=True)
    assert order[4]["type"] == "GENERATION"
    old = {**order[4], "updatedAt": wire.iso(DAY), "output": '{"role": "assistant", "content": "old"}', "totalCost": 9}
    double, store = serve([*rows, dict(rows[0])])
    double.observations.insert(4, old)
    double._keys.insert(len(double._keys) - 4, double._keys[-5])
    (row,) = pull(store)
    assert row["cost_usd"] == pytest.approx(0.00060014)


@pytest.mark.parametrize("written", ["both", "older only"])
def test_a_server_between_v3_and_v4_is_read_by_the_reads_that_have_the_rows(serve, written):
    observations, scores = wire.day(DAY, 12)
    whole = pull(serve(observations, scores, "v3")[1])
    double, store = serve(observations, scores, "dual")
    if written == "older only":
        double.v2_since = wire.iso(END)
    assert pull(store) == whole and len(whole) == 12
    # a window without any trace is empty in both
    assert pull(store, END + timedelta(days=1), END + timedelta(days=2)) == []


def test_a_trace_without_a_root_is_a_row_too(serve):
    rows = [r for r in wire.trace("t", DAY) if not r["isRootObservation"]]
    (row,) = pull(serve(rows)[1])
    assert row["input"] == "Why?" and row["output"] == "Because." and row["latency_s"] is not None


def test_a_straggler_of_an_earlier_trace_is_no_trace(serve):
    rows = wire.trace("t", DAY - timedelta(minutes=40)) + [wire.observation("t", "late", DAY + timedelta(minutes=5))]
    assert pull(serve(rows)[1]) == []


def test_what_is_not_understood_is_null_and_never_a_crash(serve):
    odd = {
        "input": "{broken",
        "output": None,
        "metadata": None,
        "tags": None,
        "usageDetails": None,
        "costDetails": None,
        "userId": None,
        "endTime": None,
        "model": None,
        "sessionId": None,
        "release": None,
        "traceName": None,
        "latency": None,
    }
    rows = [
        wire.observation("t", "r", DAY, isRootObservation=True, **odd),
        wire.generation("t", "g", DAY, **{**odd, "input": "[]"}),
    ]
    for mode in MODES:
        (row,) = pull(serve(rows, [], mode)[1])
        assert row["input"] == "{broken" and row["output"] is None and row["model"] is None
        assert row["input_tokens"] is None and row["cost_usd"] is None and row["latency_s"] is None


def test_a_response_of_five_megabytes_and_hostile_text_come_through(serve):
    text = "<script>\u202e\x00=cmd|' /C calc'!A0" + "x" * 5_000_000
    rows = wire.trace("t", DAY, answer=text)
    (row,) = pull(serve(rows)[1])
    assert row["output"] == text


@pytest.mark.parametrize("mode", MODES)
def test_failures_retries_and_fallbacks(serve, mode):
    at = DAY + timedelta(hours=1)
    root = wire.observation("t", "r", at, 2, isRootObservation=True, input="q", output="a")
    failed = wire.generation(
        "t", "g1", at, answer=None, level="ERROR", statusMessage="429 Too Many Requests", parentObservationId="r"
    )
    second = wire.generation("t", "g2", at + timedelta(seconds=1), model="claude", answer="a", parentObservationId="r")
    broken = wire.observation(
        "u", "r", at, 1, isRootObservation=True, level="ERROR", statusMessage="Request timed out", input="q"
    )
    rows = {r["trace_id"]: r for r in pull(serve([root, failed, second, broken], [], mode)[1])}
    assert (rows["t"]["retries"], rows["t"]["fallback"], rows["t"]["error"], rows["t"]["model"]) == (1, True, None, "claude")
    # the estimate that the server makes for the call that failed is no usage
    assert (rows["t"]["input_tokens"], rows["t"]["cost_usd"]) == (120, pytest.approx(0.0006))
    if mode == "v4":
        assert rows["u"]["error"] == "timeout"


def test_scores_reach_their_trace(serve):
    at = DAY + timedelta(hours=1)
    on_generation = {"kind": "observation", "id": "t-4", "traceId": "t"}
    scores = [
        wire.score("t", "rating", 4, at),
        wire.score("t", "rating", 2, at, id="another"),
        wire.score("t", "ok", False, at),
        wire.score("t", "topic", "billing", at),
        wire.score("t", "faithful", 0.8, at + timedelta(hours=20), subject=on_generation),
        wire.score("t", "csat", 1, at, subject={"kind": "session", "id": "s"}, id="s"),
        wire.score("t", "note", "my card is 4111", at, dataType="TEXT"),
        wire.score("t", "output", "Better.", at, dataType="CORRECTION"),
        wire.score("t", "topic", "old", at, id="t-topic", updatedAt=wire.iso(DAY)),
    ]
    for mode in MODES:
        (row,) = pull(serve(wire.trace("t", at), scores, mode)[1])
        assert {s["name"]: s["value"] if s["label"] is None else s["label"] for s in row["scores"]} == {
            "rating": 3.0, "ok": 0.0, "topic": "billing", "faithful": 0.8}  # fmt: skip
        assert row["reference"] == "Better."


def test_the_judge_of_a_score_is_known_by_its_metadata_and_a_person_is_not(serve):
    at = DAY + timedelta(hours=1)
    by = {"evaluator_id": "tone", "evaluator_version_id": "v3"}
    scores = [
        wire.score("t", "tone", 0.4, at, source="EVAL", metadata=by),
        wire.score("t", "manners", "good", at, source="EVAL", metadata=by),
        wire.score("t", "checked", 1, at, source="ANNOTATION", metadata=by),
    ]
    for mode in MODES:
        (row,) = pull(serve(wire.trace("t", at), scores, mode)[1])
        assert {s["name"]: s["evaluator"] for s in row["scores"]} == {"tone": "tone@v3", "manners": "tone@v3", "checked": None}


def test_scores_of_the_first_servers_of_v3(serve):
    observations, scores = wire.day(DAY, 6)
    double, store = serve(observations, scores, "v3")
    whole = pull(store)
    double.first_v3 = True
    assert pull(store) == whole and any(r["scores"] for r in whole)


def test_filters_and_langfuse_own_environments(serve):
    rows = []
    for name, environment, tag in [
        ("a", "production", "x"),
        ("b", "staging", "y"),
        ("c", "langfuse-llm-as-a-judge", "x"),
        ("d", "prod-eu", "z"),
    ]:
        rows += wire.trace(name, DAY, environment=environment, tags=[tag], traceName=f"name-{name}")
    kept = lambda **options: [r["trace_id"] for r in pull(serve(rows, **options)[1])]  # noqa: E731
    assert kept() == ["a", "b", "d"]
    assert kept(environments=["production"]) == ["a"]
    assert kept(environments=["prod*"]) == ["a", "d"]
    assert kept(tags=["x"]) == ["a"]
    assert kept(names=["name-[bd]"]) == ["b", "d"]
    _, store = serve(rows)
    assert store.count(DAY, END) == 3


@pytest.mark.parametrize("traffic", [20, 150])
def test_a_v3_server_counts_the_environments_that_are_pulled_and_no_other(serve, traffic):
    observations, scores = wire.day(DAY, traffic)
    for number in range(12):
        observations += wire.trace(f"judge{number}", DAY, environment="langfuse-llm-as-a-judge")
    double, store = serve(observations, scores, "v3")
    assert store.count(DAY, END) == traffic == len(pull(store))
    double.fail("metrics", 404, 100)
    assert store.count(DAY, END) in (traffic, None), "a count that cannot leave them out is none"


def test_configured_metadata_comes_whole(serve):
    long = "y" * 700
    rows = wire.trace("t", DAY)
    rows[0]["metadata"] = {"plan": long, "other": long}
    double, store = serve(rows, metadata=["plan"])
    metadata = dict(pull(store)[0]["metadata"])
    assert metadata["plan"] == long and len(metadata["other"]) == 200


def test_documents_in_the_three_layouts(serve):
    listed = [{"id": "a", "score": 0.5}]
    flat = {"attributes.retrieval.documents.0.document.id": "b", "attributes.retrieval.documents.0.document.score": 0.4,
            "attributes.retrieval.documents.0.document.content": "text"}  # fmt: skip
    genai = {"attributes.gen_ai.operation.name": "retrieval",
             "attributes.gen_ai.retrieval.documents": [{"id": "c" * 300, "score": 0.3}]}  # fmt: skip
    rows = [
        wire.observation("t1", "r1", DAY, type="RETRIEVER", output=json.dumps(listed)),
        wire.observation("t2", "r2", DAY, type="RETRIEVER", output=None, metadata=flat),
        wire.observation("t3", "r3", DAY, metadata=genai),
        wire.observation("t4", "r4", DAY, type="RETRIEVER", output="[]"),
        wire.observation("t5", "r5", DAY, type="RETRIEVER", output="three documents"),
    ]
    for mode in MODES:
        roots = [wire.observation(f"t{n}", f"x{n}", DAY, isRootObservation=True) for n in range(1, 6)]
        found = {r["trace_id"]: r["documents"] for r in pull(serve(rows + roots, [], mode)[1])}
        assert [(d["id"][0], d["score"]) for t in ("t1", "t2", "t3") for d in found[t]] == [("a", 0.5), ("b", 0.4), ("c", 0.3)]
        assert found["t2"][0]["text"] == "text" and len(found["t3"][0]["id"]) == 300
        assert found["t4"] == []


def test_retrieval_documents_need_no_operation_name(serve):
    found = {"attributes.gen_ai.retrieval.documents": [{"id": "a", "score": 0.3}]}
    rows = [wire.observation("t", "x", DAY, isRootObservation=True), wire.observation("t", "r", DAY, metadata=found)]
    for mode in MODES:
        assert [d["id"] for d in pull(serve(rows, [], mode)[1])[0]["documents"]] == ["a"]


def test_links(serve):
    _, store = serve([])
    assert store.trace_url("a/b").endswith("/project/proj1/traces/a%2Fb")
    assert "/project/proj1/traces?filter=traceName" in store.list_url(name="rag request")


def test_a_segment_that_the_store_can_list_has_a_link_and_others_have_none(monkeypatch):
    monkeypatch.setattr(LangfuseStore, "_project_id", lambda self: "proj1")
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    listed = stores.lists(Config.of({"store": {"type": "langfuse", "host": "https://lf.test"}}))
    assert listed("name", "billing").startswith("https://lf.test/project/proj1/traces?filter=traceName")
    assert listed("model", "gpt-4o") is None and listed("all", "") is None
    assert stores.lists(Config.of({"store": {"type": "demo"}}))("name", "billing") is None


def test_the_list_of_a_names_traces_covers_the_days(serve):
    link = serve([])[1].list_url((DAY.date(), DAY.date() + timedelta(days=1)), name="billing")
    first = int(DAY.timestamp() * 1000)
    assert f"dateRange={first}-{first + 2 * 86_400_000}" in link and "traceName" in link


@pytest.mark.parametrize("mode", MODES)
def test_a_session_score_is_on_every_trace_of_the_session(serve, mode):
    rows = [o for n in range(2) for o in wire.trace(f"t{n}", DAY + timedelta(minutes=n), sessionId="s1")]
    rows += wire.trace("other", DAY, sessionId="s2")
    given = {**wire.score("t0", "csat", 4.5, DAY + timedelta(hours=1)), "subject": {"kind": "session", "id": "s1"}}
    made = {r["trace_id"]: r["scores"] for r in pull(serve(rows, [given], mode)[1])}
    assert [s["value"] for t in ("t0", "t1") for s in made[t] if s["name"] == "session.csat"] == [4.5, 4.5] and not made[
        "other"
    ]


@pytest.mark.parametrize(("count", "most"), [(0, 1), (90, 1), (350, 5)])
def test_a_small_days_scores_need_few_requests(serve, count, most):
    scores = [wire.score("t", f"s{n % 3}", 1, DAY + timedelta(minutes=n)) for n in range(count)]
    double, store = serve(wire.trace("t", DAY), scores)
    (made,) = pull(store)
    asked = [path for path, *_ in double.requests if path.endswith("v3/scores")]
    # one more looks for scores that came too late
    assert len(asked) <= most + 1 and len(made["scores"]) == min(count, 3)


def test_scores_that_came_too_late_are_counted(serve, caplog):
    given = [wire.score("t", "late", 1, END + timedelta(hours=h)) for h in (1, 3, 4)]
    _, store = serve(wire.trace("t", DAY), given, score_hours=2)
    with caplog.at_level("WARNING"):
        (made,) = pull(store)
    assert [s["name"] for s in made["scores"]] == ["late"] and "2 scores or more were given later than 2 hours" in caplog.text


# faults


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "524", "cut", "truncated"])
def test_a_passing_fault_changes_nothing(serve, mode, kind):
    observations, scores = wire.day(DAY, 30)
    double, store = serve(observations, scores, mode)
    undisturbed = pull(store)
    for path in ("observations", "scores", "v2/metrics", "traces"):
        double.fail(path, kind, 2, skip=1, headers={"Retry-After": "0"})
    assert pull(store) == undisturbed


def test_a_retry_after_is_waited_for_and_fewer_ask_at_once(serve, monkeypatch):
    waits = []
    monkeypatch.setattr(http.Http, "_sleep", lambda self, seconds: waits.append(seconds))
    double, store = serve(*wire.day(DAY, 30), patience_seconds=60)
    double.fail(BATCH_CALL, 429, 3, skip=2, headers={"Retry-After": "7"})
    assert len(pull(store)) == 30
    assert waits.count(7.0) == 3


def test_a_slow_answer_is_asked_for_again_in_a_smaller_page(serve):
    double, store = serve(*wire.day(DAY, 30), timeout_seconds=0.3)
    double.fail(BATCH_CALL, "slow", 2, skip=1)
    assert len(pull(store)) == 30


def test_pages_that_are_too_large_are_made_smaller(serve):
    double, store = serve(*wire.day(DAY, 120, hours=1))
    double.fail(BATCH_CALL, "too_large", 100, above=130)
    assert len(pull(store)) == 120
    asked = [int(p["limit"]) for path, p in double.requests if path.endswith(BATCH_CALL) and "metadata" in p.get("fields", "")]
    assert asked[0] == 1000 and min(asked) <= 130


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [("500", {}, "answered 500"), ("429", {}, "answered 429"), ("repeat_cursor", {}, "repeated a cursor"), ("cut", {}, "cut")],
)
def test_a_lasting_fault_fails_the_window_and_says_so(serve, monkeypatch, kind, options, says):
    monkeypatch.setattr(langfuse_api, "PageSize", lambda most: paging.PageSize(min(most, 20)))
    double, store = serve(*wire.day(DAY, 30, hours=1), **options)
    double.fail(BATCH_CALL, kind, 10_000, skip=3)
    with pytest.raises(StoreError, match=says) as caught:
        pull(store)
    assert caught.value.retryable and "\n" not in str(caught.value)


def test_rows_that_the_server_counts_but_does_not_give_fail_the_window(serve):
    observations, scores = wire.day(DAY, 30)
    for mode in ("v4",):
        double, store = serve(observations, scores, mode)
        double.hidden = {(observations[50]["traceId"], observations[50]["id"])}
        with pytest.raises(StoreError, match="counts 270 observations .* gave 269") as caught:
            pull(store)
        assert caught.value.retryable


def test_a_server_without_counts_is_still_read(serve):
    double, store = serve(*wire.day(DAY, 10))
    for kind in (400, 404, 500):
        double.faults.clear()
        double.fail("v2/metrics", kind, 100)
        assert len(pull(store)) == 10 and store.count(DAY, END) is None


def test_rows_that_arrive_late_are_found_by_the_next_pull(serve):
    observations, scores = wire.day(DAY, 10)
    late = wire.trace("late", DAY + timedelta(hours=3))
    double, store = serve(observations + late, scores)
    whole = pull(store)
    double.absent = {(r["traceId"], r["id"]) for r in late}
    assert pull(store) == [r for r in whole if r["trace_id"] != "late"]
    double.absent = set()
    assert pull(store) == whole


def test_killed_at_any_page_and_run_again_gives_the_same_day(serve, monkeypatch):
    monkeypatch.setattr(langfuse_api, "PageSize", lambda most: paging.PageSize(min(most, 15)))
    double, store = serve(*wire.day(DAY, 12))
    whole = pull(store)
    calls = len(double.requests)
    for n in range(0, calls, 9):
        double.faults.clear()
        double.fail("", 401, 10_000, skip=n)
        with pytest.raises(StoreError):
            pull(store)
    double.faults.clear()
    assert pull(store) == whole


def test_a_wrong_key_is_one_line_that_names_the_keys(serve, monkeypatch):
    _, store = serve(*wire.day(DAY, 2))
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk-wrong")
    with pytest.raises(StoreError, match="refused the key .401.*LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY") as caught:
        pull(store)
    assert not caught.value.retryable and "sk-wrong" not in str(caught.value)
    assert [c.ok for c in store.check()] == [True, False]


def test_no_key_and_no_server(monkeypatch):
    monkeypatch.delenv("LANGFUSE_PUBLIC_KEY", raising=False)
    with pytest.raises(StoreError, match="LANGFUSE_PUBLIC_KEY is not set"):
        pull(LangfuseStore(LangfuseOptions(), salt=""))
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk")
    store = LangfuseStore(LangfuseOptions(host="http://127.0.0.1:9", patience_seconds=0.05), salt="")
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        pull(store)
    assert caught.value.retryable
    assert not store.check()[0].ok


def test_a_host_that_is_not_langfuse(serve):
    double, store = serve([])
    double.fail("", "html", 100)
    with pytest.raises(StoreError, match="web page"):
        pull(store)


@pytest.mark.parametrize(
    ("written", "read"),
    [("{}/", True), (" {}\n", True), ("{}/api/public/", True), ('"{}"', True), ("{}/api/public", True), ("{}/langfuse", False)],
)
def test_a_host_as_people_write_it(serve, monkeypatch, written, read):
    double, store = serve(*wire.day(DAY, 2))
    monkeypatch.setenv("LANGFUSE_HOST", written.format(double.url))
    store = LangfuseStore(store.options, salt="salt")
    if read:
        assert len(pull(store)) == 2 and "//project" not in store.trace_url("t")
    else:
        with pytest.raises(StoreError, match="does not serve Langfuse's API"):
            pull(store)


def test_a_server_below_a_path(serve, monkeypatch):
    double, store = serve(*wire.day(DAY, 2))
    route = double._route
    monkeypatch.setattr(double, "_route", lambda h, path, p: route(h, path.removeprefix("/tools/langfuse"), p))
    monkeypatch.setenv("LANGFUSE_HOST", f"{double.url}/tools/langfuse/")
    store = LangfuseStore(store.options, salt="salt")
    assert len(pull(store)) == 2
    assert {path.startswith("/tools/langfuse/api/public/") for path, _ in double.requests} == {True}


def test_the_base_url_is_accepted_and_keys_may_end_in_a_newline(serve, monkeypatch):
    double, store = serve(*wire.day(DAY, 2))
    monkeypatch.delenv("LANGFUSE_HOST")
    monkeypatch.setenv("LANGFUSE_BASE_URL", double.url)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", f"{double.secret}\n")
    assert len(pull(LangfuseStore(store.options, salt="salt"))) == 2


@pytest.mark.parametrize(
    ("host", "says"),
    [("localhost:3000", "must begin with http:// or https://"), ("cloud.langfuse.com", "must begin with http"),
     ("https://", "must begin with http|cannot be reached|not a server"), ("http://a b", "not a URL|cannot be reached"),
     ("http://user:hush@127.0.0.1:9", "cannot be reached")],
)  # fmt: skip
def test_a_host_that_cannot_be_is_one_line(serve, host, says):
    serve([])
    store = LangfuseStore(LangfuseOptions(host=host, patience_seconds=0.05), salt="")
    with pytest.raises(StoreError, match=says) as caught:
        pull(store)
    assert "\n" not in str(caught.value) and "hush" not in str(caught.value)
    first = store.check()[0]
    assert (first.name, first.ok) == ("langfuse server", False) and "hush" not in first.detail


def test_a_certificate_that_is_not_trusted_is_said_and_not_tried_again(serve, monkeypatch):
    _, store = serve([])
    tried = []

    def refuse(self, *args, **kwargs):
        tried.append(args)
        broken = ssl.SSLCertVerificationError("certificate verify failed")
        broken.verify_message = "self-signed certificate"
        raise httpx.ConnectError("certificate verify failed") from broken

    monkeypatch.setattr(httpx.Client, "request", refuse)
    with pytest.raises(StoreError, match="no secure connection .certificate: self-signed certificate.*SSL_CERT_FILE"):
        pull(store)
    assert len(tried) == 1


def test_the_doctor_prefers_a_trace_that_the_filters_keep_and_asks_for_its_scores_alone(serve):
    now = datetime.now(UTC) - timedelta(minutes=30)
    judge = wire.trace("judge", now + timedelta(minutes=5), environment="langfuse-llm-as-a-judge")
    scores = [wire.score("t", "faithfulness", 0.5, now), wire.score("other", "tone", 0.5, now)]
    for mode in MODES:
        double, store = serve([*wire.trace("t", now), *judge], scores, mode)
        checks = store.check()
        assert all(c.ok for c in checks) and "sample filter" not in [c.name for c in checks]
        assert "sample scores" not in [c.name for c in checks]
        assert [p["traceId"] for path, p in double.requests if path.endswith("scores")] == ["t"]


def test_the_doctor_shows_what_a_sample_trace_has_and_no_text(serve):
    now = datetime.now(UTC) - timedelta(minutes=30)
    rows = [r for r in wire.trace("t", now, question="secret question") if r["type"] != "RETRIEVER"]
    for mode in MODES:
        checks = serve(rows, [], mode)[1].check()
        said = " ".join(c.detail for c in checks)
        assert all(c.ok for c in checks) and "secret" not in said
        assert "no documents found; looked in observations of type RETRIEVER" in said and "no scores found" in said
        assert "recognised" in said and "model" in said


def test_no_more_than_four_requests_at_once(serve):
    double, store = serve(*wire.day(DAY, 50))
    pull(store)
    assert double.most_running <= 4


def test_an_observation_that_no_trace_owns_is_left_out(serve, monkeypatch):
    double, store = serve([*wire.trace("t", DAY), wire.observation("", "orphan", DAY)], [], "v3")
    plain = double._v1_observation
    monkeypatch.setattr(double, "_v1_observation", lambda given: {**plain(given), "traceId": given["traceId"] or None})
    assert [r["trace_id"] for r in pull(store)] == ["t"]


def test_the_pace_after_an_outage(serve, monkeypatch):
    waits = []
    monkeypatch.setattr(http.Http, "_sleep", lambda self, seconds: waits.append(seconds))
    double, store = serve(*wire.day(DAY, 10))
    double.fail(BATCH_CALL, 524, 6, skip=2)
    assert len(pull(store)) == 10
    # each failure in a row is waited for, longer each time
    assert len(waits) >= 6 and max(waits) > min(waits)


def test_a_failure_does_not_wait_for_the_requests_beside_it():
    never = threading.Event()

    def fails() -> None:
        raise StoreError("refused")

    with pytest.raises(StoreError, match="refused"):
        list(http.in_order([lambda: never.wait(60), fails]))
    never.set()


def test_results_come_in_the_order_of_their_tasks_and_few_wait():
    running: list[int] = []
    taken: list[int] = []

    def task(n: int) -> int:
        running.append(n)
        # never further ahead of what was taken than four at work, four done and one handed over
        assert n <= len(taken) + 9
        return n

    for n in http.in_order(partial(task, n) for n in range(50)):
        taken.append(n)
    assert taken == list(range(50))


@pytest.mark.parametrize(("answered_before", "error"), [(True, None), (False, StoreError)])
def test_a_server_that_restarts_is_waited_for_and_a_wrong_address_is_not(serve, monkeypatch, answered_before, error):
    double, store = serve(wire.trace("t", DAY), [])
    client = store.http()
    if answered_before:
        client.get("/api/public/health")
    away = iter(range(http.CONNECT_ATTEMPTS + 3))
    ask = httpx.Client.request

    def restarting(self, *args, **kwargs):
        if next(away, None) is not None:
            raise httpx.ConnectError("refused")
        return ask(self, *args, **kwargs)

    monkeypatch.setattr(httpx.Client, "request", restarting)
    if error:
        with pytest.raises(error, match="cannot be reached"):
            client.get("/api/public/health")
    else:
        assert client.get("/api/public/health")[0]["status"] == "OK"


def test_a_key_that_one_region_of_the_cloud_refuses_may_be_of_another():
    from drift.stores.langfuse_doctor import _other_regions

    assert "https://us.cloud.langfuse.com" in _other_regions("https://cloud.langfuse.com")
    assert "https://cloud.langfuse.com or" not in _other_regions("https://cloud.langfuse.com").split("host is")[1]
    assert "cloud.langfuse" not in _other_regions("http://langfuse.internal:3000")
