"""Hostile text: every concern gives a value per row, none raises, and a long text ends."""

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
def test_four_times_the_text_ends(text):
    # what is quadratic in so long a text runs into the suite's time-out
    rows = table({"input": text * 4, "output": text * 4})
    assert len(features.extract(rows, Context(disabled=frozenset({"embedding"})))) == 1


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


def test_ten_megabytes_in_one_answer_end():
    rows = table({"output": "The quick brown fox. " * 500_000})
    found = features.extract(rows, Context(disabled=frozenset({"embedding"})))
    assert found["output_words"].to_pylist() == [2_000_000.0]


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
