"""Time, money, errors, tools, retrieval, freshness, scores."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from example_traces import NOON, batch, same

from drift import features, pricing
from drift.config import Config
from drift.features import Context, errors, freshness, index_probe, retrieval, scores, tools, usage

DAY = date(2026, 11, 20)
TODAY = np.array([NOON.timestamp()])


def test_tokens_a_second_are_counted_after_the_first_token():
    found = usage.measure(
        batch(
            {"output_tokens": 100, "latency_s": 3.0, "ttft_s": 1.0},
            {"output_tokens": 100, "latency_s": 2.0},
            {"output_tokens": 100, "latency_s": 1.0, "ttft_s": 1.0},
            {"output_tokens": 1, "latency_s": 1.0},
            {"output_tokens": 100, "latency_s": 0.0},
            {"latency_s": 1.0},
        ),
        Context(),
    )
    assert same(found["tokens_per_second"], [50, 50, 100, None, None, None])


def test_negative_times_and_costs_are_unknown():
    found = usage.measure(batch({"latency_s": -1.0, "ttft_s": -0.1, "cost_usd": -5.0, "model": "no-such-model"}), Context())
    assert same([found[name][0] for name in ("latency_s", "ttft_s", "cost_usd")], [None, None, None])


def test_the_stores_cost_wins_over_the_price_table():
    tokens = {"input_tokens": 1_000_000, "output_tokens": 0, "model": "gpt-4o-2024-08-06"}
    found = usage.measure(batch({**tokens, "cost_usd": 7.0}, tokens, {"model": "gpt-4o"}, {"model": None}), Context())
    assert same(found["cost_usd"], [7.0, 2.5, None, None])


def test_requests_beyond_the_ceiling_are_followed_where_there_is_one():
    rows = batch({"cost_usd": 0.6}, {"cost_usd": 0.5}, {"model": None})
    assert same(usage.measure(rows, Context(ceiling_usd=0.5))["over_ceiling"], [1, 0, None])
    assert "over_ceiling" not in usage.measure(rows, Context())
    assert features.context(Config.of({"spend": {"request": 0.5}})).ceiling_usd == 0.5


def test_the_price_of_several_calls_is_not_that_of_the_last_ones_model():
    tokens = {"input_tokens": 1_000_000, "output_tokens": 0, "model": "gpt-4o-mini"}
    found = usage.measure(batch({**tokens, "n_generations": 1}, {**tokens, "n_generations": 3}, tokens), Context())
    assert same(found["cost_usd"], [0.15, None, 0.15])


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("gpt-4o-mini", 0.15 + 0.60),
        ("azure/gpt-4o-mini", 0.15 + 0.60),
        ("claude-3-5-sonnet-20241022", 3.0 + 15.0),
        ("us.anthropic.claude-3-5-sonnet-20240620-v1:0", 3.0 + 15.0),
        ("our-own-model", None),
        ("", None),
    ],
)
def test_a_million_tokens_each_way_cost_the_list_price(model, usd):
    million = np.array([1e6])
    assert same(np.round(pricing.cost([model], TODAY, million, million), 9), [usd])


def test_a_price_tier_holds_for_all_tokens_of_the_request():
    tier = pricing.Rate((0.0, 128_000.0), (1.25, 2.5))
    assert tier.at(np.array([1.0, 128_000.0, 128_001.0])).tolist() == [1.25, 1.25, 2.5]
    below, above = np.array([100_000.0]), np.array([200_000.0])
    none = np.zeros(1)
    assert pricing.cost(["gemini-1.5-pro"], TODAY, below, none)[0] == pytest.approx(0.125)
    assert pricing.cost(["gemini-1.5-pro"], TODAY, above, none)[0] == pytest.approx(0.5)


def test_the_price_table_agrees_with_its_own_library():
    from genai_prices import Usage, calc_price

    for model in ("gpt-4o", "gpt-4.1-mini", "claude-3-5-haiku-latest", "gemini-2.5-pro", "mistral-large-latest"):
        for given, made in ((10, 5), (150_000, 900), (500_000, 20_000)):
            theirs = calc_price(Usage(input_tokens=given, output_tokens=made), model, genai_request_timestamp=NOON).total_price
            ours = pricing.cost([model], TODAY, np.array([float(given)]), np.array([float(made)]))[0]
            assert ours == pytest.approx(float(theirs)), model


def test_error_types_come_from_a_closed_list():
    found = errors.measure(batch({}, {"error": "timeout"}, {"error": "KeyError: 'secret'"}), Context())
    assert found["error_type"].tolist() == ["none", "timeout", "other"]
    assert same(found["error"], [0, 1, 1])


@pytest.mark.parametrize(
    ("reason", "word"),
    [("stop", "stop"), ("end_turn", "stop"), ("STOP", "stop"), ("MAX_TOKENS", "length"), ("tool_use", "tool_calls"),
     ("SAFETY", "content_filter"), ("surprise", "other"), (None, None), ("x" * 10_000, "other")],
)  # fmt: skip
def test_finish_reasons_of_all_providers_are_one_language(reason, word):
    assert errors.finish_reason(reason) == word


def test_retries_and_fallbacks():
    found = errors.measure(batch({"retries": 0, "fallback": False}, {"retries": 2, "fallback": True}, {}), Context())
    assert same(found["retried"], [0, 1, None])
    assert same(found["fallback"], [0, 1, None])


def test_tool_rates_are_among_requests_that_called_one():
    found = tools.measure(
        batch(
            {"tool_calls": 2, "tool_errors": 1, "repeated_tool_calls": 0},
            {"tool_calls": 2, "tool_errors": 0, "repeated_tool_calls": 1},
            {"tool_calls": 0, "tool_errors": 0, "repeated_tool_calls": 0},
            {},
        ),
        Context(),
    )
    assert same(found["tool_failure"], [1, 0, None, None])
    assert same(found["tool_loop"], [0, 1, None, None])
    assert same(found["tool_calls"], [2, 2, 0, None])


def documents(*scores: float | None) -> dict:
    return {"documents": [{"id": str(i), "score": score} for i, score in enumerate(scores)]}


def test_no_retrieval_is_unknown_and_an_empty_one_found_nothing():
    found = retrieval.measure(
        batch({}, {"documents": []}, documents(0.5, 0.9, None), documents(None), documents(-3.0)), Context()
    )
    assert same(found["documents"], [None, 0, 3, 1, 1])
    assert same(found["nothing_found"], [None, 1, 0, 0, 0])
    assert same(found["retrieval_top_score"], [None, None, 0.9, None, -3])
    assert same(np.round(found["retrieval_mean_score"], 9), [None, None, 0.7, None, -3])


def test_retrieval_of_a_slice_is_that_of_its_rows():
    rows = batch(documents(0.1), documents(0.2, 0.4), documents(0.6))
    cut = type(rows)(rows.traces.slice(1, 2))
    assert same(retrieval.measure(cut, Context())["retrieval_top_score"], [0.4, 0.6])


def aged(*days: float | None) -> dict:
    return {
        "timestamp": NOON,
        "documents": [{"id": "d", "updated_at": None if age is None else NOON - timedelta(days=age)} for age in days],
    }


def test_ages_are_taken_at_the_time_of_the_request_and_never_negative():
    found = freshness.measure(batch(aged(10, 20), aged(-5), aged(None), {}, aged(40, 1)), Context())
    assert same(np.round(found["document_age_days"], 6), [15, 0, None, None, 20.5])
    assert same(found["stale_documents"], [0, 0, None, None, 1])


def test_the_index_is_as_old_as_the_trace_says():
    built = {"timestamp": NOON, "index_built_at": NOON - timedelta(hours=6)}
    assert same(freshness.measure(batch(built, {}), Context())["index_age_hours"], [6, None])


def test_the_probe_speaks_for_requests_after_the_last_build_only():
    context = Context(index_changed=NOON - timedelta(hours=2))
    found = freshness.measure(batch({"timestamp": NOON}, {"timestamp": NOON - timedelta(hours=3)}), context)
    assert same(found["index_age_hours"], [2, None])


def test_a_metadata_key_stands_for_documents_without_dates():
    context = Context(document_date_key="kb")
    rows = [{"timestamp": NOON, "metadata": {"kb": value}} for value in ("2026-11-10T12:00:00Z", "1794830400", "not a date")]
    found = freshness.measure(batch(*rows, {**aged(3), "metadata": {"kb": "2020-01-01"}}), context)
    expected = (NOON - datetime.fromtimestamp(1794830400, UTC)).total_seconds() / 86_400
    assert same(np.round(found["document_age_days"], 6), [10, round(max(expected, 0), 6), None, 3])


def test_the_probe_reads_a_folders_newest_file(tmp_path):
    import os

    for name, age in (("a", 100), ("b", 50)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (NOON.timestamp() - age,) * 2)
    assert index_probe.last_change(str(tmp_path)) == NOON - timedelta(seconds=50)
    assert index_probe.last_change(str(tmp_path / "a")) == NOON - timedelta(seconds=100)


def test_a_probe_that_fails_costs_one_metric_and_no_night(tmp_path, caplog):
    assert index_probe.last_change(str(tmp_path / "missing")) is None
    assert index_probe.last_change("http://127.0.0.1:9/index") is None
    assert "could not be asked" in caplog.text


def test_the_probe_reads_a_servers_last_modified():
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Index(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.send_header("Last-Modified", "Fri, 20 Nov 2026 10:00:00 GMT")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert index_probe.last_change(f"http://127.0.0.1:{server.server_port}/") == NOON - timedelta(hours=2)
    finally:
        server.shutdown()
        server.server_close()


def test_scores_by_name_numbers_and_labels():
    found = scores.measure(
        batch({"scores": {"helpful": 0.5, "ok": True, "verdict": "good"}}, {"scores": {"ok": False}}, {}), Context()
    )
    assert same(found["score.helpful"], [0.5, None, None])
    assert same(found["score.ok"], [1, 0, None])
    assert found["score_label.verdict"].tolist() == ["good", None, None]


def test_who_gave_a_score_is_a_label_of_it_where_that_is_known():
    rows = [{"scores": [{"name": "tone", "value": 1.0, "evaluator": f"tone@{n}"}]} for n in (3, 4)]
    found = scores.measure(batch(*rows, {"scores": {"tone": 0.5, "likes": 1.0}}), Context())
    assert found["scored_by.tone"].tolist() == ["tone@3", "tone@4", None] and "scored_by.likes" not in found


def test_the_last_of_several_scores_of_one_name_counts():
    found = scores.measure(batch({"scores": [{"name": "x", "value": 1.0}, {"name": "x", "value": 3.0}]}), Context())
    assert same(found["score.x"], [3])


def test_names_and_labels_of_scores_are_bounded_and_harmless():
    context = Context()
    rows = [{"scores": {f"<b>id-{i}</b>" + "x" * 1_000: 1.0, "label": f"label {i}"}} for i in range(200)]
    columns = [name for name in scores.measure(batch(*rows), context) if name.startswith("score")]
    again = [name for name in scores.measure(batch({"scores": {"new name": 1.0}}), context) if name.startswith("score")]
    assert len(columns) == scores.MOST_MEASURED and again == []
    assert all("<" not in name and len(name) <= 80 for name in columns)
    labels = scores.measure(batch(*({"scores": {"label": f"label {i % 190}"}} for i in range(200))), Context())
    assert len(set(labels["score_label.label"])) <= scores.MOST_LABELS + 1


@pytest.mark.parametrize(
    ("score", "done"), [(1.0, 1), (0.2, 0), (True, 1), ("pass", 1), ("Failed", 0), ("resolved", 1), ("perhaps", None)]
)
def test_a_task_is_completed_by_the_score_that_says_so(score, done):
    found = scores.measure(batch({"scores": {"done": score}}), Context(completion_scores=("other", "done")))
    assert same(found["task_completed"], [done])


def test_the_first_completion_score_that_a_trace_has_counts():
    context = Context(completion_scores=("a", "b"))
    found = scores.measure(batch({"scores": {"a": 0.0, "b": 1.0}}, {"scores": {"b": 1.0}}, {}), context)
    assert same(found["task_completed"], [0, 1, None])


def test_a_source_that_records_no_errors_says_nothing_of_them():
    """Neither 0 % of errors nor a label "none" where nobody looked."""
    from drift import traces
    from drift.features import errors
    from drift.features.batch import Batch

    rows = traces.table([{"trace_id": str(i), "timestamp": 0} for i in range(3)])
    known = errors.measure(Batch(rows), None)
    blind = errors.measure(Batch(traces.not_recording(rows, ["error"])), None)
    assert known["error"].tolist() == [0.0, 0.0, 0.0]
    assert [value != value for value in blind["error"]] == [True] * 3
    assert blind["error_type"].null_count == 3
