"""What was compared has a page each, and the index has them all, whoever else was comparing meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drift.compare.verdict import Comparison
from drift.config import Config
from drift.lake import Lake
from drift.report import comparison


def config(folder: Path) -> Config:
    return Config.of({"lake": {"url": str(folder / "lake")}, "store": {"type": "demo"}})


def test_two_that_are_written_at_once_are_both_listed(tmp_path, monkeypatch):
    settings = config(tmp_path)
    page = comparison.comparison_page

    def meanwhile(*given):
        monkeypatch.setattr(comparison, "comparison_page", page)
        comparison.write(settings, Comparison("June", "July", ()))
        return page(*given)

    # the other one begins and ends while this one is being made
    monkeypatch.setattr(comparison, "comparison_page", meanwhile)
    comparison.write(settings, Comparison("May", "June", ()))
    assert sorted(comparison.comparisons(Lake(settings.lake.url)).values()) == ["June against July", "May against June"]


def test_pairs_and_wholes_of_the_same_sides_have_a_page_each(tmp_path):
    settings, whole = config(tmp_path), Comparison("May", "June", ())
    _, first = comparison.write(settings, whole)
    _, second = comparison.write(settings, replace(whole, paired=True))
    assert first != second and comparison.write(settings, whole)[1] == first
    names = comparison.comparisons(Lake(settings.lake.url)).values()
    assert sorted(names) == ["May against June", "May against June, in pairs"]
