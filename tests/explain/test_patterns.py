"""What affected requests have in common: found where it is, and not found where nothing is."""

from __future__ import annotations

import numpy as np

from drift.explain.patterns import RISK, patterns
from drift.night.patterns import traits


def requests(rng: np.random.Generator, prefix: str, n: int, planted: float = 0.0) -> dict[str, frozenset[str]]:
    """Each of 400 traits in 10 % of requests; `planted` in so many."""
    has = rng.random((n, 400)) < 0.1
    own = rng.random(n) < planted
    return {
        f"{prefix}{i}-{rng.integers(1 << 30)}": frozenset(
            [f"t{at}" for at in np.flatnonzero(has[i])] + (["planted"] if own[i] else [])
        )
        for i in range(n)
    }


def test_a_trait_of_a_third_of_the_affected_is_told_with_both_shares():
    rng = np.random.default_rng(3)
    first, *_ = patterns(requests(rng, "a", 150, 0.4), requests(rng, "o", 300, 0.05))
    assert first.trait == "planted" and first.affected > 0.25 and first.others < 0.12 and first.p < 0.01


def test_where_nothing_is_in_common_something_is_told_no_oftener_than_is_said():
    told = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        told += bool(patterns(requests(rng, "a", 80), requests(rng, "o", 160)))
    assert told / 200 <= RISK + 0.03


def test_a_request_has_its_words_documents_tools_and_segments():
    row = {
        "input": "Where is my SEPA refund?",
        "documents": [{"id": "d1"}],
        "trajectory": [{"kind": "tool", "name": "lookup"}],
        "model": "m-1",
        "metadata": [("plan", "pro")],
    }
    found = traits(row)
    assert {"“sepa refund” in the question", "document d1", "tool lookup", "model m-1", "plan pro"} <= found
