"""Two experiments of one dataset are compared item by item, as a file or a night never could be; what is missing is an error."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import langfuse_rows as wire
import pytest
from langfuse_double import LangfuseDouble

from drift.compare import sides
from drift.compare.sides import Experiment, side
from drift.config import Config
from drift.errors import ConfigError, DataError, StoreError
from drift.stores import langfuse_experiment

START = datetime(2026, 11, 19, 9, tzinfo=UTC)
ENVIRONMENT = "sdk-experiment"


class Double(LangfuseDouble):
    """With `experiments` and `experiment-items` in the shape of shared/langfuse/recorded, two to a page."""

    experiments: list[dict]
    items: list[dict]

    def _route(self, handler, path, params):
        name = path.removeprefix("/api/public/")
        if self.mode == "v4" and name in ("experiments", "experiment-items"):
            rows = self.experiments
            if name == "experiment-items":
                rows = [
                    item
                    for item in self.items
                    if item["experimentId"] == params["experimentId"] and item["startTime"] >= params["fromStartTime"]
                ]
                if "io" not in params["fields"]:
                    rows = [{k: v for k, v in row.items() if k not in ("input", "output", "expectedOutput")} for row in rows]
            at = int(params.get("cursor", 0))
            meta = {"cursor": str(at + 2)} if at + 2 < len(rows) else {}
            return 200, {"data": rows[at : at + 2], "meta": meta}
        return super()._route(handler, path, params)


def _experiment(name: str, number: int, answer) -> tuple[dict, list[dict], list[dict]]:
    """One experiment over twenty items: its record, its items, its observations."""
    start = START + timedelta(minutes=10 * number)
    items, observations = [], []
    for n in range(20):
        trace_id, moment = f"{number:02d}{n:030x}", start + timedelta(seconds=n)
        observations += wire.trace(
            trace_id, moment, question=f"What is {n} and {n}?", answer=answer(n), environment=ENVIRONMENT
        )
        items.append(
            {
                "id": f"{trace_id}-0", "traceId": trace_id, "startTime": wire.iso(moment), "endTime": wire.iso(moment),
                "level": "DEFAULT", "environment": ENVIRONMENT, "experimentId": f"exp{number}", "experimentName": name,
                "experimentItemId": f"item-{n}", "input": json.dumps({"q": n}), "output": None,
                "expectedOutput": json.dumps({"answer": f"It is {2 * n}."}),
            }
        )  # fmt: skip
    record = {"id": f"exp{number}", "name": name, "description": "", "startTime": wire.iso(start), "itemCount": 20}
    return record, items, observations


@pytest.fixture
def double(monkeypatch):
    def short(n: int) -> str:
        return f"It is {2 * n}."

    made = [
        _experiment("baseline - 2026-11-18T09:00:00.000001Z", 1, short),
        _experiment("baseline - 2026-11-19T09:00:00.000001Z", 2, short),
        _experiment("candidate", 3, lambda n: short(n) + " Let me explain at length why that is so." * (2 + n % 3)),
    ]
    # the application's own traffic goes on meanwhile
    traffic, _ = wire.day(START, 30, hours=1)
    double = Double([row for _, _, rows in made for row in rows] + traffic)
    # latest activity first
    double.experiments = [record for record, _, _ in reversed(made)]
    double.items = [item for _, items, _ in made for item in items]
    monkeypatch.setenv("LANGFUSE_HOST", double.url)
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", double.public)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", double.secret)
    yield double
    double.close()


def _config(**store) -> Config:
    return Config.of({"store": {"type": "langfuse", "patience_seconds": 1, **store}, "embeddings": {"enabled": False}})


def test_two_experiments_are_compared_item_by_item(double):
    found = sides.compare_any(_config(), side("experiment:baseline"), side("experiment:candidate"))
    assert (found.a, found.b) == ("baseline - 2026-11-19T09:00:00.000001Z", "candidate")
    assert found.note == "20 inputs matched by experiment_item"
    assert found.row("output_characters").verdict == "changed"
    assert found.row("latency_s").verdict == "equivalent"
    assert found.pairs[0].trace_a.startswith("02") and found.pairs[0].trace_b.startswith("03")


def test_an_experiment_and_its_rerun_do_not_differ(double):
    found = sides.compare_any(_config(), Experiment("exp1"), Experiment("exp2"))
    assert found.with_verdict("changed") == []
    assert found.row("output_characters").verdict == "equivalent"


def test_its_traces_are_whole_with_what_the_dataset_expects_and_no_other_traffic(double):
    name, table = langfuse_experiment.pull(_config(names=["chat"], tags=["nightly"]), "candidate")
    rows = sorted(table.to_pylist(), key=lambda row: row["timestamp"])
    assert name == "candidate"
    assert [row["experiment_item"] for row in rows] == [f"item-{n}" for n in range(20)]
    assert {row["environment"] for row in rows} == {ENVIRONMENT}
    assert rows[3]["reference"] == "It is 6." and rows[3]["output"].startswith("It is 6. Let me")
    assert rows[3]["cost_usd"] is not None and math.isclose(rows[3]["latency_s"], 0.7)


def test_a_trace_that_is_not_there_yet_is_an_error_that_waiting_mends(double):
    double.absent = {
        (row["traceId"], row["id"]) for row in double.observations if row["traceId"] == double.items[-1]["traceId"]
    }
    with pytest.raises(StoreError, match="20 items and Langfuse gave the traces of 19") as caught:
        langfuse_experiment.pull(_config(), "candidate")
    assert caught.value.retryable


def test_a_name_that_is_none_says_which_there_are(double):
    with pytest.raises(DataError, match="experiment:base: no experiment .* 'candidate', 'baseline - 2026"):
        langfuse_experiment.pull(_config(), "base")


def test_items_that_share_a_trace_are_no_pairs(double):
    double.items.append({**double.items[-1], "experimentItemId": "another"})
    with pytest.raises(DataError, match="two items share one trace"):
        langfuse_experiment.pull(_config(), "candidate")


def test_a_server_and_a_store_without_experiments(double):
    double.mode = "v3"
    with pytest.raises(StoreError, match="needs Langfuse Cloud or version 4"):
        langfuse_experiment.pull(_config(), "candidate")
    with pytest.raises(ConfigError, match="store.type is 'demo'"):
        langfuse_experiment.pull(Config.of({}), "candidate")


def test_an_experiment_is_not_compared_with_a_window(double):
    with pytest.raises(ConfigError, match="candidate: cannot be compared with a window"):
        sides.compare_any(_config(), side("2026-11-19"), side("experiment:candidate"))


def test_the_double_answers_as_the_recorded_server_did(double, recorded: Path):
    for name, ours in (("experiments", double.experiments[0]), ("experiment_items", double.items[0])):
        theirs = json.loads((recorded / f"{name}.json").read_text())["body"]["data"][0]
        shared = set(ours) - {"input", "output", "expectedOutput"}
        assert shared <= set(theirs)
        assert all(type(ours[key]) is type(theirs[key]) for key in shared)


def test_an_experiment_whose_beginning_cannot_be_read_is_looked_for_everywhere(double):
    double.experiments[0]["startTime"] = "recently"
    assert langfuse_experiment.pull(_config(), "candidate")[1].num_rows == 20


def test_items_of_which_none_says_when_it_started_are_an_error_and_one_of_them_is_none(double):
    mine = [item for item in double.items if item["experimentId"] == "exp3"]
    mine[7]["startTime"] = "some time"
    assert langfuse_experiment.pull(_config(), "candidate")[1].num_rows == 20
    for item in mine:
        item["startTime"] = "some time"
    with pytest.raises(StoreError, match="candidate.*when it started"):
        langfuse_experiment.pull(_config(), "candidate")
