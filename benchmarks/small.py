"""How small a change is told in an application of two or three endpoints? drift beside an oracle, and its false alarms there.

    python benchmarks/small.py visible --draws 40      # the smallest change told with 0.9, by metric and days of history
    python benchmarks/small.py history --draws 200     # what more days of history make of it, by the drill
    python benchmarks/small.py dependence --draws 20   # what there is to gain from comparisons that move together
    python benchmarks/small.py quiet --draws 20        # ordinary nights with any alarm

An application: two or three endpoints of 250 to 400 requests a day (0.7 of that at weekends), one model, one prompt without a name.
Latency, cost and tokens are log-normal and move together by the length of answers; refusals and errors are rare; a judge's score is about
0.75 with a spread of 0.15. Days differ by the application's and by the endpoint's own effect, half of the variance each, correlated by 0.3 from
day to day: latency 3.7 %, tokens 3 %, score 0.012, refusals 0.12 and errors 0.2 on the logit.

A change is planted into the rows of one night of one endpoint with at least a fifth of the traffic, at growing size and with the same
random numbers, so that each night has a size from which on it is told; the nights' 0.9 quantile is the smallest change told with 0.9.
The oracle knows each endpoint's level, how its days differ and its sampling error, and shares the same budget equally among the
comparisons that are distinct: each metric overall and in each endpoint.

No test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
from scipy.special import ndtr, ndtri  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift import profiles  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.detect import Settings, budget, judge, night  # noqa: E402
from drift.detect.predict.ordinary import last_days, single_days  # noqa: E402
from drift.detect.predict.random_effects import ask  # noqa: E402
from drift.detect.predict.today import against_baseline  # noqa: E402
from drift.detect.statistics import distinct  # noqa: E402
from drift.detect.statistics.panel import Panel  # noqa: E402
from drift.findings import Visible  # noqa: E402
from drift.profiles.day import DayProfile  # noqa: E402

MONDAY = date(2025, 3, 3)
HISTORIES = (28, 14, 8)
WARM_UP, LONGEST = 20, 28
CONFIG = Config(metrics={"total_cost_usd": {"enabled": False}})
SETTINGS = Settings.of(CONFIG)
# day effects: standard deviation on the metric's own scale (logarithm, logit, points)
DAYS = {"latency_s": 0.037, "output_tokens": 0.03, "score.helpful": 0.012, "refusal": 0.12, "error": 0.2}
LATENCY, COST, REFUSAL, SCORE = "latency_s", "cost_usd", "refusal", "score.helpful"
PLANTED = (LATENCY, COST, REFUSAL, SCORE)
METRICS = (*PLANTED, "output_tokens", "error")
SPREAD = {LATENCY: 0.6, COST: 0.55, SCORE: 0.15}
AR = 0.3
_COPULA_DRAWS = 20


@dataclass(frozen=True)
class Change:
    """A change of one metric in the first endpoint: a factor's logarithm, a share on the arcsine scale, or points down."""

    metric: str
    size: float


@dataclass(frozen=True)
class World:
    """What applications are drawn from. volume: requests a day of an endpoint, from and to; rough: scale of the day effects; degrees:
    of their t, 0 for normal; growth: of the traffic a day; release: days between new versions of the prompt, which change nothing."""

    volume: tuple[int, int] = (250, 400)
    rough: float = 1.0
    degrees: float = 0.0
    growth: float = 0.0
    release: int = 0


class Application:
    """One draw of an application; `profile` makes a day of it, the same rows each time but for what is planted."""

    def __init__(self, seed: int, world: World = World()):
        rng = np.random.default_rng([seed, 1])
        self.seed, self.world, degrees = seed, world, world.degrees
        self.volume = rng.integers(world.volume[0], world.volume[1] + 1, rng.integers(2, 4))
        self.base = {
            "latency_s": np.log(rng.uniform(0.8, 4, len(self.volume))),
            "output_tokens": np.log(rng.uniform(120, 500, len(self.volume))),
            "score.helpful": rng.uniform(0.65, 0.85, len(self.volume)),
            "refusal": rng.uniform(0.03, 0.07, len(self.volume)),
            "error": rng.uniform(0.005, 0.02, len(self.volume)),
        }
        self.effects = {}
        for name, size in DAYS.items():
            shape = (len(self.volume) + 1, WARM_UP + LONGEST + 400)
            z = rng.standard_normal(shape) if not degrees else rng.standard_t(degrees, shape) / np.sqrt(degrees / (degrees - 2))
            for t in range(1, shape[1]):
                z[:, t] = AR * z[:, t - 1] + np.sqrt(1 - AR**2) * z[:, t]
            self.effects[name] = world.rough * size * (z[0] + z[1:])[:, WARM_UP:] / np.sqrt(2)

    def profile(self, day: int, change: Change | None = None) -> DayProfile:
        return profile_of(self.rows(day, change), day)

    def rows(self, day: int, change: Change | None = None) -> dict[str, np.ndarray]:
        """The day's requests as columns; the change is the first endpoint's."""
        parts = [self._endpoint(e, day, change if e == 0 else None) for e in range(len(self.volume))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _endpoint(self, e: int, day: int, change: Change | None) -> dict[str, np.ndarray]:
        rng = np.random.default_rng([self.seed, 2, e, day])
        n = int(rng.poisson(self.volume[e] * (0.7 if day % 7 >= 5 else 1.0) * (1 + self.world.growth) ** day))
        version = f"answer-{day // self.world.release}" if self.world.release else "unknown"
        at = {name: self.base[name][e] for name in self.base}
        u = {name: self.effects[name][e, day] for name in self.effects}
        length, own = rng.standard_normal((2, n))
        tokens = at["output_tokens"] + u["output_tokens"] + 0.5 * length
        size = {metric: change.size if change and change.metric == metric else 0.0 for metric in PLANTED}
        refusal = np.sin(np.clip(np.arcsin(np.sqrt(_logit(at["refusal"], u["refusal"]))) + size[REFUSAL], 0, np.pi / 2)) ** 2
        return {
            "name": np.full(n, f"endpoint-{e}"),
            "model": np.full(n, "model-1"),
            "prompt": np.full(n, version),
            "latency_s": np.exp(at["latency_s"] + u["latency_s"] + 0.3 * length + np.sqrt(0.27) * own + size[LATENCY]),
            "output_tokens": np.round(np.exp(tokens)),
            "cost_usd": np.exp(tokens + 0.23 * rng.standard_normal(n) + size[COST]) * 1e-5,
            "refusal": (rng.random(n) < refusal).astype(float),
            "error": (rng.random(n) < _logit(at["error"], u["error"])).astype(float),
            "score.helpful": at["score.helpful"] + u["score.helpful"] + 0.15 * rng.standard_normal(n) - size[SCORE],
        }

    def comparisons(self) -> int:
        """What is distinct: each metric, and the number of requests, overall; each metric in each endpoint, and their mix."""
        return (len(METRICS) + 1) * (len(self.volume) + 1)

    def oracle(self, day: int, change: Change, budget: float) -> bool:
        """Whether the oracle tells the change, from the same rows."""
        part = self._endpoint(0, day, change)
        n, deviation = len(part["name"]), self.deviation(change.metric, day)
        value, level = part[change.metric], self.base.get(change.metric, self.base["output_tokens"])[0]
        if change.metric == REFUSAL:
            z = np.arcsin(np.sqrt((value.sum() + 0.375) / (n + 0.75))) - np.arcsin(np.sqrt(level))
        elif change.metric == SCORE:
            z = level - value.mean()
        else:
            z = np.log(value).mean() - level - (np.log(1e-5) if change.metric == COST else 0.0)
        return bool(abs(z) / deviation > -ndtri(budget / self.comparisons() / 2))

    def deviation(self, metric: str, day: int) -> float:
        """Standard deviation of an ordinary day's value in the first endpoint, on the scale of `Change.size`."""
        n = self.volume[0] * (0.7 if day % 7 >= 5 else 1.0)
        if metric == REFUSAL:
            p = self.base[REFUSAL][0]
            return float(np.sqrt(0.25 / n + (DAYS[REFUSAL] * np.sqrt(p * (1 - p)) / 2) ** 2))
        return float(np.hypot(SPREAD[metric] / np.sqrt(n), DAYS["output_tokens" if metric == COST else metric]))


def profile_of(rows: dict[str, np.ndarray], day: int) -> DayProfile:
    when, n = MONDAY + timedelta(days=day), len(rows["name"])
    table = pa.table({**rows, "trace_id": np.arange(n).astype(str)})
    return DayProfile(when, profiles.build(table, CONFIG, when))


def _logit(p: float, moved: float) -> float:
    return float(1 / (1 + np.exp(-(np.log(p / (1 - p)) + moved))))


def told(app: Application, past: list[DayProfile], day: int, change: Change) -> bool:
    """Whether drift alarms for the metric, in the endpoint or overall."""
    places = {("all", ""), ("name", "endpoint-0")}
    findings = night(past, app.profile(day, change), SETTINGS)
    return any(f.alarm and f.metric == change.metric and (f.dimension, f.value) in places for f in findings)


def visible(draws: range, histories: tuple[int, ...], budget: float) -> None:
    """The smallest change told with 0.9, in the oracle's standard deviations."""
    sizes: dict[tuple[str, str], list[float]] = {}
    for seed in draws:
        app, day = Application(seed), LONGEST + seed % 7
        past = [app.profile(d) for d in range(day - LONGEST, day)]
        for metric in PLANTED:
            for column, size in _smallest(app, past, day, metric, histories, budget):
                sizes.setdefault((metric, column), []).append(size)
    print(f"\n## Smallest change told with 0.9, in standard deviations of an ordinary day; {len(draws)} draws")
    columns = ["oracle", *map(str, histories)]
    print("\n| metric | " + " | ".join(columns) + " | " + " | ".join(f"{d} days ÷ oracle" for d in histories) + " |")
    print("|---" * (2 + 2 * len(histories)) + "|")
    pooled: dict[str, list[float]] = {}
    for metric in (*PLANTED, "all"):
        for column in columns:
            pooled.setdefault(column, []).extend(sizes.get((metric, column), []))
        row = [np.quantile(sizes.get((metric, c), pooled[c]), 0.9) for c in columns]
        print(f"| {metric} | " + " | ".join([f"{v:.2f}" for v in row] + [f"{v / row[0]:.2f}" for v in row[1:]]) + " |")
    sys.stdout.flush()


def _smallest(
    app: Application, past: list[DayProfile], day: int, metric: str, histories: tuple[int, ...], budget: float
) -> Iterator[tuple[str, float]]:
    """From which size on the oracle tells this day's change, and drift with each history."""
    unit = Change(metric, app.deviation(metric, day))

    def scaled(size: float) -> Change:
        return replace(unit, size=size * unit.size)

    yield "oracle", _from_where_on(lambda size: app.oracle(day, scaled(size), budget), 12)
    for days in histories:
        yield str(days), _from_where_on(lambda size, days=days: told(app, past[-days:], day, scaled(size)), 6)


def history(draws: range, histories: tuple[int, int]) -> None:
    """Does more history make drift deafer? What the drill promises to tell with more days over what it does with fewer, same night."""
    ratios: dict[tuple[str, str], list[float]] = {}
    for seed in draws:
        app, day = Application(seed), LONGEST + seed % 7
        past, today = [app.profile(d) for d in range(day - LONGEST, day)], app.profile(day)
        longer, shorter = (_promised(judge(past[-days:], today, SETTINGS).drill()) for days in histories)
        for key in longer.keys() & shorter.keys():
            for place, nights in enumerate(("one night", "seven nights")):
                ratios.setdefault((key, nights), []).append(longer[key][place] / shorter[key][place])
    print(f"\n## Smallest change with {histories[0]} days of history ÷ that with {histories[1]}; {len(draws)} draws")
    print("\n| | geometric mean | median | 0.9 quantile | beyond 1.05 |\n|---|---|---|---|---|")
    for nights in ("one night", "seven nights"):
        for metric in (*PLANTED, "all"):
            own = np.concatenate([r for (name, within), r in ratios.items() if within == nights and metric in (name, "all")])
            mean, median, most = np.exp(np.log(own).mean()), np.median(own), np.quantile(own, 0.9)
            print(f"| {metric}, {nights} | {mean:.3f} | {median:.3f} | {most:.3f} | {np.mean(own > 1.05):.2f} of {len(own)} |")
    sys.stdout.flush()


def dependence(draws: range) -> None:
    """What a step-down min-P could gain at most over Holm's first step, were the comparisons' correlations known.

    They are those of the leave-one-day-out z of many applications' baseline days, more than any one has; a normal copula with them says which
    smallest weighted p has the chance of the night's budget.
    """
    found: list[dict[tuple, tuple[np.ndarray, float]]] = []
    for seed in draws:
        app = Application(seed)
        if len(app.volume) == 2:
            found.append(_left_out(Panel([app.profile(day) for day in range(LONGEST + 1)])))
    compared = [key for key in found[0] if all(key in each and each[key][1] for each in found)]
    z = np.array([np.concatenate([each[key][0] for each in found]) for key in compared])
    weight = np.mean([[each[key][1] for key in compared] for each in found], axis=0)
    weight /= weight.sum()
    values, vectors = np.linalg.eigh(np.corrcoef(z))
    root, rng = vectors * np.sqrt(np.maximum(values, 0.0)), np.random.default_rng(0)
    smallest = [
        (2 * ndtr(-np.abs(rng.standard_normal((50_000, len(weight))) @ root.T)) / weight).min(1) for _ in range(_COPULA_DRAWS)
    ]
    alpha = SETTINGS.budget * budget.ONE_NIGHT
    allowed = float(np.quantile(np.concatenate(smallest), alpha))
    holm, known = (-ndtri(a * np.median(weight) / 2) for a in (alpha, allowed))
    print(
        f"{len(compared)} comparisons over {z.shape[1]} days: of a budget of {alpha:.4f} dependence allows {allowed:.4f}; the smallest change "
        f"told at 0.9 would be {(known + ndtri(0.9)) / (holm + ndtri(0.9)):.3f} of what it is"
    )


def _left_out(panel: Panel) -> dict[tuple, tuple[np.ndarray, float]]:
    """By comparison, the z of each baseline day against the others, and its share of the budget."""
    predicted, places = against_baseline(panel, SETTINGS, {}, [1]), distinct.places(panel)
    kinds = predicted.kinds[: len(predicted.series.y)]
    asked = np.vstack([last_days(len(panel), [1]), single_days(len(panel))])
    z = ask(predicted.series, panel.days, asked, predicted.whole).z[:, 1:]
    units = [budget.Unit(s.metric, places[s.metric.name, s.segment], s.name, s.weight) for s in kinds]
    share = budget.weights(units, SETTINGS)
    return {(s.metric.name, s.segment, s.name): (z[i], float(share[i])) for i, s in enumerate(kinds)}


def _promised(drill: Sequence[Visible]) -> dict[str, tuple[float, float]]:
    """By metric, what one night and seven would tell of the first endpoint."""
    return {
        row.metric: (row.one_night, row.seven_nights)
        for row in drill
        if (row.dimension, row.value) == ("name", "endpoint-0")
        and row.metric in PLANTED
        and row.one_night is not None
        and row.seven_nights is not None
    }


def _from_where_on(tells, steps: int) -> float:
    """The size from which on `tells` is true, by bisection between 1 and 16; with the same random numbers it is (all but) monotone."""
    low, high = np.log(1.5), np.log(16.0)
    for step in range(steps):
        middle = np.log(5.0) if step == 0 else (low + high) / 2
        low, high = (low, middle) if tells(float(np.exp(middle))) else (middle, high)
    return float(np.exp((low + high) / 2))


def quiet(draws: range, nights: int, degrees: float, histories: tuple[int, ...]) -> None:
    """Ordinary nights with any alarm, and with a new one: none on the night before."""
    for days in histories:
        alarms, new, names = [], [], []
        for seed in draws:
            app, before = Application(seed, World(degrees=degrees)), False
            past = [app.profile(d) for d in range(LONGEST)]
            for day in range(LONGEST, LONGEST + nights):
                today = app.profile(day)
                found = [
                    f"{f.metric} {f.dimension} {f.statistic} {f.test}" for f in night(past[-days:], today, SETTINGS) if f.alarm
                ]
                names += found
                new.append(bool(found) and not before)
                before = bool(found)
                alarms.append(before)
                past.append(today)
        law = f"t({degrees:g})" if degrees else "normal"
        print(
            f"{days} days of history, {law} days: any alarm {np.mean(alarms):.3f}, new {np.mean(new):.3f} of {len(alarms)} nights"
        )
        print("   ", "; ".join(sorted(names)) or "none")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["visible", "history", "dependence", "quiet"])
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--nights", type=int, default=14)
    parser.add_argument("--degrees", type=float, default=0.0, help="of the day effects' t; 0: normal")
    parser.add_argument("--histories", default="28,14")
    parser.add_argument("--budget", type=float, default=0.015, help="of the oracle")
    parser.add_argument("--first-seed", type=int, default=500)
    given = parser.parse_args()
    draws = range(given.first_seed, given.first_seed + given.draws)
    histories = tuple(int(days) for days in given.histories.split(","))
    if given.part == "visible":
        visible(draws, histories, given.budget)
    elif given.part == "history":
        history(draws, (histories[0], histories[1]))
    elif given.part == "dependence":
        dependence(draws)
    else:
        quiet(draws, given.nights, given.degrees, histories)


if __name__ == "__main__":
    main()
