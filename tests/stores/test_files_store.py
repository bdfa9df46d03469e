"""Files: what is wrong is one line that names the file, the line and the column; what is odd is null."""

from __future__ import annotations

import csv
import gzip
import json
import math
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from drift import stores, traces
from drift.config import Config
from drift.errors import ConfigError, DataError, DriftError
from drift.stores.files import FilesStore, read_file
from drift.stores.mapping import FilesOptions

DAY = datetime(2026, 11, 19, tzinfo=UTC)
END = DAY + timedelta(days=1)


def store(path, **options) -> FilesStore:
    return FilesStore(FilesOptions(path=str(path), **options), salt="salt")


def pull(made: FilesStore, start=DAY, end=END) -> list[dict]:
    return [row for batch in made.pull(start, end) for row in batch.to_pylist()]


def lines(path, rows) -> object:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), "utf-8")
    return path


def failure(made: FilesStore) -> str:
    with pytest.raises(DriftError) as caught:
        pull(made)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_parquet_file_without_a_needed_column_names_it_and_those_there_are(tmp_path):
    pq.write_table(pa.table({"when": [DAY], "question": ["q"]}), tmp_path / "a.parquet")
    assert failure(store(tmp_path)) == (
        "a.parquet: no column 'timestamp'; its columns are when, question; map one: [store.columns] timestamp = \"…\""
    )
    assert "no column 'answer'; its columns are when, question" in failure(
        store(tmp_path, columns={"timestamp": "when", "output": "answer"}))  # fmt: skip


def test_a_broken_line_is_named_by_its_number_and_not_shown(tmp_path):
    whole = {"timestamp": "2026-11-19T01:00:00Z"}
    said = failure(store(lines(tmp_path / "t.jsonl", [whole, '{"timestamp": "secret', whole])))
    assert said.startswith("t.jsonl, line 2: not valid JSON") and "secret" not in said
    assert "line 1: a JSON object is needed, not int" in failure(store(lines(tmp_path / "u.jsonl", ["5"])))


@pytest.mark.parametrize(
    ("given", "says"), [({}, "no time in column 'timestamp'"), ({"timestamp": "yesterday"}, "no time that can be read")]
)
def test_a_row_without_a_time_is_named(tmp_path, given, says):
    assert f"t.jsonl, line 1: {says}" in failure(store(lines(tmp_path / "t.jsonl", [given]))).replace(
        "column 'timestamp' holds ", ""
    )


def test_a_time_without_a_zone_is_utc_and_one_with_a_zone_is_converted(tmp_path):
    given = ["2026-11-19T00:00:00", "2026-11-19 12:00:00", "2026-11-19T23:59:59.999Z", "2026-11-20T00:30:00+05:30",
             1795046400, 1795046400000, "1795046400.5"]  # fmt: skip
    rows = pull(store(lines(tmp_path / "t.jsonl", [{"timestamp": t} for t in given])))
    assert len(rows) == 7 and rows[3]["timestamp"] == DAY + timedelta(hours=19)
    naive = pa.table({"timestamp": pa.array([DAY.replace(tzinfo=None), END.replace(tzinfo=None)], pa.timestamp("ns"))})
    pq.write_table(naive, tmp_path / "naive.parquet")
    assert [r["timestamp"] for r in pull(store(tmp_path / "naive.parquet"))] == [DAY]


def test_nan_infinity_and_wrong_types_are_null(tmp_path):
    row = {
        "timestamp": DAY.isoformat(),
        "latency_s": math.nan,
        "cost_usd": math.inf,
        "input_tokens": "many",
        "tags": 5,
        "documents": "none",
        "scores": {"a": math.nan, "b": 1, "c": "good", "d": True},
        "input": 7,
        "metadata": "x",
        "fallback": "maybe",
    }
    (out,) = pull(store(lines(tmp_path / "t.jsonl", [row])))
    assert all(out[c] is None for c in ("latency_s", "cost_usd", "input_tokens", "tags", "documents", "fallback"))
    assert {s["name"]: s["label"] or s["value"] for s in out["scores"]} == {"b": 1.0, "c": "good", "d": 1.0}


def test_a_response_of_five_megabytes(tmp_path):
    text = "x" * 5_000_000
    rows = [{"timestamp": DAY.isoformat(), "output": text, "trace_id": str(n)} for n in range(9)]
    batches = list(store(lines(tmp_path / "t.jsonl", rows)).pull(DAY, END))
    # long texts make small batches
    assert len(batches) == 2 and batches[0]["output"][0].as_py() == text


def test_a_folder_is_read_deeply_and_each_trace_once(tmp_path):
    (tmp_path / "deep").mkdir()
    lines(tmp_path / "a.jsonl", [{"timestamp": DAY.isoformat(), "trace_id": "1"}])
    lines(
        tmp_path / "deep" / "b.ndjson",
        [{"timestamp": DAY.isoformat(), "trace_id": "1"}, {"timestamp": DAY.isoformat(), "trace_id": "2"}],
    )
    (tmp_path / "deep" / "c.jsonl.gz").write_bytes(gzip.compress(b'{"timestamp": "2026-11-19", "trace_id": "3"}\n'))
    (tmp_path / "deep" / "d.csv").write_text('timestamp,trace_id,output\n2026-11-19,4,"two\nlines"\n')
    (tmp_path / "array.json").write_text(
        '[{"timestamp": "2026-11-19", "trace_id": "5"},\n {"timestamp": "2026-11-19", "trace_id": "6"}]'
    )
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / "README.md").write_text("")
    rows = pull(store(tmp_path))
    assert sorted(r["trace_id"] for r in rows) == ["1", "2", "3", "4", "5", "6"]
    assert next(r["output"] for r in rows if r["trace_id"] == "4") == "two\nlines"
    assert len(pull(store(f"{tmp_path}/deep/*.gz"))) == 1
    assert len(pull(store(f"file://{tmp_path}"))) == 6


def test_what_is_not_there_or_not_readable(tmp_path):
    assert "no such file or folder" in failure(store(tmp_path / "none"))
    assert "no Parquet, JSON lines or CSV file in it" in failure(store(tmp_path))
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    assert failure(store(tmp_path)).startswith("a.parquet: not readable as parquet")
    (tmp_path / "a.parquet").unlink()
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"timestamp": "2026-11-19"}\n' * 900)[:-20])
    assert failure(store(tmp_path)).startswith("b.jsonl.gz: ")
    assert failure(store("nosuch://x")).startswith("nosuch://x: Protocol not known")


def test_a_csv_row_of_the_wrong_width_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("timestamp,output\n2026-11-19,a\n2026-11-19,a,b\n")
    assert "t.csv, line 3: 3 cells, where the header has 2" in failure(store(tmp_path))


def test_rows_without_an_id_have_one_that_lasts(tmp_path):
    made = store(lines(tmp_path / "t.jsonl", [{"timestamp": DAY.isoformat()}, {"timestamp": DAY.isoformat()}]))
    assert [r["trace_id"] for r in pull(made)] == ["t.jsonl:1", "t.jsonl:2"] == [r["trace_id"] for r in pull(made)]


def test_constants_scores_and_paths_into_nested_columns(tmp_path):
    row = {
        "t": DAY.isoformat(),
        "in": {"messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Why?"}]},
        "out": {"choices": [{"message": {"content": "So."}, "finish_reason": "stop"}]},
        "usage": {"total": {"cost": 0.5}},
        "grade": "4",
        "ended": (DAY + timedelta(seconds=3)).isoformat(),
        "status": 503,
    }
    columns = {
        "timestamp": "t",
        "input": "in",
        "output": "out",
        "cost_usd": "usage.total.cost",
        "end_time": "ended",
        "error": "status",
    }
    (out,) = pull(
        store(
            lines(tmp_path / "t.jsonl", [row]),
            columns=columns,
            values={"name": "chat", "tags": ["x"]},
            scores={"grade": "grade"},
        )
    )
    assert (out["input"], out["output"], out["system_prompt"], out["finish_reason"]) == ("Why?", "So.", "Be kind", "stop")
    assert (out["cost_usd"], out["name"], out["tags"], out["latency_s"], out["error"]) == (0.5, "chat", ["x"], 3.0, "5xx")
    assert out["scores"] == [{"name": "grade", "value": 4.0, "label": None, "evaluator": None}]


def test_the_rows_of_a_file_in_its_order(tmp_path):
    rows = [
        {"output": "b"},
        {"output": "a", "trace_id": "mine"},
        {"output": "c", "timestamp": "2020-01-01"},
        {"output": "d", "timestamp": "?"},
    ]
    table = read_file(str(lines(tmp_path / "t.jsonl", rows)))
    assert table["output"].to_pylist() == ["b", "a", "c", "d"] and table["trace_id"].to_pylist() == ["0", "mine", "2", "3"]
    assert table["timestamp"].null_count == 3
    pq.write_table(pa.table({"q": ["x", None], "trace_id": [5, 6]}), tmp_path / "t.parquet")
    table = read_file(str(tmp_path / "t.parquet"), FilesOptions(path="x", columns={"input": "q"}))
    assert table["input"].to_pylist() == ["x", None] and table["trace_id"].to_pylist() == ["5", "6"]
    with pytest.raises(DataError, match="no column 'nope'"):
        read_file(str(tmp_path / "t.parquet"), FilesOptions(path="x", columns={"input": "nope"}))


def test_a_trace_table_written_to_parquet_comes_back_as_it_was(tmp_path):
    from drift import traces

    row = {
        "trace_id": "t",
        "timestamp": DAY,
        "tags": ["a"],
        "documents": [{"id": "d", "score": 0.5, "updated_at": DAY, "text": "x"}],
        "scores": {"s": 1.0, "l": "good"},
        "metadata": {"k": "v"},
        "index_built_at": DAY,
        "fallback": True,
        "n_generations": 2,
        "error": "rate_limit",
        "input": '{"q": 1}',
        "user": None,
    }
    table = traces.table([row])
    pq.write_table(table, tmp_path / "t.parquet")
    assert read_file(str(tmp_path / "t.parquet")).to_pylist() == table.to_pylist()


def test_a_wrong_option_is_one_line(tmp_path):
    with pytest.raises(ValidationError, match="is not a column of the trace table"):
        FilesOptions(path="x", columns={"question": "input"})
    with pytest.raises(ConfigError, match="store.path: missing"):
        stores.open_store(Config.of({"store": {"type": "files"}}))
    with pytest.raises(ConfigError, match="store.pth: unknown key"):
        stores.open_store(Config.of({"store": {"type": "files", "path": "x", "pth": "y"}}))


@pytest.mark.parametrize(
    ("preset", "row", "expected"),
    [
        (
            "langsmith",
            {
                "id": "r",
                "trace_id": "r",
                "parent_run_id": None,
                "start_time": "2026-11-19T01:00:00",
                "end_time": "2026-11-19T01:00:02",
                "first_token_time": "2026-11-19T01:00:01",
                "name": "app",
                "inputs": {"question": "Why?"},
                "outputs": {"answer": "So."},
                "error": None,
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_cost": 0.1,
                "tags": ["x"],
                "extra": {"metadata": {"ls_model_name": "gpt-4o", "session_id": "s", "user_id": "u"}},
                "feedback_stats": {"correct": {"n": 1, "avg": 1.0}},
            },
            {"latency_s": 2.0, "ttft_s": 1.0, "model": "gpt-4o", "cost_usd": 0.1, "session_id": "s"},
        ),
        (
            "helicone",
            {
                "request_id": "r",
                "request_created_at": "2026-11-19T01:00:00Z",
                "delay_ms": 2000,
                "time_to_first_token": 1000,
                "request_body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Why?"}]},
                "response_body": {"choices": [{"message": {"role": "assistant", "content": "So."}}]},
                "response_status": 200,
                "response_model": "gpt-4o",
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "cost_usd": 0.1,
                "request_properties": {"Helicone-Session-Id": "s"},
                "scores": {"correct": 1},
            },
            {"latency_s": 2.0, "ttft_s": 1.0, "model": "gpt-4o", "cost_usd": 0.1, "session_id": "s", "n_generations": 1},
        ),
        (
            "braintrust",
            {
                "id": "r",
                "root_span_id": "r",
                "span_parents": None,
                "created": "2026-11-19T01:00:00Z",
                "input": "Why?",
                "output": "So.",
                "expected": "Thus.",
                "metrics": {
                    "start": 1795050000.0,
                    "end": 1795050002.0,
                    "time_to_first_token": 1.0,
                    "prompt_tokens": 10,
                    "completion_tokens": 5,
                    "estimated_cost": 0.1,
                },
                "metadata": {"model": "gpt-4o", "session_id": "s"},
                "scores": {"correct": 1},
                "span_attributes": {"name": "app"},
            },
            {"latency_s": 2.0, "ttft_s": 1.0, "model": "gpt-4o", "cost_usd": 0.1, "reference": "Thus.", "name": "app"},
        ),
        (
            "weave",
            {
                "id": "c",
                "trace_id": "r",
                "parent_id": None,
                "op_name": "app",
                "started_at": "2026-11-19T01:00:00Z",
                "ended_at": "2026-11-19T01:00:02Z",
                "inputs": {"question": "Why?"},
                "exception": None,
                "thread_id": "s",
                "output": {
                    "choices": [{"message": {"content": "So."}}],
                    "model": "gpt-4o",
                    "usage": {"prompt_tokens": 10, "completion_tokens": 5},
                },
                "summary": {"weave": {"feedback": {"correct": 1}}},
            },
            {"latency_s": 2.0, "model": "gpt-4o", "session_id": "s"},
        ),
    ],
)
def test_exports_of_other_stores(tmp_path, preset, row, expected):
    child = (
        {**row, "parent_run_id": "r", "span_parents": ["r"], "parent_id": "c", "id": "child"} if preset != "helicone" else row
    )
    (out,) = pull(store(lines(tmp_path / "t.jsonl", [row, child]), preset=preset))
    assert (out["trace_id"], out["input"], out["output"], out["error"]) == ("r", "Why?", "So.", None)
    assert (out["input_tokens"], out["output_tokens"]) == (10, 5)
    assert {s["name"]: s["value"] for s in out["scores"]} == {"correct": 1.0}
    assert {k: out[k] for k in expected} == expected
    broken = {**row, "error": "RateLimitError(429)", "exception": "RateLimitError(429)", "response_status": 429}
    (out,) = pull(store(lines(tmp_path / "t.jsonl", [broken]), preset=preset))
    assert out["error"] == "rate_limit"


def test_nothing_of_a_trace_is_in_an_error_of_the_store(tmp_path):
    for n, bad in enumerate(
        ['{"timestamp": "my secret"}', '{"timestamp": {"a": "my secret"}}', '["my secret"]', '"my secret"', "my secret"]
    ):
        said = failure(store(lines(tmp_path / f"{n}.jsonl", [bad])))
        assert "secret" not in said


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_call_of_weave_with_its_usage_by_model(tmp_path, form):
    call = {"id": "c", "trace_id": "c", "parent_id": None, "op_name": "weave:///team/app/op/answer:0a1b", "started_at": "2026-11-19T10:00:00Z",
            "ended_at": "2026-11-19T10:00:01Z", "inputs": {"question": "Why?"}, "output": "Because.", "exception": None,
            "attributes": {"environment": "prod", "user_id": "bob"},
            "summary": {"usage": {"gpt-4o": {"prompt_tokens": 3, "completion_tokens": 4, "requests": 1}}}}  # fmt: skip
    both = {
        **call,
        "id": "d",
        "trace_id": "d",
        "summary": {"usage": {"gpt-4o": {"prompt_tokens": 3}, "o3": {"prompt_tokens": 2}}},
    }
    child = {**call, "id": "e", "parent_id": "c"}
    path = tmp_path / f"calls.{form}"
    with path.open("w", newline="") as handle:
        if form == "jsonl":
            handle.writelines(json.dumps(c) + "\n" for c in (call, both, child))
        else:
            rows = csv.writer(handle)
            rows.writerow(call)
            for c in (call, both, child):
                rows.writerow([json.dumps(v) if isinstance(v, dict) else v for v in c.values()])
    store = FilesStore(FilesOptions(path=str(path), preset="weave"), salt="salt")
    first, second = pa.concat_tables(store.pull(DAY, END)).to_pylist()
    assert (first["name"], first["model"], first["input_tokens"], first["output_tokens"]) == ("answer", "gpt-4o", 3, 4)
    # of two models neither is the trace's
    assert (second["model"], second["input_tokens"]) == (None, 5)
    assert first["user"] == traces.hash_user("bob", "salt") and "bob" not in str(first["metadata"])


def test_what_a_file_does_not_record_is_unknown_and_not_none(tmp_path):
    """Without a column of errors nothing is known of errors; with one, a row without an error went well."""
    line = {"timestamp": "2026-11-19T10:00:00Z", "input": "Where is it?", "output": "Here."}
    lines = [line, line | {"trace_id": "2"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (batch,) = store(tmp_path).pull(DAY, DAY + timedelta(days=1))
    assert traces.unrecorded(batch) == {"error"}
    lines[1]["error"] = "timeout"
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (batch,) = store(tmp_path).pull(DAY, DAY + timedelta(days=1))
    assert traces.unrecorded(batch) == frozenset()
    assert batch["error"].to_pylist() == [None, "timeout"]


def test_texts_that_nobody_mapped_are_an_error_that_lists_the_columns(tmp_path):
    (tmp_path / "a.csv").write_text("timestamp,question,answer\n2026-11-19T10:00:00Z,Where is it?,Here.\n")
    with pytest.raises(DataError, match="there are answer, question; its columns are answer, question, timestamp"):
        list(store(tmp_path).pull(DAY, DAY + timedelta(days=1)))
    assert [b.num_rows for b in store(tmp_path, columns={"input": "question"}).pull(DAY, DAY + timedelta(days=1))] == [1]
