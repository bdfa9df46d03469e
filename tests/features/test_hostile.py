"""Hostile text: every concern gives a value per row, none raises, and the time grows with the text and no faster."""

import time

import numpy as np
import pytest
from example_traces import HOSTILE, table

from drift import features
from drift.features import Batch, Context

CONCERNS = [name for name in (*features.CONCERNS, *features.LARGE) if name != "embedding"]


@pytest.mark.parametrize("name", CONCERNS)
def test_a_concern_measures_every_hostile_text(name):
    rows = [{"input": text, "output": text, "system_prompt": text, "name": text[:50]} for text in HOSTILE.values()]
    rows += [{"documents": [{"id": "a", "text": text, "score": 1.0}], "reference": text} for text in HOSTILE.values()]
    batch = Batch(table(*rows, {}))
    ((_, measure),) = features.measures([name])
    found = measure(batch, Context())
    assert all(len(values) == len(batch) for values in found.values())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_takes_no_more_than_about_twice_the_time(text):
    # a quadratic concern would take 16 times as long for 4 times the text
    short, long = text[: len(text) // 4], text
    taken = [min(_seconds(part) for _ in range(2)) for part in (short, long)]
    assert taken[1] < 8 * taken[0] + 0.25


def _seconds(text: str) -> float:
    rows = table({"input": text, "output": text})
    start = time.process_time()
    features.extract(rows, Context(disabled=frozenset({"embedding"})))
    return time.process_time() - start


def test_hostile_rows_leave_their_neighbours_alone():
    plain = {"output": "You can change it under Settings."}
    hostile = [{"output": text, "input": text} for text in HOSTILE.values()]
    context = Context(disabled=frozenset({"embedding"}))
    among = features.extract(table(plain, *hostile, plain), context)
    alone = features.extract(table(plain, *({} for _ in hostile), plain), context)
    for name in alone.column_names:
        if name in among.column_names:
            assert among[name][0].as_py() == alone[name][0].as_py(), name
            assert among[name][-1].as_py() == alone[name][-1].as_py(), name
    assert not context.failures


def test_ten_megabytes_in_one_answer_take_seconds():
    rows = table({"output": "The quick brown fox. " * 500_000})
    start = time.process_time()
    found = features.extract(rows, Context(disabled=frozenset({"embedding"})))
    assert found["output_words"].to_pylist() == [2_000_000.0]
    assert time.process_time() - start < 10


def test_labels_stay_few_and_short_whatever_the_text():
    rng = np.random.default_rng(0)
    rows = [
        {"output": "".join(map(chr, rng.integers(33, 0x2FFF, 40))), "finish_reason": str(i), "error": str(i)}
        for i in range(500)
    ]
    found = features.extract(table(*rows), Context(disabled=frozenset({"embedding"})))
    for name in ("opening", "finish_reason", "error_type"):
        labels = set(found[name].to_pylist()) - {None}
        assert len(labels) < 40 and all(len(label) <= 20 for label in labels), name
