"""A prompt that nobody names has its system prompt's hash for a version; what a template fills in is no edit."""

from __future__ import annotations

import pyarrow as pa
import pytest

from drift import features, traces
from drift.features import Context
from drift.features.prompts import versions

SYSTEM = "You are the help desk of a parcel service. Answer in one sentence."


def prompts_of(rows: list[dict]) -> list[str | None]:
    """The `prompt` of a day of such traces, once the whole day is known."""
    given = [{"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", **row} for n, row in enumerate(rows)]
    return features.finish(features.extract(traces.table(given), Context()))["prompt"].to_pylist()


def test_an_edit_without_a_version_is_another_version():
    before, after = (
        prompts_of([{"system_prompt": SYSTEM}] * 10)[0],
        prompts_of([{"system_prompt": SYSTEM + " Be kind."}] * 10)[0],
    )
    assert before and after and before != after
    assert before.startswith("system prompt@") and SYSTEM[:5] not in before


def test_a_named_prompt_keeps_its_name():
    named = {"prompt_name": "faq", "prompt_version": "3", "system_prompt": SYSTEM}
    assert set(prompts_of([named] * 10)) == {"faq@3"}
    assert prompts_of([{}] * 10) == [None] * 10


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Today is 2026-03-02.", "Today is 2026-03-03."),
        ("It is Monday, March 2nd, 9:05 am.", "It is Thursday, April 30th, 11:45 pm."),
        ("There are 41 parcels.", "There are 1,204 parcels."),
        ("Be  brief.\n", "Be brief."),
    ],
)
def test_dates_numbers_and_white_space_are_no_edit(a, b):
    one, other = versions(pa.array([SYSTEM + a, SYSTEM + b])).to_pylist()
    assert one == other


def test_a_prompt_that_is_another_one_for_every_request_is_no_version():
    names = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Alan", "Tony", "Niklaus", "Frances", "John", "Leslie", "Ken"]
    assert prompts_of([{"system_prompt": f"{SYSTEM} The user is called {name}."} for name in names]) == [None] * len(names)


def test_among_versions_a_stray_is_unknown():
    found = prompts_of([{"system_prompt": SYSTEM}] * 20 + [{"system_prompt": "Only for this request."}])
    assert None not in found[:20] and found[20] is None
