"""Files of the OpenTelemetry collector that are not what they should be."""

from __future__ import annotations

import json

import pytest

from drift.errors import DataError
from drift.stores.otlp import read_spans
from drift.stores.readers import list_files


@pytest.mark.parametrize(
    "line",
    [
        {"resourceSpans": ["text"]},
        {"resourceSpans": [{"scopeSpans": [{"spans": ["text"]}]}]},
        {"resourceSpans": [{"resource": "text"}]},
        {"resourceSpans": 7},
    ],
    ids=["resource", "span", "attributes", "number"],
)
def test_a_line_that_is_no_otlp_is_named(tmp_path, line):
    (tmp_path / "traces.jsonl").write_text(json.dumps({"resourceSpans": []}) + "\n" + json.dumps(line) + "\n", "utf-8")
    (file,) = list_files(str(tmp_path / "traces.jsonl"), "jsonl")
    with pytest.raises(DataError, match="traces.jsonl, line 2: not OTLP's JSON"):
        list(read_spans(file))
