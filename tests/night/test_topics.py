"""What is read again of the days that were measured before."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.features import Context
from drift.features.topics import Collector
from drift.lake import Lake
from drift.night import topics

DAY = date(2026, 3, 10)


def test_earlier_days_are_held_in_memory_by_their_embedded_traces_alone(tmp_path):
    """A null vector takes as much memory as any other, and of 100,000 traces 80,000 have one."""
    lake, n, width = Lake(str(tmp_path)), 2000, 384
    vectors = pa.FixedSizeListArray.from_arrays(np.ones(n * width, np.float32), width, mask=pa.array(np.arange(n) >= 15))
    day = pa.table({"trace_id": [str(i) for i in range(n)], "input_embedding": vectors, "_encoder": ["one@1"] * n})
    config = Config.of({"lake": {"url": str(tmp_path)}})
    for back in (2, 1):
        lake.write("features", DAY - timedelta(days=back), day)
        lake.write("profiles", DAY - timedelta(days=back), profiles.build(day, config, DAY - timedelta(days=back)))
    held = list(topics.earlier(config, lake, DAY, "one@1"))
    assert [table.num_rows for table in held] == [15, 15]
    assert sum(table.nbytes for table in held) < 3 * 15 * width * 4


def test_of_a_large_day_only_so_many_embedded_traces_are_read_again(tmp_path):
    lake, n = Lake(str(tmp_path)), 5000
    vectors = pa.FixedSizeListArray.from_arrays(np.arange(2 * n, dtype=np.float32), 2)
    lake.write("features", DAY, pa.table({"trace_id": [str(i) for i in range(n)], "input_embedding": vectors}))
    ids = [int(i) for i in topics.traces(lake, DAY, ["trace_id", "input_embedding"], 500)["trace_id"].to_pylist()]
    assert len(ids) == 500 and ids == sorted(set(ids))
    assert max(np.diff(ids)) <= 11 and ids[-1] > 4980


def test_topics_wait_for_enough_days_of_the_encoder_that_is_used_now(tmp_path):
    lake, config = Lake(str(tmp_path)), Config.of({"lake": {"url": str(tmp_path)}, "baseline": {"min_days": 3}})
    for back, encoder in enumerate(["two@2", "two@2", None, "one@1", "one@1", "one@1"], start=1):
        vectors = pa.array([[1.0, 0.0], [0.0, 1.0]], pa.list_(pa.float32(), 2))
        day = pa.table({"trace_id": ["a", "b"], "input_embedding": vectors, "_encoder": [encoder] * 2})
        measured = day if encoder else day.select(["trace_id"])
        lake.write("features", DAY - timedelta(days=back), measured)
        lake.write("profiles", DAY - timedelta(days=back), profiles.build(measured, config, DAY - timedelta(days=back)))
    for encoder, collects in (("one@1", True), ("two@2", False)):
        context = Context(embedder=SimpleNamespace(encoder=encoder))
        assert isinstance(topics.topics_of(config, lake, DAY, 0, context), Collector) == collects
