"""A turn that corrects the answer before it is found, in twelve languages; a complaint about something else, or thanks, is none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from correction_cases import CORRECTIONS, OTHER

from drift.features.corrections import corrections

HELD_OUT = tomllib.loads((Path(__file__).parents[2] / "benchmarks/sentences/corrections.toml").read_text())


def share(texts) -> float:
    return float((corrections(list(texts)) == 1).mean())


def test_of_sentences_written_before_the_model_most_corrections_are_found_and_few_others():
    everything = {kind: [text for one in HELD_OUT.values() for text in one[kind]] for kind in ("corrections", "others")}
    assert share(everything["corrections"]) >= 0.75
    assert share(everything["others"]) <= 0.06


@pytest.mark.parametrize("language", HELD_OUT)
def test_no_language_is_left_out(language):
    assert share(HELD_OUT[language]["corrections"]) >= 0.55
    assert share(HELD_OUT[language]["others"]) <= 0.15


def test_more_wordings_are_found_and_complaints_about_other_things_are_none():
    assert share(text for texts in CORRECTIONS.values() for text in texts) >= 0.9
    assert share(text for texts in OTHER.values() for text in texts) <= 0.03


def test_in_the_middle_of_a_text_the_same_words_are_a_story():
    story = "My neighbour called about the fence yesterday evening. "
    assert share(story + text for text in CORRECTIONS["en"]) <= 0.2


def test_case_quotes_and_apostrophes_change_nothing():
    texts = [
        "THAT'S NOT WHAT I ASKED FOR.",
        "That’s not what I asked for.",
        '  "that\'s not what I asked for"',
        "hmm, that's not what I asked for",
    ]
    assert corrections(pa.array(texts)).tolist() == [1, 1, 1, 1]


def test_a_turn_is_judged_alike_alone_and_among_others_whatever_its_characters():
    texts = ["That's wrong.", "", "違います", "¿No es {x}?", "e\u0301a 😀\nno", "ok", *HELD_OUT["zh"]["corrections"]] * 100
    together = corrections(texts)
    for place in (0, 1, 2, 3, 4, 5, 6, 511, 512, 513, len(texts) - 1):
        assert corrections([texts[place]])[0] == together[place]


def test_no_text_is_unknown_and_an_empty_one_is_none():
    found = corrections(pa.array([None, ""], pa.string()))
    assert np.isnan(found[0]) and found[1] == 0


def test_of_a_text_in_a_language_that_the_model_does_not_know_nothing_is_said():
    texts = [
        "Hayır, bu yanlış, toplantı salı günü değil perşembe günü olacaktı, lütfen düzelt.",
        "Toplantının hangi gün olduğunu ve nerede yapılacağını bana söyleyebilir misin?",
        "Nej, det där stämmer inte alls, mötet är på torsdag och inte på tisdag som du skrev.",
        "Kan du berätta för mig vilken dag mötet är och var det kommer att hållas någonstans?",
        "No, that's wrong, the meeting is on Thursday and not on Tuesday.",
        "Which day is the meeting, and where?",
    ]
    assert np.isnan(corrections(texts)[:4]).all()
    assert corrections(texts)[4:].tolist() == [1, 0]
