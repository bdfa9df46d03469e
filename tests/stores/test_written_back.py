"""An incident left in a real Phoenix and a real MLflow: once, however often it is written and wherever it was killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import servers
import stores_under_test as under_test
from stores_under_test import Request

from drift.config import Config
from drift.stores.http import Http
from drift.writing.leaving import Item, Leaving
from drift.writing.places import place_of

pytestmark = pytest.mark.slow
DAY = datetime(2026, 11, 19, tzinfo=UTC)
ALL = {"phoenix": {"dataset": True, "score": True, "comment": True}, "mlflow": {"score": True}}


class Killed(BaseException):
    pass


class There:
    """A store with eight requests, and what stands in it beside them."""

    def __init__(self, kind: str) -> None:
        load = under_test.phoenix(servers.phoenix()) if kind == "phoenix" else under_test.mlflow(servers.mlflow())
        self.kind = kind
        requests = [Request(f"{n}", DAY + timedelta(minutes=n), question=f"Why {n}?", answer=f"Because {n}.") for n in range(8)]
        self.store = load(requests)("salt")
        self.ids = [row["trace_id"] for table in self.pull() for row in table.to_pylist()]
        named = (
            {"project": self.store.options.project} if kind == "phoenix" else {"experiments": self.store.options.experiments}
        )
        self.given = {"type": kind, "host": self.store.host, **named}
        # of each run its own, for the server outlives the test
        self.incident = under_test.trace_hex(f"{self.ids[0]}-{kind}-{named}")[:12]

    def pull(self) -> list:
        return list(self.store.pull(DAY, DAY + timedelta(days=1)))

    def config(self, **wanted: Any) -> Config:
        return Config.of({"store": self.given, "write_back": wanted})

    def leaving(self, sentence: str = "Refusals in chat rose 4-fold.") -> Leaving:
        items = [Item(self.ids[0], "Why?", "I cannot help.", False), Item(self.ids[7], "Why?", "Because.", True)]
        gone = "0" * 32 if self.kind == "phoenix" else "tr-" + "0" * 32
        affected = [*self.ids[:5], gone]
        return Leaving(self.incident, sentence, "https://drift.example/i.html", items, affected, [*self.ids[:2], gone])

    def write(self, sentence: str = "Refusals in chat rose 4-fold.", **wanted: Any) -> dict[str, int]:
        config = self.config(**(wanted or ALL[self.kind]))
        return place_of(config).write(config, self.leaving(sentence))

    def state(self) -> dict[str, list]:
        """What the incident left, without its id and the times at which it was."""
        http = self.store.http()
        try:
            return self._of_phoenix(http) if self.kind == "phoenix" else self._of_mlflow(http)
        finally:
            http.close()

    def _of_phoenix(self, http: Http) -> dict[str, list]:
        given, _ = http.get(
            f"/v1/projects/{self.store.options.project}/trace_annotations", {"trace_ids": self.ids, "limit": 1000}
        )
        said = [
            (a["trace_id"], a["name"], a["result"].get("label") == self.incident, self._without_id(a["result"]["explanation"]))
            for a in given["data"]
            if self.incident in a["identifier"]
        ]
        found, _ = http.get("/v1/datasets", {"name": f"drift-incident-{self.incident}"})
        examples = []
        for each in found["data"]:
            listed, _ = http.get(f"/v1/datasets/{each['id']}/examples")
            examples += [
                (e["input"]["input"], e["output"], e["metadata"]["side"], e["metadata"]["trace_id"])
                for e in listed["data"]["examples"]
            ]
        return {
            "datasets": [self._without_id(each["name"]) for each in found["data"]],
            "said": sorted(said),
            "examples": sorted(examples, key=str),
        }

    def _of_mlflow(self, http: Http) -> dict[str, list]:
        said = []
        for trace in self.ids:
            given, _ = http.get(f"/api/3.0/mlflow/traces/{trace}")
            for each in given["trace"]["trace_info"].get("assessments") or []:
                if each["feedback"]["value"] == self.incident:
                    said.append((trace, each["assessment_name"], True, self._without_id(each["rationale"])))
        return {"said": sorted(said)}

    def _without_id(self, text: str) -> str:
        return text.replace(self.incident, "ID")


@pytest.fixture(params=["phoenix", "mlflow"])
def there(request) -> There:
    return There(request.param)


def test_what_is_left_is_there_once_and_traces_that_are_gone_are_passed_over(there):
    first = there.write()
    state = there.state()
    assert first["scores"] == 5 and there.write() == first and there.state() == state
    scored = [each for each in state["said"] if each[1] == "drift.incident"]
    assert sorted(each[0] for each in scored) == sorted(there.ids[:5])
    if there.kind == "phoenix":
        assert first == {"dataset items": 2, "scores": 5, "comments": 2}
        assert [(e[1], e[2]) for e in state["examples"]] in (
            [({}, "incident"), ({"output": "Because."}, "ordinary")],
            [({"output": "Because."}, "ordinary"), ({}, "incident")],
        )
        notes = [each for each in state["said"] if each[1] == "note"]
        assert sorted(each[0] for each in notes) == sorted(there.ids[:2])
        assert all("https://drift.example/i.html" in each[-1] for each in notes)
    else:
        assert all("https://drift.example/i.html" in each[-1] for each in scored)


def test_killed_after_each_call_the_next_one_leaves_the_same(there, monkeypatch):
    once, calls, kill = Http._once, 0, 0

    def dying(self: Http, *given: Any, **named: Any):
        nonlocal calls
        answer = once(self, *given, **named)
        calls += 1
        if calls == kill:
            raise Killed
        return answer

    monkeypatch.setattr(Http, "_once", dying)
    there.write()
    n, whole = calls, there.state()
    for last in range(1, n + 1):
        # another incident of the same traces
        there.incident = f"{last:012x}"
        calls, kill = 0, last
        with pytest.raises(Killed):
            there.write()
        kill = 0
        there.write()
        assert there.state() == whole, last
    assert n > 3


def test_each_is_switched_on_by_itself(there):
    assert there.write(score=True) == {"scores": 5}
    assert {each[1] for each in there.state()["said"]} == {"drift.incident"}
    assert not there.state().get("datasets")


def test_a_sentence_that_changed_is_said_in_place_of_the_former(there):
    there.write(score=True)
    there.write("It rose again.", score=True)
    said = there.state()["said"]
    assert len(said) == 5 and all("It rose again." in each[-1] for each in said)


def test_drift_does_not_read_back_what_it_left(there):
    there.write()
    rows = [row for table in there.pull() for row in table.to_pylist()]
    assert len(rows) == 8 and not any(row["scores"] for row in rows)
