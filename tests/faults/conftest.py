"""A folder as its users have it: files of traces, a few ordinary nights behind it, and the command line to go on with."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drift import cli
from drift.results import Results
from faults.traffic import CONFIG, FIRST, NIGHTS, day, write


@pytest.fixture(scope="session")
def lived(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("traces").mkdir()
        for number in range(NIGHTS):
            write(day(number))
        Path("drift.toml").write_text(CONFIG)
        patch.setattr(sys, "argv", ["drift", "backfill", "--from", str(FIRST), "--to", str(day(NIGHTS - 1))])
        with pytest.raises(SystemExit) as done:
            cli.main()
    assert not done.value.code
    return folder


@pytest.fixture
def drift(lived, tmp_path, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """drift("run") → (exit code, stdout, stderr), in a copy of that folder."""
    shutil.copytree(lived, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drift", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        shown = capsys.readouterr()
        return int(done.value.code or 0), shown.out, shown.err

    return call


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Results]:
    opened = Results(f"sqlite:///{tmp_path}/drift.db")
    yield opened
    opened.close()
