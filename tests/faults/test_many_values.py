"""A hundred thousand endpoints, models and users in a day: the busiest are kept, the rest is `other`, the profile stays small, a word says so."""

from __future__ import annotations

import logging
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config

N = 100_000
BUSY = 40


@pytest.fixture(scope="module")
def features() -> pa.Table:
    """Two thirds of the requests have an endpoint, a model and a user of their own; the rest is of forty busy ones."""
    number = np.arange(N)
    of = np.where(number % 3 == 0, number % (3 * BUSY) // 3, number + BUSY)
    return pa.table(
        {
            "trace_id": pa.array(number.astype(str)),
            "name": pa.array([f"endpoint {n}" for n in of]),
            "model": pa.array([f"model {n}" for n in of]),
            "user": pa.array([f"{n:016x}" for n in of]),
            "finish_reason": pa.array([f"reason {n}" for n in of]),
            "latency_s": pa.array(np.full(N, 1.0)),
        }
    )


def test_the_busiest_are_kept_and_the_rest_is_other(features, caplog):
    caplog.set_level(logging.WARNING)
    config = Config.of({"segments": {"dimensions": ["name", "model"]}})
    made = profiles.build(features, config, date(2026, 11, 8))
    sizes = [len(labels) for labels in made["labels"].to_pylist() if labels]
    assert max(sizes) <= 201
    assert made.num_rows < 1_000 and made.nbytes < 3e6
    there = zip(made["dimension"].to_pylist(), made["value"].to_pylist(), strict=True)
    values = {value for dimension, value in there if dimension == "name"}
    assert len(values) == 21 and {"other", "endpoint 1"} <= values
    assert "finish_reason has 66706 values in a day; the 200 busiest are followed, the rest is 'other'" in caplog.text
