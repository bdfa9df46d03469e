"""What holds for every store: the same requests, written into each, come out as the same rows.

Stores that need a real server are marked slow; `.ci/servers.sh` brings the servers, and without them the tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
import servers
import stores_under_test as under_test
from stores_under_test import Request

from drift import traces
from drift.config import Config
from drift.night import sample
from drift.stores import Store

DAY = datetime(2026, 11, 19, tzinfo=UTC)
END = DAY + timedelta(days=1)
LOCAL = ["parquet", "jsonl", "csv", "sqlite", "langfuse_v4", "langfuse_v3", "langfuse_export", "otlp"]
REAL = ["phoenix", "mlflow", "postgres", "bucket"]


@pytest.fixture(params=[*LOCAL, *(pytest.param(name, marks=pytest.mark.slow) for name in REAL)])
def load(request: pytest.FixtureRequest, tmp_path, serve) -> under_test.Load:
    """load(requests)(salt) → a store that holds these requests and nothing else."""
    local = {
        "parquet": lambda: under_test.parquet(tmp_path),
        "jsonl": lambda: under_test.jsonl(tmp_path),
        "csv": lambda: under_test.comma_separated(tmp_path),
        "sqlite": lambda: under_test.sqlite(tmp_path),
        "langfuse_v4": lambda: under_test.langfuse(serve, "v4"),
        "langfuse_v3": lambda: under_test.langfuse(serve, "v3"),
        "langfuse_export": lambda: under_test.langfuse_export(tmp_path),
        "otlp": lambda: under_test.otlp(tmp_path),
        "phoenix": lambda: under_test.phoenix(servers.phoenix()),
        "mlflow": lambda: under_test.mlflow(servers.mlflow()),
        "postgres": lambda: under_test.postgres(servers.postgres()),
        "bucket": lambda: under_test.bucket(*servers.bucket()),
    }
    return local[request.param]()


def pull(store: Store, start: datetime = DAY, end: datetime = END) -> list[dict]:
    batches = list(store.pull(start, end))
    assert all(b.schema.equals(traces.SCHEMA) for b in batches)
    rows = pa.concat_tables(batches).to_pylist() if batches else []
    return sorted(rows, key=lambda r: (r["timestamp"], r["trace_id"]))


def spread(n: int = 20) -> list[Request]:
    return [
        Request(f"t{k}", DAY + timedelta(days=1) * k / n, question=f"Why {k}?", answer=f"Because of {k}.") for k in range(n)
    ]


def test_a_request_is_one_whole_row(load: Callable) -> None:
    (row,) = pull(load([Request("t", DAY + timedelta(hours=3, milliseconds=7))])("salt"))
    assert row["timestamp"] == DAY + timedelta(hours=3, milliseconds=7)
    assert (row["input"], row["output"], row["model"], row["latency_s"]) == ("Why?", "Because.", "gpt-4o", pytest.approx(0.5))
    assert [(d["id"], d["score"]) for d in row["documents"]] == [("doc-0", 0.9)]
    assert row["error"] is None and row["cost_usd"] is None or row["cost_usd"] > 0


def test_a_window_is_half_open(load: Callable) -> None:
    moments = [DAY - timedelta(milliseconds=1), DAY, DAY + timedelta(milliseconds=1), END - timedelta(milliseconds=1), END,
               END + timedelta(milliseconds=1)]  # fmt: skip
    store = load([Request(f"t{n}", moment) for n, moment in enumerate(moments)])("salt")
    assert [r["timestamp"] for r in pull(store)] == moments[1:4]


def test_windows_side_by_side_lose_nothing_and_repeat_nothing(load: Callable) -> None:
    store = load(spread())("salt")
    whole = pull(store)
    assert len(whole) == 20 == len({r["trace_id"] for r in whole})
    edges = [DAY, DAY + timedelta(hours=6), DAY + timedelta(hours=7, minutes=12), END]
    assert [r for a, b in zip(edges, edges[1:], strict=False) for r in pull(store, a, b)] == whole


def test_a_second_pull_gives_the_same_rows(load: Callable) -> None:
    store = load(spread(6))("salt")
    assert pull(store) == pull(store)


def test_a_pull_that_was_left_can_be_taken_up_again(load: Callable) -> None:
    store = load(spread(6))("salt")
    begun = iter(store.pull(DAY, END))
    next(begun)
    begun.close()
    assert len(pull(store)) == 6


def test_the_window_may_be_given_in_any_zone(load: Callable) -> None:
    store = load(spread(6))("salt")
    zone = timezone(timedelta(hours=5, minutes=30))
    assert pull(store, DAY.astimezone(zone), END.astimezone(zone)) == pull(store)


def test_what_was_not_logged_is_null(load: Callable) -> None:
    (row,) = pull(load([Request("t", DAY, question=None, answer=None, user=None, model=None, metadata={})])("salt"))
    for column in ("input", "output", "user", "model", "session_id", "reference", "index_built_at"):
        assert row[column] is None, column


def test_unknown_fields_are_metadata(load: Callable) -> None:
    (row,) = pull(load([Request("t", DAY)])("salt"))
    assert "acme" in dict(row["metadata"]).values()


def test_users_are_hashed_with_the_salt(load: Callable) -> None:
    made = load([Request("t", DAY, user="bob@example.com")])
    (one,), (other,) = pull(made("salt")), pull(made("pepper"))
    assert one["user"] == traces.hash_user("bob@example.com", "salt") != other["user"]
    assert "bob@example.com" not in str(one)


def test_text_comes_through_as_it_is(load: Callable) -> None:
    text = 'Zoë \U0001f600 <b>x</b> =1+1 \'; DROP TABLE x;-- \u202e\n\ttab, "quote",' + " long" * 5_000
    (row,) = pull(load([Request("t", DAY, question=text, answer=text)])("salt"))
    assert row["input"] == text and row["output"] == text


def test_an_empty_window_is_no_error(load: Callable) -> None:
    assert pull(load([Request("t", DAY)])("salt"), DAY - timedelta(days=2), DAY - timedelta(days=1)) == []


def test_a_count_is_the_number_of_traces_or_none(load: Callable) -> None:
    assert load(spread(6))("salt").count(DAY, END) in (6, None)


def test_the_doctor_finds_it_well_and_shows_no_text(load: Callable) -> None:
    recent = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    made = load([Request("t", recent, question="a secret question", answer="a secret answer")])("salt")
    looked = list(sample.checks(Config.of({"store": {"type": "demo"}}), made))
    checks = [*made.check(), *looked]
    assert all(c.ok for c in checks), checks
    assert "secret " not in " ".join(c.detail + c.remedy + str(c.rows) for c in checks)
    shares = {field: share for field, share, *_ in next(c for c in looked if c.name == "traces").rows}
    assert (shares["input"], shares["output"]) == ("100 %", "100 %")


def test_links_hold_the_trace_or_are_none(load: Callable) -> None:
    link = load([Request("t", DAY)])("salt").trace_url("abc")
    assert link is None or (link.startswith("http") and "abc" in link)


@pytest.fixture(scope="session", autouse=True)
def _stop_servers() -> object:
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    yield
    servers.stop()


def test_the_steps_are_told_by_every_store_of_spans(load: Callable) -> None:
    (row,) = pull(load([Request("t", DAY)])("salt"))
    if row["n_generations"] is None:
        # a row of a file or a table has none
        assert row["trajectory"] is None
        return
    steps = sorted(row["trajectory"], key=lambda step: step["kind"])
    assert [(step["kind"], step["outcome"], step["model"]) for step in steps] == [
        ("model", "ok", "gpt-4o"),
        ("retrieval", "ok", None),
    ]
    assert [step["position"] for step in row["trajectory"]] == [0, 1]
    assert all(0 <= step["start_s"] <= 0.5 and 0 <= step["duration_s"] <= 0.5 for step in steps)
