"""A day that was pulled in shards is the day that one pull gives, to the bit; and no process holds more than a shard or a bucket."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import features, traces
from drift.checks.measured import Measured
from drift.config import Config
from drift.features import Context
from drift.features.buckets import bucketed
from drift.lake import Lake
from drift.night import processes, sum_up

DAY = date(2026, 3, 2)
START = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = {"segments": {"dimensions": ["name", "model", "release"]}, "embeddings": {"enabled": False}}


def _measured(n: int = 720) -> pa.Table:
    """A day with sessions and users all over it, scores that come late, unknown prices, answers in JSON and short texts."""
    rng = np.random.default_rng(5)
    rows = []
    for i in range(n):
        name = str(rng.choice(["chat", "json", "search"]))
        late, session = i > n // 2, int(rng.integers(0, n // 4))
        rows.append(
            {
                "trace_id": f"t{i * 7919 % n:05d}",
                # several at one moment
                "timestamp": START + timedelta(seconds=86_400 / n * (i - i % 3)),
                "session_id": f"s{session}" if i % 5 else None,
                # some users have many sessions, some sessions have no user
                "user": f"u{session % 60}" if session % 7 else None,
                "name": name,
                "model": str(rng.choice(["gpt-4o", "gpt-4o-mini"])),
                "release": f"r{rng.integers(0, 40)}",
                "input": str(
                    rng.choice(["Wo ist meine Bestellung?", "where is my order please", "Why is the door still open?"])
                ),
                "output": '{"a": 1}'
                if name == "json"
                else str(rng.choice(["Es tut mir leid.", "Here is the answer to your question.", ""])),
                "latency_s": float(rng.lognormal(0, 1)),
                "cost_usd": float(rng.lognormal(-5, 1)) if i % 11 else None,
                "input_tokens": int(rng.integers(0, 900)),
                "scores": {"judge": float(rng.random())} if late else None,
            }
        )
    table = features.extract(
        traces.table(rows), Context(disabled=frozenset({"embedding", "topics"}), dimensions=("name", "model", "release"))
    )
    vectors = [rng.normal(size=6).astype(np.float32).tolist() if i % 9 == 0 else None for i in range(n)]
    table = table.append_column("output_embedding", pa.array(vectors, pa.list_(pa.float32(), 6)))
    table = table.append_column("_encoder", pa.array(["model-a"] * n))
    return table.sort_by([("timestamp", "ascending"), ("trace_id", "ascending")])


def _pulled(config: Config, table: pa.Table, shards: int) -> Lake:
    lake = Lake(config.lake.url)
    parts = []
    for shard in range(shards):
        rows = table.slice(
            shard * table.num_rows // shards, (shard + 1) * table.num_rows // shards - shard * table.num_rows // shards
        )
        # what no trace of a shard has is no column there
        rows = rows.drop_columns(
            [name for name in rows.column_names if rows[name].null_count == len(rows) and name.startswith("score.")]
        )
        parts.append(lake.write_part("features", DAY, *(bucketed(rows, shards) if shards > 1 else (rows,))))
    lake.commit("features", DAY, parts)
    return lake


def _summed(folder, table: pa.Table, shards: int) -> tuple[pa.Table, Measured, int]:
    config = Config.of({**CONFIG, "lake": {"url": str(folder / f"{shards}")}})
    lake = _pulled(config, table, shards)
    with sum_up.day(config, lake, DAY, ()) as found:
        return found.profile, found.measured, sum(part.num_rows for part in found.traces)


@pytest.mark.parametrize(("shards", "cores"), [(24, 1), (2, 2)])
def test_shards_give_the_day_of_one_pull_to_the_bit(tmp_path, monkeypatch, shards, cores):
    monkeypatch.setattr(processes, "cores", lambda: cores)
    table = _measured()
    one, measured, traces_of_one = _summed(tmp_path, table, 1)
    many, also_measured, traces_of_many = _summed(tmp_path, table, shards)
    assert many.select(one.column_names).to_pylist() == one.to_pylist()
    assert (also_measured.traces, also_measured.columns, also_measured.priced) == (
        measured.traces,
        measured.columns,
        measured.priced,
    )
    assert traces_of_many == traces_of_one == table.num_rows
    kinds = {row["metric"] for row in one.to_pylist()}
    assert {
        "output_embedding",
        "session_cost_usd",
        "user_cost_usd",
        "users",
        "score.judge",
        "json_valid",
        "session_abandoned",
    } <= kinds


def test_sessions_lie_in_one_bucket_whatever_shard_they_came_in():
    table = _measured(300)
    seen: dict[str, int] = {}
    for start in range(0, 300, 100):
        rows, sizes = bucketed(table.slice(start, 100), 5)
        for bucket, (first, size) in enumerate(zip(np.cumsum([0, *sizes]), sizes, strict=False)):
            for session in rows.slice(first, size)["session_id"].drop_null().to_pylist():
                assert seen.setdefault(session, bucket) == bucket
    assert len(set(seen.values())) == 5
