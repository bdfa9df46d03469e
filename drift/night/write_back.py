"""`drift write-back ID`: what an incident leaves in the trace store, of its affected traces and their ordinary neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from drift import stores
from drift.config import Config
from drift.errors import ConfigError
from drift.lake import Lake
from drift.night import affected
from drift.night.incident import neighbours
from drift.results import Results
from drift.results.account import of_incident
from drift.stores.by_id import pull_by_id, some_of
from drift.text.escape import plain, url
from drift.writing.leaving import Item, Leaving
from drift.writing.places import place_of

# bad traces in a dataset, beside as many ordinary ones
_ITEMS = 50
# of an incident of which no night kept its own
_EXEMPLARS = 5


@dataclass(frozen=True)
class Left:
    """What is there now, or would be, by kind."""

    incident: str
    written: Mapping[str, int]


def write_back(config: Config, incident: str, *, dry_run: bool = False) -> Left:
    """Leave in the store what `[write_back]` switches on. dry_run: count only. Raises ConfigError where nothing is switched on, the store cannot
    keep it or texts may not leave, DataError where the incident's rows are gone, StoreError where the store refuses."""
    section = config.write_back
    place = place_of(config)
    if not config.privacy.texts_leave:
        raise ConfigError("privacy.texts_leave is false: nothing is written back to the store")
    results = Results.of(config)
    try:
        found = results.find(incident)
        one = of_incident(results, found.id, config.report.url)
    finally:
        results.close()
    bad = list(affected.traces(config, found.id))
    days = {each.trace_id: each.day for each in bad}
    exemplars = [each.trace_id for each in one.exemplars] or list(some_of(days, _EXEMPLARS))
    shown = some_of(days, _ITEMS)
    lake = Lake(config.lake.url)
    earlier = [day for day in lake.days("features") if day < found.began[1]]
    beside = neighbours(lake, one, shown, earlier[-1]) if earlier and section.dataset else {}
    ordinary = dict.fromkeys(beside.values(), earlier[-1]) if earlier else {}
    if dry_run:
        wanted = {
            "dataset items": len(shown) + len(beside) if section.dataset else 0,
            "scores": len(days) if section.score else 0,
            "comments": len(set(exemplars)) if section.comment else 0,
            "queue entries": len(set(exemplars)) if section.queue else 0,
        }
        return Left(found.id, {name: n for name, n in wanted.items() if n})
    items = _items(config, lake, shown, ordinary) if section.dataset else ()
    leaving = Leaving(found.id, plain(one.sentence, 700), url(one.report_url), items, list(days), exemplars)
    return Left(found.id, place.write(config, leaving))


def _items(config: Config, lake: Lake, bad: Mapping[str, date], ordinary: Mapping[str, date]) -> tuple[Item, ...]:
    rows = pull_by_id(config, stores.open_store(config), lake, {**bad, **ordinary})
    return tuple(
        Item(trace, rows[trace].get("input"), rows[trace].get("output"), trace in ordinary)
        for trace in (*bad, *ordinary)
        if trace in rows
    )
