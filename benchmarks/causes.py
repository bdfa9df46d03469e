"""How often incidents are given their true cause and place: the demo store's planted incidents of every cause, several seeds.

    .venv/bin/python benchmarks/causes.py --seeds 3 --traces 2000

For every planted incident its first night is compared with the days before it (other planted days left out, as they are once
their incidents were found), grouped and explained. An incident that the detector does not see is missed, not wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import pyarrow as pa

from drift import detect, features, profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.explain import explain, meaning
from drift.profiles.day import DayProfile
from drift.results.grouping import StoredFinding
from drift.results.incidents import replay
from drift.stores.demo import DemoOptions, DemoStore


@dataclass(frozen=True)
class Outcome:
    """What became of one planted incident: the cause named (`missed`: no alarm) and how many incidents too many."""

    name: str
    cause: str
    given: str
    confidence: str
    where_right: bool
    split: int
    metric: str

    @property
    def verdict(self) -> str:
        if self.given == "missed":
            return "missed"
        return "right" if self.given == self.cause else "unclear" if self.given == "unclear" else "wrong"


def outcomes(seed: int, traces: int, embeddings: bool = False, only: str = "") -> Iterator[Outcome]:
    """Every planted incident of the scenario `twelve`, or those of one cause."""
    store = DemoStore(DemoOptions(seed=seed, traces_per_day=traces, scenario="twelve"), salt="benchmark")
    config = Config.of({"store": {"type": "demo"}, "embeddings": {"enabled": embeddings}})
    planted_days = {day for item in store.planted for day in _days(item.first_day, item.last_day)}
    made: dict[date, tuple[pa.Table, DayProfile]] = {}

    def day_of(day: date) -> tuple[pa.Table, DayProfile]:
        if day not in made:
            first, last = config.window(day)
            context = features.context(config, traces=traces)
            parts = [features.extract(batch, context) for batch in store.pull(first, last)]
            table = features.finish(pa.concat_tables(parts, promote_options="permissive"), config)
            made[day] = table, DayProfile(day, profiles.build(table, config, day))
        return made[day]

    for item in [each for each in store.planted if only in ("", each.cause)]:
        usual = [d for d in _days(store.first_day, item.first_day - timedelta(days=1)) if d not in planted_days]
        history = [day_of(day)[1] for day in usual[-28:]]
        # an incident that grows by the day is found on one of its first nights
        for today in _days(item.first_day, item.last_day):
            table, profile = day_of(today)
            findings = detect.night(history, profile, detect.Settings.of(config))
            stored = [StoredFinding(id=str(i), **asdict(finding)) for i, finding in enumerate(findings)]
            found = replay([today], {today: stored}).incidents
            if found:
                break
        else:
            yield Outcome(item.name, item.cause, "missed", "", False, 0, "")
            continue
        right = {item.metric, *item.also}
        incident = max(found, key=lambda each: (each.metric in right, abs(each.lead.z or 0)))
        alarms = [f for f in stored if f.alarm and f.metric in incident.names]
        panel = Panel([*history, profile])
        lately = usual[-meaning.DAYS :]
        told = explain(
            incident.lead, alarms, stored, panel, incident.began, table, day_of(usual[-7])[0],
            usual=lambda days=lately: [day_of(day)[0] for day in days],
        )  # fmt: skip
        places = {
            (incident.dimension, incident.value),
            *((part.dimension, part.value) for part in told.where if part.share > 0.5),
        }
        where = (item.dimension, item.value) in places
        yield Outcome(item.name, item.cause, told.cause, told.confidence, where, len(found) - 1, incident.title)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--embeddings", action="store_true")
    parser.add_argument("--only", default="", help="the cause whose incidents are looked at, e.g. audience")
    given = parser.parse_args()
    total: Counter[str] = Counter()
    for seed in range(7, 7 + given.seeds):
        for out in outcomes(seed, given.traces, given.embeddings, given.only):
            total.update([out.verdict, "place" if out.where_right else "no place", *["split"] * out.split])
            where = "here" if out.where_right else "elsewhere"
            print(
                f"{seed:3} {out.name:20} {out.verdict:8} {out.given:20} {out.confidence:9} {where:9} +{out.split} {out.metric}",
                flush=True,
            )
    print(dict(total))


if __name__ == "__main__":
    main()
