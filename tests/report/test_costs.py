"""The costs page on a day whose price nobody knows: it says so, and shows no number in its place."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np

from drift.report import costs, rendering
from drift.results import courses

DAY = date(2026, 11, 20)


def _past(*levels: tuple[float | None, int, int]) -> SimpleNamespace:
    """The tables after days with (total, priced requests, requests without a price), the last of them today."""
    level, n, missing = (list(each) for each in zip(*levels, strict=True))
    course = courses.alone(len(levels), range(len(levels)), np.array(level, float), n)
    course = replace(course, missing=np.array(missing))
    days = [DAY - timedelta(days=len(levels) - 1 - i) for i in range(len(levels))]
    return SimpleNamespace(day=DAY, days=days, daily={(costs.TOTAL, "all", ""): course, (costs.TOTAL, "model", "own"): course})


def _page(past) -> str:
    whole = costs.whole(past)
    rows = [costs._cost("own", past.daily[(costs.TOTAL, "model", "own")], whole["last"], 3)] if whole else []
    table = {"dimension": "model", "name": "model", "chart": None, "names": [], "rows": rows}
    return rendering.page("costs.html.jinja", "", "Costs", "UTC", [{"kind": "series"}], whole=whole, tables=[table], users=[], day=DAY).decode()  # fmt: skip


def test_an_unknown_total_is_said_and_is_no_number():
    past = _past((10.0, 1000, 0), (12.0, 1000, 0), (None, 400, 600))
    whole = costs.whole(past)
    assert (whole["last"], whole["request"], whole["priced"]) == (None, None, 0.4)
    assert (whole["mean"], whole["days"]) == (11.0, 2)
    text = _page(past)
    assert "is unknown: 40.0 % of its requests with tokens have a known price" in text
    assert not re.search(r"\$0|nan", text.split("<main")[1].split("<script")[0])


def test_a_day_before_that_was_unknown_is_left_out_of_the_mean():
    whole = costs.whole(_past((10.0, 1000, 0), (None, 0, 1000), (20.0, 1000, 0)))
    assert (whole["last"], whole["mean"], whole["days"]) == (20.0, 15.0, 2)
    own = costs._cost("own", _past((10.0, 1000, 0), (None, 0, 1000), (20.0, 1000, 0)).daily[(costs.TOTAL, "model", "own")],
                      20.0, 3)  # fmt: skip
    assert (own.last, own.share, own.mean) == (20.0, 1.0, 15.0)


def test_where_no_price_was_ever_known_no_number_is_shown():
    text = _page(_past((None, 0, 100), (None, 0, 100)))
    assert "unknown: 0.0 %" in text
    assert not re.search(r"\$\d|nan", text.split("<main")[1].split("<script")[0])
