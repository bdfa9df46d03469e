"""A day in the lake is the old one or the new one, and the same day twice is the same bytes."""

from __future__ import annotations

import errno
import json
import os
import stat
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drift.errors import DriftError
from drift.lake import Lake

DAY = date(2026, 11, 20)


def _bytes(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(params=["folder", "memory"])
def lake(request, tmp_path):
    return Lake(str(tmp_path / "lake") if request.param == "folder" else f"memory://{tmp_path}")


def test_a_day_reads_back_with_its_parts_in_order_and_missing_columns_null(lake):
    parts = [
        lake.write_part("features", DAY, pa.table({"a": [1]})),
        lake.write_part("features", DAY, pa.table({"a": [2], "b": ["x"]})),
    ]
    lake.commit("features", DAY, parts, {"traces": 2})
    assert lake.read("features", DAY).to_pylist() == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert lake.manifest("features", DAY).facts == {"traces": 2}
    assert lake.days("features") == [DAY]


def test_an_uncommitted_part_is_not_seen(lake):
    lake.write("features", DAY, pa.table({"a": [1]}))
    lake.write_part("features", DAY, pa.table({"a": [9]}))
    assert lake.read("features", DAY).to_pylist() == [{"a": 1}]
    assert lake.sweep("features", DAY) == 1
    assert lake.read("features", DAY).to_pylist() == [{"a": 1}]


def test_the_same_day_twice_changes_no_byte(tmp_path):
    lake = Lake(str(tmp_path))
    assert lake.write("features", DAY, pa.table({"a": [1]}), {"n": 1})
    before = _bytes(tmp_path)
    assert not lake.write("features", DAY, pa.table({"a": [1]}), {"n": 1})
    assert _bytes(tmp_path) == before


def test_a_replaced_day_leaves_nothing_of_the_old_one(tmp_path):
    lake, fresh = Lake(str(tmp_path / "a")), Lake(str(tmp_path / "b"))
    lake.write("features", DAY, pa.table({"a": [1]}))
    lake.write("features", DAY, pa.table({"a": [2]}))
    fresh.write("features", DAY, pa.table({"a": [2]}))
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_a_day_that_is_not_there_is_none(lake):
    assert lake.read("features", DAY) is None
    assert lake.manifest("features", DAY) is None
    lake.delete("features", DAY)
    assert lake.days("features") == []


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DriftError, match="lake.url") as error:
        Lake(str(tmp_path / "file")).write("features", DAY, pa.table({"a": [1]}))
    assert "\n" not in str(error.value)
    with pytest.raises(DriftError, match="nope"):
        Lake("nope://bucket")


def _spoil(root: Path, column: int) -> None:
    """Overwrite what a part holds of one column; its footer stays."""
    (path,) = root.rglob("*.parquet")
    data = bytearray(path.read_bytes())
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(column)
    start = min(place for place in (chunk.dictionary_page_offset, chunk.data_page_offset) if place)
    data[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(data)


def test_only_the_columns_that_are_asked_for_are_decoded_and_rows_are_counted_from_the_footer(tmp_path):
    lake = Lake(str(tmp_path))
    part = lake.write_part("features", DAY, pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}))
    lake.commit("features", DAY, [part])
    _spoil(tmp_path, 1)
    assert lake.read("features", DAY, ["a"]).to_pydict() == {"a": [1, 2, 3]}
    assert lake.rows("features", DAY, part) == 3
    with pytest.raises(DriftError, match="is damaged; `drift repair`"):
        lake.read("features", DAY)


def test_no_thread_of_arrows_is_left_with_memory_of_pythons_when_the_process_ends(lake, monkeypatch):
    """Seen: `drift diagnose` had printed all, and ended with "terminate called", exit code 134, in one run of a dozen on a busy machine."""
    read = []

    class Watched(pq.ParquetFile):
        def __init__(self, source, *args, **kwargs):
            self.of_python = not isinstance(source, pa.NativeFile) or isinstance(source, pa.PythonFile)
            super().__init__(source, *args, **kwargs)

        def read(self, *args, use_threads=True, **kwargs):
            read.append(self.of_python and use_threads)
            return super().read(*args, use_threads=use_threads, **kwargs)

        def read_row_group(self, *args, use_threads=True, **kwargs):
            read.append(self.of_python and use_threads)
            return super().read_row_group(*args, use_threads=use_threads, **kwargs)

    part = lake.write_part("features", DAY, pa.table({"a": [1, 2], "b": ["x", "y"]}), groups=[1, 1])
    lake.commit("features", DAY, [part])
    monkeypatch.setattr(pq, "ParquetFile", Watched)
    assert lake.read("features", DAY).num_rows == 2
    assert lake.read("features", DAY, ["a"]).num_rows == 2
    assert lake.read_group("features", DAY, part, 1).to_pylist() == [{"a": 2, "b": "y"}]
    assert read == [False] * 3


def test_columns_come_in_the_order_asked_for_and_where_a_part_has_them(lake):
    tables = [pa.table({"a": [1], "v": [[1.0, 2.0]]}), pa.table({"a": [2], "b": ["x"]}), pa.table({"c": [3]})]
    lake.commit("features", DAY, [lake.write_part("features", DAY, table) for table in tables])
    found = lake.read("features", DAY, ["b", "v", "a", "nowhere"])
    assert found.to_pydict() == {"b": [None, "x", None], "v": [[1.0, 2.0], None, None], "a": [1, 2, None]}


def test_two_runs_of_a_day_leave_no_manifest_that_names_a_deleted_part(lake, monkeypatch):
    kept, mine = pa.table({"a": [1]}), pa.table({"a": [2]})
    lake.write("features", DAY, kept)
    (name,) = lake.manifest("features", DAY).parts
    put = lake._put

    def in_between(path, data):
        put(path, data)
        if path.endswith("_manifest.json"):
            # the other run has just made the day what it was before
            monkeypatch.setattr(lake, "_put", put)
            put(path, json.dumps({"parts": [name], "facts": {}}, sort_keys=True).encode())

    monkeypatch.setattr(lake, "_put", in_between)
    lake.write("features", DAY, mine)
    assert lake.read("features", DAY).to_pylist() == [{"a": 1}]


def test_a_part_that_another_run_deleted_before_it_was_committed_is_told(lake):
    part = lake.write_part("features", DAY, pa.table({"a": [1]}))
    lake.remove(f"features/day={DAY}/{part}")
    with pytest.raises(DriftError, match="another run of that day deleted"):
        lake.commit("features", DAY, [part])


def test_what_is_written_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    order: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (order.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"), fsync(fd))
    )
    monkeypatch.setattr(os, "replace", lambda *names: (order.append("name"), replace(*names)))
    Lake(str(tmp_path)).write("features", DAY, pa.table({"a": [1]}))
    # the folders of a new day first, each made known to the one above it
    assert order[-6:] == ["file", "name", "folder"] * 2 and set(order[:-6]) == {"folder"}


def test_a_full_disk_leaves_the_old_day_and_no_half_file(tmp_path, monkeypatch):
    lake = Lake(str(tmp_path))
    lake.write("features", DAY, pa.table({"a": [1]}))
    before = _bytes(tmp_path)

    def full(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DriftError, match="No space left on device"):
        lake.write("features", DAY, pa.table({"a": [2]}))
    assert _bytes(tmp_path) == before
