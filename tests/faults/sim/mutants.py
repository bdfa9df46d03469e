"""Two versions of drift that are wrong on purpose: a simulator that finds neither is a mirror."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

from drift.alerts import outbox
from drift.lake import Lake, Manifest
from drift.results import Results
from drift.results.tables import deliveries


@contextmanager
def manifest_before_parts() -> Iterator[None]:
    """A day's manifest names parts that are not there yet."""
    waiting: dict[str, bytes] = {}

    def write_part(lake: Lake, kind: str, day: date, table: pa.Table) -> str:
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd")
        name = hashlib.blake2b(buffer.getvalue(), digest_size=12).hexdigest() + ".parquet"
        waiting[name] = buffer.getvalue()
        return name

    def commit(lake: Lake, kind: str, day: date, parts: Iterable[str], facts: dict[str, Any] | None = None) -> bool:
        manifest = Manifest(tuple(parts), facts or {})
        lake._put(lake._path(kind, day, "_manifest.json"), json.dumps(asdict(manifest), sort_keys=True).encode())
        for name in manifest.parts:
            if name in waiting:
                lake._put(lake._path(kind, day, name), waiting[name])
        return True

    def rows(lake: Lake, kind: str, day: date, part: str) -> int:
        return int(pq.ParquetFile(io.BytesIO(waiting[part])).metadata.num_rows)

    with mock.patch.multiple(Lake, write_part=write_part, commit=commit, rows=rows):
        yield


@contextmanager
def sent_before_it_is_posted() -> Iterator[None]:
    """A message is marked as sent and then posted."""
    claim = outbox.claim_all

    def claimed_and_sent(results: Results, ids: list[str], by: str) -> str:
        message = claim(results, ids, by)
        if not message:
            return ""
        with results.database.writing() as connection:
            sent = {"status": "sent", "changed_at": datetime.now(UTC)}
            connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(**sent))
        return message

    with mock.patch.object(outbox, "claim_all", claimed_and_sent):
        yield


MUTANTS: dict[str, Callable[[], Any]] = {
    "manifest before parts": manifest_before_parts,
    "sent before it is posted": sent_before_it_is_posted,
}
