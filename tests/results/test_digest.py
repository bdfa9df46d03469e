"""The digest: what was decided, what moved without being a message, what settled."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from nights import day, finding
from rich.console import Console

from drift.report import terminal
from drift.results import DailyMetric, Results, Run, ledger, week
from drift.results.digest import digest
from drift.results.events import events


def shares(*each: dict[str, float]) -> dict[date, dict[str, float]]:
    return {day(i): values for i, values in enumerate(each)}


def told(dimension: str, series: dict[date, dict[str, float]]) -> list[tuple[str, str, date]]:
    return [(event.kind, event.value, event.day) for event in events(dimension, series)]


def test_a_value_appears_once_on_its_first_day_and_is_gone_after_three_days_without_it():
    old, both, new = {"v1": 1.0}, {"v1": 0.7, "v2": 0.3}, {"v2": 1.0}
    assert told("prompt", shares(*[old] * 5, both, *[new] * 5)) == [("gone", "v1", day(6)), ("appeared", "v2", day(5))]
    assert told("prompt", shares(*[old] * 5, both, *[new] * 2)) == [("appeared", "v2", day(5))]


def test_what_was_there_from_the_first_day_is_no_news_nor_is_a_stray():
    assert told("model", shares(*[{"a": 0.995, "b": 0.005}] * 9)) == []
    assert told("model", shares(*[{"a": 1.0}] * 5, {"a": 0.99, "x": 0.01}, *[{"a": 1.0}] * 5)) == []


def test_a_mix_that_somebody_moved_is_told_once_a_step_and_one_that_wobbles_is_not():
    wobbling = [{"a": 0.6 + 0.05 * (-1) ** i, "b": 0.4 - 0.05 * (-1) ** i} for i in range(20)]
    assert told("model", shares(*wobbling)) == []
    moved = [*[{"a": 0.6, "b": 0.4}] * 10, *[{"a": 0.3, "b": 0.7}] * 10]
    assert told("model", shares(*moved)) == [("shifted", "a", day(11)), ("shifted", "b", day(11))]


def mix(prompt: str) -> DailyMetric:
    return DailyMetric(f"prompt:{prompt}", "all", "", 1000, 0, 1.0, "share")


def test_the_digest_has_decisions_what_got_better_and_new_levels_and_no_message(results: Results):
    for number in range(20):
        better = finding(day(number), "latency_s", change=-0.01 if number == 18 else 0, unit="s")
        worse = finding(day(number), "refusal", change=0.07)
        other = replace(finding(day(number), "prompt", change=0.9 if number == 17 else 0), statistic="share:v2")
        prompt = mix("v2" if number >= 17 else "v1")
        results.write_night(day(number), Run(1000, 28), [prompt], [better, worse, other])
    found = digest(results, day(13), day(19))
    assert [(event.kind, event.value) for event in found.events] == [("appeared", "v2"), ("gone", "v1")]
    assert [one.metric for one in found.moved] == ["latency_s"]
    assert [one.metric for one in found.settled] == ["refusal"]
    assert not digest(results, day(2), day(9))


def test_the_digest_has_the_record_with_its_interval_and_what_is_offered(results: Results):
    for number in range(0, 40, 10):
        results.write_night(day(number), Run(1000, 28), [], [finding(day(number))])
        for later in range(1, 4):
            results.write_night(day(number + later), Run(1000, 28), [], [finding(day(number + later), change=0)])
    for incident in results.incidents()[:3]:
        ledger.judge(results, incident.id, "false")
    found = digest(results, day(30), day(33))
    assert (found.record.nights, found.record.alarmed) == (16, 4)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(terminal.digest(found))
    told = console.export_text()
    assert "4 of 16 nights opened an incident (95 % interval of their share 10.2 % to 49.5 %)" in told
    assert "3 of 3 judged incidents of refusal were false: raise" in told


def test_a_night_whose_only_alarm_is_a_decision_was_ordinary(results: Results):
    from drift.results import frames

    decided = replace(finding(day(0), "prompt", change=0.9), statistic="share:v2")
    results.write_night(day(0), Run(1000, 28), [mix("v2")], [decided])
    results.write_night(day(1), Run(1000, 28), [mix("v2")], [finding(day(1))])
    assert frames.runs(results).sort_values("day")["status"].tolist() == ["ordinary", "drift"]


def test_a_longer_answer_by_a_new_prompt_is_a_matter_of_the_digest(results: Results):
    from drift.findings import Explanation

    note = Explanation("prompt_change", "likely")
    longer = finding(day(0), "output_tokens", change=0.07, direction="changed")
    results.write_night(day(0), Run(1000, 28), [], [longer], lambda incident, alarms: note)
    (one,) = digest(results, day(0), day(0)).moved
    assert one.metric == "output_tokens" and one.silent


def test_a_judge_with_a_new_version_is_an_event_that_names_its_score(results: Results):
    for number in range(20):
        judge = DailyMetric(f"scored_by.tone:{'tone@4' if number >= 17 else 'tone@3'}", "all", "", 1000, 0, 1.0, "share")
        results.write_night(day(number), Run(1000, 28), [judge], [finding(day(number), "refusal", change=0)])
    found = digest(results, day(13), day(19))
    lines = [line for heading, lines in week.sections(found) if heading == "decided" for line in lines]
    assert lines[0] == f"{day(17)}: the judge of score “tone” changed: tone@4 appeared (0 % → 100 % of what is judged)"


def test_a_tool_that_appears_or_vanishes_and_a_changed_schema_are_events(results: Results):
    def called(tool: str, n: int) -> DailyMetric:
        return DailyMetric(f"tool_s.{tool}", "all", "", n, 0, 1.0, "s")

    for number in range(20):
        rows = [DailyMetric("tool_failure", "all", "", 1000, 0, 0.02, "share"), called("find", 700 + 200 * (number % 2))]
        rows += [called("old", 100)] if number < 15 else [called("new", 100)]
        schema = "aa" if number < 16 else "bb"
        rows += [DailyMetric(f"tool_schema.find:{schema}", "all", "", 1000, 0, 1.0, "share")]
        results.write_night(day(number), Run(1000, 28), rows, [finding(day(number), "refusal", change=0)])
    lines = [
        line for heading, lines in week.sections(digest(results, day(13), day(19))) if heading == "decided" for line in lines
    ]
    assert lines == [
        f"{day(15)}: tool new appeared (0 % → 10 % of requests with tools)",
        f"{day(15)}: tool old gone (10 % → 0 % of requests with tools)",
        f"{day(16)}: the schema of tool “find” changed (now with 100 % of its offers)",
    ]
