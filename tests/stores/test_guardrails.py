"""Whether a guardrail fired, and with which parameters a model was asked, from spans."""

from __future__ import annotations

import json

import pytest
from written import chat, read, span

from drift.stores import guardrails

KIND = {"openinference__span__kind": "GUARDRAIL"}


@pytest.mark.parametrize(
    ("given", "fired"),
    [
        ({"tripwire_triggered": True, "output_info": {}}, True),
        ({"output": {"passed": False}}, True),
        ({"action": "GUARDRAIL_INTERVENED"}, True),
        ({"action": "NONE"}, False),
        ({"safe": "true"}, False),
        ({"text": "blocked"}, None),
        ("blocked", None),
    ],
)
def test_what_a_guardrail_gave_back(given, fired):
    assert guardrails.fired(given) is fired


@pytest.mark.parametrize(("said", "outcome"), [({"flagged": True}, "fired"), ({"flagged": False}, "ok"), (None, "ok")])
def test_a_guardrail_that_fires_did_not_fail(tmp_path, said, outcome):
    more = {"output__value": json.dumps(said)} if said else {}
    row = read(tmp_path, span("app"), span("guard", "app", 0.1, 0.2, name="moderation", **KIND, **more), chat("c", "app"))
    (step,) = [each for each in row["trajectory"] if each["kind"] == "guardrail"]
    assert (step["name"], step["outcome"]) == ("moderation", outcome)


def test_the_parameters_of_the_answering_call(tmp_path):
    row = read(
        tmp_path, span("app"), chat("c", "app", **{"gen_ai__request__temperature": 0.2, "gen_ai__request__max_tokens": 500})
    )
    assert row["parameters"] == "temperature=0.2, max_tokens=500"
    assert read(tmp_path, span("app"), chat("c", "app"))["parameters"] is None
