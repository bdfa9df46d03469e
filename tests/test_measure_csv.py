from __future__ import annotations

import csv
import json
from pathlib import Path

from drift.config import Config
from drift.measuring import measure_file


def test_a_name_in_a_trace_is_no_formula_in_a_spreadsheet(tmp_path: Path):
    rows = [
        {
            "trace_id": "a",
            "timestamp": "2026-11-19T10:00:00Z",
            "name": '=HYPERLINK("http://x")',
            "input": "hi",
            "output": "hello",
        },
        {"trace_id": "b", "timestamp": "2026-11-19T10:00:01Z", "name": "chat", "input": "hi", "output": "hello"},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    measure_file(tmp_path / "in.jsonl", tmp_path / "out.csv", Config.of({}))
    read = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [row["name"] for row in read] == ['\'=HYPERLINK("http://x")', "chat"]
    assert [row["trace_id"] for row in read] == ["a", "b"]
