"""`drift diagnose`: a table of one's own, from the file to a true statement in three commands, and what it says of days that it has not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from json_form import valid
from nights import finding
from nights import write as write_night
from own_table import write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.night import diagnose
from drift.results import Results

# long ago: nobody has a file that ends yesterday
LAST = date(2026, 3, 29)
ENVIRONMENT = {"COLUMNS": "160", "DRIFT_SALT": "x", "DRIFT_EMBEDDINGS__ENABLED": "false"}


@pytest.fixture
def drift(tmp_path, monkeypatch) -> Callable[..., str]:
    """drift("diagnose", …) in a folder with traces.csv → what it prints; a StoreError or DataError is what it raised."""
    monkeypatch.chdir(tmp_path)
    # a console that another test made first is as wide as that one's
    monkeypatch.setattr("drift.cli.command.out._width", 160)

    def call(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, list(arguments), env=ENVIRONMENT)
        assert done.exit_code == code, (done.output, done.exception)
        return done.output if code == 0 else f"{done.output}{done.exception}"

    return call


@pytest.fixture
def pulled(monkeypatch) -> list[date]:
    """The days that were asked of the store, in order."""
    asked: list[date] = []
    pull = diagnose.pull_day

    def noted(config: Any, day: date) -> list[str]:
        asked.append(day)
        return pull(config, day)

    monkeypatch.setattr(diagnose, "pull_day", noted)
    return asked


def shorter(day: int, request: dict[str, Any]) -> None:
    """Since the eighth day one of the two models answers in half as many words."""
    if day >= 7 and request["model"] == "gpt-4o-mini":
        request["words"] = round(request["words"] * 0.5)


def test_from_a_file_to_a_true_statement_in_three_commands(drift, pulled):
    rows = write(Path("traces.csv"), LAST, 11, change=shorter)
    assert "wrote drift.toml" in drift("init", "traces.csv", "--yes")
    assert "fail" not in drift("doctor")
    said = drift("diagnose", "--yes")
    assert "11 days from Thu 19 Mar 2026 to Sun 29 Mar 2026, 120 traces a day." in said
    (first,) = [line for line in said.splitlines() if line.startswith("since ")]
    # the change and its place, the first day, and what a request of that place cost on average before and since
    assert "since Thu 26 Mar 2026" in first and "model = gpt-4o-mini" in first
    mine = [row for row in rows if row["model"] == "gpt-4o-mini"]
    means = [fmean(float(r["cost"]) for r in mine if (r["ts"] >= "2026-03-26") is since) for since in (False, True)]
    told = [float(value) for value in re.findall(r"\$([\d.]+)", first)]
    assert "cost of a request ↓" in first and told == pytest.approx(means, rel=0.03)
    assert "length of answers" in said and "No change found in" in said
    assert len(pulled) == 11
    as_json = valid(drift("diagnose", "--json"), "diagnose")
    (group,) = as_json["groups"]
    assert {change["since"] for change in group["changes"]} == {"2026-03-26"}


def test_a_look_ends_where_the_files_end_and_no_day_is_pulled_of_which_they_have_nothing(drift, pulled):
    """Seen: thirty empty days pulled in two minutes, and "no day can be compared (expect_table_row_count_to_be_between …)"."""
    write(Path("traces.csv"), LAST, 2)
    drift("init", "traces.csv", "--yes")
    said = drift("diagnose", "--yes")
    assert "the store's traces end on Sun 29 Mar 2026, and so does this look" in said
    assert "2 days from Sat 28 Mar 2026 to Sun 29 Mar 2026" in said
    assert "Nothing to compare with yet: at least six days are needed." in said and "No change" not in said
    assert pulled == [date(2026, 3, 28), LAST]
    # asked for by name, other days are told to have nothing
    assert "3 of which nothing was pulled" in drift("diagnose", "--from", "2026-03-28", "--to", "2026-04-01")
    assert "has no traces of 2026-05-01 to 2026-05-03; it has some of 2026-03-28 to 2026-03-29" in drift(
        "diagnose", "--from", "2026-05-01", "--to", "2026-05-03", code=1
    )
    assert len(pulled) == 2


def test_a_hole_that_was_left_by_ctrl_c_is_filled_the_next_time(drift, pulled, monkeypatch):
    write(Path("traces.csv"), LAST, 5)
    drift("init", "traces.csv", "--yes")
    whole, pull = date(2026, 3, 27), diagnose.pull_day

    def interrupted(config: Any, day: date) -> list[str]:
        if day == whole:
            raise KeyboardInterrupt
        return pull(config, day)

    with monkeypatch.context() as stopped:
        stopped.setattr(diagnose, "pull_day", interrupted)
        drift("diagnose", "--yes", code=130)
    assert pulled == [date(2026, 3, 25), date(2026, 3, 26)]
    # a hole among days that are there, too: a later day was pulled by itself
    drift("diagnose", "--yes", "--from", "2026-03-29", "--to", "2026-03-29")
    assert "5 days from Wed 25 Mar 2026" in drift("diagnose", "--yes")
    assert pulled[3:] == [date(2026, 3, 27), date(2026, 3, 28)]


def test_a_day_that_was_empty_when_it_was_pulled_is_pulled_again_once_the_files_have_it(drift, pulled):
    write(Path("traces.csv"), LAST, 3)
    drift("init", "traces.csv", "--yes")
    # as a night that came before the export did
    drift("run", "--day", "2026-03-30", code=1)
    assert "3 days from Fri 27 Mar 2026 to Sun 29 Mar 2026" in drift("diagnose", "--yes")
    write(Path("traces.csv"), date(2026, 3, 30), 4)
    assert "4 days from Fri 27 Mar 2026 to Mon 30 Mar 2026" in drift("diagnose", "--yes")
    assert pulled[3:] == [date(2026, 3, 30)]


def test_what_the_file_does_not_have_is_not_spoken_of_and_what_the_nights_told_of_is_no_ordinary_time(drift):
    write(Path("traces.csv"), LAST, 7, without=("cost", "thumbs", "model"), empty=("took_ms",), routes=("billing",))
    drift("init", "traces.csv", "--yes")
    said = drift("diagnose", "--yes")
    assert "7 days from" in said and "No change found, within what could be seen." in said
    assert not re.search(r"cost|\$|thumbs|time to|error|model|retriev|document|unknown|cosine|closeness", said)
    # seen: "No change found" over three weeks in which a night had opened an incident, of a change too small for this look
    results = Results.of(Config.load("drift.toml"))
    for day, change in ((LAST - timedelta(days=1), {"change": 0}), (LAST, {})):
        write_night(results, day, [finding(day, where="name=billing", **change)])
    results.close()
    said = drift("diagnose")
    assert "The nights told of:" in said and "Refusals in billing rose 4-fold" in said
    assert "No change found beside these, within what could be seen." in said
    assert "refusals" not in said[said.index("No change found in") :].split("A week's change")[0]
    (told,) = valid(drift("diagnose", "--json"), "diagnose")["incidents"]
    assert told["opened"] == str(LAST)
