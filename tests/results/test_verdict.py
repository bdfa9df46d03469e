"""Was the night ordinary? One answer, in words and as an exit code, everywhere."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from nights import day, finding, story, write
from rich.console import Console

from drift.alerts import formats, slack
from drift.report import calendar, terminal
from drift.report.why import why
from drift.results import DailyMetric, Results, Run, frames
from drift.results.account import of_incident, tell
from drift.results.verdict import Answer, Counts, judge

# counts, the answer, in words, exit code, exit code with --strict
TABLE = [
    (Counts(new=1), Answer.DRIFT, "not ordinary: 1 new incident", 3, 3),
    (
        Counts(new=1, worse=2, known=3, muted=1),
        Answer.DRIFT,
        "not ordinary: 1 new, 2 worse incidents; 3 more open (1 muted)",
        3,
        3,
    ),
    (Counts(known=2, muted=1), Answer.KNOWN, "nothing new; 2 open (1 muted)", 0, 3),
    (Counts(known=2, acknowledged=1, muted=1, events=1), Answer.KNOWN, "nothing new; 2 open (1 acknowledged, 1 muted)", 0, 3),
    (Counts(events=1), Answer.ORDINARY, "ordinary; 1 event", 0, 0),
    (Counts(slow=2, days=28, needed=7), Answer.ORDINARY, "ordinary; 2 slow changes", 0, 0),
    (Counts(days=7, needed=7), Answer.ORDINARY, "ordinary", 0, 0),
    (Counts(closed=1), Answer.ORDINARY, "ordinary; 1 closed", 0, 0),
    (Counts(days=1, needed=7), Answer.NO_BASELINE, "nothing to compare with yet (1 of 7 days)", 0, 0),
    (Counts(new=1, days=3, needed=7), Answer.DRIFT, "not ordinary: 1 new incident", 3, 3),
    (
        Counts(failed="volume: 3 traces", new=1, days=0, needed=7),
        Answer.FAILED,
        "could not be compared: volume: 3 traces",
        1,
        1,
    ),
]


@pytest.mark.parametrize(("counts", "answer", "words", "code", "strict"), TABLE)
def test_the_first_line_that_fits_is_the_answer(counts: Counts, answer: Answer, words: str, code: int, strict: int):
    said = judge(counts)
    assert (said.answer, said.words, said.exit_code(), said.exit_code(strict=True)) == (answer, words, code, strict)


def everywhere(results: Results, on: date) -> tuple[Answer, str]:
    """The answer and the sentence, where every place that says them agrees."""
    account = tell(results, on)
    stored = frames.runs(results).set_index("day")["status"].loc[str(on)]
    assert stored == account.answer == formats.payload(account)["status"] == results.verdicts(on, on)[on].answer
    cells = [cell for month in calendar.months(results.verdicts()) for week in month.weeks for cell in week if cell]
    told = next(cell for cell in cells if cell.day == on)
    assert (told.verdict, told.says) == (account.answer, account.verdict)
    assert account.verdict in (slack.night(account)["text"], formats.payload(account)["verdict"])
    return account.answer, account.said.words


def test_what_only_lasts_is_not_new(results: Results):
    story(results, [0.07, 0.07])
    assert everywhere(results, day(0)) == ("drift", "not ordinary: 1 new incident")
    assert everywhere(results, day(1)) == ("known", "nothing new; 1 open")


def test_a_muted_incident_is_known_until_it_ends(results: Results):
    story(results, [0.07])
    results.decide(results.incidents()[0].id, "mute", until=day(2))
    write(results, day(1), [finding(day(1), change=0.3)])
    assert everywhere(results, day(1)) == ("known", "nothing new; 1 open (1 muted)"), (
        "worse too, for nobody wants to hear of it"
    )
    write(results, day(2), [finding(day(2), change=0)])
    write(results, day(3), [finding(day(3), change=0)])
    assert everywhere(results, day(3)) == ("ordinary", "ordinary; 1 closed")


def test_an_acknowledged_incident_is_known_and_worse_is_news(results: Results):
    story(results, [0.07])
    results.decide(results.incidents()[0].id, "ack")
    write(results, day(1), [finding(day(1))])
    assert everywhere(results, day(1)) == ("known", "nothing new; 1 open (1 acknowledged)")
    write(results, day(2), [finding(day(2), change=0.3)])
    assert everywhere(results, day(2)) == ("drift", "not ordinary: 1 worse incident")


def test_a_decision_and_a_corrected_night_change_what_later_nights_were(results: Results):
    story(results, [0.07, 0.07])
    write(results, day(0), [finding(day(0), change=0)])
    assert everywhere(results, day(0)) == ("ordinary", "ordinary")
    assert everywhere(results, day(1)) == ("drift", "not ordinary: 1 new incident")


def test_a_rule_that_breaks_while_an_incident_is_open_is_an_incident_of_its_own_and_news_once(results: Results):
    story(results, [0.07])
    for number in (1, 2):
        rule = finding(day(number), statistic="rule:refusals", test="rule", z=None, p=None, q=None)
        write(results, day(number), [finding(day(number)), rule])
    assert everywhere(results, day(1)) == ("drift", "not ordinary: 1 new incident; 1 more open")
    assert everywhere(results, day(2))[0] == "known"


def test_the_first_nights_have_nothing_to_be_compared_with(results: Results):
    results.write_night(day(0), Run(60, 0, 7), (), [finding(day(0), change=0, p=None)])
    assert everywhere(results, day(0)) == ("no_baseline", "nothing to compare with yet (0 of 7 days)")
    assert tell(results, day(0)).comparisons == 0, "what had no baseline was not compared"


def test_what_comes_on_the_second_night_is_not_known_to_be_new(results: Results):
    shares = [("name:chat", 1.0)], [("name:chat", 0.8), ("name:code", 0.2)]
    for number, today in enumerate(shares):
        metrics = [DailyMetric(name, "all", "", 60, 0, share, "share") for name, share in today]
        results.write_night(day(number), Run(60, number, 7), metrics, [finding(day(number), change=0, p=None)])
    assert everywhere(results, day(1)) == ("no_baseline", "nothing to compare with yet (1 of 7 days)")


def test_a_broken_rule_is_told_by_its_limit_what_was_seen_and_the_level(results: Results):
    rule = finding(
        day(0), "ttft_s", statistic="rule:slow", test="rule", unit="s", value_from=0.1, value_to=0.992,
        low=None, high=None, z=None, p=None, q=None, effect=8.92, matters=None, mix_part=None, within_part=None,
    )  # fmt: skip
    results.write_night(day(0), Run(60, 1, 7), [DailyMetric("ttft_s", "all", "", 60, 0, 0.512, "s")], [rule])
    (one,) = tell(results, day(0)).incidents
    assert (one.what, one.change, one.how_much) == ("rule “slow” on ttft_s", "0.992 s, limit 0.1 s; level 0.512 s", "")
    out = StringIO()
    console = Console(file=out, width=200)
    console.print(terminal.night(tell(results, day(0))))
    console.print(terminal.incidents([(each, of_incident(results, each.id)) for each in results.incidents()]))
    console.print(why(frames.findings(results, day(0), day(0)), "ttft_s"))
    told = out.getvalue()
    assert told.count("0.992 s, limit 0.1 s") == 3 and "→ 0.992" not in told and "nan" not in told
    assert "0.992 s, limit 0.1 s" in str(slack.night(tell(results, day(0))))


def test_what_has_no_number_is_not_told_as_one(results: Results):
    bare = dict.fromkeys(
        ("value_from", "value_to", "low", "high", "effect", "matters", "z", "p", "q", "mix_part", "within_part")
    )
    creep = finding(day(0), test="slow", z=None, p=None)
    results.write_night(day(0), Run(60, 1, 7), (), [finding(day(0), change=0, reason="no baseline", **bare), creep])
    out = StringIO()
    Console(file=out, width=200).print(why(frames.findings(results, day(0), day(0)), "refusal"))
    assert "nan" not in out.getvalue() and "no baseline" in out.getvalue() and "q 0.0001" in out.getvalue()
