"""After a quiet night: a few recorded calls are asked again, and a provider that answers them otherwise is told as an event."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics
from drift.config import Config
from drift.experiment import asking, ready
from drift.experiment.ready import Moved
from drift.features import custom
from drift.judge.spending import Budget
from drift.lake import Lake
from drift.results import Results, announced
from drift.results.announced import Announced, Kind
from drift.text import names, wording
from drift.text.escape import plain

SOURCE = "drift: calls of a week ago asked again"
_ENDPOINTS = 5


def ask_again(config: Config, results: Results, day: date) -> int:
    """Ask what `[experiment] each_night` switches on, once a night, and write down what it shows as events; returns how many are new.

    Nothing is asked while an incident is open, where the rows of a week ago are not stored, or where texts may not leave. Raises ConfigError
    for a model whose price is not known, StoreError where the store cannot be read.
    """
    section, lake = config.experiment, Lake(config.lake.url)
    if not section.each_night or not config.privacy.texts_leave or lake.committed(ready.KIND, day):
        return 0
    old = day - timedelta(days=ready.BACK)
    if any(each.state == "open" for each in results.incidents()) or old not in lake.days("features"):
        return 0
    custom.load(config.custom.modules)
    today = datetime.now(UTC).astimezone(config.zone).date()
    budget = Budget(results.database, today, "experiment:each night", section.calls, section.usd)
    model = asking.models(section, budget)
    asked = [ready.ask(config, endpoint, old, model) for endpoint in _endpoints(lake, old)]
    lake.write(ready.KIND, day, pa.concat_tables(asked), {})
    # one an endpoint: what else moved of its answers did so with the first
    first = {one.endpoint: one for one in reversed(ready.moved(lake, day))}
    return announced.record(results, _new(results, [_event(config, day, one) for one in first.values()]))


def _endpoints(lake: Lake, day: date) -> list[str]:
    """Those with the most requests."""
    table = lake.read("features", day, ["name"])
    if table is None:
        return []
    counted = pc.value_counts(table["name"].cast(pa.string()).drop_null().combine_chunks()).to_pylist()
    return [each["values"] for each in sorted(counted, key=lambda each: (-each["counts"], each["values"]))[:_ENDPOINTS]]


def _event(config: Config, day: date, one: Moved) -> Announced:
    metric = metrics.lookup(one.series.metric)
    read = (lambda y: y) if one.series.is_rate or not metric.relative else np.exp
    unit = "share" if one.series.is_rate else metric.unit
    then, now = (wording.number(float(read(y)), unit) for y in (one.then, one.now))
    what = plain(f"{names.called(metric.name)} of {one.model}, on the same {one.effect.calls} calls: {then} → {now}", 200)
    return Announced(config.window(day)[0], day, Kind.PROVIDER, what, "name", one.endpoint, SOURCE)


def _new(results: Results, events: list[Announced]) -> list[Announced]:
    """Those of whose endpoint nothing was told in the nights that the comparison looks at: it shows a change for a week, and then for another
    in which its calls leave it."""
    if not events:
        return []
    with results.database.reading() as connection:
        lately = announced.announced(connection, events[0].day - timedelta(days=2 * ready.BACK), events[0].day)
    told = {each.value for each in lately if each.source == SOURCE}
    return [each for each in events if each.value not in told]
