"""What the whole day tells: sessions, users, questions asked again, endpoints that answer in JSON."""

from datetime import date, timedelta

import numpy as np
from example_traces import NOON, table

from drift import features, profiles
from drift.config import Config
from drift.features import Context


def finished(*rows: dict, config: Config | None = None, **rest):
    return features.finish(features.extract(table(*rows), Context(disabled=frozenset({"embedding"}))), config, **rest)


def test_a_sessions_cost_stands_on_its_last_trace():
    late = NOON + timedelta(hours=1)
    found = finished(
        {"session_id": "a", "cost_usd": 0.1, "timestamp": late},
        {"session_id": "a", "cost_usd": 0.2},
        {"session_id": "b", "cost_usd": 0.4},
        {"cost_usd": 0.8},
    )
    assert np.allclose(found["session_cost_usd"].to_pandas(), [0.3, np.nan, 0.4, np.nan], equal_nan=True)


def test_a_session_with_a_request_of_unknown_price_has_an_unknown_cost():
    found = finished(
        {"session_id": "a", "cost_usd": 0.1, "user": "x"},
        {"session_id": "a", "model": "own", "input_tokens": 10, "output_tokens": 5, "user": "x"},
        {"session_id": "b", "cost_usd": 0.4, "user": "y"},
        {"session_id": "b", "error": "timeout", "user": "y"},
    )
    assert found["session_cost_usd"].to_pylist() == [None, None, None, 0.4]
    assert found["user_cost_usd"].to_pylist() == [None, None, None, 0.4]


def test_a_users_cost_and_requests():
    found = finished({"user": "x", "cost_usd": 1.0}, {"user": "x"}, {"user": "y"}, {"user": None, "cost_usd": 1.0})
    assert found["user_cost_usd"].to_pylist() == [None, 1.0, None, None]
    assert found["user_requests"].to_pylist() == [None, 2.0, 1.0, None]


def test_costs_of_all_sessions_add_up_to_those_of_the_traces():
    rows = [{"session_id": f"s{i % 17}", "cost_usd": 0.01 * i} for i in range(200)]
    found = finished(*rows)
    assert np.isclose(np.nansum(found["session_cost_usd"].to_pandas()), sum(row["cost_usd"] for row in rows))


def test_an_answer_is_asked_for_anew_by_the_same_question_right_after_it():
    ask, other = "How do I reset my password?", "something else entirely, please"
    given = [
        ("a", ask),
        ("a", "how do i reset MY password"),
        ("a", other),
        ("a", ask),
        ("b", ask),
        ("a", "yes"),
        ("a", "yes"),
        (None, ask),
    ]
    found = finished(
        *({"session_id": s, "input": text, "timestamp": NOON + timedelta(minutes=n)} for n, (s, text) in enumerate(given))
    )  # fmt: skip
    assert found["regenerated"].to_pylist() == [0.0, 1.0, 0.0, 0.0, 0.0, None, None, None]
    assert found["session_requests"].to_pylist() == [None] * 4 + [1.0, None, 6.0, None]


def test_a_question_asked_again_in_its_session_is_repeated():
    ask = "How do I reset my password?"
    found = finished(
        {"session_id": "a", "input": ask},
        {"session_id": "a", "input": "something else entirely, please"},
        {"session_id": "a", "input": "how do i reset MY password"},
        {"session_id": "b", "input": ask},
        {"session_id": "a", "input": "yes"},
        {"session_id": "a", "input": "yes"},
        {"input": ask},
    )
    assert found["repeated_question"].to_pylist() == [0, 0, 1, 0, None, None, None]


def test_the_key_of_a_question_is_secret():
    ask = table({"input": "How do I reset my password?"})
    keys = [features.extract(ask, Context(salt=salt))["_input_hash"][0].as_py() for salt in ("one", "two", "one")]
    assert keys[0] == keys[2] != keys[1]


def test_a_session_is_abandoned_where_its_last_answer_did_not_help():
    found = finished(
        {"session_id": "a", "error": "timeout", "input": "the first question of three"},
        {"session_id": "a", "input": "the second question of three"},
        {"session_id": "b", "input": "the first question of four"},
        {"session_id": "b", "error": "timeout", "input": "the second question of four"},
        {"session_id": "c", "output": " "},
        {"session_id": "d", "input": "Where is my order number nine?"},
        {"session_id": "d", "input": "Where is my order number nine?"},
        {"error": "5xx"},
    )
    assert found["session_abandoned"].to_pylist() == [None, 0, None, 1, 1, None, 1, None]


def test_json_is_expected_where_half_of_the_day_is_json():
    rows = [{"name": "extract", "output": '{"a": 1}' if i % 4 else "Sorry, no."} for i in range(40)]
    rows += [{"name": "chat", "output": '{"a": 1}' if i == 0 else "Hello there"} for i in range(40)]
    found = finished(*rows).to_pandas()
    assert found[found.name == "extract"].json_valid.mean() == 0.75
    assert found[found.name == "chat"].json_valid.isna().all()


def test_an_endpoint_that_stops_answering_in_json_is_seen_by_its_past():
    config = Config.of({})
    before = finished(*({"name": "extract", "output": "[1, 2]"} for _ in range(30)))
    learnt = features.json_endpoints_of([profiles.build(before, config, date(2026, 11, 19))])
    assert learnt == {"extract"}
    today = finished(*({"name": "extract", "output": "Here you are: 1 and 2"} for _ in range(30)), json_endpoints=learnt)
    assert set(today["json_valid"].to_pylist()) == {0.0}
    assert set(finished(*({"output": "text"} for _ in range(30)))["json_valid"].to_pylist()) == {None}


def test_a_configured_endpoint_needs_no_past():
    config = Config.of({"format": {"json_endpoints": ["chat"]}})
    assert finished({"output": "no JSON"}, {"output": "{}"}, config=config)["json_valid"].to_pylist() == [0, 1]


def test_finishing_twice_changes_nothing():
    rows = [{"session_id": f"s{i % 3}", "user": f"u{i % 4}", "cost_usd": 0.1, "output": "[1, 2]"} for i in range(30)]
    once = finished(*rows)
    assert features.finish(once).equals(once)


def test_disabled_metrics_are_not_made():
    config = Config.of({"metrics": {"session_cost_usd": {"enabled": False}}})
    assert "session_cost_usd" not in finished({"session_id": "a"}, config=config).column_names


def test_rows_in_any_order_give_the_same_day():
    rows = [{"session_id": f"s{i % 5}", "input": f"question number {i % 4} please", "timestamp": NOON + timedelta(seconds=i),
             "trace_id": f"x{i}"} for i in range(60)]  # fmt: skip
    forward = finished(*rows).sort_by("trace_id")
    backward = finished(*reversed(rows)).sort_by("trace_id")
    assert forward["repeated_question"].equals(backward["repeated_question"])
    assert forward["session_abandoned"].equals(backward["session_abandoned"])
