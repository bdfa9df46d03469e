"""What a quiet night says, and what people say of an incident."""

from __future__ import annotations

from datetime import date

import pytest
from nights import day, finding, story, write
from rich.console import Console

from drift.alerts import slack
from drift.errors import DriftError
from drift.findings import Visible
from drift.report import terminal
from drift.results import Results, Run, ledger
from drift.results.account import tell
from drift.results.silence import sentence

DAY = date(2026, 3, 2)


def _row(metric: str = "refusal", where: str = "", unit: str = "share", n: int = 500, blind: str = "", **given) -> Visible:
    dimension, _, value = where.partition("=")
    told = {} if blind else {"level": 0.02, "one_night": 0.009, "seven_nights": 0.004, "matters": 0.003}
    return Visible(DAY, metric, dimension or "all", value, "level", unit, n, 28, **{**told, "blind_reason": blind, **given})


def test_the_all_clear_says_what_would_have_been_told_in_the_metrics_own_terms():
    rows = [_row("latency_s", unit="s", level=2.0, one_night=0.06, seven_nights=0.03), _row()]
    assert sentence(rows) == (
        "Had refusals risen by 0.9 points or time to the whole answer risen by 6 %, this night would have said so (a week of it: 0.4 points and 3 %)."
    )


def test_what_falls_when_it_gets_worse_has_fallen():
    assert "score “judge” fallen by 0.05" in sentence([_row("score.judge", unit="score", one_night=0.05, direction="down")])


def test_blind_places_are_named_with_their_reasons_and_one_that_sees_nothing_only_once():
    rows = [
        _row(),
        _row("refusal", "name=batch", blind="no values today, but on 9 earlier days"),
        _row("output_characters", "name=batch", blind="no values today, but on 9 earlier days"),
        _row("groundedness", "name=eu", n=40, blind="40 traces, fewer than 50"),
        _row("refusal", "name=eu"),
    ]
    said = sentence(rows)
    assert "support of answers by the documents in endpoint = eu (40 traces, fewer than 50)" in said
    assert "anything in endpoint = batch (no values today, but on 9 earlier days)" in said
    assert said.count("batch") == 1


def test_many_blind_places_are_counted():
    rows = [_row("refusal", f"name=e{i}", n=i, blind=f"{i} traces, fewer than 50") for i in range(8)]
    assert sentence(rows).endswith("and 5 more.")


def test_no_drill_says_nothing():
    assert sentence([]) == ""


def _said(account) -> str:
    console = Console(width=400, record=True)
    with console.capture() as captured:
        console.print(terminal.night(account))
    return captured.get()


def test_a_quiet_night_says_it_in_terminal_and_slack_and_a_night_with_news_does_not(results: Results):
    results.write_night(day(0), Run(500, 28), [], [finding(day(0), change=0)], drill=[_row()])
    account = tell(results, day(0))
    assert "Had refusals risen by 0.9 points" in _said(account)
    assert "Had refusals risen by 0.9 points" in str(slack.night(account))
    results.write_night(day(1), Run(500, 28), [], [finding(day(1))], drill=[_row()])
    account = tell(results, day(1))
    assert "this night would have said so" not in _said(account)
    assert "this night would have said so" not in str(slack.night(account))


def test_a_hostile_segment_is_text_in_slack(results: Results):
    results.write_night(day(0), Run(500, 28), [], [], drill=[_row("refusal", "name=<!channel>")])
    assert "<!channel>" not in str(slack.night(tell(results, day(0))))


def test_the_drill_of_a_night_that_is_run_again_is_there_once(results: Results):
    for size in (0.009, 0.008):
        results.write_night(day(0), Run(500, 28), [], [], drill=[_row(one_night=size)])
    assert [row.one_night for row in tell(results, day(0)).drill] == [0.008]


def test_the_ledger_counts_nights_and_verdicts_and_offers_to_tighten_what_is_mostly_false(results: Results):
    quiet = [0.0] * 6
    story(results, [0.0, 0.07, *quiet, 0.07, *quiet, 0.07, *quiet])
    found = results.incidents()
    assert len(found) == 3
    for incident, said in zip(found, ("false", "false", "useful"), strict=True):
        ledger.judge(results, incident.id[:8], said, "note")
    read = ledger.read(results)
    assert (read.nights, read.alarmed) == (22, 3)
    assert read.low < 3 / 22 < read.high
    (line,) = read.lines
    assert (line.incidents, line.useful, line.false, line.expected) == (3, 1, 2, 0)
    assert "2 of 3" in line.offer


def test_a_later_verdict_replaces_an_earlier_one_and_outlives_a_night_that_is_run_again(results: Results):
    write(results, day(0), [finding(day(0))])
    (incident,) = results.incidents()
    ledger.judge(results, incident.id, "false")
    ledger.judge(results, incident.id, "expected")
    write(results, day(0), [finding(day(0))])
    (line,) = ledger.read(results).lines
    assert (line.false, line.expected) == (0, 1)


def test_a_wrong_verdict_or_incident_is_one_clear_line(results: Results):
    write(results, day(0), [finding(day(0))])
    with pytest.raises(DriftError, match="useful, false, expected"):
        ledger.judge(results, results.incidents()[0].id, "maybe")
    with pytest.raises(DriftError, match="no incident"):
        ledger.judge(results, "zzzz", "false")
