from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from drift.compare.files import measure_file
from drift.config import Config
from drift.errors import ConfigError


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


def test_without_embeddings_no_model_is_looked_for(tmp_path: Path):
    (tmp_path / "in.jsonl").write_text('{"input": "hi", "output": "hello"}\n')
    config = Config.of({"embeddings": {"model": str(tmp_path / "not there")}})
    assert measure_file(tmp_path / "in.jsonl", tmp_path / "out.csv", config) == 1
    with pytest.raises(ConfigError, match="embeddings.model .*not there"):
        measure_file(tmp_path / "in.jsonl", tmp_path / "out.csv", config, embeddings=True)
