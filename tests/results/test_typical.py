"""Where the time of a typical request went, before an incident and on a night of it."""

from __future__ import annotations

from dataclasses import replace

from nights import day, finding

from drift.results import DailyMetric, Results, Run, typical
from drift.results.account import tell

PATH = "embed the question → search → answer"


def night(results: Results, number: int, search: float, path: str = PATH, latency: float = 0.0) -> None:
    place = ("name", "qa")
    rows = [
        DailyMetric(f"step_path:{path}", *place, 100, 0, 0.8, "share"),
        DailyMetric("step_path:other", *place, 100, 0, 0.9, "share"),
    ]
    medians = {
        "step_s.embed the question": 0.1,
        "step_s.search": search,
        "call_s.answer": 2.0,
        "outside_s": 0.05,
        "tool_s.other": 9.0,
    }
    rows += [replace(DailyMetric(name, *place, 100, 0, 1.0, "s"), p50=seconds) for name, seconds in medians.items()]
    slow = replace(finding(day(number), "latency_s", change=latency, unit="s"), dimension="name", value="qa")
    results.write_night(day(number), Run(1000, 28), rows, [slow])


def test_the_steps_stand_in_their_order_with_what_they_took_then_and_now(results: Results):
    for number in range(20):
        night(results, number, search=0.9 if number == 19 else 0.3, latency=0.6 if number == 19 else 0.0)
    (one,) = tell(results, day(19)).incidents
    found = typical.of(results, one, day(19))
    assert found is not None and found.share == 0.8
    assert [(part.name, part.then[1], part.now[1]) for part in found.parts] == [
        ("embed the question", 0.1, 0.1), ("search", 0.3, 0.9), ("answer", 2.0, 2.0), ("outside any step", 0.05, 0.05)]  # fmt: skip
    # the answer begins later by what the search takes longer
    assert (round(found.parts[2].then[0], 6), round(found.parts[2].now[0], 6)) == (0.4, 1.0)
    assert round(found.longest, 6) == 3.05


def test_what_is_not_about_time_and_a_request_of_one_step_have_no_picture(results: Results):
    for number in range(20):
        night(results, number, search=0.3, path="answer", latency=0.6 if number == 19 else 0.0)
    (one,) = tell(results, day(19)).incidents
    assert typical.of(results, one, day(19)) is None
    assert typical.of(results, replace(one, metric="refusal", also=()), day(19)) is None
