"""What was paid for nothing, each dollar once; and answers that do not say that a tool failed."""

from __future__ import annotations

import pytest

from drift import features, traces
from drift.features import Context


def measured(*requests: dict) -> list[dict]:
    rows = [
        {"trace_id": str(n), "timestamp": "2026-03-02T10:00:00Z", "input": "?", "output": "All right.", "cost_usd": 1.0} | each
        for n, each in enumerate(requests)
    ]
    return features.extract(traces.table(rows), Context()).to_pylist()


def model(usd: float, outcome: str = "ok") -> dict:
    return {"kind": "model", "name": "chat", "cost_usd": usd, "outcome": outcome}


def tool(name: str, outcome: str | None = "ok", arguments: str = "a") -> dict:
    return {"kind": "tool", "name": name, "outcome": outcome, "arguments": arguments}


def test_an_answer_that_is_nothing_is_paid_in_vain_as_a_whole_and_once():
    rows = measured(
        {},
        {"output": " "},
        {"finish_reason": "length"},
        {"error": "timeout", "output": None},
        {"output": "", "finish_reason": "length", "trajectory": [model(0.4, "5xx"), model(0.6)]},
        {"cost_usd": None, "input_tokens": 10, "model": "of nobody"},
    )
    assert [row["vain_cost_usd"] for row in rows] == [0.0, 1.0, 1.0, 1.0, 1.0, None]
    assert [row["vain_usd.empty"] for row in rows][:5] == [0.0, 1.0, 0.0, 0.0, 1.0]
    assert rows[2]["vain_usd.truncated"] == 1.0 and rows[3]["vain_usd.failed"] == 1.0
    assert rows[4].get("vain_usd.retried") in (None, 0.0)


def test_of_an_answer_that_came_the_failed_attempts_and_the_loop_are_in_vain():
    again = [model(0.1), tool("track"), model(0.2), tool("track"), model(0.3), tool("track", arguments="b"), model(0.4)]
    rows = measured({"trajectory": [model(0.25, "5xx"), model(0.75)]}, {"trajectory": again})
    assert rows[0]["vain_usd.retried"] == pytest.approx(0.25) and rows[0]["vain_cost_usd"] == pytest.approx(0.25)
    assert rows[1]["vain_usd.looped"] == pytest.approx(0.2) and rows[1]["vain_cost_usd"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("answer", "unsaid"),
    [
        ("Your address has been changed. You will find it in your profile.", 1.0),
        ("I could not change your address, the service did not respond.", 0.0),
        ("Ihre Adresse wurde geändert, Sie finden sie in Ihrem Profil.", 1.0),
        ("Leider konnte ich Ihre Adresse nicht ändern, das System antwortet im Augenblick nicht.", 0.0),
        ("住所を変更しました。プロフィールでご確認いただけます。", 1.0),
        ("申し訳ございませんが、住所を変更できませんでした。", 0.0),
        ("", None),
    ],
)
def test_an_answer_that_does_not_say_that_a_tool_failed(answer, unsaid):
    (row,) = measured({"output": answer, "trajectory": [tool("update", "other")]})
    assert row.get("unsaid_failure") == unsaid


def test_a_tool_that_worked_in_the_end_did_not_fail_and_an_unknown_outcome_is_unknown():
    rows = measured(
        {"trajectory": [tool("update", "other"), tool("update")]},
        {"trajectory": [tool("update"), tool("find", "other")]},
        {"trajectory": [tool("update", None)]},
        {"trajectory": [model(0.1)]},
    )
    assert [row["unsaid_failure"] for row in rows] == [0.0, 1.0, None, None]
