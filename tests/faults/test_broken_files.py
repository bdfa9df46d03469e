"""Files as programs leave them: a broken line costs itself, a share of them the day around them, and another day nothing."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import pytest

from drift.errors import DriftError, StoreError
from drift.stores.files import FilesStore
from drift.stores.mapping import FilesOptions
from drift.stores.otlp import OtlpOptions, OtlpStore
from drift.stores.readers import list_files, read
from faults.traffic import NIGHTS, day, rows, write

TODAY = day(NIGHTS)

BROKEN = {
    "cut in the middle": '{"trace_id": "x", "outp',
    "cut after a comma": '{"trace_id": "x",',
    "no object": "[1, 2]",
    "no JSON": "\x00\x00\x00",
    "no time": json.dumps({"trace_id": "x"}),
    "a time that is none": json.dumps({"trace_id": "x", "timestamp": "yesterday"}),
    "nested too deeply": "[" * 100_000,
}


def window(on=TODAY):
    from drift.config import Config

    return Config.of({}).window(on)


def pulled(path: Path, on=TODAY) -> int:
    store = FilesStore(FilesOptions(path=str(path)), salt="")
    return sum(batch.num_rows for batch in store.pull(*window(on)))


def old(file: Path) -> Path:
    """As if nobody had written to it for an hour."""
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    return file


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("at", [0, 30, 60])
def test_a_broken_line_costs_itself_and_is_told(tmp_path, monkeypatch, caplog, line, at):
    monkeypatch.chdir(tmp_path)
    Path("traces").mkdir()
    lines = [json.dumps(row) for row in rows(TODAY)]
    write(TODAY, [*lines[:at], line, *lines[at:]])
    assert pulled(Path("traces")) == 60
    assert f"{TODAY}.jsonl, line {at + 1}: " in caplog.text and "1 of 61 lines cannot be read and are left out" in caplog.text


def test_a_broken_line_of_another_day_is_nothing_to_this_one(drift, caplog):
    write(TODAY)
    write(day(1), [*rows(day(1)), *['{"broken'] * 50])
    code, _, _ = drift("run", "--day", TODAY)
    assert code == 0 and "cannot be read" not in caplog.text


def test_a_share_of_broken_lines_fails_the_day_of_the_rows_around_them(drift):
    write(TODAY)
    damaged = [*rows(day(1))[:40], *['{"broken'] * 10, *rows(day(1))[40:]]
    write(day(1), damaged)
    code, _, told = drift("run", "--day", day(1))
    assert code == 1 and "of 70 lines of 2026-11-03 10 cannot be read" in told and "line 41" in told
    assert drift("run", "--day", TODAY)[0] == 0


def test_a_writer_that_is_caught_in_the_middle_of_a_line_stops_nothing(tmp_path):
    file = tmp_path / "all.jsonl"
    whole = "".join(json.dumps(row) + "\n" for row in rows(TODAY))
    file.write_text(whole + json.dumps(rows(day(NIGHTS + 1))[0])[:70])
    assert pulled(file) == 60


@pytest.mark.parametrize("bad", ['"chat', 'x,"a"b,c', "too,few", "\ud800"])
def test_a_broken_row_of_csv_costs_itself(tmp_path, caplog, bad):
    file = tmp_path / "t.csv"
    lines = ["trace_id,timestamp,output"] + [f'{r["trace_id"]},{r["timestamp"]},"{r["output"]}"' for r in rows(TODAY)]
    lines.insert(31, bad)
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") + b"\n")
    assert pulled(file) == 60
    assert "1 of 61 lines" in caplog.text and "t.csv, line 32" in caplog.text


def packed(file: Path, on, keep: float = 1.0) -> Path:
    data = gzip.compress("".join(json.dumps(row) + "\n" for row in rows(on, 70, input="How? " * 2_000)).encode(), 1)
    file.write_bytes(data[: int(len(data) * keep)])
    return file


def test_a_damaged_file_of_another_day_is_left_out(tmp_path, caplog):
    old(packed(tmp_path / "a.jsonl.gz", day(0), keep=0.6))
    old(packed(tmp_path / f"{day(1)}.jsonl.gz", day(1), keep=0.01))
    (tmp_path / f"{day(2)}.parquet").write_bytes(b"PAR1 no longer")
    packed(tmp_path / "z.jsonl.gz", TODAY)
    assert pulled(tmp_path) == 70
    assert "a.jsonl.gz" in caplog.text and f"{day(1)}.jsonl.gz" in caplog.text and f"{day(2)}.parquet" in caplog.text


def test_a_damaged_file_of_the_day_stops_the_day(tmp_path):
    old(packed(tmp_path / "a.jsonl.gz", TODAY, keep=0.6))
    with pytest.raises(DriftError, match="a.jsonl.gz"):
        pulled(tmp_path)


def test_a_packed_file_that_is_being_written_is_waited_for(tmp_path):
    packed(tmp_path / "a.jsonl.gz", TODAY, keep=0.6)
    with pytest.raises(StoreError, match="may not be whole yet") as raised:
        pulled(tmp_path)
    assert raised.value.retryable


def test_where_nothing_can_be_read_the_first_line_says_why(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"trace_id": "1", "when": "2026-11-08"}\n' * 20)
    with pytest.raises(DriftError, match="line 1: no time in column 'timestamp'; name it"):
        pulled(tmp_path)


def test_a_line_without_end_is_not_held_in_memory(tmp_path, caplog):
    import tracemalloc

    file = tmp_path / "bomb.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write("".join(json.dumps(row) + "\n" for row in rows(TODAY)).encode())
        for _ in range(300):
            out.write(b" " * (1 << 20))
    tracemalloc.start()
    assert pulled(file) == 60
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()
    assert "line 61: longer than 64 MiB" in caplog.text


def _export(n: int, attribute: dict | None = None) -> dict:
    start = int(window()[0].timestamp()) + 60 * n
    span = {
        "traceId": f"{n:032x}", "spanId": f"{n:016x}", "name": "chat", "startTimeUnixNano": f"{start}000000000",
        "endTimeUnixNano": f"{start + 1}000000000",
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.usage.input_tokens", "value": attribute or {"intValue": "12"}},
        ],
    }  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


@pytest.mark.parametrize("line", ['{"resourceSpans": [', '{"resourceSpans": 3}', "7", '{"resourceSpans": [{"scopeSpans": 1}]}'])
def test_a_broken_export_of_a_collector_costs_itself(tmp_path, caplog, line):
    lines = [json.dumps(_export(n)) for n in range(40)]
    (tmp_path / "t.jsonl").write_text("\n".join([*lines[:20], line, *lines[20:]]) + "\n")
    store = OtlpStore(OtlpOptions(path=str(tmp_path)), salt="")
    assert sum(batch.num_rows for batch in store.pull(*window())) == 40
    assert "1 of 41 lines" in caplog.text


@pytest.mark.parametrize("given", [{"intValue": " "}, {"intValue": {}}, {"intValue": "1e999"}, {"doubleValue": "much"}])
def test_a_number_that_is_none_is_unknown(tmp_path, given):
    (tmp_path / "t.jsonl").write_text(json.dumps(_export(0, given)) + "\n")
    (table,) = OtlpStore(OtlpOptions(path=str(tmp_path)), salt="").pull(*window())
    assert table["input_tokens"].to_pylist() == [None]


def test_without_a_count_the_first_broken_line_is_an_error(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n{"b"\n')
    (file,) = list_files(str(tmp_path), "auto")
    with pytest.raises(DriftError, match="t.jsonl, line 2: not valid JSON"):
        list(read(file))
