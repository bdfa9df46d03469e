"""How often the interval of `truth.<rubric>` holds the true rate, and how wide it is beside that of the labels alone.

    python benchmarks/truth.py [--draws 2000]

Judges: five columns of FaithBench (real answers beside human labels, drawn with replacement) and generated ones, that flip each label
with probability 0.25 or 0.1, at true rates of 0.05, 0.2 and 0.5. Ten traces are judged for each that is labelled. Labels of a night
(20) or of a week (140); how far to trust the judge is learnt from those of the 27 nights before. The labels alone: Wilson's interval.
"plain PPI" is `ppi_mean_ci` of ppi-python with λ = 1, by its formula. Prints the table of docs/judge.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from drift.judge.truth import Labels, truth

DATA = Path(__file__).parents[2] / "shared" / "data" / "faithbench.parquet"
COLUMNS = ("gpt_3_5_turbo", "gpt_4_turbo", "gpt_4o", "trueteacher", "true_nli")
JUDGED, NIGHTS, A_NIGHT = 10, 27, 20
Z = stats.norm.ppf(0.975)
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def generated(rate: float, flipped: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        fails = (rng.random(n) < rate).astype(float)
        return fails, np.where(rng.random(n) < flipped, 1 - fails, fails)

    return draw


def real(items: pd.DataFrame, column: str) -> Draw:
    fails, says = items["hallucinated"].to_numpy(float), 1 - items[column].to_numpy(float)

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(0, len(fails), n)
        return fails[rows], says[rows]

    return draw


def cases() -> dict[str, tuple[float, Draw]]:
    """By name, the true rate and what draws traces: what people would say, and the judge."""
    items = pd.read_parquet(DATA)
    out = {f"FaithBench, {column}": (items["hallucinated"].mean(), real(items, column)) for column in COLUMNS}
    for flipped in (0.25, 0.1):
        for rate in (0.05, 0.2, 0.5):
            out[f"{flipped} flipped, rate {rate}"] = (rate, generated(rate, flipped))
    return out


def plain(y: np.ndarray, f: np.ndarray, f_all: np.ndarray) -> tuple[float, float]:
    half = Z * np.sqrt(np.var(y - f) / len(y) + np.var(f_all) / len(f_all))
    middle = np.mean(y - f) + np.mean(f_all)
    return middle - half, middle + half


def measured(rate: float, draw: Draw, labels: int, draws: int, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """By method, the share of intervals that hold the rate, and their mean width."""
    ends: dict[str, list[tuple[float, float]]] = {"judge": [], "alone": [], "plain PPI": []}
    for _ in range(draws):
        fails, says = draw(rng, JUDGED * labels)
        y, f = fails[:labels], says[:labels]
        before = Labels.of(*draw(rng, NIGHTS * A_NIGHT))
        found, alone = truth(Labels.of(y, f), says, earlier=before), truth(Labels.of(y), np.zeros(0))
        assert found and alone
        ends["judge"].append((found.low, found.high))
        ends["alone"].append((alone.low, alone.high))
        ends["plain PPI"].append(plain(y, f, says))
    out = {}
    for method, pairs in ends.items():
        low, high = np.array(pairs).T
        out[method] = (float(np.mean((low <= rate) & (rate <= high))), float(np.mean(high - low)))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    draws = parser.parse_args().draws
    rng = np.random.default_rng(24)
    print(
        "| judge | 20 labels: covers | width | plain PPI covers | width | 140 labels: covers | width | plain PPI covers | width |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (rate, draw) in cases().items():
        cells = []
        for labels in (A_NIGHT, 7 * A_NIGHT):
            result = measured(rate, draw, labels, draws, rng)
            for method in ("judge", "plain PPI"):
                cover, width = result[method]
                cells += [f"{cover:.3f}", f"{width / result['alone'][1]:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
