"""Traces for the tests of the features: a plain one, and the hostile ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from drift import traces
from drift.features import Batch

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def trace(number: int = 0, **fields) -> dict:
    """An ordinary trace; `fields` replace or add."""
    return {
        "trace_id": f"t{number}",
        "timestamp": NOON + timedelta(seconds=number),
        "name": "chat",
        "model": "gpt-4o",
        "input": "How do I change the address on my account?",
        "output": "You can change the address on your account page, under Settings.",
    } | fields


def table(*rows: dict) -> pa.Table:
    return traces.table([trace(number, **row) for number, row in enumerate(rows)])


def batch(*rows: dict) -> Batch:
    return Batch(table(*rows))


def outputs(*texts: str | None) -> Batch:
    return batch(*({"output": text} for text in texts))


def inputs(*texts: str | None) -> Batch:
    return batch(*({"input": text} for text in texts))


def same(measured, expected: list) -> bool:
    """Whether numbers are equal, None in `expected` standing for unknown."""
    wanted = np.array([np.nan if value is None else value for value in expected], float)
    return np.array_equal(np.asarray(measured, float), wanted, equal_nan=True)


# what a store may hold: each must be measured in linear time and stop nothing
HOSTILE = {
    "control characters": "\x00\x01\x02\x1b[31m\x7f\x85\u2028\u202e" * 50,
    "lone surrogates": "\ud800 broken \udfff" * 50,
    "nested arrays": "[" * 200_000,
    "nested objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "almost JSON": '{"a": [1, 2, ' * 20_000,
    "one long word": "a" * 1_000_000,
    "one long line of spaces": " " * 1_000_000,
    "line breaks": "\n" * 1_000_000,
    "regular expression bomb": "a" * 50_000 + "!" + "(a+)+" * 1_000,
    "apologies without end": "I'm sorry, " * 100_000,
    "no, no, no": "no, " * 200_000 + "that is not",
    "fences": "```" * 100_000,
    "backslashes": "\\" * 500_000,
    "quotes": '"' * 500_000,
    "digits": "1234567890" * 100_000,
    "at signs": "a@" * 200_000,
    "emoji": "😀👩‍👩‍👧" * 50_000,
    "right to left": "שלום مرحبا " * 50_000,
    "combining marks": "e" + "\u0301" * 500_000,
    "unassigned characters": "\U0010ffff\ufffe\ufdd0" * 50_000,
    "HTML": "<script>alert(1)</script>" * 20_000,
    "Chinese": "你好世界" * 100_000,
}  # fmt: skip
