"""What stopped arriving is an incident of its own, which stays open until it comes back or is accepted."""

from __future__ import annotations

import pytest

from drift.results import Results, frames
from faults.traffic import NIGHTS, day, rows, write

TABLES = "sqlite:///drift-data/drift.db"
VANISHED = {
    "outputs": ({"output": None, "output_tokens": None}, "output_characters"),
    "scores": ({"scores": None}, "score.helpful"),
    "tokens": ({"input_tokens": None, "output_tokens": None, "model": None}, "cost_usd"),
}


def incidents():
    opened = Results(TABLES)
    try:
        return opened.incidents()
    finally:
        opened.close()


@pytest.mark.parametrize("what", VANISHED)
def test_what_stopped_arriving_is_told_each_night_until_it_comes_back(drift, place, monkeypatch, what):
    without, metric = VANISHED[what]
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    for number in range(NIGHTS, NIGHTS + 3):
        write(day(number), rows(day(number), **without))
        code, shown, _ = drift("run", "--day", day(number))
        assert (code, "1 open" in shown) == ((3, False) if number == NIGHTS else (0, True)), shown
    (found,) = [each for each in incidents() if metric in each.names]
    assert found.statistic == "known" and "no longer does" in place.posts[0]["incidents"][0]["why"]
    assert found.state == "open" and found.opened == day(NIGHTS) and len(found.days) == 3
    assert {line.event for line in found.days} == {"opened", "lasting"}
    assert frames.findings(TABLES, metric=metric, alarms_only=True)["reason"].str.startswith("stopped arriving").all()
    for number in range(NIGHTS + 3, NIGHTS + 5):
        write(day(number))
        drift("run", "--day", day(number))
    assert incidents()[0].state == "closed"


def test_accepted_it_is_the_new_normal(drift):
    for number in range(NIGHTS, NIGHTS + 2):
        write(day(number), rows(day(number), scores=None))
        assert drift("run", "--day", day(number))[0] == (3 if number == NIGHTS else 0)
    drift("accept", incidents()[0].id)
    for number in range(NIGHTS + 2, NIGHTS + 4):
        write(day(number), rows(day(number), scores=None))
        drift("run", "--day", day(number))
    assert frames.runs(TABLES)["status"].tolist()[-2:] == ["ordinary", "ordinary"]


def test_what_comes_on_some_days_only_did_not_stop(drift):
    for number in range(NIGHTS + 4):
        write(
            day(number), [row | ({} if i or number % 3 else {"scores": {"rare": 1}}) for i, row in enumerate(rows(day(number)))]
        )
        code, _, _ = drift("run", "--day", day(number))
        assert code == 0
