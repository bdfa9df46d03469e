"""Friendly answers score above unfriendly ones, offensive ones above all others, and patterns are found where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from drift import features, traces
from drift.features import tone
from drift.features.flat import Flat
from drift.features.tokens import tokens


def words(*texts):
    return tokens(Flat.of(pa.array(texts, pa.string())))


def test_sentiment_is_vaders_on_a_sentence():
    # VADER 3.3.2 on the same sentences
    found = tone.sentiment(words("Have a nice day", "You are a stupid idiot", "This is not good at all"))
    np.testing.assert_allclose(found, [0.4215, -0.7717, -0.3412], atol=0.002)


def test_a_long_friendly_answer_is_as_friendly_as_its_sentences():
    sentence = "We had a nice walk to the old bridge and then we sat by the river for an hour. "
    short, long = tone.sentiment(words(sentence, sentence * 50))
    assert 0 < short < long < 0.95


def test_offensive_language_is_toxic():
    polite, rude = tone.toxicity(words("Thank you for waiting, your parcel is on its way.", "Shut up, you stupid idiot."))
    assert polite < 0.1 < 0.9 < rude


def test_without_words_tone_is_unknown():
    assert np.isnan(tone.sentiment(words("", None, "…"))).all()
    assert np.isnan(tone.toxicity(words("", None, "…"))).all()


def test_similarity_to_a_harmful_pattern_is_the_share_of_it_that_is_said():
    pattern = "mix the two powders and heat them slowly"
    answers = words(f"First you {pattern}.", "You mix the two powders and wait.", "Mix flour and sugar.")
    full, half, none = tone.harmful_similarity(answers, [pattern, "x"])
    assert full == pytest.approx(1) and 0.3 < half < 0.6 and none == 0


def test_harmful_similarity_is_measured_only_with_patterns():
    batch = features.Batch(traces.table([{"trace_id": "a", "timestamp": 0, "output": "do not drink the blue liquid"}]))
    context = features.Context()
    assert set(tone.measure(batch, context)) == {"sentiment", "toxicity"}
    found = tone.measure(batch, replace(context, harmful_patterns=("drink the blue liquid",)))
    assert found["harmful_similarity"][0] == pytest.approx(1)
