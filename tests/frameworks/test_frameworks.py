"""What real SDKs and instrumentations record is read as their programs know it to be: right or unknown, never silently wrong."""

from __future__ import annotations

import pytest

from frameworks import judging, table


@pytest.mark.parametrize("name", judging.names())
def test_every_field_is_what_the_program_knows_or_unknown(name):
    wrong = [c for c in judging.cells(name) if c.verdict == judging.WRONG]
    assert not wrong, "\n" + "\n".join(f"{c.case}: {c.field} is {c.read!r}, true is {c.true!r}" for c in wrong)


@pytest.mark.parametrize("name", judging.names())
def test_every_trace_of_a_recording_is_a_row(name):
    assert set(judging.read(name)) == {t["trace_id"] for t in judging.truths(name)}


def test_the_documentation_says_what_is_recognised():
    assert table.in_the_documentation() == table.made(), "run: python -m frameworks.table (from tests/)"
