"""Persons' names, by a spaCy pipeline: here one that knows three names by heart."""

from __future__ import annotations

import numpy as np
import pytest

from drift import features, metrics, traces
from drift.config import Config
from drift.errors import ConfigError
from drift.features import certificates, pii

spacy = pytest.importorskip("spacy")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("spacy")
    made = spacy.blank("en")
    ruler = made.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": name} for name in ("Rosa Lind", "Omar")])
    ruler.add_patterns([{"label": "ORG", "pattern": "Kestrel Bank"}])
    made.to_disk(folder / "names")
    spacy.blank("en").to_disk(folder / "blank")
    return str(folder)


def test_an_answer_that_names_a_person_whom_the_question_does_not_is_found(pipeline):
    said = [
        ("Who is my adviser?", "Your adviser is Rosa Lind."),
        ("I am omar. Who are you?", "Hello Omar, I am the assistant of Kestrel Bank."),
        ("Who wrote?", None),
    ]
    rows = [{"trace_id": str(i), "timestamp": 0, "input": asked, "output": told} for i, (asked, told) in enumerate(said)]
    context = features.context(Config.of({"safety": {"names": f"{pipeline}/names"}, "embeddings": {"enabled": False}}))
    found = pii.measure(features.Batch(traces.table(rows)), context)
    np.testing.assert_array_equal(found["pii.person"], [1, 0, np.nan])
    # the famous have names, too: what is counted as personal data stays what it was
    np.testing.assert_array_equal(found["pii"], [0, 0, np.nan])
    assert "pii.person" not in pii.measure(features.Batch(traces.table(rows)), features.Context())


@pytest.mark.parametrize(("folder", "told"), [("none", "there is no spaCy pipeline"), ("blank", "finds no persons")])
def test_a_pipeline_that_is_not_there_or_knows_no_persons_is_refused_before_anything_is_pulled(pipeline, folder, told):
    with pytest.raises(ConfigError, match=told):
        features.context(Config.of({"safety": {"names": f"{pipeline}/{folder}"}}))


def test_what_was_measured_of_other_kinds_is_not_claimed_of_names():
    assert "pii.person" in metrics.lookup("pii.person").name and "name a person" in metrics.lookup("pii.person").doc
    assert certificates.told("pii.person", 0.0, 0.2) == ""
    assert certificates.told("pii.iban_code", 0.0, 0.2) != ""
