"""False alarms and power of the vector test on the peer harness' embeddings, over many nights.

    python benchmarks/vectors.py --n 500 --series 6      share of unchanged nights at or below each p
    python benchmarks/vectors.py --n 500 --change new_topic=0.02

Days are summed up once and then only compared, as from a lake. Power against peers: `run_embed.py` with
`contender_embedding.py`.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

sys.path.insert(0, "/work/shared/peers")
from benchlib.gen import EmbSeries  # noqa: E402

from drift.detect import vectors  # noqa: E402

LEVELS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.001)


def nights(n: int, seed: int, wobble: float, days: int, baseline: int, change: dict) -> tuple[list[dict[str, float]], float]:
    """p-values of each night of a series, by statistic, and seconds a test."""
    series = EmbSeries(n, seed, wobble)
    window: list[vectors.VectorDay] = []
    found, spent = [], 0.0
    for d in range(days):
        ordinary = vectors.VectorDay.of(series.day(d))
        if len(window) == baseline:
            today = vectors.VectorDay.of(series.day(d, change)) if change else ordinary
            start = time.perf_counter()
            result = vectors.vector_test(window, today)
            spent += time.perf_counter() - start
            found.append({**result.parts, "p": result.p})
        window = [*window, ordinary][-baseline:]
        series._c.clear()
    return found, spent / max(1, len(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--series", type=int, default=6)
    parser.add_argument("--days", type=int, default=190)
    parser.add_argument("--baseline", type=int, default=28)
    parser.add_argument("--wobble", type=float, default=1.0, help="the harness' --od")
    parser.add_argument("--change", default="", help="such as new_topic=0.02 or style=0.05")
    given = parser.parse_args()
    name, _, value = given.change.partition("=")
    change = {name: float(value)} if name else {}
    runs = [nights(given.n, s, given.wobble, given.days, given.baseline, change) for s in range(given.series)]
    found = [night for run, _ in runs for night in run]
    print(f"{len(found)} nights of {given.n}, {1e3 * np.mean([s for _, s in runs]):.0f} ms a test")
    for statistic in found[0]:
        p = np.array([night[statistic] for night in found])
        print(f"  {statistic:12s}", {level: round(float((p <= level).mean()), 4) for level in LEVELS})


if __name__ == "__main__":
    main()
