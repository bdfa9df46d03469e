"""Nights that never ran are mentioned by the next one, in the terminal and in its message."""

from __future__ import annotations

from faults.traffic import NIGHTS, day, rows, write


def test_the_next_night_says_which_nights_never_ran(drift, place, monkeypatch):
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", place.url)
    for number in range(NIGHTS, NIGHTS + 4):
        write(day(number), rows(day(number), scores=None) if number == NIGHTS + 3 else None)
    _, shown, _ = drift("run", "--day", day(NIGHTS + 3))
    said = f"3 nights, {day(NIGHTS)} to {day(NIGHTS + 2)}, never ran"
    assert said in " ".join(shown.split())
    assert any(said in post.get("remark", "") for post in place.posts)
    drift("backfill", "--from", day(NIGHTS), "--to", day(NIGHTS + 2))
    assert "never ran" not in drift("show", "--day", day(NIGHTS + 3))[1]


def test_the_first_night_of_all_misses_none(drift):
    assert "never ran" not in drift("show", "--day", day(0))[1]
