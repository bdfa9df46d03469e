"""The cheap first look for injections passes over nothing that a pattern would find."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift.features.injection_patterns import CUE, PATTERNS
from drift.features.ngrams import found_in, normal

# an input that has no more than one of these is ordinary
ORDINARY = {"document", "encoded", "question", "urging"}


@pytest.mark.parametrize("name", sorted(set(PATTERNS) - ORDINARY))
def test_what_a_pattern_finds_has_a_cue(name):
    matching = st.lists(st.from_regex(re.compile(PATTERNS[name], re.ASCII)), min_size=10, max_size=10)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(matching)
    def cued(texts: list[str]) -> None:
        column = normal(pa.array([text.encode("utf-8", "replace").decode() for text in texts]))
        passed_over = found_in(column, PATTERNS[name]) & ~found_in(column, CUE)
        assert not passed_over.any(), column[int(passed_over.argmax())].as_py()

    cued()
