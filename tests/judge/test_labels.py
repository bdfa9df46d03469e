"""Which traces people are asked to label, and what becomes of what they say."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.judge import judgements, labels
from drift.judge.day import truths
from drift.judge.labels import Labels, offers
from drift.judge.window import told
from drift.lake import Lake
from drift.report.judge import truth_table
from drift.results import tables
from drift.results.database import Database
from drift.results.ruler import ANCHOR

DAY = date(2026, 11, 2)


def known(rng, n: int = 400) -> Labels:
    fails = (rng.random(n) < 0.1).astype(float)
    return Labels.of(fails, np.where(rng.random(n) < 0.1, 1 - fails, fails))


def test_about_as_many_are_offered_as_asked_and_their_weights_add_up_to_the_traffic():
    rng = np.random.default_rng(1)
    judged, weight = (rng.random(1000) < 0.18).astype(float), rng.choice([1.0, 20.0], 1000)
    sizes, sums, bad = [], [], []
    for draw in range(200):
        found = offers([f"{draw}-{i}" for i in range(1000)], judged, weight, 20, known(rng))
        sizes.append(len(found))
        sums.append(sum(each.weight for each in found))
        bad.append(sum(each.judged for each in found))
    assert np.mean(sizes) == pytest.approx(20, rel=0.05)
    assert np.mean(sums) == pytest.approx(weight.sum(), rel=0.05)
    # of what it calls bad much is not, of what it calls good hardly anything is: labels help more on the first
    assert np.mean(bad) / np.mean(sizes) > 0.3


def test_traces_of_an_open_incident_are_offered_more_often_and_count_less():
    ids = [f"t{i}" for i in range(2000)]
    found = offers(ids, np.full(2000, np.nan), np.ones(2000), 60, labels.together([]), incident=ids[:200])
    inside = [each for each in found if each.reason == "open incident"]
    assert len(inside) >= 8
    assert max(each.weight for each in inside) < min(each.weight for each in found if each not in inside)


def test_a_rare_endpoint_has_labels_and_each_counts_few_requests():
    """Of 600 judged requests 20 are of an endpoint with a hundredth of the traffic: it would have one label in a week."""
    rng = np.random.default_rng(8)
    names, weight = ["often"] * 580 + ["seldom"] * 20, np.r_[np.full(580, 20.0), np.ones(20)]
    judged, seldom, sums = (rng.random(600) < 0.1).astype(float), [], []
    for draw in range(200):
        found = offers([f"{draw}-{i}" for i in range(600)], judged, weight, 20, known(rng), (), names)
        own = [each for each in found if each.reason == "rare endpoint"]
        assert all(int(each.trace_id.split("-")[1]) >= 580 for each in own)
        seldom.append(len(own))
        sums.append(sum(each.weight for each in found))
    assert 1.5 <= np.mean(seldom) <= 3
    assert np.mean(sums) == pytest.approx(weight.sum(), rel=0.05)


def test_a_rerun_offers_the_same():
    rng = np.random.default_rng(3)
    given = [f"t{i}" for i in range(500)], (rng.random(500) < 0.2).astype(float), np.ones(500), 20, known(rng)
    assert offers(*given) == offers(*given)


def day(n: int = 600, bad: float = 0.1) -> pa.Table:
    """A day's features, a third of it judged; a judge that is right, and people who say so as scores of the store."""
    rng = np.random.default_rng(4)
    fails = rng.random(n) < bad
    judged = rng.random(n) < 1 / 3
    return pa.table(
        {
            "trace_id": [f"t{i}" for i in range(n)],
            "name": ["chat" if i % 2 else "search" for i in range(n)],
            "judge.helpful": pa.array([float(not f) if j else None for f, j in zip(fails, judged, strict=True)], pa.float64()),
            "_judge_weight": pa.array([3.0 if j else None for j in judged], pa.float64()),
            "score.label-helpful": pa.array([float(not f) for f in fails], pa.float64()),
        }
    )


@pytest.fixture
def config(tmp_path) -> Config:
    return Config.of(
        {
            "judge": {"rubrics": ["helpful"], "model": "m", "offered": 60},
            "segments": {"dimensions": ["name"]},
            "results": {"url": f"sqlite:///{tmp_path / 'drift.db'}"},
            "lake": {"url": str(tmp_path / "lake")},
        }
    )


def test_labels_come_back_as_scores_and_are_the_truth_of_the_day_and_of_each_endpoint(config):
    measured = day()
    rows = truths(config, DAY, measured).to_pylist()
    assert {(row["dimension"], row["value"], row["metric"]) for row in rows} == {
        ("all", "", "truth.helpful"), ("name", "chat", "truth.helpful"), ("name", "search", "truth.helpful"),
    }  # fmt: skip
    overall = rows[0]
    assert overall["n"] > 60
    assert overall["sum"] / overall["n"] == pytest.approx(0.1, abs=0.05)
    # once more: nothing else is offered, and nothing changes
    assert truths(config, DAY, measured).to_pylist() == rows


def test_a_night_offers_more_of_an_endpoint_with_an_open_incident(config):
    database = Database(config.results.url)
    needed = {"state": "open", "metric": "refusal", "dimension": "name", "value": "chat", "opened": DAY - timedelta(days=2)}
    with database.writing() as connection:
        filled = {column.name: "" for column in tables.incidents.c if column.type.python_type is str and not column.nullable}
        filled |= {
            column.name: 0 for column in tables.incidents.c if column.type.python_type in (int, bool) and not column.nullable
        }
        connection.execute(tables.incidents.insert(), filled | needed | {"id": "i1", "last_alarm": DAY - timedelta(days=1)})
    truths(config, DAY, day().drop_columns(["score.label-helpful"]))
    reasons = [each.reason for each in labels.waiting(database, DAY, DAY)]
    database.close()
    assert len(reasons) / 2 < reasons.count("open incident") < len(reasons)


def test_labels_of_traces_that_were_not_offered_are_not_counted(config):
    measured = day().drop_columns(["score.label-helpful"])
    assert truths(config, DAY, measured).num_rows == 0
    database = Database(config.results.url)
    labels.answer(database, DAY, "helpful", {"a stranger": 1.0})
    assert labels.labelled(database, "helpful", DAY, DAY) == {}
    database.close()


def test_without_a_judge_the_truth_is_the_labels_own_rate(config):
    config.judge.model = ""
    measured = day(n=100, bad=0.2).select(["trace_id", "name", "score.label-helpful"])
    overall = truths(config, DAY, measured).to_pylist()[0]
    database = Database(config.results.url)
    (own,) = labels.labelled(database, "helpful", DAY, DAY).values()
    database.close()
    assert overall["sum"] / overall["n"] == pytest.approx(own.fails.mean(), abs=0.02)
    assert overall["n"] == pytest.approx(len(own), abs=1)


def test_a_week_is_told_with_the_judges_own_errors(config):
    lake = Lake(config.lake.url)
    for n in range(3):
        measured = day()
        lake.write("features", DAY + timedelta(days=n), measured)
        truths(config, DAY + timedelta(days=n), measured)
    (found,) = told(config, DAY, DAY + timedelta(days=2))
    assert found.truth.low < 0.1 < found.truth.high
    assert found.errors.finds > 0.8
    assert found.errors.false < 0.1
    console = Console(record=True, width=160)
    console.print(truth_table(DAY, DAY + timedelta(days=2), [found]))
    assert "helpful" in console.export_text()


def test_a_week_is_told_of_each_endpoint_too(config):
    """Of `chat` 25 % fail, of `search` none; the judge errs on one in ten of either."""
    rng, lake, n = np.random.default_rng(9), Lake(config.lake.url), 600
    chat = np.arange(n) % 2 == 0
    for night in range(7):
        fails = chat & (rng.random(n) < 0.25)
        says = np.where(rng.random(n) < 0.1, ~fails, fails)
        table = pa.table(
            {
                "trace_id": [f"{night}-{i}" for i in range(n)],
                "name": ["chat" if each else "search" for each in chat],
                "judge.helpful": (~says).astype(float),
                "_judge_weight": np.full(n, 2.0),
                "score.label-helpful": (~fails).astype(float),
            }
        )
        lake.write("features", DAY + timedelta(days=night), table)
        truths(config, DAY + timedelta(days=night), table)
    overall, of_chat, of_search = told(config, DAY, DAY + timedelta(days=6), "name")
    assert [overall.value, of_chat.value, of_search.value] == ["", "chat", "search"]
    assert of_chat.truth.low < 0.25 < of_chat.truth.high and of_search.truth.high < 0.1
    assert of_chat.offered + of_search.offered == overall.offered
    assert of_chat.truth.labels + of_search.truth.labels == overall.truth.labels
    with pytest.raises(DataError, match="'colour': no stored day"):
        told(config, DAY, DAY, "colour")


def test_anchors_whose_labels_are_known_say_how_often_the_judge_is_right(config, tmp_path):
    lines = [{"id": f"a{i}", "input": "q", "output": "a", "labels": {"helpful": i < 8} if i < 10 else {}} for i in range(12)]
    (tmp_path / "anchors.jsonl").write_text("\n".join(map(json.dumps, lines)))
    config.judge.anchors = str(tmp_path / "anchors.jsonl")
    database = Database(config.results.url)
    for night, good in ((0, 0.0), (1, 1.0)):
        scores = {f"{ANCHOR}a{i}": good for i in range(12)}
        judgements.write(database, DAY + timedelta(days=night), "helpful/m@h/1", scores)
    database.close()
    (found,) = told(config, DAY, DAY + timedelta(days=6))
    assert found.anchors == (8, 10)
    console = Console(record=True, width=200)
    console.print(truth_table(DAY, DAY, [found]))
    assert "8 of 10" in console.export_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trace_id,label\nt1,good", "no column 'rubric'"),
        ("trace_id,rubric,label\nt1,helpful,maybe", "line 2: 'maybe' is neither good nor bad"),
    ],
)
def test_a_label_file_that_cannot_be_read_says_where(tmp_path, text, said):
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        labels.of_file(str(file))


def test_a_label_file_is_read_by_rubric(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("trace_id,rubric,label\nt1,helpful,good\nt2,helpful,bad\nt3,helpful,\nt1,tone,0\n")
    assert labels.of_file(str(file)) == {"helpful": {"t1": 0.0, "t2": 1.0}, "tone": {"t1": 1.0}}
