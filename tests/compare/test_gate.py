"""A pull request that makes the application worse is stopped, with the reason; one that does not is let through."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from drift.compare.gate import gate, junit, markdown
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.errors import ConfigError

CONFIG = Config.of({})


def answers(seed, n=4000, length=1.0, refusal=0.03, label="stop"):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "output_characters": np.exp(rng.normal(6, 0.5, n)) * length,
            "refusal": (rng.random(n) < refusal).astype(float),
            "cost_usd": np.exp(rng.normal(-5, 0.3, n)),
            "finish_reason": np.where(rng.random(n) < 0.1, label, "end"),
        }
    )


@pytest.fixture(scope="module")
def worse():
    return compare_rows(answers(1), answers(2, length=1.2, refusal=0.06), CONFIG, names=("main", "pull request"))


def test_a_worsening_stops_it(worse):
    result = gate(worse)
    assert result.exit_code == 3 and [row.metric for row in result.failed] == ["refusal"]
    text = markdown(result)
    assert "1 metric got worse" in text and "❌ | refusal" in text and "points" in text


def test_a_wider_margin_lets_it_through(worse):
    assert gate(worse, {"refusal": 0.05}).exit_code == 0


def test_a_metric_without_a_worse_direction_fails_only_where_asked(worse):
    assert "output_characters" not in {row.metric for row in gate(worse).failed}
    assert "output_characters" in {row.metric for row in gate(worse, {"output_characters": 0.1}).failed}


def test_twins_pass_and_say_what_is_known():
    result = gate(compare_rows(answers(3, 30_000), answers(4, 30_000), CONFIG))
    assert result.exit_code == 0 and not result.failed
    assert "nothing got worse" in markdown(result) and "**Unchanged**" in markdown(result)


def test_little_data_is_said_to_be_little():
    result = gate(compare_rows(answers(5, 60), answers(6, 60), CONFIG))
    assert result.exit_code == 0 and "refusal" in {row.metric for row in result.unproven}
    assert "Not enough data to tell" in markdown(result)


def test_junit_counts_and_reads(worse):
    suite = ElementTree.fromstring(junit(gate(worse)))[0]
    assert suite.get("failures") == "1" and int(suite.get("tests")) == len(worse.rows) == len(suite)
    (failure,) = suite.iter("failure")
    assert "3" in failure.get("message") and failure.get("type") == "worse"


def test_hostile_labels_are_harmless():
    label = "<img src=x>|`@here`](javascript:1)\x00\x0b"
    result = gate(compare_rows(answers(7, label=label), answers(8, label=label), CONFIG, names=("a", label)))
    ElementTree.fromstring(junit(result))
    text = markdown(result)
    assert "<img" not in text and not re.search(r"(?<!\\)\]\(", text) and "\x00" not in text


def test_a_margin_for_nothing_is_refused(worse):
    with pytest.raises(ConfigError, match="latency_s"):
        gate(worse, {"latency_s": 0.1})
    with pytest.raises(ConfigError, match="positive"):
        gate(worse, {"refusal": -1.0})
