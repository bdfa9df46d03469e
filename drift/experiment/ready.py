"""Calls of a week ago asked again after each quiet night, so that a change of the provider is known before its effect is large.

A night's few dozen calls tell little. Those of the last nights together are one paired comparison: the answers on file, all from before, against
those of today. A week's calls are from the week before it, so a change shows in them for a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import metrics
from drift.config import Config
from drift.experiment import asking, calls
from drift.experiment.effects import Effect, paired
from drift.experiment.factors import AS_IT_WAS, Exchange
from drift.experiment.run import Series, measuring, on_file_of
from drift.judge.chat import Reply
from drift.lake import Lake

# what the lake calls it
KIND = "ready"
# how old the calls are that are asked again, and how many nights are looked at together
BACK = 7
FOLLOWED = (Series("refusal", "level"), Series("output_characters", "level"))
# the chance that one look calls an unchanged model changed, over all that is followed
_RISK = 0.001
_FEWEST = 60
_SCHEMA = pa.schema(
    [
        ("endpoint", pa.string()),
        ("model", pa.string()),
        ("metric", pa.string()),
        ("before", pa.float64()),
        ("after", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Moved:
    """A model that answers the same calls otherwise than a week ago. then, now: the levels, on the metric's scale."""

    endpoint: str
    model: str
    series: Series
    effect: Effect
    then: float
    now: float


def ask(config: Config, endpoint: str, day: date, model: asking.Models) -> pa.Table:
    """Calls of an endpoint on a day as they were, asked now: a row a call and series, (endpoint, model, metric, before, after), values on the
    metric's scale. Raises DataError where its rows or texts are gone, ConfigError where a model's price is not known."""
    section = config.experiment
    # a tenth of an arm would be asked twice, which is of no use here
    few = section.model_copy(update={"calls_an_arm": section.each_night})
    sides = calls.read(config, ("name", endpoint), [day], [], (section.each_night, 0))
    exchange = Exchange(sides, few)
    wanted = [each for each in asking.plan(exchange, few).questions if each.arm == AS_IT_WAS and each.time == 0]
    with ThreadPoolExecutor(section.parallel) as pool:
        replies = list(pool.map(lambda each: asking.ask_one(each, model, section), wanted))
    given = [(each, reply) for each, reply in zip(wanted, replies, strict=True) if isinstance(reply, Reply)]
    if not given:
        return _SCHEMA.empty_table()
    ones = [each.one for each, _ in given]
    measure = measuring(config, FOLLOWED)
    before, after = measure(ones, [on_file_of(one) for one in ones]), measure(ones, [reply for _, reply in given])
    rows = [
        {"endpoint": endpoint, "model": each.asked.model, "metric": series.metric, "before": before[i, j], "after": after[i, j]}
        for i, (each, _) in enumerate(given)
        for j, series in enumerate(FOLLOWED)
    ]
    return pa.Table.from_pylist(rows, _SCHEMA)


def moved(lake: Lake, day: date) -> list[Moved]:
    """What the nights of the last week up to `day` show together."""
    tables = [lake.read(KIND, each) for each in lake.days(KIND) if day - timedelta(days=BACK) < each <= day]
    known = pa.concat_tables([table for table in tables if table is not None and table.num_rows] or [_SCHEMA.empty_table()])
    rows = known.to_pylist()
    whose = sorted({(row["endpoint"], row["model"]) for row in rows})
    found = []
    for endpoint, model in whose:
        for series in FOLLOWED:
            mine = [r for r in rows if (r["endpoint"], r["model"], r["metric"]) == (endpoint, model, series.metric)]
            one = _of(endpoint, model, series, mine, _RISK / (len(whose) * len(FOLLOWED)))
            found += [one] if one is not None else []
    return found


def _of(endpoint: str, model: str, series: Series, rows: Sequence[dict], risk: float) -> Moved | None:
    before, after = (np.array([row[name] for row in rows], float)[:, None] for name in ("before", "after"))
    known = np.isfinite(before) & np.isfinite(after)
    if known.sum() < _FEWEST:
        return None
    effect = paired(before, after, series.is_rate, np.random.default_rng(0))
    matters = metrics.lookup(series.metric).matters
    # 5,000 draws of the permutation tell no p below 0.0002; what they do not tell apart from it, the interval must
    low, high = effect.interval(1 - risk) if effect is not None else (0.0, 0.0)
    if effect is None or effect.p > max(risk, 0.0002) or low <= 0 <= high or abs(effect.estimate) < matters:
        return None
    return Moved(endpoint, model, series, effect, float(before[known].mean()), float(after[known].mean()))
