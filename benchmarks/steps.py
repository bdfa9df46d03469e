"""What steps inside requests are worth and what they cost: the demo store's scenario `steps`, several seeds.

    python benchmarks/steps.py --seeds 10 --traces 2000
    python benchmarks/steps.py --seeds 10 --alone        # the steps' metrics alone, with the whole budget: many seeds in little time

Printed for each planted incident: found on one of its three nights, with which cause, in the right place; an exchanged planner is an
event, not an incident; of a new judge and an edited prompt there is the event, and the incident has it as its cause. And of the ordinary nights after the first 28 how many have an incident, with the metrics of steps and without
them, on the same days. The law of the days is the demo store's (`drift.stores.demo_steps`); it was written before the first run.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from causes import config_of, features_of, outcomes, store_of

from drift import detect, profiles
from drift.features import Context, attempts, results, steps
from drift.features.batch import Batch
from drift.profiles.day import DayProfile
from drift.results.events import events
from drift.results.grouping import StoredFinding
from drift.results.incidents import replay
from drift.stores.demo import DemoStore
from drift.traces import PROMPT_HASH

_HISTORY = 28
_NAMES = (
    "seconds.",
    "step_failure.",
    "tool_failure.",
    "tool_s.",
    "call_s.",
    "step_s.",
    "time_share.",
    "unsaid_failure",
    "vain_",
    "outside_s",
    "other_model",
    "cache_hit",
    "step_path",
    "step_model",
    "failed_step.",
    "call_failure.",
    "call_retry.",
    "call_usd.",
    "tool_called.",
    "tool_result.",
    "tool_empty.",
    "tool_shape.",
    "found.",
    "found_nothing.",
    "first_attempt",
    "unanswered",
    "rare_order",
)
# what is told as an event, by the planted change: its dimension, and what its value says
_EVENTS = {
    "planner exchanged": ("step_model", "gpt-4o"),
    "judge raised": ("scored_by.helpfulness", "helpfulness@4"),
    "prompt edited": ("prompt", PROMPT_HASH),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=7)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--alone", action="store_true", help="no other metric is measured; causes are not judged")
    given = parser.parse_args()
    if given.alone:
        alone(range(given.first_seed, given.first_seed + given.seeds), given.traces)
        return
    planted: Counter[tuple[str, str]] = Counter()
    nights: Counter[str] = Counter()
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        of = features_of(seed, given.traces, False, "steps")
        for out in outcomes(seed, given.traces, scenario="steps"):
            told = out.verdict
            if out.name == "planner exchanged":
                told = "right" if out.given == "missed" else "an incident"
            if told == "right" and out.name in _EVENTS:
                told = _event(seed, given.traces, out.name, of)
            planted[out.name, told] += 1
            place = "right place" if out.where_right else "elsewhere"
            print(
                f"{seed:3} {out.name:20} {told:10} {out.given:20} {out.confidence:9} {place:12} +{out.split} {out.metric}",
                flush=True,
            )
        for name, left_out in (("with steps", False), ("without", True)):
            for day, titles in _ordinary(seed, given.traces, of, left_out):
                nights[name] += 1
                nights[f"{name}, alarmed"] += bool(titles)
                for title in titles:
                    print(f"{seed:3} ordinary {day} {name}: {title}", flush=True)
        print(dict(nights), flush=True)
    for (name, told), n in sorted(planted.items()):
        print(f"{name:20} {told:12} {n} of {given.seeds}")


def alone(seeds: range, traces: int) -> None:
    """Print of each planted incident in how many seeds it is found on one of its nights, in its place, and how many ordinary nights alarm."""
    found: Counter[str] = Counter()
    nights = alarmed = 0
    for seed in seeds:
        store, of = store_of(seed, traces, "steps"), _steps_of(seed, traces)
        touched = _touched(store)
        days = [store.first_day + timedelta(days=n) for n in range((store.options.until - store.first_day).days + 1)]
        usual = [day for day in days if day not in touched]
        for item in store.planted:
            if item.name == "planner exchanged":
                found[item.name] += _event(seed, traces, item.name, of) == "right"
            if not item.metric.startswith(_NAMES) and item.metric != "latency_s":
                continue
            names = {item.metric, *item.also}
            before = [of(day)[1] for day in usual if day < item.first_day][-_HISTORY:]
            during = [each for n in range(3) for each in _told(before, of(item.first_day + timedelta(days=n))[1])]
            right = [
                e
                for e in during
                if e.metric in names and (item.value == "" or (e.dimension, e.value) == (item.dimension, item.value))
            ]
            found[item.name] += bool(right)
        for n in range(_HISTORY, len(usual)):
            told = _told([of(day)[1] for day in usual[n - _HISTORY : n]], of(usual[n])[1])
            nights, alarmed = nights + 1, alarmed + bool(told)
            for each in told:
                print(f"{seed:3} ordinary {usual[n]}: {each.title}", flush=True)
        print(seed, dict(found), f"{alarmed} of {nights} ordinary nights", flush=True)


def _steps_of(seed: int, traces: int) -> Callable[[date], tuple[pa.Table, DayProfile]]:
    store, config, context = store_of(seed, traces, "steps"), config_of(False), Context()

    @cache
    def of(day: date) -> tuple[pa.Table, DayProfile]:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        given = pa.concat_tables(store.pull(start, start + timedelta(days=1)))
        batch = Batch(given)
        measured = {
            name: pa.array(values)
            for each in (steps, results, attempts)
            for name, values in each.measure(batch, context).items()
        }
        table = pa.table(
            {name: given[name] for name in ("trace_id", "timestamp", "session_id", "user", "name", "model")} | measured
        )
        return table, DayProfile(day, profiles.build(table, config, day))

    return of


def _touched(store: DemoStore) -> set[date]:
    return {
        item.first_day + timedelta(days=n) for item in store.planted for n in range((item.last_day - item.first_day).days + 1)
    }


def _told(history: list[DayProfile], today: DayProfile) -> list[Any]:
    findings = detect.night(history, today, detect.Settings.of(config_of(False)))
    stored = [StoredFinding(id=str(i), **asdict(finding)) for i, finding in enumerate(findings)]
    return replay([today.day], {today.day: stored}).incidents


def _event(seed: int, traces: int, name: str, of: Callable[[date], Any]) -> str:
    """`right` where the first night with the other planner, judge or prompt would tell it as an event, within a day of its beginning."""
    item = next(each for each in store_of(seed, traces, "steps").planted if each.name == name)
    dimension, value = _EVENTS[name]
    shares: dict[date, dict[str, float]] = {}
    for day in (item.first_day + timedelta(days=n) for n in range(-_HISTORY, 2)):
        made = of(day)
        column = (made[0] if isinstance(made, tuple) else made)[dimension].cast(pa.string()).drop_null()
        shares[day] = {c["values"]: c["counts"] / len(column) for c in pc.value_counts(column).to_pylist()}
    found = [e for e in events(dimension, shares) if e.kind == "appeared" and abs(e.day - item.first_day) <= timedelta(days=1)]
    return "right" if len(found) == 1 and value in found[0].value else "no event"


def _ordinary(seed: int, traces: int, of: Callable[[date], pa.Table], left_out: bool) -> list[tuple[date, list[str]]]:
    """The ordinary days after the first 28, each with the titles of the incidents that its night tells."""
    store, config = store_of(seed, traces, "steps"), config_of(False)
    touched = _touched(store)
    made: list[DayProfile] = []
    out = []
    for day in (store.first_day + timedelta(days=n) for n in range((store.options.until - store.first_day).days + 1)):
        if day in touched:
            continue
        table = of(day)
        if left_out:
            table = table.drop_columns([name for name in table.column_names if name.startswith(_NAMES)])
        made.append(DayProfile(day, profiles.build(table, config, day)))
        if len(made) > _HISTORY:
            out.append((day, [each.title for each in _told(made[-_HISTORY - 1 : -1], made[-1])]))
    return out


if __name__ == "__main__":
    main()
