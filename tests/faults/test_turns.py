"""Two nights that are started at once take turns: each knows what the other found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import drift as package
from drift.config import Config
from drift.errors import DriftError
from drift.night import turn as turns
from drift.night.turn import turn
from drift.results import frames
from faults.traffic import NIGHTS, day, rows, write

TABLES = "sqlite:///drift-data/drift.db"


def test_two_different_days_at_once_are_two_nights_one_after_the_other(drift):
    for number in (NIGHTS, NIGHTS + 1):
        write(day(number), rows(day(number), scores=None, output="No."))
    command = [sys.executable, "-c", "from drift import cli; cli.main()", "run", "--day"]
    env = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
    both = [subprocess.Popen([*command, str(day(n))], stderr=subprocess.PIPE, text=True, env=env) for n in (NIGHTS, NIGHTS + 1)]
    for each in both:
        _, told = each.communicate(timeout=300)
        assert each.returncode == 3, told
    assert frames.runs(TABLES)["status"].tolist()[-2:] == ["drift", "drift"]


def _config(folder: Path, **given) -> Config:
    return Config.of({"lake": {"url": str(folder / "lake")}, "results": {"url": f"sqlite:///{folder}/drift.db"}} | given)


@pytest.mark.parametrize("lake", ["folder", "bucket"])
def test_a_night_waits_for_the_one_that_is_under_way(tmp_path, monkeypatch, lake):
    monkeypatch.setattr(turns, "PATIENCE_S", 3)
    config = _config(tmp_path) if lake == "folder" else _config(tmp_path, lake={"url": f"memory://{tmp_path}"})
    waited: list[float] = []
    with turn(config), pytest.raises(DriftError, match="another night of .* has been under way"), turn(config, waited.append):
        pass
    assert sum(waited) >= 3
    with turn(config, waited.append):
        assert len(waited) == 3


def test_other_lakes_wait_for_nobody(tmp_path):
    with turn(_config(tmp_path / "a")), turn(_config(tmp_path / "b"), lambda seconds: pytest.fail("it waited")):
        pass


def test_a_night_that_was_killed_gives_its_turn_back(tmp_path):
    (tmp_path / "a").mkdir()
    code = (
        "import os; from pathlib import Path; from drift.config import Config; from drift.night.turn import turn\n"
        f"held = turn(Config.of({{'lake': {{'url': '{tmp_path}/lake'}}, 'results': {{'url': 'sqlite:///{tmp_path}/drift.db'}}}}))\n"
        "held.__enter__(); os.kill(os.getpid(), 9)"
    )
    env = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=env).returncode == -9
    with turn(_config(tmp_path), lambda seconds: pytest.fail("it waited")):
        pass


@pytest.mark.slow
def test_the_database_keeps_nights_apart_where_the_lake_cannot(postgresql_url):
    config = Config.of({"lake": {"url": "memory://somewhere"}, "results": {"url": postgresql_url}})
    waited: list[float] = []

    def give_up(seconds: float) -> None:
        raise InterruptedError(waited.append(seconds))

    with turn(config), pytest.raises(InterruptedError), turn(config, give_up):
        pass
    with turn(config, give_up):
        assert len(waited) == 1
