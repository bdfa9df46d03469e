"""What was spent, day by day, of everything that `[spend]` limits: from the profiles, and by user from the features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from drift.config import Config
from drift.detect import spending
from drift.detect.spending import Limit
from drift.findings import Finding
from drift.lake import Lake
from drift.night import baseline
from drift.profiles import OVERALL
from drift.profiles.build import total_is_known

# what a month's first nights rest on, and the month itself
_DAYS = 28 + 31
# users of whom one limit may tell in a night
_MOST_USERS = 20
Costs = dict[tuple[str, str], dict[date, float]]


def findings(config: Config, lake: Lake, day: date) -> list[Finding]:
    """One finding a limit and whatever it limits; none without limits."""
    limits = config.spend.every
    if not limits:
        return []
    days = [day - timedelta(days=n) for n in reversed(range(_DAYS))]
    costs = _of_segments(lake, days)
    if any(each.dimension == "user" for each in limits):
        costs |= _of_users(lake, [each for each in days if (each.year, each.month) == (day.year, day.month)], day)
    out: list[Finding] = []
    for each in limits:
        places = [(each.dimension, each.value)] if each.value or each.dimension == OVERALL else _values(costs, each.dimension)
        told = [
            found
            for dimension, value in places
            for found in spending.evaluate(
                Limit(dimension, value, each.day, each.month), costs.get((dimension, value), {}), day
            )
        ]
        # of each user only what is beyond is told, the dearest first
        if each.dimension == "user" and not each.value:
            told = sorted((found for found in told if found.alarm), key=lambda found: -(found.value_to or 0.0))[:_MOST_USERS]
        out += told
    return out


def _values(costs: Costs, dimension: str) -> Iterator[tuple[str, str]]:
    return (place for place in sorted(costs) if place[0] == dimension)


def _of_segments(lake: Lake, days: list[date]) -> Costs:
    """By segment and day, of the days whose total is known; a segment that a day does not have cost nothing then."""
    costs: Costs = defaultdict(dict)
    there = [each for each in days if lake.committed("profiles", each)]
    for each in there:
        table = baseline.profile_if_whole(lake, each)
        if table is None:
            continue
        own = table.filter(pc.equal(table["metric"], "total_cost_usd")).select(["dimension", "value", "n", "missing", "total"])
        for row in own.to_pylist():
            if row["total"] is not None and total_is_known(row["n"], row["missing"]):
                costs[row["dimension"], row["value"]][each] = float(row["total"])
    whole = costs.get((OVERALL, ""), {})
    for own in costs.values():
        first = min(own)
        own |= {each: 0.0 for each in whole if each > first and each not in own}
    return dict(costs)


def _of_users(lake: Lake, days: list[date], day: date) -> Costs:
    """Of users that cost something today, as far as the features of the month are kept."""
    costs: Costs = defaultdict(dict)
    known: list[date] = []
    for each in reversed(days):
        table = _user_costs(lake, each)
        if table is None:
            continue
        known.append(each)
        for row in table.to_pylist():
            place = "user", row["user"]
            if each == day or place in costs:
                costs[place][each] = float(row["cost_usd_sum"])
    for own in costs.values():
        own |= {each: 0.0 for each in known if each not in own}
    return dict(costs)


def _user_costs(lake: Lake, day: date) -> pa.Table | None:
    manifest = lake.manifest("features", day)
    if manifest is None or not all(
        {"user", "cost_usd"} <= set(lake.schema("features", day, part).names) for part in manifest.parts
    ):
        return None
    table = lake.read("features", day, ["user", "cost_usd"])
    return None if table is None else table.drop_null().group_by("user").aggregate([("cost_usd", "sum")])
