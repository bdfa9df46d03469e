"""Traces read again by their ids: a store is asked as seldom as what lies between them allows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from drift import traces
from drift.config import Config
from drift.lake import Lake
from drift.stores.by_id import pull_by_id

DAY = date(2026, 3, 3)
START = datetime(2026, 3, 3, tzinfo=UTC)


class Asked:
    """A store of one trace every ten seconds. windows: what it was asked for."""

    def __init__(self, reads_all: bool) -> None:
        self.reads_all = reads_all
        self.windows: list[tuple[datetime, datetime]] = []

    def pull(self, start, end):
        self.windows.append((start, end))
        rows = [{"trace_id": f"t{i}", "timestamp": at} for i, at in enumerate(moments()) if start <= at < end]
        return iter([traces.table(rows)])


def moments() -> list[datetime]:
    return [START + timedelta(seconds=10 * i) for i in range(8640)]


@pytest.mark.parametrize(
    ("reads_all", "ids", "windows"),
    [
        (False, ["t5", "t60", "t100"], 1),
        (False, ["t5", "t60", "t1000"], 2),
        (True, ["t5", "t60", "t8000"], 1),
        (False, [f"t{i}" for i in range(0, 8640, 50)], 1),
    ],
)
def test_what_lies_between_is_read_along_where_it_is_little_or_read_anyway(tmp_path, reads_all, ids, windows):
    config = Config.of({"lake": {"url": str(tmp_path)}})
    lake = Lake(config.lake.url)
    table = pa.table({"trace_id": [f"t{i}" for i in range(8640)], "timestamp": pa.array(moments(), traces.TIME)})
    lake.write("features", DAY, table, {})
    store = Asked(reads_all)
    found = pull_by_id(config, store, lake, dict.fromkeys(ids, DAY))
    assert sorted(found) == sorted(ids)
    assert len(store.windows) == windows


def test_a_day_of_a_file_is_read_once_however_many_of_its_traces_are_wanted(tmp_path, monkeypatch):
    from drift.stores import files, own_store

    lines = "\n".join(f'{{"trace_id": "t{i}", "timestamp": "{at.isoformat()}"}}' for i, at in enumerate(moments()[::40]))
    (tmp_path / "traces.jsonl").write_text(lines)
    config = Config.of(
        {"lake": {"url": str(tmp_path / "lake")}, "store": {"type": "files", "path": str(tmp_path / "traces.jsonl")}}
    )
    lake = Lake(config.lake.url)
    ids = [f"t{i}" for i in range(216)]
    lake.write("features", DAY, pa.table({"trace_id": ids, "timestamp": pa.array(moments()[::40], traces.TIME)}), {})
    opened = []
    read = files.read
    monkeypatch.setattr(files, "read", lambda file, **given: opened.append(file.name) or read(file, **given))
    assert len(pull_by_id(config, own_store(config), lake, dict.fromkeys(ids, DAY))) == 216
    # once for the versions of rows, once for the rows
    assert len(opened) == 2
