"""Only what was measured is evidence: what is not recorded has no points, no sentence, and is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from nights import finding

from drift import profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.explain import explain
from drift.explain import scene as scenes
from drift.explain.causes import judge
from drift.explain.scene import EVIDENCE, Moved, Scene
from drift.profiles.day import DayProfile

LAST = date(2026, 11, 20)
CONFIG = Config.of({})
N = 800
ONE_OF_TWO = {"gpt-4o": (1.0, 0.4), "gpt-4o-mini": (0.0, 0.6)}


def scene(lead: str, unrecorded: frozenset[str] = frozenset(), requests: int | None = None, **effects: float) -> Scene:
    moved = {name: Moved(8.0, effect, True) for name, effect in effects.items()}
    return Scene(lead, moved, models=ONE_OF_TWO, unrecorded=unrecorded, requests=requests)


def points(scene: Scene, cause: str) -> float:
    return dict(judge(scene).considered).get(cause, 0.0)


def test_without_tokens_there_is_no_cause_of_price():
    assert judge(scene("cost_usd", cost_usd=0.4)).cause == "price"
    without = judge(scene("cost_usd", frozenset({"input_tokens", "output_tokens"}), cost_usd=0.4))
    assert without.cause == "unclear" and "same number of tokens" not in str(without)


def test_questions_that_are_not_recorded_did_not_stay_the_same():
    blind = judge(scene("refusal", frozenset(scenes.INPUT), refusal=0.05))
    assert not [text for text in blind.evidence if "question" in text]
    assert "what is asked (embeddings), to tell other questions" in blind.lacking
    seeing = judge(scene("refusal", refusal=0.05))
    assert "the questions did not change" in seeing.evidence and (seeing.confidence, seeing.lacking) == ("likely", ())


def test_of_questions_whose_meaning_is_off_only_the_length_is_told():
    told = judge(scene("refusal", frozenset(scenes.MEANING), refusal=0.05))
    assert "the questions are as long as before, and in the same languages" in told.evidence
    assert told.confidence == "possible"


def test_prompts_that_are_not_recorded_are_not_said_to_be_the_same():
    told = judge(scene("refusal", frozenset({"prompt"}), refusal=0.05))
    assert "no new model or release at that time" in told.evidence and told.confidence == "possible"
    assert "prompt versions, to tell an edit of the prompt" in told.lacking
    none = judge(scene("refusal", frozenset({"prompt", "model", "release"}), refusal=0.05))
    assert not [text for text in none.evidence if text.startswith("no new")]


def test_what_has_no_retrieval_no_tools_and_no_errors_is_not_told_that_they_did_not_move():
    elsewhere = (*scenes.INDEX, *scenes.RETRIEVAL, *scenes.TOOLS, *scenes.PROVIDER)
    assert not [text for text in judge(scene("refusal", frozenset(elsewhere), refusal=0.05)).evidence if "moved" in text]
    some = judge(scene("refusal", frozenset((*scenes.TOOLS, *scenes.PROVIDER)), refusal=0.05))
    assert "retrieval did not move" in some.evidence


def test_twenty_requests_do_not_show_a_silent_model_update():
    assert judge(scene("refusal", requests=2000, refusal=0.3)).cause == "silent_model_update"
    assert judge(scene("refusal", requests=20, refusal=0.3)).cause == "unclear"
    assert points(scene("refusal", requests=20, refusal=0.3), "silent_model_update") == 0.0


def test_with_nothing_recorded_nothing_is_named():
    assert judge(replace(scene("refusal", EVIDENCE, refusal=0.05), models={})).cause == "unclear"


def day(seed: int, cost: float = 0.01, spread: float = 0.3, prompt: str = "support@7") -> pa.Table:
    rng = np.random.default_rng(seed)
    model = np.where(np.arange(N) % 4 == 0, "large", "small")
    own = np.where(model == "large", cost, 0.01)
    return pa.table(
        {
            "trace_id": [f"t{seed}-{i}" for i in range(N)],
            "name": np.where(np.arange(N) % 2 == 0, "docs", "chat"),
            "model": model,
            "prompt": np.full(N, prompt),
            "cost_usd": own * rng.lognormal(0, spread, N),
            "input_tokens": rng.lognormal(5, 0.3, N),
        }
    )


def panel(today: pa.Table) -> Panel:
    days = [(LAST - timedelta(days=10 - i), day(i + 1)) for i in range(10)]
    return Panel([DayProfile(on, profiles.build(table, CONFIG, on)) for on, table in [*days, (LAST, today)]])


def told(today: pa.Table, **rest):
    lead = replace(finding(LAST, "cost_usd", change=0.2, unit="USD"), **rest)
    return explain(lead, [lead], [lead], panel(today), (LAST, LAST, LAST))


def test_what_was_looked_at_is_moved_unmoved_or_not_recorded():
    states = {each.what: each.state for each in told(day(99, cost=0.05)).checked}
    assert states["cost"] == "moved" and states["prompt tokens"] == "did not move" and states["model"] == "did not move"
    assert {states[name] for name in ("retrieval", "errors", "what is asked", "release", "latency")} == {"not recorded"}


def test_the_parts_of_each_dimension_add_up_to_the_whole_beside_their_traffic():
    parts = told(day(99, cost=0.05)).parts
    by = {name: [part for part in parts if part.dimension == name] for name in ("name", "model")}
    for rows in by.values():
        assert sum(part.share for part in rows) == pytest.approx(1) and sum(part.traffic for part in rows) == pytest.approx(1)
    # the dimension that tells most comes first
    assert parts[0].dimension == "model" and (parts[0].value, round(parts[0].share, 1)) == ("large", 1.0)
    assert parts[0].traffic == pytest.approx(0.25, abs=0.01)


def test_a_change_of_shape_has_no_parts_and_says_where_it_moved():
    found = told(day(99, spread=1.2), statistic="shape", unit="χ²/df")
    assert found.parts == () and found.where == ()
    moved = found.magnitude.moved
    assert moved is not None and abs(moved.share_to - moved.share_from) > 0.1


def test_costs_are_means_in_dollars_at_todays_mix():
    found = told(day(99, cost=0.05)).magnitude
    assert found.requests == N
    usual = 0.01 * np.exp(0.3**2 / 2)
    assert found.mean_from == pytest.approx(usual, rel=0.05)
    assert found.mean_to == pytest.approx(0.75 * usual + 0.25 * 5 * usual, rel=0.08)
