"""What is measured of a request's steps: where the time went, which step and which tool failed, who served, what was cached."""

from __future__ import annotations

import pyarrow as pa
import pytest

from drift import features, metrics, traces
from drift.features import Context
from drift.features.trajectory import MOST_TOOLS


def step(kind: str, start: float = 0.0, seconds: float | None = 1.0, **more: object) -> dict:
    return {"kind": kind, "name": more.pop("name", kind), "start_s": start, "duration_s": seconds, "outcome": "ok", **more}


def measured(*requests: list[dict] | None, latency: float = 4.0) -> list[dict]:
    rows = [
        {"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", "latency_s": latency, "trajectory": given}
        for n, given in enumerate(requests)
    ]
    return features.extract(traces.table(rows), Context()).to_pylist()


def test_time_goes_to_the_kinds_of_steps_and_what_is_left_is_outside():
    (row,) = measured([step("retrieval", 0.5, 0.6), step("model", 1.5, 1.0), step("model", 2.0, 1.0)])
    assert row["seconds.retrieval"] == pytest.approx(0.6) and row["seconds.model"] == pytest.approx(2.0)
    # two calls overlap by half a second
    assert row["outside_s"] == pytest.approx(4.0 - 0.6 - 1.5)


def test_the_share_of_the_time_is_at_most_all_of_it():
    (row,) = measured([step("retrieval", 0.0, 1.0), step("tool", 1.0, 4.0), step("tool", 1.0, 4.0)])
    assert row["time_share.retrieval"] == pytest.approx(0.25) and row["time_share.tool"] == 1.0
    assert row["time_share.outside"] == 0.0


def test_a_step_inside_another_takes_no_time_of_its_own_from_outside():
    rows = measured([step("tool", 0, 3), step("model", 1, 1)], [step("tool", 0, 1)])
    assert [row["outside_s"] for row in rows] == pytest.approx([1.0, 3.0])


def test_a_step_without_a_time_makes_the_time_unknown():
    rows = measured([step("model", 0, 1), step("tool", 1, None)], None, [])
    assert rows[0]["seconds.model"] == 1.0
    assert rows[0].get("outside_s") is None and rows[0].get("seconds.tool") is None
    assert all(rows[n]["seconds.model"] is None for n in (1, 2))


def test_the_tool_that_fails_is_named():
    rows = measured(
        [step("tool", name="track"), step("tool", name="route", outcome="other")],
        [step("tool", name="track")],
        [step("model")],
    )
    assert [row["tool_failure.route"] for row in rows] == [1.0, None, None]
    assert [row["tool_failure.track"] for row in rows] == [0.0, 0.0, None]
    assert [row["tool_s.track"] for row in rows] == [1.0, 1.0, None]


def test_the_search_or_the_call_that_fails_is_named():
    search, call = step("retrieval", name="vectors", outcome="5xx"), step("model", name="plan", outcome="timeout")
    again = step("model", name="plan", cost_usd=0.5, retry_of=1)
    rows = traces.table(
        {"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", "retries": retries, "trajectory": given}
        for n, (retries, given) in enumerate([(0, [search]), (1, [step("retrieval", name="keywords"), call, again]), (None, [again])])
    )  # fmt: skip
    made = features.extract(rows, Context()).to_pylist()
    assert [row["failed_step.vectors"] for row in made] == [1.0, None, None] and made[1]["failed_step.keywords"] == 0.0
    assert [row["call_failure.plan"] for row in made] == [None, 1.0, 0.0]
    # whether a call is one that was tried again is not known where a store tells no retries
    assert [row["call_retry.plan"] for row in made] == [None, 1.0, None]
    assert made[2]["call_usd.plan"] == 0.5


def test_the_mix_of_tools_is_of_requests_that_call_any():
    rows = measured(
        [step("tool", name="track"), step("tool", name="route")], [step("tool", name="track")], [step("model")], None
    )
    assert [row["tool_called.route"] for row in rows] == [1.0, 0.0, None, None]
    assert [row["tool_called.track"] for row in rows] == [1.0, 1.0, None, None]


def test_a_tool_that_one_part_of_the_day_does_not_call_is_not_called_there():
    days = [
        features.extract(
            traces.table([{"trace_id": tool, "timestamp": "2026-03-02T10:00:00Z", "trajectory": [step("tool", name=tool)]}]),
            Context(),
        )
        for tool in ("track", "route")
    ]
    whole = features.finish(pa.concat_tables(days, promote_options="default")).to_pylist()
    assert [(row["tool_called.track"], row["tool_called.route"]) for row in whole] == [(1.0, 0.0), (0.0, 1.0)]


def test_of_an_outcome_that_is_not_known_no_failure_is_told():
    (row,) = measured([step("tool", name="track", outcome=None), step("retrieval")])
    assert row.get("tool_failure.track") is None and row["step_failure.retrieval"] == 0.0


def test_many_tools_are_folded():
    (row,) = measured([step("tool", name=f"tool {n}") for n in range(3 * MOST_TOOLS)])
    followed = [name for name in row if name.startswith("tool_failure.")]
    assert len(followed) == MOST_TOOLS + 1 and "tool_failure.other" in followed


@pytest.mark.parametrize(
    ("asked", "served", "other"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06", 0.0),
        ("openai/gpt-4o", "gpt-4o", 0.0),
        ("us.anthropic.claude-sonnet-4-5", "claude-sonnet-4-5", 0.0),
        ("gpt-4o", "gpt-4.1-mini", 1.0),
        (None, "gpt-4o", None),
    ],
)
def test_another_model_than_was_asked_for(asked, served, other):
    (row,) = measured([step("model", asked_model=asked, model=served)])
    assert row.get("other_model") == other


def test_shares_of_the_tokens():
    call = {"input_tokens": 1000, "cache_read_tokens": 800, "output_tokens": 100, "reasoning_tokens": 25}
    rows = measured([step("model", **call), step("model", input_tokens=1000, cache_read_tokens=0, output_tokens=0)])
    assert rows[0]["cache_hit"] == pytest.approx(0.4) and rows[0].get("reasoning_share") is None


def test_every_column_is_a_metric_with_a_small_part_of_the_budget():
    (row,) = measured([step(kind) for kind in traces.StepKind])
    names = [name for name in row if "." in name and metrics.lookup(name).source == "trajectory"]
    assert len(names) > 12
    assert all(metrics.lookup(name).weight <= 0.25 and metrics.lookup(name).name == name for name in names)


def test_the_order_of_steps_is_told_with_what_comes_again_at_once_folded():
    rows = measured(
        [step("model", name="plan"), step("tool", name="track"), step("tool", name="track"), step("model", name="answer")],
        [step("tool", name="track"), step("model", name="plan")],
        None,
        [step("tool", name=f"t{n}") for n in range(40)],
    )
    assert [row["step_path"] for row in rows[:3]] == ["plan → track → answer", "track → plan", None]
    assert rows[3]["step_path"].endswith("→ …") and len(rows[3]["step_path"]) < 200


def test_models_beside_the_answering_one_are_named_with_their_step():
    rows = [
        {"trace_id": "a", "timestamp": "2026-03-02T10:00:00Z", "model": "gpt-4o", "trajectory": [
            step("model", name="plan", model="gpt-4.1-mini"), step("embedding", name="embed", model="small"),
            step("model", name="judge", model="lost", outcome="5xx"), step("model", name="answer", model="gpt-4o")]},
        {"trace_id": "b", "timestamp": "2026-03-02T10:00:00Z", "model": "gpt-4o",
         "trajectory": [step("model", name="answer", model="gpt-4o")]},
    ]  # fmt: skip
    made = features.extract(traces.table(rows), Context()).to_pylist()
    assert [row["step_model"] for row in made] == ["embed: small, plan: gpt-4.1-mini", None]


def test_the_rarer_order_of_two_tools_is_told():
    usual, turned = (
        [step("tool", name=a), step("model"), step("tool", name=b)] for a, b in (("find", "change"), ("change", "find"))
    )
    rows = measured(*[usual] * 5, turned, [step("tool", name="find")], [step("model")])
    assert [row["rare_order"] for row in rows] == [0.0] * 5 + [1.0, None, None]


def test_calls_that_keep_to_no_offer_and_the_schemas_of_tools():
    rows = [
        {"tool_calls": 2, "calls_not_offered": 1, "calls_bad_arguments": 0, "offered_tools": ["find@aa", "go/to@bb"]},
        {"tool_calls": 1, "calls_not_offered": 0, "calls_bad_arguments": 1, "offered_tools": ["find@cc"]},
        {"tool_calls": 0, "calls_not_offered": 0, "calls_bad_arguments": 0},
    ]
    table = traces.table([{"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z"} | row for n, row in enumerate(rows)])
    found = features.extract(table, Context()).to_pylist()
    assert [(row["call_not_offered"], row["bad_arguments"]) for row in found] == [(1.0, 0.0), (0.0, 1.0), (None, None)]
    assert [row["tool_schema.find"] for row in found] == ["aa", "cc", None] and found[0]["tool_schema.go/to"] == "bb"
    assert metrics.is_decision("tool_schema.find") and not metrics.is_decision("tool_s.find")


def test_the_time_of_calls_and_other_steps_by_name():
    rows = measured(
        [step("model", 0, 1, name="plan"), step("retrieval", 1, 0.5, name="search"), step("model", 2, 2, name="answer")],
        [step("model", 0, 3, name="answer"), step("tool", 1, 0.5, name="search")],
    )
    assert [row["call_s.answer"] for row in rows] == [2.0, 3.0] and [row["call_s.plan"] for row in rows] == [1.0, None]
    assert [row["step_s.search"] for row in rows] == [0.5, None] and [row["tool_s.search"] for row in rows] == [None, 0.5]


def test_how_often_each_guardrail_fires_and_that_firing_is_no_failure():
    rows = measured(
        [step("guardrail", name="pii", outcome="fired"), step("guardrail", name="tone")],
        [step("guardrail", name="pii"), step("guardrail", name="tone", outcome="5xx")],
    )
    assert [row["guardrail.pii"] for row in rows] == [1.0, 0.0] and [row["guardrail.tone"] for row in rows] == [0.0, 0.0]
    assert [row["step_failure.guardrail"] for row in rows] == [0.0, 1.0]


def test_parameters_are_a_label_where_they_are_recorded():
    rows = [
        {"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", "parameters": given}
        for n, given in enumerate(["top_p=1", None])
    ]
    found = features.extract(traces.table(rows), Context())
    assert found["parameters"].to_pylist() == ["top_p=1", None] and metrics.is_decision("parameters")
    assert "parameters" not in features.extract(traces.table(rows[1:]), Context()).column_names
