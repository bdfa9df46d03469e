"""From findings, profiles and features of a few made-up days to an explanation."""

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
from drift.explain import explain, segments
from drift.explain.exemplars import choose
from drift.profiles.day import DayProfile
from drift.profiles.dimensions import within

LAST = date(2026, 11, 20)
CONFIG = Config.of({})
N = 600


def features(refusal: dict[tuple[str, str], float] | None = None, prompt: str = "support@7", seed: int = 0) -> pa.Table:
    """A day of two endpoints and two models; `refusal` is the rate by (endpoint, model) where it is not 2 %."""
    rng = np.random.default_rng(seed)
    name = np.where(np.arange(N) % 3 == 0, "docs", "chat")
    model = np.where(rng.random(N) < 0.5, "large", "small")
    rate = np.array([(refusal or {}).get(key, 0.02) for key in zip(name, model, strict=True)])
    refused = (rng.random(N) < rate).astype(float)
    return pa.table(
        {
            "trace_id": [f"t{seed}-{i}" for i in range(N)],
            "name": name,
            "model": model,
            "prompt": np.where(name == "chat", prompt, "docs@1"),
            "user": [f"u{i % 50}" for i in range(N)],
            "session_id": [f"s{i // 2}" for i in range(N)],
            "refusal": refused,
            "output_tokens": np.where(refused > 0, 20.0, 200.0) * rng.lognormal(0, 0.3, N),
        }
    )


def panel(today: pa.Table, days: int = 10) -> Panel:
    history = [(LAST - timedelta(days=days - i), features(seed=i + 1)) for i in range(days)]
    made = [DayProfile(day, profiles.build(table, CONFIG, day)) for day, table in [*history, (LAST, today)]]
    return Panel(made)


def lead(where: str = "name=chat", **rest):
    return replace(finding(LAST, "refusal", where, 0.2, z=15.0), **rest)


BEGAN = (LAST, LAST, LAST)


def test_a_change_inside_one_model_of_one_endpoint_is_found_there_and_suspected_to_be_a_silent_update():
    today = features({("chat", "large"): 0.4})
    told = explain(lead(), [lead()], [lead()], panel(today), BEGAN)
    assert [(part.dimension, part.value) for part in told.where] == [("model", "large")]
    assert told.where[0].share > 0.95 and told.where[0].traffic == pytest.approx(0.5, abs=0.1)
    # these traces do not say what was asked: other questions are not ruled out
    assert (told.cause, told.confidence) == ("silent_model_update", "possible")
    assert "only answers by large changed" in told.evidence and not [each for each in told.evidence if "question" in each]
    assert told.unrecorded == ("what is asked (embeddings), to tell other questions",)


def test_a_new_prompt_that_carries_the_change_is_the_cause():
    today = features({("chat", "large"): 0.4, ("chat", "small"): 0.4}, prompt="support@8")
    told = explain(lead(), [lead()], [lead()], panel(today), BEGAN)
    assert told.cause == "prompt_change"
    assert [(event.kind, event.value, event.day) for event in told.events][0] == ("appeared", "support@8", LAST)
    assert told.summary.startswith("Prompt “support@8” appeared on Fri 20 Nov and has 100 % of these requests")


def test_a_prompt_that_changed_long_before_is_not_the_cause():
    history = [
        (LAST - timedelta(days=10 - i), features(seed=i + 1, prompt="support@8" if i > 3 else "support@7")) for i in range(10)
    ]
    today = features({("chat", "large"): 0.4, ("chat", "small"): 0.4}, prompt="support@8")
    days = [DayProfile(day, profiles.build(table, CONFIG, day)) for day, table in [*history, (LAST, today)]]
    told = explain(lead(), [lead()], [lead()], Panel(days), BEGAN)
    assert told.events == () and told.cause == "unclear"


def test_parts_of_a_change_add_up_to_what_changed_within_segments():
    today = features({("chat", "large"): 0.4, ("docs", "small"): 0.3})
    made = panel(today)
    levels = segments.of(made, "refusal", "level", "name", ("all", ""), range(10))
    mixed = levels.n / levels.n.sum() @ levels.level_before
    assert levels.parts.sum() == pytest.approx(levels.total.sum() / levels.n.sum() - mixed)


def test_a_metric_that_the_panel_lacks_has_no_parts_and_no_cause():
    told = explain(lead(metric="groundedness"), [lead(metric="groundedness")], [], panel(features()), BEGAN)
    assert told.where == () and told.cause == "unclear"
    assert told.summary.startswith("Nothing else changed that drift can see. Weak instrument: it counts words")


def test_metrics_that_moved_before_and_with_it_are_told_apart():
    earlier = finding(LAST, "output_tokens", "name=chat", -0.4, since=LAST - timedelta(days=3))
    along = finding(LAST, "correction", "name=chat", 0.1)
    told = explain(lead(), [lead(), earlier, along], [], panel(features({("chat", "large"): 0.4})), BEGAN)
    assert (told.before, told.along) == (("output_tokens",), ("correction",))


def test_exemplars_show_the_change_in_its_segment_and_are_of_different_people():
    today, before = (within(each, ("name", "chat")) for each in (features({("chat", "large"): 0.4}), features(seed=3)))
    chosen = choose(today, before, "refusal", "level", True, lambda trace: f"https://x/{trace}")
    rows = {row["trace_id"]: row for row in today.to_pylist()}
    assert len(chosen) == 5
    assert all(rows[e.trace_id]["refusal"] == 1.0 and rows[e.trace_id]["name"] == "chat" for e in chosen)
    assert len({rows[e.trace_id]["user"] for e in chosen}) == 5
    assert chosen[0].url == f"https://x/{chosen[0].trace_id}"
    assert choose(today, before, "refusal", "level", True, lambda trace: f"https://x/{trace}") == chosen


def test_exemplars_of_traffic_without_a_prompt_are_traces_without_a_prompt():
    prompts = pa.table({"trace_id": list("abcd"), "prompt": [None, "", "answer", "unknown"]})
    assert within(prompts, ("prompt", "unknown"))["trace_id"].to_pylist() == ["a", "b", "d"]
    assert within(prompts, ("prompt", "answer"))["trace_id"].to_pylist() == ["c"]


def test_exemplars_of_a_meaning_that_no_earlier_trace_has_are_none():
    today = pa.table({"trace_id": ["a", "b"], "input_embedding": [[1.0, 0.0], [0.0, 1.0]]})
    before = pa.table({"trace_id": ["c"], "input_embedding": pa.array([None], pa.list_(pa.float64()))})
    assert choose(today, before, "input_embedding", "energy", True) == ()


def test_exemplars_of_a_number_are_where_its_distribution_grew():
    today, before = (within(each, ("name", "chat")) for each in (features({("chat", "large"): 0.4}), features(seed=3)))
    chosen = choose(today, before, "output_tokens", "level", False)
    assert all(exemplar.measured < 60 for exemplar in chosen)


def test_exemplars_of_a_label_have_it():
    today = pa.table({"trace_id": ["a", "b", "c"], "output_language": ["en", "de", None]})
    assert [e.trace_id for e in choose(today, None, "output_language", "share:de", True)] == ["b"]


def test_exemplars_of_a_meaning_lie_in_the_direction_in_which_it_moved():
    rng = np.random.default_rng(0)
    usual, now = rng.normal(0, 0.1, (50, 3)), rng.normal(0, 0.1, (50, 3))
    now[:10, 0] += 1.0
    rows = lambda values: pa.array([list(v) for v in values], pa.list_(pa.float32()))  # noqa: E731
    today = pa.table({"trace_id": [f"t{i}" for i in range(50)], "input_embedding": rows(now)})
    before = pa.table({"trace_id": [f"b{i}" for i in range(50)], "input_embedding": rows(usual)})
    chosen = choose(today, before, "input_embedding", "axis:1", True)
    assert {int(e.trace_id[1:]) for e in chosen} <= set(range(10)) and len(chosen) == 5


def test_exemplars_of_a_meaning_are_none_where_the_traces_before_were_embedded_by_another_encoder():
    def day(width: int, seed: int = 0) -> pa.Table:
        vectors = np.random.default_rng(seed).standard_normal(50 * width).astype(np.float32)
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors), width)
        return pa.table({"trace_id": [f"t{i}" for i in range(50)], "input_embedding": column, "_encoder": [f"e@{width}"] * 50})

    assert len(choose(day(3), day(3, seed=1), "input_embedding", "axis:1", True)) == 5
    assert choose(day(3), day(8), "input_embedding", "axis:1", True) == ()


def test_what_belongs_to_another_incident_is_no_evidence():
    today = features({("chat", "large"): 0.4})
    of_another = finding(LAST, "input_tokens", "name=chat", 0.3)
    told = explain(lead(), [lead()], [lead(), of_another], panel(today), BEGAN)
    assert told.cause == "silent_model_update"


def test_no_features_no_exemplars():
    assert choose(pa.table({"trace_id": ["a"]}), None, "refusal", "level", True) == ()


def test_an_incident_says_what_its_signal_is_worth_and_claims_less_where_that_is_little():
    made = panel(features({("chat", "large"): 0.4}))
    assert "Measured: finds 96 % of refusals" in explain(lead(), [lead()], [lead()], made, BEGAN).summary
    small = replace(lead(), value_from=0.02, value_to=0.0212)
    told = explain(small, [small], [small], made, BEGAN)
    assert "Weak instrument: up to 0.2 % of other texts" in told.summary and told.confidence != "likely"
