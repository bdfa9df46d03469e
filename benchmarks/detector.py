"""Is today ordinary? drift beside chosen peers on the harness of shared/peers, and on traffic of our own.

    python benchmarks/detector.py --quick                 # some minutes: a table that shows the order of things
    python benchmarks/detector.py --only quality --n 5000 # the harness, false alarms and power
    python benchmarks/detector.py --only rough            # day effects scaled 0, 1, 2; t(4); AR(1) of 0.6
    python benchmarks/detector.py --only wide             # 40 metrics × 30 segments
    python benchmarks/detector.py --only calibration      # p-values and intervals; writes docs/img/p_values.svg

Seeds are not those of run_quality.py. No test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

HERE = Path(__file__).resolve().parent
PEER_HARNESS = HERE.parents[1] / "shared" / "peers"
sys.path[:0] = [str(p) for p in (HERE.parent, HERE, PEER_HARNESS, PEER_HARNESS / "contenders")]

import baselines  # noqa: E402
import contender  # noqa: E402
from benchlib import gen  # noqa: E402
from benchlib.gen import SCENARIOS, Series  # noqa: E402

from drift import profiles  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.detect import Settings, judge, night  # noqa: E402
from drift.profiles.day import DayProfile  # noqa: E402

DAYS = 28
PEERS: dict[str, Callable] = {
    "oracle01": baselines.oracle01,
    "dayt_bonf": baselines.dayt_bonf,
    "naive_z3": baselines.naive_z3,
    "drift": contender.flagged,
}


@dataclass(frozen=True)
class Effects:
    """How rough the days are: scale of the day effects, degrees of freedom (0: normal) and their AR(1)."""

    od: float = 1.0
    degrees: float = 0.0
    phi: float = gen.PHI

    def series(self, n: int, seed: int) -> Series:
        series = Series(n, seed, self.od)
        if self.degrees or self.phi != gen.PHI:
            rng = np.random.default_rng([seed, 77])
            for name in series.eff:
                z = rng.standard_normal(450) if not self.degrees else rng.standard_t(self.degrees, 450)
                z = z if not self.degrees else z / np.sqrt(self.degrees / (self.degrees - 2))
                u = np.zeros(450)
                for t in range(1, 450):
                    u[t] = self.phi * u[t - 1] + np.sqrt(1 - self.phi**2) * z[t]
                series.eff[name] = u[50:]
        return series

    def __str__(self) -> str:
        law = f"t({self.degrees:g})" if self.degrees else "normal"
        return f"day effects ×{self.od:g}, {law}, AR {self.phi:g}"


def quality(n: int, effects: Effects, seeds: range, nights: int, power: int, names: list[str]) -> None:
    """False alarms a night and power by scenario, each contender on the same days."""
    alarms = {name: [] for name in names}
    hits: dict[str, dict[str, list[bool]]] = {name: {s: [] for s in SCENARIOS} for name in names}
    blamed = {name: [] for name in names}
    for seed in seeds:
        series = effects.series(n, seed)
        for i in range(nights):
            day = DAYS + i
            reference, today = series.reference(day, DAYS), series.day(day)
            for name in names:
                alarms[name].append(bool(PEERS[name](reference, today)))
            if power and i % max(1, nights // power) == 0:
                for scenario, (change, target, _) in SCENARIOS.items():
                    changed = series.day(day, change, scenario)
                    for name in names:
                        found = set(PEERS[name](reference, changed))
                        hits[name][scenario].append(target in found)
                        if scenario.startswith("mix"):
                            blamed[name].append(bool(found - {target}))
            series.forget(day - DAYS)
    print(f"\n## n = {n}, {effects}; {len(alarms[names[0]])} ordinary nights")
    table(["contender", "any alarm"], [[name, f"{np.mean(alarms[name]):.3f}"] for name in names])
    if power:
        rows = [[s, *(f"{np.mean(hits[name][s]):.2f}" for name in names)] for s in SCENARIOS]
        rows.append(["mean", *(f"{np.mean([np.mean(v) for v in hits[name].values()]):.3f}" for name in names)])
        rows.append(["nights that blame another metric for a mix shift", *(f"{np.mean(blamed[name]):.3f}" for name in names)])
        table([f"power ({len(hits[names[0]]['refusal 3%'])} nights each)", *names], rows)


def wide(n: int, seeds: range, nights: int, effects: Effects) -> None:
    """Nights with any alarm, 40 metrics × 30 segments."""
    config = Config(segments={"dimensions": ["name", "model", "prompt"]}, metrics={"total_cost_usd": {"enabled": False}})
    alarms, seconds, drills = [], [], []
    for seed in seeds:
        days = [_wide_day(n, seed, d, effects, config) for d in range(DAYS + nights)]
        for i in range(nights):
            start = time.perf_counter()
            judged = judge(days[i : i + DAYS], days[i + DAYS], Settings.of(config))
            seconds.append(time.perf_counter() - start)
            findings = judged.findings
            start = time.perf_counter()
            judged.drill()
            drills.append(time.perf_counter() - start)
            alarms.append(any(f.alarm for f in findings))
    print(
        f"\n## 40 metrics × 30 segments, n = {n}, {effects}: any alarm on {np.mean(alarms):.3f} of {len(alarms)} nights, "
        f"{len(findings)} comparisons in {np.median(seconds):.1f} s, the drill in {np.median(drills):.2f} s"
    )


def _wide_day(n: int, seed: int, day: int, effects: Effects, config: Config) -> DayProfile:
    rng = np.random.default_rng([seed, day, n])
    shared = np.random.default_rng([seed, 5])
    columns: dict[str, np.ndarray] = {"trace_id": np.arange(n).astype(str)}
    for dimension in config.segments.dimensions:
        p = shared.dirichlet(np.full(10, 3.0)) * np.exp(0.05 * effects.od * rng.standard_normal(10))
        columns[dimension] = np.char.add(dimension, rng.choice(10, n, p=p / p.sum()).astype(str))
    course = _course(seed, effects)
    for j in range(40):
        base, u = shared.random(), effects.od * course[j, day]
        if j % 4 == 3:
            rate = 1 / (1 + np.exp(-(np.log(0.01 + 0.1 * base) + 0.1 * u)))
            columns[f"pii.m{j}"] = (rng.random(n) < rate).astype(float)
        else:
            columns[f"score.m{j}"] = 5 + rng.gamma(2.0, 0.5, n) + 0.03 * u
    when = contender.MONDAY + timedelta(days=day)
    return DayProfile(when, profiles.build(pa.table(columns), config, when))


def _course(seed: int, effects: Effects) -> np.ndarray:
    rng = np.random.default_rng([seed, 9])
    z = (
        rng.standard_normal((40, 160))
        if not effects.degrees
        else rng.standard_t(effects.degrees, (40, 160)) / np.sqrt(effects.degrees / (effects.degrees - 2))
    )
    u = np.zeros_like(z)
    for t in range(1, z.shape[1]):
        u[:, t] = effects.phi * u[:, t - 1] + np.sqrt(1 - effects.phi**2) * z[:, t]
    return u[:, 50:]


def calibration(n: int, seeds: range, nights: int, out: Path) -> None:
    """p-values of ordinary nights, and coverage of the 95 % intervals for planted changes and for none."""
    config, p, covered, planted, points = None, [], [], [], []
    for seed in seeds:
        series = Series(n, seed)
        for i in range(nights):
            day = DAYS + i
            frames = [*series.reference(day, DAYS), series.day(day)]
            config = config or contender._config(frames[-1])
            days = [contender._profile(f, config) for f in frames]
            for f in night(days[:-1], days[-1], Settings.of(config)):
                if f.test == "night" and f.dimension == "all" and f.p is not None:
                    p.append((f.statistic.partition(":")[0], f.p))
                    if f.statistic == "level":
                        covered.append(f.low <= 0 <= f.high)
            changed = contender._profile(series.day(day, {"len_mult": 0.8}, "planted"), config)
            for f in night(days[:-1], changed, Settings.of(config)):
                if (f.metric, f.dimension, f.statistic, f.test) == ("response_length", "all", "level", "night"):
                    planted.append(f.low <= f.value_from * -0.2 <= f.high)
            series.forget(day - DAYS)
        points += list(_change_points(series, config))
    print(f"\n## Calibration, n = {n}: {len(p)} p-values of ordinary nights")
    names = sorted({name for name, _ in p})
    rows = []
    for name in [*names, "all"]:
        values = np.array([v for s, v in p if name in (s, "all")])
        rows.append([name, str(len(values)), *(f"{np.mean(values <= x):.4f}" for x in (0.5, 0.1, 0.05, 0.01, 0.001))])
    table(["statistic", "comparisons", "≤ 0.5", "≤ 0.1", "≤ 0.05", "≤ 0.01", "≤ 0.001"], rows)
    print(
        f"95 % intervals: {np.mean(covered):.3f} cover no change on {len(covered)} ordinary comparisons, "
        f"{np.mean(planted):.3f} cover a planted −20 % of length on {len(planted)} nights"
    )
    if points:
        print(f"change point within ±1 day in {np.mean(np.abs(points) <= 1):.2f} of {len(points)} found changes")
    _figure(np.array([v for _, v in p]), out)


def _change_points(series: Series, config: Config) -> Iterator[int]:
    """Days by which the reported first day is off, for a change that began 4 days ago."""
    start, today = DAYS + 1, DAYS + 5
    for change, metric in (({"len_mult": 0.9}, "response_length"), ({"refusal_p": 0.05}, "refusal")):
        days = [
            contender._profile(series.day(d, change, f"{metric} cp") if d >= start else series.day(d), config)
            for d in range(today - DAYS, today + 1)
        ]
        found = [
            f
            for f in night(days[:-1], days[-1], Settings.of(config))
            if f.alarm and f.metric == metric and f.dimension == "all"
        ]
        if found:
            yield (found[0].since - days[-1].day).days - (start - today)


def _figure(p: np.ndarray, out: Path) -> None:
    """Histogram of the p-values as a small SVG: flat is right."""
    counts, _ = np.histogram(p, 20, (0, 1))
    height = counts / counts.mean() * 100
    bars = "".join(
        f'<rect x="{40 + 20 * i}" y="{200 - h:.1f}" width="18" height="{h:.1f}" fill="#4c78a8"/>' for i, h in enumerate(height)
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 250" font-family="sans-serif" font-size="12">'
        f'<text x="40" y="20">{len(p):,} p-values of ordinary nights; the line is what uniform would be</text>{bars}'
        f'<line x1="40" x2="440" y1="100" y2="100" stroke="#e45756" stroke-dasharray="4"/>'
        f'<line x1="40" x2="440" y1="200" y2="200" stroke="#333"/>'
        f'<text x="36" y="216">0</text><text x="236" y="216">0.5</text><text x="436" y="216">1</text>'
        f'<text x="230" y="240">p</text></svg>\n',
        "utf-8",
    )


def table(head: list[str], rows: list[list[str]]) -> None:
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few series, all parts")
    parser.add_argument("--only", choices=["quality", "rough", "wide", "calibration"])
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--series", type=int, default=8)
    parser.add_argument("--nights", type=int, default=25)
    parser.add_argument("--power", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--first-seed", type=int, default=40)
    a = parser.parse_args()
    series, nights, power = (2, 4, 1) if a.quick else (a.series, a.nights, a.power)
    seeds, names = range(a.first_seed, a.first_seed + series), a.peers.split(",")
    if a.only in (None, "quality"):
        quality(a.n, Effects(), seeds, nights, power, names)
    if a.only in (None, "rough"):
        for effects in (Effects(0), Effects(1), Effects(2), Effects(1, 4), Effects(1, 0, 0.6), Effects(2, 4, 0.6)):
            quality(a.n, effects, seeds, nights, 0, ["drift"])
    if a.only in (None, "wide"):
        for effects in (Effects(), Effects(1, 4)):
            wide(a.n, seeds, nights, effects)
    if a.only in (None, "calibration"):
        calibration(a.n, seeds, nights, HERE.parent / "docs" / "img" / "p_values.svg")


if __name__ == "__main__":
    main()
