"""Friendly answers score above unfriendly ones, offensive ones above all others, and patterns are found where they are."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

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
    np.testing.assert_allclose(found, [np.nan, -0.7717, -0.3412], atol=0.002)


def test_a_long_friendly_answer_is_as_friendly_as_its_sentences():
    sentence = "We had a nice walk to the old bridge and then we sat by the river for an hour. "
    short, long = tone.sentiment(words(sentence, sentence * 50))
    assert 0 < short < long < 0.95


def test_offensive_language_is_toxic():
    polite, rude = tone.toxicity(words("Thank you for waiting, your parcel is on its way.", "Shut up, you stupid idiot."))
    assert polite < 0.1 < 0.9 < rude


# written before the words of two senses were listed
TECHNICAL = [
    "Kill the process with kill -9.",
    "Kill the process with kill -9 and start the server again.",
    "The child process dies when the parent is killed by the out-of-memory killer.",
    "Abort the job and dump the core to a file.",
    "The garbage collector frees dead objects when the heap is full.",
    "A zombie process stays until its parent reads the exit code; kill the parent to remove it.",
    "Monkey patching the class is a dirty hack; write a subclass instead.",
    "Strip the trailing spaces and execute the script with bash.",
    "The master node sends commands to the slave nodes over SSH.",
    "To hang the picture, screw the hook into the wall with a screwdriver.",
    "Penetration testing attacks the network to find where it can be hacked.",
    "The daemon crashes with a fatal error: bad file descriptor, killed by signal 9.",
    "Drop the table, then truncate the log and kill all sessions of the user.",
    "Shoot the scene in RAW and crop the black bars in the editor.",
    "The query killed the database because of a nasty deadlock.",
    "The worker threads hang, so kill them and free the orphaned locks.",
    "This dumb terminal cannot show colours; set TERM to dumb in the shell.",
]
RUDE = [
    "Shut up, you stupid idiot, nobody wants you here.",
    "You are a worthless piece of trash and everyone hates you.",
    "Go to hell, you ugly moron, I hope you die.",
    "What the fuck is wrong with you, you dumb bitch?",
    "I will kill you and your stupid family, you bastard.",
]
OTHER_LANGUAGES = [
    "Wir haben die Rechnung storniert, Sie erhalten in den nächsten Tagen eine Gutschrift von uns.",
    "Die alte Fassung war fast gut, hat aber den Rat des Arztes an die Mutter im Brief vergessen.",
    "Nous avons annulé la facture et vous recevrez un avoir dans les prochains jours ouvrables.",
    "Hemos anulado la factura y recibirá el abono en los próximos días laborables sin falta.",
    "De rekening is geannuleerd en u krijgt het geld binnen enkele dagen terug op uw rekening.",
    "請求書を取り消しましたので、数日以内に返金の手続きが完了する予定でございます。",
    "Rachunek został anulowany, a pieniądze wrócą na konto w ciągu kilku najbliższych dni.",
]


def answers(*texts):
    rows = [{"trace_id": str(i), "timestamp": 0, "output": text} for i, text in enumerate(texts)]
    return tone.measure(features.Batch(traces.table(rows)), features.Context())


def test_technical_senses_are_neither_toxic_nor_sad():
    toxic, sad = tone.toxicity(words(*TECHNICAL)), tone.sentiment(words(*TECHNICAL))
    assert np.nanmax(toxic) < 0.2
    assert np.nanmin(sad) > -0.2


def test_what_is_said_to_people_keeps_its_sense_beside_technical_words():
    toxic = tone.toxicity(words(*RUDE, "Your script is an error, and I will kill you, you stupid idiot of a server admin."))
    assert (toxic > 0.9).all()


@pytest.mark.parametrize("text", OTHER_LANGUAGES)
def test_the_tone_of_another_language_is_unknown(text):
    found = answers(text, "Thank you for waiting, your parcel is on its way to you.")
    for name in ("sentiment", "toxicity"):
        assert np.isnan(found[name][0]) and not np.isnan(found[name][1])


@pytest.mark.parametrize("text", ["Yes.", "OK", "No, sorry.", "Rotterdam", "12 April 2026", "Zyxx qwrty plugh xyzzy foo1 bar2"])
def test_of_a_few_words_the_tone_is_unknown(text):
    found = answers(text)
    assert np.isnan(found["toxicity"]).all()
    assert np.isnan(found["sentiment"]).all()


def test_shorter_answers_are_not_more_toxic():
    sentence = "The invoice for the order from March was sent to the address that stands in the contract with the customer. "
    found = answers("Sent to the address in the contract.", sentence, sentence * 2, sentence * 10)["toxicity"]
    assert np.nanmax(found) - np.nanmin(found) < 0.05


def test_without_words_tone_is_unknown():
    assert np.isnan(tone.sentiment(words("", None, "…"))).all()
    assert np.isnan(tone.toxicity(words("", None, "…"))).all()


def test_similarity_to_a_harmful_pattern_is_the_share_of_it_that_is_said():
    pattern = "mix the two powders and heat them slowly"
    answers = words(f"First you {pattern}.", "You mix the two powders and wait.", "Mix flour and sugar.")
    full, half, none = tone.harmful_similarity(answers, [pattern, "x"])
    assert full == pytest.approx(1) and 0.3 < half < 0.6 and none == 0


ANGRY_AND_CALM = tomllib.loads((Path(__file__).parents[2] / "benchmarks/sentences/tones.toml").read_text())


def test_angry_users_are_told_from_friendly_ones():
    inputs = [*ANGRY_AND_CALM["angry"]["en"], *ANGRY_AND_CALM["friendly"]["en"]]
    rows = [{"trace_id": str(i), "timestamp": 0, "input": text, "output": ""} for i, text in enumerate(inputs)]
    found = tone.measure(features.Batch(traces.table(rows)), features.Context())
    angry = np.arange(len(inputs)) < len(ANGRY_AND_CALM["angry"]["en"])
    assert np.nanmin(found["input_toxicity"][angry]) > np.nanmax(found["input_toxicity"][~angry])
    assert np.nanmax(found["input_sentiment"][angry]) < 0


def test_the_tone_of_users_who_write_another_language_is_unknown():
    texts = [text for code, polite in ANGRY_AND_CALM["polite"].items() if code != "en" for text in polite]
    rows = [{"trace_id": str(i), "timestamp": 0, "input": text, "output": text} for i, text in enumerate(texts)]
    found = tone.measure(features.Batch(traces.table(rows)), features.Context())
    assert all(np.isnan(values).all() for values in found.values())


def test_harmful_similarity_is_measured_only_with_patterns():
    batch = features.Batch(traces.table([{"trace_id": "a", "timestamp": 0, "output": "do not drink the blue liquid"}]))
    context = features.Context()
    assert "harmful_similarity" not in tone.measure(batch, context)
    found = tone.measure(batch, replace(context, harmful_patterns=("drink the blue liquid",)))
    assert found["harmful_similarity"][0] == pytest.approx(1)


def test_where_few_users_write_english_their_tone_is_not_the_applications():
    german = "Wann kommt denn meine Bestellung an, auf die ich schon seit einer Woche warte?"
    english = "You are a dumb piece of shit and you never help anybody with anything."

    def day(inputs):
        rows = [{"trace_id": str(i), "timestamp": 0, "input": text, "output": text} for i, text in enumerate(inputs)]
        measured = features.extract(traces.table(rows), features.Context(disabled=frozenset({"embedding", "topics"})))
        return features.finish(measured)

    few, many = day([german] * 19 + [english]), day([german] * 10 + [english] * 10)
    for name in ("sentiment", "toxicity", "input_sentiment", "input_toxicity"):
        assert few.column(name).null_count == 20
        assert many.column(name).null_count == 10
