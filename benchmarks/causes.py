"""How often incidents are given their true cause and place: the demo store's planted incidents of every cause, several seeds.

    .venv/bin/python benchmarks/causes.py --seeds 3 --traces 2000

The same traces are told again as applications would record them that leave something out (RECORDED): no prompt versions, no releases,
no tokens. The table at the end says how often a cause that was called likely, and one that was called possible, was the planted one.

For every planted incident its first night is compared with the days before it (other planted days left out, as they are once
their incidents were found), grouped and explained. An incident that the detector does not see is missed, not wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache

import pyarrow as pa

from drift import detect, features, profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.explain import explain, meaning
from drift.profiles.day import DayProfile
from drift.results.grouping import StoredFinding
from drift.results.incidents import replay
from drift.stores.demo import DemoOptions, DemoStore
from drift.stores.demo_incident import Scenario

# what is taken from the features, for applications that do not record it
RECORDED = {
    "everything": (),
    "no prompt versions": ("prompt", "input_tokens"),
    "no releases": ("release",),
    "no tokens": ("input_tokens", "output_tokens", "tokens_per_second"),
    "no errors, no retrieval": (
        "error",
        "error_type",
        "nothing_found",
        "documents",
        "retrieval_top_score",
        "retrieval_mean_score",
    ),
}


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


@cache
def features_of(seed: int, traces: int, embeddings: bool, scenario: Scenario = "twelve") -> Callable[[date], pa.Table]:
    """The features of a day of the demo, measured once."""
    store = store_of(seed, traces, scenario)
    config = config_of(embeddings)

    @cache
    def of(day: date) -> pa.Table:
        first, last = config.window(day)
        context = features.context(config, traces=traces)
        parts = [features.extract(batch, context) for batch in store.pull(first, last)]
        return features.finish(pa.concat_tables(parts, promote_options="permissive"), config)

    return of


def store_of(seed: int, traces: int, scenario: Scenario = "twelve") -> DemoStore:
    return DemoStore(DemoOptions(seed=seed, traces_per_day=traces, scenario=scenario), salt="benchmark")


def config_of(embeddings: bool) -> Config:
    return Config.of({"store": {"type": "demo"}, "embeddings": {"enabled": embeddings}})


def outcomes(
    seed: int,
    traces: int,
    embeddings: bool = False,
    only: str = "",
    left_out: Sequence[str] = (),
    scenario: Scenario = "twelve",
) -> Iterator[Outcome]:
    """Every planted incident of the scenario, or those of one cause; left_out: columns of the features."""
    store, config = store_of(seed, traces, scenario), config_of(embeddings)
    planted_days = {day for item in store.planted for day in _days(item.first_day, item.last_day)}
    made: dict[date, tuple[pa.Table, DayProfile]] = {}

    def day_of(day: date) -> tuple[pa.Table, DayProfile]:
        if day not in made:
            table = features_of(seed, traces, embeddings, scenario)(day)
            table = table.drop_columns([name for name in left_out if name in table.column_names])
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
    said: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in RECORDED}
    total: Counter[str] = Counter()
    for seed in range(7, 7 + given.seeds):
        for recorded, left_out in RECORDED.items():
            for out in outcomes(seed, given.traces, given.embeddings, given.only, left_out):
                said[recorded].update([(out.confidence or out.given, out.verdict)])
                if recorded == "everything":
                    total.update([out.verdict, "place" if out.where_right else "no place", *["split"] * out.split])
                where = "here" if out.where_right else "elsewhere"
                print(
                    f"{seed:3} {recorded:24} {out.name:20} {out.verdict:8} {out.given:20} {out.confidence:9} {where:9} +{out.split} {out.metric}",
                    flush=True,
                )
    print(dict(total))
    print(table(said))


def table(said: Mapping[str, Counter[tuple[str, str]]]) -> str:
    """How often what was called likely, and possible, was right, as Markdown."""
    lines = ["| recorded | likely: right | possible: right | unclear | not detected |", "|---|---|---|---|---|"]
    everything: Counter[tuple[str, str]] = sum(said.values(), Counter())
    for name, counts in [*said.items(), ("all of these", everything)]:
        cells = [_share(counts, sure) for sure in ("likely", "possible")]
        # where there is no cause, unclear is right
        unclear = sum(count for (sure, _), count in counts.items() if sure == "unclear")
        missed = sum(count for (_, verdict), count in counts.items() if verdict == "missed")
        lines.append(f"| {name} | {' | '.join(cells)} | {unclear} | {missed} |")
    return "\n".join(lines)


def _share(counts: Counter[tuple[str, str]], sure: str) -> str:
    of = sum(count for (called, _), count in counts.items() if called == sure)
    return f"{counts[sure, 'right']} of {of} ({counts[sure, 'right'] / of:.0%})" if of else "none"


if __name__ == "__main__":
    main()
