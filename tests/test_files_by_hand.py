"""`drift measure` and `drift compare` on files: before anything is set up, without a drift.toml."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from drift import cli

HELPS = "You can change your address in the settings of your account, under “Profile”."
REFUSES = "I'm sorry, but I can't help with that request."


@pytest.fixture
def drift(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_EMBEDDINGS__ENABLED", "false")

    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["drift", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        shown = capsys.readouterr()
        return int(done.value.code or 0), shown.out + shown.err

    return call


def _write(path: str, outputs: list[str | None]) -> None:
    rows = [{"trace_id": f"t{i}", "input": f"question {i}", "output": output} for i, output in enumerate(outputs)]
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.mark.parametrize(("suffix", "read"), [("csv", pd.read_csv), ("parquet", pd.read_parquet)])
def test_measure_keeps_the_files_order_and_writes_no_text(drift, suffix, read):
    _write("traces.jsonl", [HELPS, REFUSES, None, "", REFUSES, HELPS])
    assert drift("measure", "traces.jsonl", "-o", f"out.{suffix}")[0] == 0
    seen = read(f"out.{suffix}")
    assert list(seen["trace_id"]) == [f"t{i}" for i in range(6)]
    assert seen.columns[0] == "trace_id"
    assert seen["refusal"].fillna(-1).tolist() == [0, 1, -1, 0, 1, 0]
    assert seen["output_characters"].fillna(-1).tolist() == [len(HELPS), len(REFUSES), -1, 0, len(REFUSES), len(HELPS)]
    assert "settings of your account" not in Path(f"out.{suffix}").read_bytes().decode("latin-1")


def test_a_broken_line_is_named(drift):
    Path("traces.jsonl").write_text('{"output": "a"}\n{"output": \n')
    code, says = drift("measure", "traces.jsonl", "-o", "out.csv")
    assert code == 1
    assert "traces.jsonl" in says
    assert "line 2" in says
    assert not Path("out.csv").exists()


def test_a_candidate_that_refuses_more_is_stopped_and_the_same_one_is_not(drift):
    _write("main.jsonl", [HELPS] * 196 + [REFUSES] * 4)
    _write("worse.jsonl", [HELPS] * 160 + [REFUSES] * 40)
    code, says = drift("compare", "main.jsonl", "worse.jsonl", "--gate", "--markdown", "v.md", "--junit", "v.xml")
    assert code == 3
    assert "worse: refusal" in says
    assert "refusal" in Path("v.md").read_text()
    failed = {case.get("name") for case in ElementTree.parse("v.xml").iter("testcase") if case.find("failure") is not None}
    assert any("refusal" in name for name in failed)
    assert drift("compare", "main.jsonl", "main.jsonl", "--gate")[0] == 0
    assert drift("compare", "main.jsonl", "worse.jsonl", "--gate", "--margin", "refusal=0.5")[0] == 0


def test_a_file_beside_a_window_is_wrong_use(drift):
    _write("main.jsonl", [HELPS])
    code, says = drift("compare", "main.jsonl", "2026-11-01..2026-11-07")
    assert code == 1
    assert "cannot be compared with a window; give two of its kind" in says
