"""What `drift diagnose` finds in months that are over: planted changes, and months in which nothing happened.

    python benchmarks/lookback.py --seeds 20            # one month of 1,000 traces a day, two changes planted; and as many unchanged
    python benchmarks/lookback.py --seeds 5 --days 300
    python benchmarks/lookback.py --stretches           # as how many independent questions the stretches of a history count

The law is ours, and the endpoint's share and first day were set after a first run found too little: four endpoints with levels of their own, two models, weekends of 70 %; each
day's length, refusals, latency and score differ by an effect of their own (3 %, 10 %, 5 %, 0.01). Planted in the last days: the
answers of one model are 20 % shorter since day 22 of 30, refusals of one endpoint (a third of the traffic) go from 5 to 10 % since
day 26.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
from scipy.special import ndtr

from drift import profiles
from drift.config import Config
from drift.detect.lasting.lookback import Lookback, beginnings, look_back, stretches
from drift.detect.settings import Settings
from drift.profiles.day import DayProfile

CONFIG = Config.of({"store": {"type": "demo"}, "segments": {"dimensions": ["name", "model"]}})
SETTINGS = Settings.of(CONFIG)
START = date(2026, 10, 1)
SHORTER, REFUSING = 22, 26


def day_of(rng: np.random.Generator, day: date, size: int, shorter: bool, refusing: bool) -> DayProfile:
    n = int(size * (0.7 if day.weekday() >= 5 else 1.0) * np.exp(0.05 * rng.standard_normal()))
    name = rng.choice(["billing", "search", "account", "smalltalk"], n, p=[0.33, 0.3, 0.22, 0.15])
    model = rng.choice(["a", "b"], n)
    length = np.exp(5.5 + 0.03 * rng.standard_normal() + 0.6 * rng.standard_normal(n) + 0.2 * (name == "search"))
    rate = np.where(name == "billing", 0.05, 0.02) * np.exp(0.1 * rng.standard_normal())
    refused = rng.random(n) < rate
    if shorter:
        length = np.where(model == "a", 0.8 * length, length)
    if refusing:
        refused |= (name == "billing") & (rng.random(n) < 0.0526)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = {
        "trace_id": [f"{day}-{i}" for i in range(n)],
        "timestamp": pa.array(
            [at + timedelta(seconds=int(s)) for s in rng.integers(0, 86_400, n)], pa.timestamp("us", tz="UTC")
        ),
        "name": name,
        "model": model,
        "output_characters": length.round(),
        "input_characters": np.exp(4 + 0.02 * rng.standard_normal() + 0.5 * rng.standard_normal(n)).round(),
        "refusal": refused.astype(float),
        "latency_s": np.exp(0.3 + 0.05 * rng.standard_normal() + 0.5 * rng.standard_normal(n)),
        "error": (rng.random(n) < 0.01).astype(float),
        "cost_usd": length * 1e-6 * np.exp(0.1 * rng.standard_normal(n)),
        "score.helpful": np.clip(0.8 + 0.01 * rng.standard_normal() + 0.1 * rng.standard_normal(n), 0, 1),
    }
    return DayProfile(day, profiles.build(pa.table(rows), CONFIG, day))


def history(seed: int, days: int, size: int, planted: bool) -> list[DayProfile]:
    rng = np.random.default_rng([seed, days, size, planted])
    since = days - 30
    return [
        day_of(rng, START + timedelta(days=d), size, planted and d >= since + SHORTER, planted and d >= since + REFUSING)
        for d in range(days)
    ]


def told(found: Lookback, metrics: tuple[str, ...], place: tuple[str, str], day: date) -> bool:
    """Whether a beginning within a day of the planted one is told of one of the metrics, in its place."""
    return any(
        each.metric in metrics and (each.dimension, each.value) == place and abs((each.first - day).days) <= 1
        for group in beginnings(found.changes)
        for each in group
    )


def distinct(length: int, p: float = 1e-3, draws: int = 200_000) -> str:
    """How often the best stretch of independent normal days has a p-value of `p`, in units of `p`: still lasting, and ended."""
    rng, out = np.random.default_rng(0), []
    asked = stretches(length)[1:]
    for name, own in (("lasting", asked[:, -1] > 0), ("ended", asked[:, -1] == 0)):
        h = asked[own] - asked[own].mean(1, keepdims=True)
        h /= np.sqrt((h**2).sum(1))[:, None]
        best = np.concatenate([np.abs(rng.standard_normal((20_000, length)) @ h.T).max(1) for _ in range(draws // 20_000)])
        out.append(f"{name} {len(h)} stretches count as {p / (2 * ndtr(-np.quantile(best, 1 - p))):.0f}")
    return f"{length} days: " + ", ".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--stretches", action="store_true")
    given = parser.parse_args()
    if given.stretches:
        for length in (14, 30, 60, 90):
            print(distinct(length))
        return
    shorter = refusing = silent = 0
    seconds = []
    for seed in range(given.seeds):
        found = look_back(history(seed, given.days, given.size, True), SETTINGS)
        since = START + timedelta(days=given.days - 30)
        shorter += told(found, ("output_characters",), ("model", "a"), since + timedelta(days=SHORTER))
        refusing += told(found, ("refusal",), ("name", "billing"), since + timedelta(days=REFUSING))
        unchanged = history(1000 + seed, given.days, given.size, False)
        begun = time.perf_counter()
        silent += not look_back(unchanged, SETTINGS).changes
        seconds.append(time.perf_counter() - begun)
    print(f"{given.days} days of {given.size} traces, {given.seeds} seeds")
    print(f"answers of one model 20 % shorter, found in their place within a day: {shorter} of {given.seeds}")
    print(f"refusals of one endpoint 5 to 10 %, found in their place within a day: {refusing} of {given.seeds}")
    print(f"unchanged and silent: {silent} of {given.seeds}")
    print(f"median of one look: {np.median(seconds):.1f} s")


if __name__ == "__main__":
    main()
