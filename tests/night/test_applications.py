"""A folder of drift.toml files: each application has its own lake and tables, all of them one page and one digest."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from nights import day, finding, write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.errors import ConfigError
from drift.lake import Lake
from drift.night import applications
from drift.results import Results, frames

SUNDAY = day(7)


def _file(folder: Path, name: str, lake: str = "") -> None:
    (folder / f"{name}.toml").write_text(
        f'[store]\ntype = "demo"\n[lake]\nurl = "{lake or name}/lake"\n[results]\nurl = "sqlite:///{name}.db"\n'
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("billing", "search"):
        _file(tmp_path, name)
    return tmp_path


def _night(folder: Path, name: str, on: date, change: float = 0.0) -> None:
    config = Config.load(folder / f"{name}.toml")
    results = Results.of(config)
    write(results, on, [finding(on, change=change)])
    results.close()
    # what says that a night was run
    Lake(config.lake.url).write("profiles", on, __import__("pyarrow").table({"x": [1]}))


def test_a_folder_is_its_files_and_one_alone_has_to_be_named_for_the_rest(folder):
    assert [each.name for each in applications.load(folder)] == ["billing", "search"]
    assert applications.load(folder / "billing.toml") == []
    with pytest.raises(ConfigError, match="a folder; name one of the applications in it"):
        Config.load(folder)


def test_two_applications_never_share_a_lake(folder):
    _file(folder, "third", lake="search")
    with pytest.raises(ConfigError, match=r"lake.url: .* is that of search and third; each application needs its own"):
        applications.load(folder)


def test_one_page_lists_all_of_them_and_stands_in_each_report(folder):
    _night(folder, "billing", SUNDAY, 0.07)
    every = applications.load(folder)
    applications.write_page(every)
    page = (folder / "billing/lake/report/applications.html").read_text("utf-8")
    assert "Refusals rose 4-fold" in page and "No night was run yet." in page
    (other,) = re.findall(r'href="([^"]*search[^"]*)"', page)
    assert (folder / "billing/lake/report" / other).resolve() == (folder / "search/lake/report/index.html").resolve()


def test_the_week_of_all_is_one_message_told_once_when_the_last_of_them_has_run(folder, place, monkeypatch):
    monkeypatch.setenv("DRIFT_SLACK_WEBHOOK", place.url)
    every = applications.load(folder)
    _night(folder, "billing", SUNDAY, 0.07)
    assert applications.tell_week(every, SUNDAY) == []
    _night(folder, "search", SUNDAY)
    for _ in range(2):
        applications.tell_week(every, SUNDAY)
    (post,) = place.posts
    said = str(post["blocks"])
    assert "*billing*" in said and "*search*" in said and "Refusals rose 4-fold" in said
    assert frames.deliveries(every[0].config.results.url)["kind"].tolist() == ["weeks"]


def test_each_is_told_in_the_terminal_and_a_night_of_all_has_a_digest_of_its_own_in_none(folder):
    _night(folder, "billing", SUNDAY, 0.07)
    shown = CliRunner().invoke(app, ["applications", str(folder)])
    assert shown.exit_code == 0 and "billing" in shown.output and "no night was run yet" in shown.output
    assert [each.config.alerts.digest for each in applications.load(folder)] == [False, False]
