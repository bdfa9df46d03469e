"""Rows of plain values into Arrow batches of bounded size. Every store streams its day through here."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from drift import traces

BATCH_ROWS = 2_000
BATCH_CHARACTERS = 32_000_000
_COLLECTED_EVERY = 20_000


def in_batches(rows: Iterable[dict], unrecorded: Collection[str] = ()) -> Iterator[pa.Table]:
    """Trace tables (schema `traces.SCHEMA`) of at most `BATCH_ROWS` rows, fewer where the texts are long.

    unrecorded: columns that the source does not have, so that a null in them is unknown and not "none".
    """
    waiting: list[dict] = []
    characters = 0
    with _many_objects():
        for row in rows:
            waiting.append(row)
            characters += _size(row.get("input")) + _size(row.get("output"))
            if len(waiting) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
                yield traces.not_recording(traces.table(waiting), unrecorded)
                waiting, characters = [], 0
        if waiting:
            yield traces.not_recording(traces.table(waiting), unrecorded)


@contextmanager
def _many_objects() -> Iterator[None]:
    """While spans are read: they are hundreds of thousands of objects in no cycle, and Python looks for cycles in them every 700."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _COLLECTED_EVERY) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _size(text: object) -> int:
    return len(text) if isinstance(text, str) else 0
