"""A turn that corrects the answer before it is found, in nine languages; a complaint about something else, or thanks, is none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from correction_cases import CORRECTIONS, OTHER

from drift.features.corrections import corrections


@pytest.mark.parametrize("language", CORRECTIONS)
def test_corrections_are_found(language):
    texts = CORRECTIONS[language]
    found = corrections(pa.array(texts)) == 1
    assert found.mean() >= 0.9, [text for text, seen in zip(texts, found, strict=True) if not seen]


@pytest.mark.parametrize("language", OTHER)
def test_other_turns_are_none(language):
    texts = OTHER[language]
    found = corrections(pa.array(texts)) == 1
    assert found.mean() <= 0.05, [text for text, seen in zip(texts, found, strict=True) if seen]


def test_in_the_middle_of_a_text_the_same_words_are_a_story():
    story = "My neighbour called about the fence yesterday evening. "
    assert corrections(pa.array([story + text for text in CORRECTIONS["en"]])).sum() == 0


def test_case_quotes_and_apostrophes_change_nothing():
    texts = [
        "THAT'S NOT WHAT I ASKED FOR.",
        "That’s not what I asked for.",
        '  "that\'s not what I asked for"',
        "hmm, that's not what I asked for",
    ]
    assert corrections(pa.array(texts)).tolist() == [1, 1, 1, 1]


def test_no_text_is_unknown_and_an_empty_one_is_none():
    found = corrections(pa.array([None, ""], pa.string()))
    assert np.isnan(found[0]) and found[1] == 0
