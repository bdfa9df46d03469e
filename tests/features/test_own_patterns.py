"""`[safety] patterns`: what an application's own personal data looks like is looked for beside the types that drift knows."""

from __future__ import annotations

import numpy as np
import pytest

from drift import features, metrics, traces
from drift.config import Config
from drift.errors import ConfigError
from drift.features import pii


def context(patterns: dict) -> features.Context:
    return features.context(Config.of({"safety": {"patterns": patterns}, "embeddings": {"enabled": False}}))


def test_a_customer_number_is_personal_data():
    texts = ["Your number is KD-123456.", "The code is AB-123456.", None]
    rows = [{"trace_id": str(i), "timestamp": 0, "output": text} for i, text in enumerate(texts)]
    found = pii.measure(features.Batch(traces.table(rows)), context({"customer_number": r"\bKD-\d{6}\b"}))
    np.testing.assert_array_equal(found["pii.customer_number"], [1, 0, np.nan])
    np.testing.assert_array_equal(found["pii"], [1, 0, np.nan])
    assert metrics.lookup("pii.customer_number").worse == "up"


@pytest.mark.parametrize(
    ("name", "pattern", "told"),
    [
        ("Customer No", r"\d+", "is no name"),
        ("credit_card", r"\d+", "choose another name"),
        ("number", r"(\d+", "safety.patterns.number"),
        ("number", r"(?=\d)", "safety.patterns.number"),
        ("number", r"\d*", "every answer"),
    ],
)
def test_what_is_no_pattern_is_refused_by_its_name(name, pattern, told):
    with pytest.raises(ConfigError, match=told):
        context({name: pattern})
