"""Topics: fitted once, named by frequent words, stable until a person fits again; what is far from all of them is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from drift import traces
from drift.errors import DataError
from drift.features import topics
from drift.features.batch import Batch, Context
from drift.features.embedding import Embedder

SUBJECTS = {"card": 0, "recipe": 1, "weather": 2, "flight": 3, "spaceship": 4}
D = 16
DAY = date(2026, 3, 1)


class Subjects:
    """An encoder that sees only the subject of a text."""

    dimension = D

    def __init__(self, identity: str = "subjects@1"):
        self.identity = identity

    def encode(self, texts):
        rng = np.random.default_rng(sum(len(t) for t in texts))
        x = 0.15 * rng.standard_normal((len(texts), D))
        for row, text in enumerate(texts):
            for word, place in SUBJECTS.items():
                if word in text:
                    x[row, place] += 1.0
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def sentences(n: int, subjects=("card", "recipe", "weather", "flight")) -> list[str]:
    return [f"please help Zaphod{i} with the {subjects[i % len(subjects)]} of customer {i}" for i in range(n)]


@pytest.fixture(scope="module")
def fitted() -> topics.Topics:
    texts = sentences(400)
    x = Subjects().encode(texts)
    return topics.named(topics.fit(x, "subjects@1"), x, texts)


def test_clusters_are_found_and_named_by_their_words(fitted):
    assert len(fitted.names) == 4
    assert {next(s for s in SUBJECTS if s in name) for name in fitted.names} == {"card", "recipe", "weather", "flight"}


def test_a_text_has_the_topic_of_its_subject(fitted):
    labels = fitted.label(Subjects().encode(["a card is gone", "a recipe for soup"]))
    assert "card" in labels[0]
    assert "recipe" in labels[1]


def test_what_is_far_from_every_topic_is_new(fitted):
    x = Subjects().encode(sentences(200, ("spaceship",)))
    assert (fitted.label(x) == topics.NEW).mean() > 0.95
    usual = Subjects().encode(sentences(1000))
    assert (fitted.label(usual) == topics.NEW).mean() < 0.05


def test_unknown_vectors_have_no_topic(fitted):
    x = np.full((2, D), np.nan, np.float32)
    x[0] = Subjects().encode(["card"])[0]
    assert [label is None for label in fitted.label(x)] == [False, True]


def test_words_of_few_traces_never_name_a_topic():
    texts = [f"card of Alice{chr(97 + i % 26)}" for i in range(60)] + ["recipe from Ferdinand"] * 5 + ["recipe"] * 55
    x = Subjects().encode(texts)
    known = topics.named(topics.fit(x, "subjects@1", clusters=2), x, texts)
    assert not any("ferdinand" in name or "alice" in name for name in known.names)
    assert b"erdinand" not in topics.to_bytes(topics.Fitted(DAY, {"input": known}))


def test_names_are_unique_and_numbers_where_no_word_is_frequent():
    x = Subjects().encode(sentences(80))
    known = topics.named(topics.fit(x, "subjects@1", clusters=4), x, ["the same"] * 80)
    assert len(set(known.names)) == 4


def test_a_file_holds_the_topics(fitted):
    held = topics.from_bytes(topics.to_bytes(topics.Fitted(DAY, {"input": fitted})))
    again = held.sides["input"]
    assert held.day == DAY
    assert again.names == fitted.names
    assert again.encoder == fitted.encoder
    x = Subjects().encode(sentences(50))
    assert (again.label(x) == fitted.label(x)).all()


def test_the_same_data_gives_the_same_topics(fitted):
    texts = sentences(400)
    x = Subjects().encode(texts)
    again = topics.named(topics.fit(x, "subjects@1"), x, texts)
    files = [topics.to_bytes(topics.Fitted(DAY, {"input": known})) for known in (again, fitted)]
    assert files[0] == files[1]


@pytest.mark.parametrize("data", [b"", b"not a file", topics.to_bytes(topics.Fitted(DAY, {}))[:50]])
def test_a_broken_file_says_what_to_do(data):
    with pytest.raises(DataError, match="topics are fitted again"):
        topics.from_bytes(data)


def test_a_topic_keeps_its_name_when_a_person_fits_again(fitted):
    texts = sentences(500, ("card", "recipe", "weather", "flight", "spaceship"))
    x = Subjects().encode(texts)
    again = topics.named(topics.fit(x, "subjects@1", clusters=5), x, texts, before=fitted)
    assert set(fitted.names) < set(again.names)


def test_exemplars_are_traces_of_the_new_subject(fitted):
    texts = [*sentences(40), *sentences(10, ("spaceship",))]
    ids = [f"t{i}" for i in range(50)]
    chosen = topics.exemplars(Subjects().encode(texts), ids, fitted, 5)
    assert len(chosen) == 5
    assert {int(t[1:]) >= 40 for t in chosen} == {True}


# measuring


def day(texts: list[str]) -> Batch:
    rows = [
        {"trace_id": f"t{i}", "timestamp": datetime(2026, 3, 1, tzinfo=UTC), "input": t, "output": "card"}
        for i, t in enumerate(texts)
    ]
    return Batch(traces.table(rows))


def test_measuring_labels_the_sample(fitted):
    context = Context(embedder=Embedder(Subjects()), extra={topics.KEY: topics.Fitted(DAY, {"input": fitted})})
    out = topics.measure(day(["my card", "the weather"]), context)
    assert set(out) == {"input_topic"}
    assert "card" in out["input_topic"][0]
    assert "weather" in out["input_topic"][1]


def test_without_topics_or_embedder_nothing_is_measured(fitted):
    assert topics.measure(day(["my card"]), Context(embedder=Embedder(Subjects()))) == {}
    assert topics.measure(day(["my card"]), Context(extra={topics.KEY: topics.Fitted(DAY, {"input": fitted})})) == {}


def test_topics_of_another_encoder_are_not_used(fitted):
    context = Context(embedder=Embedder(Subjects("other@2")), extra={topics.KEY: topics.Fitted(DAY, {"input": fitted})})
    assert topics.measure(day(["my card"]), context) == {}


def test_each_side_needs_topics_of_the_days_own_encoder_and_mixed_ones_are_fitted_again(fitted):
    held = topics.Fitted(DAY, {"input": fitted, "output": replace(fitted, encoder="other@2")})
    context = Context(embedder=Embedder(Subjects()), extra={topics.KEY: held})
    assert set(topics.measure(day(["my card"]), context)) == {"input_topic"}
    assert held.encoder == ""


def test_a_day_is_collected_and_fitted_with_the_days_before():
    collector = topics.Collector()
    context = Context(embedder=Embedder(Subjects()), extra={topics.KEY: collector})
    assert topics.measure(day(sentences(120)), context) == {}
    x = Subjects().encode(sentences(200))
    before = pa.table(
        {
            "input_embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), D),
            "_encoder": ["subjects@1"] * 200,
        }
    )
    other = before.set_column(1, "_encoder", pa.array(["other@2"] * 200))
    found = collector.fit(DAY, [before, other], "subjects@1")
    assert any("card" in name for name in found.sides["input"].names)
    assert found.encoder == "subjects@1"
    assert topics.Collector().fit(DAY, [], "subjects@1").sides == {}
