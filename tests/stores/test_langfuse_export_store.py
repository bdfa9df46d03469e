"""Langfuse's export: a day that the export does not cover whole is no day."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import langfuse_rows as wire
import pyarrow as pa
import pytest
from stores_under_test import Request, exported, observations

from drift.errors import DataError, DriftError, StoreError
from drift.stores import langfuse_export
from drift.stores.langfuse_export import LangfuseExportOptions, LangfuseExportStore

DAY = datetime(2026, 11, 19, tzinfo=UTC)
END = DAY + timedelta(days=1)
HALF = timedelta(hours=12)


def write(folder: Path, name: str, requests: list[Request], start: datetime, end: datetime, **more) -> None:
    """One export run: its observations, and the manifest that names them."""
    rows = [exported(o) for r in requests for o in observations(r)]
    for table in ("observations_v2", "manifests", "scores"):
        (folder / table).mkdir(exist_ok=True, parents=True)
    (folder / "observations_v2" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    files = [{"key": f"any/{folder.name}/observations_v2/{name}.jsonl", "rowCount": more.get("rows", len(rows))}]
    files += more.get("files", [])
    manifest = {"window": {"minTimestamp": wire.iso(start), "maxTimestamp": wire.iso(end)}, "files": files}
    (folder / "manifests" / f"{name}.json").write_text(json.dumps(manifest))


def pull(folder: Path, **options) -> list[dict]:
    store = LangfuseExportStore(LangfuseExportOptions(path=str(folder), **options), salt="salt")
    batches = list(store.pull(DAY, END))
    return pa.concat_tables(batches).sort_by("timestamp").to_pylist() if batches else []


def requests(n: int, start: datetime = DAY) -> list[Request]:
    return [Request(f"{start:%H}-{k}", start + HALF * k / n) for k in range(n)]


def failure(folder: Path) -> DriftError:
    with pytest.raises(DriftError) as caught:
        pull(folder)
    return caught.value


def test_two_runs_make_a_day(tmp_path):
    write(tmp_path, "a", requests(3), DAY, DAY + HALF)
    write(tmp_path, "b", requests(3, DAY + HALF), DAY + HALF, END)
    assert len(pull(tmp_path)) == 6


def test_bounds_are_inclusive_so_a_row_in_two_files_counts_once(tmp_path):
    write(tmp_path, "a", [Request("t", DAY + HALF)], DAY, DAY + HALF)
    write(tmp_path, "b", [Request("t", DAY + HALF)], DAY + HALF, END)
    (row,) = pull(tmp_path)
    assert row["n_generations"] == 1 and len(row["documents"]) == 1


def test_an_export_that_has_not_come_so_far_is_waited_for(tmp_path):
    write(tmp_path, "a", requests(3), DAY, DAY + HALF)
    error = failure(tmp_path)
    assert "nothing from 2026-11-19 12:00 UTC on yet" in str(error) and isinstance(error, StoreError) and error.retryable


def test_a_hole_between_two_windows_is_an_error(tmp_path):
    write(tmp_path, "a", requests(3), DAY, DAY + HALF)
    write(tmp_path, "b", requests(3, DAY + HALF), DAY + HALF + timedelta(hours=1), END)
    assert "nothing from 2026-11-19 12:00 UTC to the next window" in str(failure(tmp_path))


def test_a_file_that_the_manifest_names_must_be_there_and_whole(tmp_path):
    lost = {"key": f"any/{tmp_path.name}/observations_v2/lost.jsonl", "rowCount": 1}
    write(tmp_path, "a", requests(3), DAY, END, files=[lost])
    assert "lost.jsonl: named by the export's manifest but not there" in str(failure(tmp_path))
    write(tmp_path, "a", requests(3), DAY, END, rows=99)
    assert "9 rows, where the export's manifest says 99" in str(failure(tmp_path))


def test_a_file_without_a_manifest_yet_does_not_count(tmp_path):
    write(tmp_path, "a", requests(3), DAY, END)
    write(tmp_path, "b", [Request("unfinished", DAY)], DAY, END)
    (tmp_path / "manifests" / "b.json").unlink()
    assert "unfinished" not in {r["trace_id"] for r in pull(tmp_path)}


def test_without_any_manifest_all_files_are_read(tmp_path):
    write(tmp_path, "a", requests(3), DAY, END)
    (tmp_path / "manifests" / "a.json").unlink()
    assert len(pull(tmp_path)) == 3


def test_several_passes_give_the_rows_of_one(tmp_path, monkeypatch):
    write(tmp_path, "a", requests(12), DAY, END)
    whole = pull(tmp_path)
    monkeypatch.setattr(langfuse_export, "_PASS_BYTES", 3_000)
    assert pull(tmp_path) == whole and len(whole) == 12


def test_scores_are_joined_and_corrections_are_references(tmp_path):
    write(tmp_path, "a", [Request("t", DAY)], DAY, END)
    (tmp_path / "manifests" / "a.json").unlink()
    base = {
        "trace_id": "t",
        "timestamp": "2026-11-19 00:00:05.000",
        "updated_at": "2026-11-19 00:00:05.000",
        "string_value": None,
    }
    given = [
        {**base, "id": "1", "name": "good", "data_type": "NUMERIC", "value": 0.5},
        {**base, "id": "2", "name": "topic", "data_type": "CATEGORICAL", "value": 0, "string_value": "billing"},
        {**base, "id": "3", "name": "csat", "data_type": "NUMERIC", "value": 1, "trace_id": None, "session_id": "s"},
        {**base, "id": "4", "name": "output", "data_type": "CORRECTION", "value": 0, "string_value": "Better."},
        {**base, "id": "5", "name": "late", "data_type": "NUMERIC", "value": 1, "timestamp": "2026-11-29 00:00:00.000"},
    ]
    (tmp_path / "scores" / "a.jsonl").write_text("\n".join(map(json.dumps, given)))
    (row,) = pull(tmp_path)
    assert {s["name"]: s["label"] or s["value"] for s in row["scores"]} == {"good": 0.5, "topic": "billing"}
    assert row["reference"] == "Better."


def test_csv_gives_the_same_rows(tmp_path):
    write(tmp_path / "jsonl", "a", requests(3), DAY, END)
    target = tmp_path / "csv" / "observations_v2"
    target.mkdir(parents=True)
    rows = [exported(o) for r in requests(3) for o in observations(r)]
    with (target / "a.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        for row in rows:
            cells = {
                k: json.dumps(v) if isinstance(v, (dict, list)) else str(v).lower() if isinstance(v, bool) else v
                for k, v in row.items()
            }
            writer.writerow(cells)
    assert pull(tmp_path / "csv") == pull(tmp_path / "jsonl")


def test_what_is_no_export(tmp_path):
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.json").write_text('{"window": 5}')
    assert isinstance(failure(tmp_path), DataError)
    (tmp_path / "manifests" / "a.json").unlink()
    (tmp_path / "x.jsonl").write_text("{}")
    assert "no export file" in str(failure(tmp_path))
    store = LangfuseExportStore(LangfuseExportOptions(path=str(tmp_path)), salt="")
    assert "no folder observations_v2" in store.check()[0].detail
