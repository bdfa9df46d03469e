"""Days of traces for a store of files: small, whole, the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

FIRST = date(2026, 11, 2)
NIGHTS = 6
CONFIG = """
[store]
type = "files"
path = "traces"
[embeddings]
enabled = false
[segments]
dimensions = ["name"]
[baseline]
min_days = 3
[pull]
lookback_days = 0
"""


def day(number: int) -> date:
    """Night 0 is FIRST; NIGHTS of them were run."""
    return FIRST + timedelta(days=number)


def rows(on: date, n: int = 60, **changes: object) -> list[dict]:
    """A day's traces; a change of None leaves that column out of each."""
    rng = np.random.default_rng(on.toordinal())
    start = datetime(on.year, on.month, on.day, tzinfo=UTC)
    made = [
        {
            "trace_id": f"{on}-{i}",
            "timestamp": (start + timedelta(minutes=20 * i)).isoformat(),
            "name": "chat",
            "model": "gpt-4o-mini",
            "input": "How do I return the shoes of order " + "1" * int(rng.integers(3, 9)),
            "output": "You can send them back within thirty days." + " Yes." * int(rng.integers(0, 9)),
            "latency_s": float(rng.lognormal(0, 0.3)),
            "input_tokens": int(rng.integers(50, 90)),
            "output_tokens": int(rng.integers(20, 60)),
            "scores": {"helpful": float(rng.integers(3, 6))},
        }
        | changes
        for i in range(n)
    ]
    return [{name: value for name, value in row.items() if value is not None} for row in made]


def write(on: date, lines: Iterable[dict | str] | None = None) -> Path:
    """The day's file of JSON lines."""
    file = Path("traces", f"{on}.jsonl")
    given = rows(on) if lines is None else lines
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in given))
    return file
