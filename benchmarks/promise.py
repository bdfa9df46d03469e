"""Does drift keep its promises? A gate: ordinary nights alarm no more often than the budget says, and what a drill promises is told.

    python benchmarks/promise.py            # the figures of the docs; an hour on two cores
    python benchmarks/promise.py --quick    # the form that CI runs: some minutes

Seeds are fixed, so the same code says the same. Each world is a kind of traffic (see `WORLDS`); its applications are drawn as in
`benchmarks/small.py`, with 28 days behind them. On ordinary nights it counts

- nights with a new incident: an alarm of a metric that had none the night before. At most the budget; where days are t(4), 5 %;
- nights with any q of at most 0.15: at most 15 %;
- single p of at most 0.05: at most 5 %.

On planted nights each drilled metric, of the whole traffic and of one endpoint, is changed in a copy of the night's *rows* by just what
the drill promised to tell with 0.9, and judged by the same code; for `seven nights`, one of them on seven nights running.

It fails, with exit code 1, where a count is beyond its limit by the lower bound of its 95 % Wilson interval, or where the interval
of a realised 0.9 lies outside 0.85 to 0.95.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from small import LONGEST, METRICS, SETTINGS, Application, World, profile_of  # isort: skip  first: it sets the threads
import numpy as np
from scipy.special import ndtri

from drift.detect.night import judge
from drift.findings import Finding, Visible
from drift.profiles.day import DayProfile

WORLDS = {
    "small": World(),
    "thin": World(volume=(70, 150)),
    "busy": World(volume=(1500, 3000)),
    "rough": World(rough=2.0),
    "living": World(growth=0.01, release=10),
    "t(4) days": World(degrees=4.0),
}
# share of ordinary nights that may open an incident, where it is not the budget
MAY_ALARM = {"t(4) days": 0.05, "living": 12 / 500}
SOME_Q, SINGLE_P = 0.15, 0.05
PROMISED = (0.85, 0.95)
NIGHTS = 7
# kinds of change and sizes of traffic with fewer plants are counted in the whole only
_ENOUGH = 300


@dataclass
class Count:
    """So many of so many; `independent`: as how many independent ones they count, where they move together."""

    hits: int = 0
    of: int = 0
    independent: float | None = None

    def add(self, hits: int, of: int = 1) -> None:
        self.hits, self.of = self.hits + hits, self.of + of

    def wilson(self, level: float = 0.95) -> tuple[float, float]:
        """The interval of Wilson (1927)."""
        n = float(self.of if self.independent is None else self.independent)
        if not self.of or n <= 0:
            return 0.0, 1.0
        share, z = self.hits / self.of, float(-ndtri((1 - level) / 2))
        middle, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        return float((middle - half) / (1 + z**2 / n)), float((middle + half) / (1 + z**2 / n))

    def __str__(self) -> str:
        low, high = self.wilson()
        return f"{self.hits / max(self.of, 1):.3f} ({low:.3f} to {high:.3f}; {self.hits} of {self.of})"


@dataclass
class Outcome:
    """What a world's nights said."""

    alarms: Count = field(default_factory=Count)
    some_q: Count = field(default_factory=Count)
    single_p: Count = field(default_factory=Count)
    told: dict[tuple[str, str, str], Count] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        for mine, theirs in ((self.alarms, other.alarms), (self.some_q, other.some_q), (self.single_p, other.single_p)):
            mine.add(theirs.hits, theirs.of)
        for key, count in other.told.items():
            self.told.setdefault(key, Count()).add(count.hits, count.of)

    def one(self, nights: str) -> Count:
        """All plants that were to be told within `nights`."""
        return _together(count for (_, _, within), count in self.told.items() if within == nights)


def _together(counts: Iterator[Count]) -> Count:
    out = Count()
    for count in counts:
        out.add(count.hits, count.of)
    return out


def faults(outcomes: Mapping[str, Outcome]) -> list[str]:
    """What is not as promised, a line each."""
    out = []
    for name, outcome in outcomes.items():
        limits = ((outcome.alarms, MAY_ALARM.get(name, SETTINGS.budget), "nights with a new incident"),
                  (outcome.some_q, SOME_Q, f"nights with a q of at most {SOME_Q}"),
                  (outcome.single_p, SINGLE_P, f"p of at most {SINGLE_P}"))  # fmt: skip
        out += [f"{name}: {what} {count}, beyond {limit:g}" for count, limit, what in limits if count.wilson()[0] > limit]
    for nights in ("one night", "seven nights"):
        whole = _together(outcome.one(nights) for outcome in outcomes.values())
        cells = {"all": whole, **{f"{metric}, {where}": count for (metric, where), count in _cells(outcomes, nights).items()}}
        for cell, count in cells.items():
            low, high = count.wilson()
            if count.of and (low > PROMISED[1] or high < PROMISED[0]):
                out.append(f"{nights}, {cell}: {count} of what was promised with 0.9, outside {PROMISED[0]} to {PROMISED[1]}")
    return out


def _cells(outcomes: Mapping[str, Outcome], nights: str) -> dict[tuple[str, str], Count]:
    """Plants by metric and by where they were planted, all worlds together, where there are enough of them."""
    out: dict[tuple[str, str], Count] = {}
    for outcome in outcomes.values():
        for (metric, where, within), count in outcome.told.items():
            if within == nights:
                out.setdefault((metric, where), Count()).add(count.hits, count.of)
    return {key: count for key, count in out.items() if count.of >= _ENOUGH}


def run(name: str, seeds: range, nights: int, planted: int, weeks: int, processes: int = 1) -> Outcome:
    """One world: `nights` ordinary nights of each application, on `planted` of them a drill, and `weeks` planted weeks."""
    outcome, each = Outcome(), partial(application, name, nights=nights, planted=planted, weeks=weeks)
    with ProcessPoolExecutor(processes) as pool:
        for lived in pool.map(each, seeds) if processes > 1 else map(each, seeds):
            outcome.add(lived)
            print(f"{name}: {outcome.alarms.of} nights, {outcome.one('one night')} told", file=sys.stderr, flush=True)
    # the segments of a metric move together, and so do its statistics
    outcome.single_p.independent = outcome.alarms.of * len(METRICS)
    return outcome


def application(name: str, seed: int, nights: int, planted: int, weeks: int) -> Outcome:
    """The nights of one application of a world."""
    outcome = Outcome()
    app = Application(seed, WORLDS[name])
    past = [app.profile(day) for day in range(LONGEST)]
    before: set[str] = set()
    for day in range(LONGEST, LONGEST + nights):
        rows = app.rows(day)
        judged = judge(past[-LONGEST:], profile_of(rows, day), SETTINGS)
        alarming = _ordinary(outcome, judged.findings, before)
        rng = np.random.default_rng([seed, 3, day])
        if day - LONGEST < planted:
            for row in _promised(judged.drill()):
                findings = judge(past[-LONGEST:], profile_of(plant(rows, row, row.one_night, rng), day), SETTINGS).findings
                _count(outcome, row, "one night").add(_told(findings, row))
        if day - LONGEST < weeks:
            row = rng.choice(_promised(judged.drill()))
            _count(outcome, row, "seven nights").add(_week(app, past[-LONGEST:], day, row, rng))
        before = alarming
        past.append(profile_of(rows, day))
    return outcome


def _ordinary(outcome: Outcome, findings: Sequence[Finding], before: set[str]) -> set[str]:
    alarming = {f.metric for f in findings if f.alarm}
    outcome.alarms.add(bool(alarming - before))
    outcome.some_q.add(any(f.q is not None and f.q <= SOME_Q for f in findings))
    for f in findings:
        if f.test == "night" and f.p is not None:
            outcome.single_p.add(f.p <= SINGLE_P)
    return alarming


def _promised(drill: Sequence[Visible]) -> list[Visible]:
    """What was promised of the whole traffic and of the first endpoint."""
    places = {("all", ""), ("name", "endpoint-0")}
    return [
        row
        for row in drill
        if row.one_night and row.seven_nights and (row.dimension, row.value) in places and row.metric in METRICS
    ]


def _week(app: Application, past: Sequence[DayProfile], day: int, row: Visible, rng: np.random.Generator) -> bool:
    """Whether a change that begins on the day and lasts is told within seven nights."""
    history = list(past)
    for night in range(day, day + NIGHTS):
        today = profile_of(plant(app.rows(night), row, row.seven_nights, rng), night)
        if _told(judge(history[-LONGEST:], today, SETTINGS).findings, row):
            return True
        history.append(today)
    return False


def _count(outcome: Outcome, row: Visible, nights: str) -> Count:
    where = "the whole" if row.dimension == "all" else "an endpoint"
    return outcome.told.setdefault((row.metric, where, nights), Count())


def _told(findings: Sequence[Finding], row: Visible) -> bool:
    place = row.metric, row.dimension, row.value
    return any(f.alarm and (f.metric, f.dimension, f.value) == place for f in findings)


def plant(rows: Mapping[str, np.ndarray], row: Visible, size: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The day's rows with the metric changed in its place, by `size` in the direction that the drill speaks of."""
    inside = np.ones(len(rows["name"]), bool) if row.dimension == "all" else rows[row.dimension] == row.value
    values, size = rows[row.metric].astype(float), size if row.direction == "up" else -size
    if row.unit == "share":
        changed = _flipped(values, size, row.level, rng)
    else:
        changed = values + size if row.metric.startswith("score.") else values * (1 + size)
    return {**rows, row.metric: np.where(inside, changed, values)}


def _flipped(values: np.ndarray, size: float, level: float, rng: np.random.Generator) -> np.ndarray:
    """Flags whose share is moved by `size` from `level`."""
    chosen = rng.random(len(values)) < abs(size) / (1 - level if size > 0 else level)
    return np.where(chosen, 1.0 if size > 0 else 0.0, values)


def report(outcomes: Mapping[str, Outcome]) -> None:
    print("\n| ordinary nights | new incident | some q ≤ 0.15 | p ≤ 0.05 |\n|---|---|---|---|")
    for name, outcome in outcomes.items():
        print(f"| {name} | {outcome.alarms} | {outcome.some_q} | {outcome.single_p} |")
    for nights in ("one night", "seven nights"):
        print(f"\n| told within {nights} of what was promised with 0.9 | |\n|---|---|")
        print(f"| all | {_together(outcome.one(nights) for outcome in outcomes.values())} |")
        for name, outcome in outcomes.items():
            print(f"| {name} | {outcome.one(nights)} |")
        kinds: Counter[str] = Counter()
        for outcome in outcomes.values():
            kinds.update(f"{metric}, {where}" for metric, where, within in outcome.told if within == nights)
        for kind in sorted(kinds):
            parts = (
                c for o in outcomes.values() for (m, w, within), c in o.told.items() if within == nights and f"{m}, {w}" == kind
            )
            print(f"| {kind} | {_together(parts)} |")
    sys.stdout.flush()


def gate(worlds: Sequence[str], sizes: tuple[int, int, int, int], first_seed: int, processes: int) -> list[str]:
    """Run the worlds, print the tables and return what is not as promised. sizes: applications; of each the nights, planted nights, weeks."""
    applications, nights, planted, weeks = sizes
    seeds = range(first_seed, first_seed + applications)
    outcomes = {name: run(name, seeds, nights, planted, weeks, processes) for name in worlds}
    report(outcomes)
    return faults(outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="what CI runs")
    parser.add_argument("--worlds", default="", help="some of: " + ", ".join(WORLDS))
    parser.add_argument("--applications", type=int, default=40)
    parser.add_argument("--nights", type=int, default=14)
    parser.add_argument("--planted", type=int, default=5, help="of an application's nights, with a drill planted")
    parser.add_argument("--weeks", type=int, default=2, help="of an application, with a drill planted for seven nights")
    parser.add_argument("--first-seed", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    worlds = given.worlds.split(",") if given.worlds else list(WORLDS)
    if given.quick:
        worlds, sizes = worlds if given.worlds else ["small", "busy", "t(4) days"], (6, 14, 3, 1)
    else:
        sizes = given.applications, given.nights, given.planted, given.weeks
    found = gate(worlds, sizes, given.first_seed, given.processes)
    for line in found:
        print(f"NOT AS PROMISED: {line}")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
