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


def test_a_file_is_measured_and_compared_as_the_nights_read_it(tmp_path: Path):
    """The preset drops what is no request, a value stands for every row, and a column can be a score."""
    run = {"id": "r1", "start_time": "2026-03-02 10:00:00.5", "end_time": "2026-03-02 10:00:22.5", "parent_run_id": None}
    texts = {"inputs": {"messages": [{"type": "human", "content": "Where is it?"}]}}
    texts["outputs"] = {"messages": [*texts["inputs"]["messages"], {"type": "ai", "content": "It arrives on Monday."}]}
    child = {**run, "id": "r2", "parent_run_id": "r1", "run_type": "llm"}
    rows = [{**run, **texts, "grade": 0.75, "trace_id": "r1"}, {**child, "trace_id": "r1"}]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    how = {"preset": "langsmith", "values": {"environment": "prod", "release": "7"}, "scores": {"judge": "grade"}}
    config = Config.of({"store": {"type": "files", **how}})
    assert measure_file(file, tmp_path / "out.csv", config) == 1
    (row,) = csv.DictReader((tmp_path / "out.csv").open())
    assert (row["input_characters"], row["output_characters"], float(row["latency_s"])) == ("12", "21", 22.0)
    assert (row["release"], float(row["score.judge"])) == ("7", 0.75)
    wrong = Config.of({"store": {"type": "files", "path": "elsewhere", "preset": "langsmit"}})
    with pytest.raises(ConfigError, match="store.preset"):
        measure_file(file, tmp_path / "out.csv", wrong)
