"""A pull request that makes the application worse is stopped, with the reason; one that does not is let through."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from drift.cli.command import print_json
from drift.compare.gate import as_dict, gate, junit, markdown
from drift.compare.presenting import title
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.errors import ConfigError, DataError

CONFIG = Config.of({})


def answers(seed, n=4000, length=1.0, refusal=0.03, label="stop"):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "output_characters": np.exp(rng.normal(6, 0.5, n)) * length,
            "refusal": (rng.random(n) < refusal).astype(float),
            "cost_usd": np.exp(rng.normal(-5, 0.3, n)),
            "finish_reason": np.where(rng.random(n) < 0.1, label, "end"),
        }
    )


@pytest.fixture(scope="module")
def worse():
    return compare_rows(answers(1), answers(2, length=1.2, refusal=0.06), CONFIG, names=("main", "pull request"))


def test_a_worsening_stops_it(worse):
    result = gate(worse)
    assert result.exit_code == 3 and [row.metric for row in result.failed] == ["refusal"]
    text = markdown(result)
    assert "1 metric got worse" in text and "❌ | refusals" in text and "points" in text


def test_a_wider_margin_lets_it_through(worse):
    assert gate(worse, {"refusal": 0.05}).exit_code == 0


def test_a_metric_without_a_worse_direction_fails_only_where_asked(worse):
    assert "output_characters" not in {row.metric for row in gate(worse).failed}
    assert "output_characters" in {row.metric for row in gate(worse, {"output_characters": 0.1}).failed}


def test_twins_pass_and_say_what_is_known():
    result = gate(compare_rows(answers(3, 30_000), answers(4, 30_000), CONFIG))
    assert result.exit_code == 0 and not result.failed
    assert "nothing got worse" in markdown(result) and "**Unchanged**" in markdown(result)


def test_little_data_is_said_to_be_little():
    result = gate(compare_rows(answers(5, 60), answers(6, 60), CONFIG))
    assert result.exit_code == 0 and "refusal" in {row.metric for row in result.unproven}
    assert "Not enough data to tell" in markdown(result)


def test_junit_counts_and_reads(worse):
    suite = ElementTree.fromstring(junit(gate(worse)))[0]
    assert suite.get("failures") == "1" and int(suite.get("tests")) == len(worse.rows) == len(suite)
    (failure,) = suite.iter("failure")
    assert "3" in failure.get("message") and failure.get("type") == "worse"


def test_hostile_labels_are_harmless():
    label = "<img src=x>|`@here`](javascript:1)\x00\x0b"
    result = gate(compare_rows(answers(7, label=label), answers(8, label=label), CONFIG, names=("a", label)))
    ElementTree.fromstring(junit(result))
    text = markdown(result)
    assert "<img" not in text and not re.search(r"(?<!\\)\]\(", text) and "\x00" not in text


def test_a_margin_for_nothing_is_refused(worse):
    with pytest.raises(ConfigError, match="latency_s"):
        gate(worse, {"latency_s": 0.1})
    with pytest.raises(ConfigError, match="positive"):
        gate(worse, {"refusal": -1.0})


def test_every_metric_is_in_the_markdown_whatever_is_known_of_it():
    """One of which more data would only tell whether it got better was in no group."""
    a, b = answers(11, 400), answers(12, 400)
    for frame, refused in ((a, 28), (b, 14)):
        frame["refusal"] = (np.arange(400) < refused).astype(float)
    a["toxicity"], b["pii"] = 0.1, 0.0
    a["pii"] = 0.0
    result = gate(compare_rows(a, b, CONFIG))
    assert "refusal" not in {row.metric for row in (*result.failed, *result.unproven)}
    text = markdown(result)
    for row in result.comparison.rows:
        assert title(row) in re.sub(r"\\(.)", r"\1", text), row
    assert "**Not worse by the margin (whether better is open)**: \nrefusals (−" in text
    assert (
        "answers with personal data (none of 400 and of 400)" in text
        and "toxicity of answers" in text.split("**Not compared**, for a alone")[1]
    )


def test_what_people_ask_for_comes_first(worse):
    a, b = answers(13, 60), answers(14, 60)
    for frame in (a, b):
        frame["latency_s"], frame["error"] = frame["cost_usd"] * 100, frame["refusal"][::-1].to_numpy()
    said = markdown(gate(compare_rows(a, b, CONFIG)))
    places = [
        re.search(rf"(^|, ){name}", said, re.M).start()
        for name in ("refusals", "failed requests", "cost", "time to", "length of answers")
    ]
    assert places == sorted(places)


def test_three_traces_do_not_pass(worse):
    result = gate(compare_rows(answers(15, 5000), answers(16, 3), CONFIG, names=("main", "candidate")))
    assert result.exit_code == 3 and not result.failed
    assert "not passed, too few traces to tell: 5,000 traces against 3; 10 are needed" in markdown(result).splitlines()[0]
    suite = ElementTree.fromstring(junit(result))[0]
    assert suite.get("errors") == "1" and int(suite.get("tests")) == len(suite)
    assert gate(compare_rows(answers(15, 5000), answers(16, 30), CONFIG)).verdict.endswith("undecided)")


def test_a_side_without_answers_is_no_side():
    with pytest.raises(DataError, match="candidate: no answers were read, and main has some"):
        compare_rows(answers(1), answers(2).drop(columns="output_characters"), CONFIG, names=("main", "candidate"))


def test_a_margin_below_what_matters_is_not_called_kept():
    result = gate(compare_rows(answers(17, 30_000), answers(18, 30_000), CONFIG), {"output_characters": 0.001})
    assert "output_characters" in {row.metric for row in result.unproven}


def test_rates_have_counts_and_no_distance_is_a_number(worse):
    assert re.search(r"\| refusals \| [\d.]+ % \(\d+ of 4,000\) \|", markdown(gate(worse)))
    rng = np.random.default_rng(19)
    centres = np.eye(8)[0] * 3, np.eye(8)[1] * 3
    sides = [pd.DataFrame({"output_embedding": list(rng.normal(centre, 1, (300, 8)).astype(np.float32))}) for centre in centres]
    text = markdown(gate(compare_rows(*sides, CONFIG)))
    assert "| what answers say | | | " in re.sub(" +", " ", text) and "times the smallest shift that matters" in text
    assert "cosine" not in text


def test_json_holds_every_row_and_no_nan(worse, capsys):
    print_json("comparison", as_dict(gate(worse)))
    told = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(name))
    assert not told["passed"] and told["verdict"] == "1 metric got worse" and told["n"] == [4000, 4000]
    assert len(told["rows"]) == len(worse.rows) and told["rows"][0]["group"] == "worse"
    assert told["rows"][0]["counts"][0][1] == 4000
