"""Do p-values stay uniform where requests of one conversation resemble each other? Ordinary days of conversations, drawn anew.

    python benchmarks/clustered.py                 # some minutes: conversations, users without conversations, jobs that come daily, strangers
    python benchmarks/clustered.py --only sessions --series 10

A conversation has a size (geometric), a tendency of its own to fail or to be long, and a topic; days differ beyond that by a
little. The same nights are asked twice: as profiled, and with the pairs of the profiles left out, as if all were strangers. No
test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date, timedelta
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from drift import profiles  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.detect import Settings, night  # noqa: E402
from drift.profiles.day import DayProfile  # noqa: E402

FIRST, DAYS, NIGHTS = date(2026, 1, 5), 28, 8
CONFIG = Config.of({"segments": {"dimensions": ["name"]}})
SETTINGS = Settings.of(CONFIG)
LAWS = ("strangers", "sessions", "users", "jobs")
_PAIRS = ("pairs", "pair_sum", "pair_products")
_LEVELS = (0.5, 0.1, 0.05, 0.01, 0.001)


def day(law: str, n: int, rng: np.random.Generator) -> pa.Table:
    """A day's features: `n` requests on average, in clusters as the law says. jobs: five that come every day, each with its own ways."""
    if law == "jobs":
        sizes = np.maximum(rng.poisson(n / 5 * np.array([2, 1.2, 0.9, 0.6, 0.3])), 1)
        own = np.random.default_rng(5).standard_normal((5, 2))
    else:
        mean = {"strangers": 1.0, "sessions": 4.0, "users": 8.0}[law]
        sizes = rng.geometric(1 / mean, int(n / mean))
        own = rng.standard_normal((len(sizes), 2))
    of = np.repeat(np.arange(len(sizes)), sizes)
    common, own = rng.standard_normal(4), own[of]
    rows = len(of)
    clustered = 0.0 if law == "strangers" else 1.0
    topic = np.where(rng.random(rows) < 0.8 * clustered, rng.integers(0, 5, len(sizes))[of], rng.integers(0, 5, rows))
    key = {"sessions": "session_id", "strangers": "session_id"}.get(law, "user")
    columns = {
        "latency_s": np.exp(0.03 * common[0] + 0.6 * (np.sqrt(0.4) * clustered * own[:, 0] + np.sqrt(1 - 0.4 * clustered) * rng.standard_normal(rows))),
        "output_characters": np.exp(6 + 0.02 * common[1] + 0.5 * rng.standard_normal(rows)),
        "refusal": (rng.random(rows) < 0.02 * np.exp(0.1 * common[2] + clustered * (1.5 * own[:, 1] - 1.1))).astype(float),
        "error": (rng.random(rows) < 0.005 * np.exp(0.1 * common[3])).astype(float),
        "input_topic": pa.array([f"topic {t}" for t in topic]),
        "name": pa.array(np.array(["chat", "search"], object)[of % 3 // 2]),
        key: pa.array([f"c{c}" for c in of]),
    }  # fmt: skip
    stamps = pa.array(np.sort(rng.integers(0, 86_400_000_000, rows)), pa.timestamp("us", "UTC"))
    return pa.table({"trace_id": [str(i) for i in range(rows)], "timestamp": stamps, **columns})


def p_values(law: str, n: int, seed: int, nights: int) -> dict[bool, list[float]]:
    """p-values of ordinary nights, of all and of what is told of today alone; by whether the pairs are known."""
    rng = np.random.default_rng([seed, 9, LAWS.index(law)])
    days = []
    for number in range(DAYS + nights):
        when = FIRST + timedelta(days=number)
        volume = n * (0.6 if when.weekday() > 4 else 1.0)
        days.append(DayProfile(when, profiles.build(day(law, volume, rng), CONFIG, when)))
    bare = [DayProfile(each.day, each.table.drop_columns(list(_PAIRS))) for each in days]
    out: dict[bool, list[float]] = {}
    for known, series in ((True, days), (False, bare)):
        found = [f for d in range(DAYS, DAYS + nights) for f in night(series[max(0, d - DAYS) : d], series[d], SETTINGS)]
        out[known] = [
            f.p
            for f in found
            if f.test == "night"
            and f.p is not None
            and f.statistic != "shape"
            and f.metric not in ("volume", "users", "top_user_share")
        ]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(LAWS))
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--series", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=100)
    a = parser.parse_args()
    print(
        "| days of | pairs | p-values | "
        + " | ".join(f"at most {level:g}" for level in _LEVELS)
        + " |\n"
        + "|---" * (3 + len(_LEVELS))
        + "|"
    )
    for law in a.only.split(","):
        found = [p_values(law, a.n, seed, NIGHTS) for seed in range(a.first_seed, a.first_seed + a.series)]
        for known in (False, True):
            p = np.array([x for each in found for x in each[known]])
            shares = " | ".join(f"{100 * (p <= level).mean():.2f} %" for level in _LEVELS)
            print(f"| {law} | {'counted' if known else 'left out'} | {len(p)} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
