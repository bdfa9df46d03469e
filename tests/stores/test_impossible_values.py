"""What cannot be is unknown before anything counts it, row by row; of rows with one id the finished, latest one counts."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import AT, DAY, chat, generation, read, read_export, span

from drift import traces
from drift.stores.failures import failure_of
from drift.stores.files import FilesStore, read_file
from drift.stores.mapping import FilesOptions


def test_negative_numbers_are_unknown():
    row = dict.fromkeys(traces.NEVER_NEGATIVE, -1)
    (made,) = traces.table([{"trace_id": "t", "timestamp": AT, **row}]).to_pylist()
    assert {made[name] for name in traces.NEVER_NEGATIVE} == {None}


def test_a_first_token_after_the_last_is_unknown():
    rows = [{"trace_id": "t", "timestamp": AT, "latency_s": 4.0, "ttft_s": first} for first in (300.0, 0.3)]
    assert traces.table(rows)["ttft_s"].to_pylist() == [None, 0.3]


def test_a_call_with_impossible_values(tmp_path):
    made = read(tmp_path, span("app", end=-5), chat("c", "app", 1, 3, tokens=(-1, -1), gen_ai__response__time_to_first_chunk=250,
                                                    gen_ai__usage__cost=-0.5))  # fmt: skip
    assert [made[n] for n in ("latency_s", "input_tokens", "output_tokens", "cost_usd", "ttft_s")] == [None] * 5


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({"completion_start_time": "2026-03-02 10:00:01.300000", "latency": 2000, "time_to_first_token": 300}, 0.3),
        ({"latency": 2000, "time_to_first_token": 300}, 0.3),
        ({"latency": 2.0, "time_to_first_token": 0.3}, 0.3),
        ({"time_to_first_token": 300}, None),
    ],
)
def test_milliseconds_of_an_export_are_no_seconds(tmp_path, times, seconds):
    (made,) = read_export(tmp_path, generation("g", **times))
    assert made["ttft_s"] == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "rate_limit_exceeded", "message": "Too many requests", "status": 429}, "rate_limit"),
        ([], None), ({}, None), (False, None), ("none", None), (200, None), ("503", "5xx"), ({"message": None, "code": None}, None),
        ('{"error": {"type": "timeout"}}', "timeout"), ([{"message": "boom"}], "other"), (True, "other"),
    ],
)  # fmt: skip
def test_what_a_column_says_of_a_failure(tmp_path, error, kind):
    assert failure_of(error) == kind
    (made,) = pull(tmp_path, [{"trace_id": "1", "timestamp": AT.isoformat(), "error": error}])
    assert made["error"] == kind


def pull(folder, rows: list[dict], hours: tuple[int, int] = (0, 24), **options) -> list[dict]:
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    store = FilesStore(FilesOptions(path=str(folder / "t.jsonl"), **options), salt="salt")
    start, end = (DAY + timedelta(hours=h) for h in hours)
    return [row for table in store.pull(start, end) for row in table.to_pylist()]


def test_of_rows_with_one_id_the_finished_latest_one_counts(tmp_path, caplog):
    when = AT.isoformat()
    rows = [
        {"trace_id": "a", "timestamp": when, "output": "done", "latency_s": 2, "updated_at": "2026-03-02T10:00:02Z"},
        {"trace_id": "a", "timestamp": when, "updated_at": "2026-03-02T10:00:09Z"},
        {"trace_id": "b", "timestamp": when, "updated_at": "2026-03-02T10:00:01Z"},
        {"trace_id": "b", "timestamp": when, "output": "first", "latency_s": 2, "updated_at": "2026-03-02T10:00:02Z"},
        {"trace_id": "b", "timestamp": when, "output": "corrected", "latency_s": 2, "updated_at": "2026-03-02T10:00:03Z"},
        {"trace_id": "c", "timestamp": when, "output": "alone"},
    ]
    with caplog.at_level(logging.WARNING):
        made = pull(tmp_path, rows)
    assert {r["trace_id"]: r["output"] for r in made} == {"a": "done", "b": "corrected", "c": "alone"} and len(made) == 3
    assert "3 rows are older or unfinished versions" in caplog.text
    caplog.clear()
    # a file that is read whole, as `drift compare` and `drift measure` do
    assert [r["output"] for r in read_file(str(tmp_path / "t.jsonl")).to_pylist()] == ["done", "corrected", "alone"]
    assert "3 rows are older or unfinished versions" in caplog.text


def test_of_spans_with_one_id_the_finished_one_counts(tmp_path):
    begun = {**span("app", gen_ai__operation__name="invoke_agent"), "endTimeUnixNano": "0"}
    for order in ([begun, span("app", output__value="done")], [span("app", output__value="done"), begun]):
        made = read(tmp_path, *order)
        assert (made["output"], made["latency_s"]) == ("done", 4)


row = st.fixed_dictionaries({
    "id": st.integers(0, 8), "hour": st.integers(0, 23), "finished": st.booleans(), "updated": st.integers(0, 5),
})  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(row, max_size=25), cuts=st.lists(st.integers(1, 23), max_size=4, unique=True))
def test_any_shards_of_a_day_give_its_rows(tmp_path_factory, rows, cuts):
    folder = tmp_path_factory.mktemp("shards")
    written = [
        {"trace_id": str(r["id"]), "timestamp": (DAY + timedelta(hours=r["hour"], minutes=1)).isoformat(), "input": str(n),
         "output": f"answer {n}" if r["finished"] else None, "updated_at": (AT + timedelta(seconds=r["updated"])).isoformat()}
        for n, r in enumerate(rows)
    ]  # fmt: skip
    edges = [0, *sorted(cuts), 24]
    parts = [row for shard in zip(edges, edges[1:], strict=False) for row in pull(folder, written, shard)]
    whole = pull(folder, written)
    assert sorted(map(repr, parts)) == sorted(map(repr, whole)) and len({r["trace_id"] for r in whole}) == len(whole)
