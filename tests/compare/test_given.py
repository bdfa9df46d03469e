"""Relevance by words falls where answers get shorter; that is no worsening. Shorter or not, answers beside the point are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.compare.files import measured
from drift.compare.gate import gate, markdown
from drift.compare.rows import compare_rows
from drift.compare.windows import compare_windows
from drift.config import Config
from drift.profiles.day import DayProfile
from drift.traces import table

CONFIG = Config.of({"embeddings": {"enabled": False}})
FILLER = [f"filler{i}" for i in range(2000)]
TOPICS = [f"topic{i}" for i in range(2000)]


def answers(seed, length, on_topic, n=1500):
    """Questions of eight words, the same for each seed's row; an answer's words are the question's with the chance `on_topic`."""
    asked, rng, rows = np.random.default_rng(0), np.random.default_rng(seed), []
    for i in range(n):
        question = asked.choice(TOPICS, 8, replace=False)
        size = int(np.exp(rng.normal(np.log(length), 0.4))) + 3
        words = np.where(rng.random(size) < on_topic, rng.choice(question, size), rng.choice(FILLER, size))
        rows.append({"trace_id": f"{seed}-{i}", "timestamp": f"2026-01-01T00:00:{i % 60:02}Z", "input": " ".join(question),
                     "output": " ".join(words), "session_id": f"{seed}-{i}"})  # fmt: skip
    return measured(table(rows), CONFIG, embeddings=False).to_pandas()


@pytest.fixture(scope="module")
def long():
    return answers(1, 60, 0.08)


@pytest.mark.parametrize("pair_on", ["_input_hash", ""], ids=["pairs", "apart"])
def test_shorter_answers_are_not_less_relevant_and_answers_beside_the_point_are(long, pair_on):
    shorter, beside = answers(2, 40, 0.08), answers(3, 40, 0.05)
    found = compare_rows(long, shorter, CONFIG, pair_on=pair_on)
    row = found.row("answer_relevance")
    assert row.value_b < row.value_a - 0.05 and row.verdict != "changed" and abs(row.change) < 0.02
    assert gate(found).exit_code == 0 and "relevance of answers at the same length of answers" in markdown(gate(found))
    assert not {"answer_relevance"} & {pair.metric for pair in found.pairs}
    failed = gate(compare_rows(long, beside, CONFIG, pair_on=pair_on)).failed
    assert "answer_relevance" in {row.metric for row in failed}


def test_answers_that_have_no_length_in_common_do_not_tell(long):
    words = compare_rows(long, answers(4, 5, 0.08), CONFIG, pair_on="").row("answer_relevance")
    assert words.verdict == "not enough data" and "follows the length of answers: answers are" in words.reason


def test_of_days_alone_it_follows_the_length(long):
    def days(first, seed, length, on_topic):
        out = []
        for k in range(5):
            day = date(2026, 1, first) + timedelta(days=k)
            rows = pa.Table.from_pandas(answers(seed + k, length, on_topic, 300))
            out.append(DayProfile(day, profiles.build(rows, CONFIG, day)))
        return out

    before = days(5, 10, 60, 0.08)
    shorter = compare_windows(before, days(12, 20, 40, 0.08), CONFIG).row("answer_relevance")
    assert shorter.value_b < shorter.value_a - 0.05 and shorter.verdict == "not enough data" and "shorter" in shorter.reason
    beside = compare_windows(before, days(12, 30, 60, 0.03), CONFIG).row("answer_relevance")
    assert beside.verdict == "changed" and beside.direction == "worse"
