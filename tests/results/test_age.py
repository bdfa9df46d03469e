"""What a night asks of the tables, by the number of nights behind it: counted in the steps of SQLite's machine, and in nights judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from nights import day, finding, story, write

from drift.report import calendar
from drift.report.series import WINDOW, Past
from drift.results import Results, tables, verdict
from drift.results.account import tell
from drift.results.verdict import Answer

_MODELS = ("model:a", "model:b", "tool_s.search", "tool_failure", "refusal")


def ordinary(results: Results, first: int, last: int) -> None:
    """Ordinary nights, with what a night leaves of them in the tables."""
    runs, levels = [], []
    for number in range(first, last):
        on = day(number)
        runs.append({"day": on, "status": "ordinary", "traces": 1000, "baseline_days": 28, "min_days": 7})
        for place in [("all", ""), *(("name", f"endpoint {n}") for n in range(3))]:
            for metric in _MODELS:
                row = {"day": on, "metric": metric, "dimension": place[0], "value": place[1], "n": 1000, "missing": 0}
                levels.append({**row, "level": 0.5, "unit": "share"})
    with results.database.writing() as connection:
        connection.execute(tables.runs.insert(), [{**run, "reason": "", "config": "", "version": ""} for run in runs])
        connection.execute(tables.daily_metrics.insert(), levels)


def steps(results: Results, asked: Callable[[], object]) -> int:
    """How many steps SQLite's machine takes for what is asked, in hundreds."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    def watch(connection, *_) -> None:
        connection.set_progress_handler(count, 100)

    engine = results.database._engine
    engine.dispose()
    sa.event.listen(engine, "connect", watch)
    try:
        asked()
    finally:
        sa.event.remove(engine, "connect", watch)
        engine.dispose()
    return taken


@pytest.mark.parametrize(
    "asked",
    [
        lambda results, last: tell(results, last),
        lambda results, last: results.verdicts(last, last),
        lambda results, last: Past.read(results, last),
        lambda results, last: calendar.first_shown(results, last),
    ],
    ids=["account", "verdict", "pages", "calendar"],
)
def test_a_night_reads_as_much_of_the_tables_after_a_year_as_after_four_months(results, asked):
    # what was derived when the night was written is not derived again
    results._derived = []
    ordinary(results, 0, 4 * 31)
    young = steps(results, lambda: asked(results, day(4 * 31 - 1)))
    ordinary(results, 4 * 31, 365)
    # a day in the same place of its month, as a calendar begins with a month
    old = steps(results, lambda: asked(results, day(4 * 31 - 1 + 212)))
    assert old <= 1.1 * young + 5


def test_a_quiet_night_judges_itself_alone(results, monkeypatch):
    ordinary(results, 0, 50)
    judged = []
    judge = verdict.judge
    monkeypatch.setattr(verdict, "judge", lambda counts: judged.append(counts) or judge(counts))
    write(results, day(50), [finding(day(50), change=0.0)])
    assert len(judged) == 1


def test_a_night_of_an_incident_judges_the_nights_since_it_opened(results, monkeypatch):
    ordinary(results, 0, 50)
    write(results, day(50), [finding(day(50))])
    judged = []
    judge = verdict.judge
    monkeypatch.setattr(verdict, "judge", lambda counts: judged.append(counts) or judge(counts))
    write(results, day(51), [finding(day(51))])
    assert len(judged) == 2
    assert [results.verdicts()[day(number)].answer for number in (49, 50, 51)] == [Answer.ORDINARY, Answer.DRIFT, Answer.KNOWN]


def test_a_night_that_is_run_again_and_is_ordinary_now_mends_the_verdicts_of_the_nights_after_it(results):
    story(results, [0.0, 0.07, 0.07, 0.07])
    write(results, day(1), [finding(day(1), change=0.0)])
    stored = {run.day: run.status for run in _runs(results)}
    assert [stored[day(number)] for number in range(4)] == ["ordinary", "ordinary", "drift", "known"]
    assert stored == {on: said.answer for on, said in results.verdicts().items()}


def test_a_chart_begins_with_the_first_night_and_holds_no_more_than_its_window(results):
    results._derived = []
    ordinary(results, 0, 5)
    assert Past.read(results, day(4)).days == [day(number) for number in range(5)]
    ordinary(results, 5, 200)
    past = Past.read(results, day(199))
    assert (len(past.days), past.days[0], past.days[-1]) == (WINDOW, day(200 - WINDOW), day(199))
    assert list(past.daily["refusal", "all", ""].level) == [0.5] * WINDOW
    # the months that the calendar shows, and no night before them
    assert min(past.verdicts) == calendar.first_shown(results, day(199)) == day(199).replace(month=2, day=1)


def _runs(results: Results) -> list:
    with results.database.reading() as connection:
        return connection.execute(sa.select(tables.runs)).all()
