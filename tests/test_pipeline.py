"""What the four steps read again of the days that were measured before."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import pipeline
from drift.config import Config
from drift.lake import Lake

DAY = date(2026, 3, 10)


def test_earlier_days_are_held_in_memory_by_their_embedded_traces_alone(tmp_path):
    """A null vector takes as much memory as any other, and of 100,000 traces all but 1,500 have one."""
    lake, n, width = Lake(str(tmp_path)), 2000, 384
    vectors = pa.FixedSizeListArray.from_arrays(np.ones(n * width, np.float32), width, mask=pa.array(np.arange(n) >= 15))
    day = pa.table({"trace_id": [str(i) for i in range(n)], "input_embedding": vectors, "_encoder": ["one@1"] * n})
    lake.write("features", DAY - timedelta(days=2), day)
    lake.write("features", DAY - timedelta(days=1), day.drop_columns(["input_embedding", "_encoder"]))
    held = list(pipeline._vectors(Config.of({"lake": {"url": str(tmp_path)}}), lake, DAY))
    assert [table.num_rows for table in held] == [15, 0]
    assert sum(table.nbytes for table in held) < 2 * 15 * width * 4
