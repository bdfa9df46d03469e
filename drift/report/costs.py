"""What the application costs: the day's total by endpoint, model and prompt from the tables, by user from the features."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.pricing import forecast
from drift.report.series import Past, lines
from drift.results.courses import Course
from drift.text import wording

TOTAL = "total_cost_usd"
_SHOWN = 15
_DRAWN = 8
_DAYS = 28


@dataclass(frozen=True)
class Cost:
    """Costs in USD: of the last day, its share of the whole, the mean of a day, and of a request; `requests` of the last day.

    `last`, `share` and `request` are None where the day's total is unknown, `mean` where every day's is.
    """

    value: str
    last: float | None
    share: float | None
    mean: float | None
    requests: int
    request: float | None


@dataclass(frozen=True)
class CostTable:
    """One dimension's values, the dearest first, and its chart."""

    dimension: str
    name: str
    rows: list[Cost]
    drawn: dict[str, Any] | None

    @property
    def names(self) -> list[str]:
        return [line["name"] for line in self.drawn["lines"]] if self.drawn else []


def whole(past: Past) -> dict[str, Any] | None:
    """All traffic: cost of the last day, of a day on average and of a request; None where no cost is known.

    `month` is the forecast of the day's month, None of few days. Where the last day's total is unknown, `last` and `request` are None, and `priced` is the share of its requests with a price.
    """
    every = past.daily.get((TOTAL, "all", ""))
    if every is None or not every.there[-1]:
        return None
    lately = every.lately(_DAYS)
    level, n, missing = float(every.level[-1]), int(every.n[-1]), int(every.missing[-1])
    if not missing and not np.nansum(lately.level) > 0:
        return None
    known = lately.level[np.isfinite(lately.level)]
    spent = {day: float(usd) for day, usd in zip(past.days, every.level, strict=True) if isfinite(usd)}
    return {
        "month": forecast.of(spent, past.day),
        "last": None if isnan(level) else level,
        "mean": float(known.mean()) if len(known) else None,
        "days": len(known),
        "request": None if isnan(level) else level / max(n, 1),
        "priced": n / max(n + missing, 1),
    }


def by_dimension(past: Past) -> list[CostTable]:
    """A table for every dimension that the traffic is split by."""
    total = whole(past)
    dimensions = dict.fromkeys(key[1] for key in past.daily if key[0] == TOTAL and key[1] != "all")
    return [_table(past, dimension, total["last"]) for dimension in dimensions] if total else []


def by_user(features: pa.Table | None) -> list[Cost]:
    """The users (hashes) of one day who cost most; empty where users or costs are unknown. features: `user`, `cost_usd`."""
    if features is None or not {"user", "cost_usd"} <= set(features.column_names):
        return []
    known = features.select(["user", "cost_usd"]).drop_null()
    if not known.num_rows:
        return []
    grouped = known.group_by("user").aggregate([("cost_usd", "sum"), ("cost_usd", "count")])
    total = pc.sum(features["cost_usd"]).as_py()
    rows = sorted(grouped.to_pylist(), key=lambda row: (-row["cost_usd_sum"], row["user"]))[:_SHOWN]
    return [
        Cost(
            value=row["user"][:12],
            last=row["cost_usd_sum"],
            share=row["cost_usd_sum"] / total if total else 0.0,
            mean=row["cost_usd_sum"],
            requests=row["cost_usd_count"],
            request=row["cost_usd_sum"] / row["cost_usd_count"],
        )
        for row in rows
    ]


def _table(past: Past, dimension: str, total: float | None) -> CostTable:
    found = {key[2]: course.lately(_DAYS) for key, course in past.daily.items() if key[:2] == (TOTAL, dimension)}
    days = int(np.any([course.there for course in found.values()], axis=0).sum())
    rows = [_cost(value, course, total, days) for value, course in found.items()]
    rows.sort(key=lambda row: (-(row.mean or 0.0), row.value))
    drawn = lines(past, [(row.value, (TOTAL, dimension, row.value)) for row in rows[:_DRAWN]], "USD")
    return CostTable(dimension, wording.dimension(dimension), rows[:_SHOWN], drawn)


def _cost(value: str, course: Course, total: float | None, days: int) -> Cost:
    # a day without the segment cost nothing for it; a day whose total is unknown is left out
    unknown = course.there & np.isnan(course.level)
    last = None if unknown[-1] else float(np.nan_to_num(course.level[-1]))
    n, missing = int(course.n[-1]), int(course.missing[-1])
    mean = None if not course.known else float(np.nansum(course.level)) / max(days - int(unknown.sum()), 1)
    share = None if last is None or total is None else last / total if total else 0.0
    return Cost(value, last, share, mean, n + missing, None if last is None else last / max(n, 1))
