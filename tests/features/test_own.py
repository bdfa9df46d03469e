"""The company's own address, hotline and account are no leak, however an answer writes them; those of others are."""

from __future__ import annotations

import numpy as np
import pytest
from example_traces import outputs

from drift import features
from drift.config import Config
from drift.errors import ConfigError
from drift.features import own, pii

ENTRIES = ["help@shop.example.com", "@acme.example", "+49 30 1234567", "+1 (800) 555-0199", "DE89 3704 0044 0532 0130 00",
           "203.0.113.7", "+44 (0)20 7946 0018"]  # fmt: skip
OWN = [
    "Write to help@shop.example.com and we will answer.",
    "Mail HELP@Shop.Example.com.",
    "Ask anna.berg@acme.example or billing@acme.example.",
    "Call us on +49 30 1234567.",
    "Rufen Sie uns an: 030 1234567",
    "Telefon: 0049 30 123 45 67",
    "Our hotline: 1-800-555-0199.",
    "You can reach us at (800) 555-0199.",
    "Tel. 020 7946 0018",
    "Bitte überweisen Sie auf DE89370400440532013000.",
    "Our account is DE89 3704 0044 0532 0130 00, please pay within 14 days.",
    "The status page is on 203.0.113.7.",
]
OTHERS = [
    "Write to maria.lopez@mail-host.co.uk.",
    "Mail help@shop.example.org.",
    "Ask anna@acme.example.evil.com.",
    "Ask anna@notacme.example.",
    "Call her on +49 30 7654321.",
    "Telefon: 0171 1234567",
    "Her number is (800) 555-0188.",
    "Please pay to GB82 WEST 1234 5698 7654 32.",
    "The user came from 203.0.113.77.",
    "Call us on +49 30 1234567 or my colleague on +44 7700 900123.",
]


@pytest.mark.parametrize("text", OWN)
def test_what_is_the_companys_own_is_no_personal_data(text):
    assert np.fmax.reduce(list(pii.classify([text]).values())) == 1
    assert np.fmax.reduce(list(pii.classify([text], own.parse(ENTRIES)).values())) == 0


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_anothers_still_is(text):
    assert np.fmax.reduce(list(pii.classify([text], own.parse(ENTRIES)).values())) == 1


def test_the_configuration_names_it():
    config = Config.of({"safety": {"own": ["@acme.example"]}, "embeddings": {"enabled": False}})
    found = pii.measure(outputs("Ask anna@acme.example.", "Ask anna@example.org.", None), features.context(config))
    assert found["pii"].tolist()[:2] == [0.0, 1.0] and np.isnan(found["pii"][2])


@pytest.mark.parametrize("entry", ["", "support", "12345", "example.com", "call us", "@", "+", "DE89"])
def test_an_entry_that_is_none_of_the_kinds_is_refused_by_its_name(entry):
    config = Config.of({"safety": {"own": [entry]}, "embeddings": {"enabled": False}})
    with pytest.raises(ConfigError, match="safety.own: .* is no e-mail address"):
        features.context(config)


def test_what_many_answers_repeat_is_offered():
    texts = ["Ask help@acme.example."] * 30 + [f"Ask user{i}@mail.example." for i in range(60)] + ["Thank you."] * 10
    pieces = [[text[span.start : span.end] for span in pii.spans(text)] for text in texts]
    assert own.candidates(pieces) == ["help@acme.example"]
    assert own.candidates(pieces[30:]) == []
