"""A structured log line of an application is a trace: `drift init` finds what is what in it, and the store reads it so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drift import features
from drift.features import Context
from drift.stores.files import FilesStore
from drift.stores.guess import guess
from drift.stores.mapping import FilesOptions

DAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tokens", "known"),
    [({"prompt": 900, "completion": 40}, (900, 40)), ({"input": 900, "output": 40}, (900, 40)), (940, (None, None))],
)
def test_a_log_line(tmp_path, tokens, known):
    lines = [
        {
            "timestamp": f"2026-03-02T10:00:{n:02d}Z", "level": "INFO", "trace_id": f"t{n}", "prompt": f"Where is parcel {n}?",
            "response": "It arrives on Monday.", "model": "gpt-4o", "temperature": 0.2, "latency_ms": 1840, "tokens": tokens,
            "prompt_version": "v7", "tools_used": ["track", "route"] if n % 2 else [],
        }
        for n in range(30)
    ]  # fmt: skip
    file = tmp_path / "app.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    guessed = guess(str(file), ZoneInfo("UTC"))
    assert all(each.sure for each in guessed.taken)
    columns = {each.column: each.path for each in guessed.taken}
    store = FilesStore(FilesOptions(path=str(file), columns=columns), salt="salt")
    (table,) = store.pull(DAY, DAY + timedelta(days=1))
    first, second = table.to_pylist()[:2]
    said = ("trace_id", "input", "output", "model", "latency_s", "prompt_version", "tool_calls")
    assert [first[name] for name in said] == ["t0", "Where is parcel 0?", "It arrives on Monday.", "gpt-4o", 1.84, "v7", 0]
    assert second["tool_calls"] == 2
    # a sum of both sides is neither of them
    assert (first["input_tokens"], first["output_tokens"]) == known
    assert dict(first["metadata"])["temperature"] == "0.2"
    assert set(features.extract(table, Context())["prompt"].to_pylist()) == {"prompt@v7"}
