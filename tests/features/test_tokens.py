"""Words as hashes: what a token is, and what is found in what."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.features import flat
from drift.features.flat import Flat
from drift.features.tokens import among, different, grams, pairs, share, supported, tokens, word_set


def of(*texts: str | None):
    return tokens(Flat.of(pa.array(texts, pa.string())))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (None, 0),
        ("Hello, world!", 2),
        ("don’t “quote” me", 4),
        ("snake_case x=1", 4),
        ("naïve Ünïcode", 2),
        ("你好 世界", 4),
        ("GPT模型a", 4),
        ("…—€ • ™", 0),
        ("。、「」！？", 0),
    ],
)
def test_a_token_is_a_run_of_letters_or_an_ideograph(text, count):
    assert of(text).counts.tolist() == [count]


def test_case_and_punctuation_do_not_matter_and_letters_do():
    a = of("Internationalization", "INTERNATIONALIZATION.", "internationalisation", "é", "è")
    assert a.hashes[0] == a.hashes[1] != a.hashes[2]
    assert a.hashes[3] != a.hashes[4]


def test_words_that_share_a_beginning_or_an_end_differ():
    words = ["cat", "cats", "category", "categories", "categorical", "scat", "a", "b", "ab", "ba", "abababab", "babababa"]
    assert len(set(of(*words).hashes.tolist())) == len(words)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(st.characters(max_codepoint=127, exclude_categories=["Cs"]))), max_size=8))
def test_ascii_text_splits_as_a_regular_expression_splits_it(texts):
    found = of(*texts)
    assert found.counts.tolist() == [len(re.findall("[A-Za-z0-9]+", text or "")) for text in texts]
    words = [word.lower() for text in texts for word in re.findall("[A-Za-z0-9]+", text or "")]
    assert len(set(found.hashes.tolist())) == len({(w[:8], w[-8:], len(w)) for w in words})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8))
def test_a_text_has_the_same_tokens_alone_and_among_others(texts):
    together = of(*texts)
    for row, text in enumerate(texts):
        alone = of(text)
        assert together.hashes[together.offsets[row] : together.offsets[row + 1]].tolist() == alone.hashes.tolist()


def test_pieces_change_nothing(monkeypatch):
    texts = [f"text number {i} 你好 café" * (i % 5) for i in range(200)]
    whole = of(*texts)
    monkeypatch.setattr(flat, "_PIECE", 64)
    cut = of(*texts)
    assert np.array_equal(whole.hashes, cut.hashes)
    assert np.array_equal(whole.offsets, cut.offsets)
    assert np.array_equal(whole.rows, cut.rows)


def test_a_token_is_supported_by_its_own_text_only():
    found = supported(of("red green", "red green", "blue"), of("green tea", "", "blue red"))
    assert found.tolist() == [False, True, False, False, True]


def test_grams_stay_within_their_text():
    found = grams(of("a b c", "d", "e f"), 2)
    assert found.counts.tolist() == [2, 0, 1]
    assert pairs(of("a b", "b a")).hashes[0] != pairs(of("a b", "b a")).hashes[1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["red", "green", "blue", "tea", "of", "the"]), max_size=40), max_size=80))
def test_different_tokens_are_counted(texts):
    found = different(of(*map(" ".join, texts)))
    assert found.tolist() == [len(set(words)) for words in texts]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=150), max_size=8))
def test_bytes_of_a_kind_are_counted_and_found(texts):
    room = Flat.of(pa.array(texts, pa.string()))
    chosen = room.data > 110
    assert room.counts(chosen).tolist() == [sum(byte > 110 for byte in text.encode()) for text in texts]
    assert flat.few_places(chosen).tolist() == np.flatnonzero(chosen).tolist()


def test_every_second_gram_is_one_of_all():
    texts = of("a b c d e f g", "h i", "j k l m n o p q")
    every, some = grams(texts, 4), grams(texts, 4, 2)
    assert set(some.hashes.tolist()) < set(every.hashes.tolist())
    assert some.counts.tolist() == [2, 0, 2]


def test_a_share_needs_its_fewest():
    shares = share(np.array([True, False, True]), of("red green", "", "blue"), least=2)
    assert shares[0] == 0.5
    assert np.isnan(shares[1]) and np.isnan(shares[2])


def test_a_word_set_holds_its_words():
    assert among(of("The cat and THE dog"), word_set("the and")).tolist() == [True, False, True, True, False]
