"""What is damaged in the lake is left out and told; it stops no later night, and what can be made again is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drift.night import baseline
from drift.results import frames
from faults.traffic import NIGHTS, day, write

LAKE = Path("drift-data/lake")
OLD, TODAY = day(1), day(NIGHTS)


def manifest(kind: str, on) -> Path:
    return LAKE / kind / f"day={on}" / "_manifest.json"


def _part(kind: str, on) -> Path:
    return next((LAKE / kind / f"day={on}").glob("*.parquet"))


def _a_folder_of_somebody() -> None:
    (LAKE / "profiles/day=backup").mkdir()
    manifest("profiles", "backup").write_bytes(manifest("profiles", OLD).read_bytes())


def _without_a_fact() -> None:
    given = json.loads(manifest("profiles", OLD).read_text())
    del given["facts"]["ok"]
    manifest("profiles", OLD).write_text(json.dumps(given))


DAMAGE = {
    "a part that is gone": lambda: _part("profiles", OLD).unlink(),
    "a part that is cut": lambda: _part("profiles", OLD).write_bytes(_part("profiles", OLD).read_bytes()[:100]),
    "a part of nothing": lambda: _part("profiles", OLD).write_bytes(b""),
    "an empty manifest": lambda: manifest("profiles", OLD).write_bytes(b""),
    "a manifest that is a list": lambda: manifest("profiles", OLD).write_text("[]"),
    "a manifest without a fact": _without_a_fact,
    "a manifest with wrong facts": lambda: manifest("profiles", OLD).write_text('{"parts": [], "facts": 3}'),
}


@pytest.fixture(autouse=True)
def _nothing_remembered():
    baseline._stored.cache_clear()
    baseline._tell_left_out.cache_clear()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_old_day_stops_no_night_and_is_told(drift, caplog, how):
    write(TODAY)
    DAMAGE[how]()
    code, _, told = drift("run", "--day", TODAY)
    assert code == 0, told
    assert f"{OLD} is compared with nothing" in caplog.text and "drift repair" in caplog.text
    assert frames.runs("sqlite:///drift-data/drift.db").iloc[-1]["baseline_days"] == NIGHTS - 1


def test_a_folder_that_is_no_day_is_none(drift):
    write(TODAY)
    _a_folder_of_somebody()
    assert drift("run", "--day", TODAY)[0] == 0


@pytest.mark.parametrize("how", ["a part that is gone", "an empty manifest", "a manifest without a fact"])
def test_a_damaged_day_is_made_again_from_its_rows(drift, how):
    before = _part("profiles", OLD).read_bytes()
    DAMAGE[how]()
    code, shown, _ = drift("repair")
    assert code == 0 and f"{OLD}: made again" in shown
    assert _part("profiles", OLD).read_bytes() == before
    assert "nothing in the lake is damaged" in drift("repair")[1]


def test_where_the_rows_are_gone_repair_says_whether_the_store_has_them(drift):
    for each in (OLD, day(2)):
        _part("profiles", each).unlink()
        for file in (LAKE / "features" / f"day={each}").iterdir():
            file.unlink()
    Path("traces", f"{OLD}.jsonl").unlink()
    code, shown, _ = drift("repair")
    assert code == 1
    assert (
        f"{OLD}: lost" in shown and f"{day(2)}: the store has it still: make it again with `drift run --day {day(2)}`" in shown
    )
    assert drift("run", "--day", day(2))[0] == 0
    assert drift("repair")[1].splitlines() == [line for line in shown.splitlines() if str(OLD) in line]


def test_a_run_of_the_damaged_day_itself_makes_it_again(drift):
    manifest("profiles", OLD).write_bytes(b"{")
    assert drift("run", "--day", OLD)[0] == 0


def test_tables_of_a_newer_drift_are_told(drift, place, monkeypatch):
    import sqlite3

    with sqlite3.connect("drift-data/drift.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    code, _, told = drift("run", "--day", day(NIGHTS - 1))
    assert code == 1 and "install a newer drift" in told
    (post,) = place.posts
    assert "install a newer drift" in post["verdict"]
