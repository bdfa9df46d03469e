"""How often `drift ab` errs, and when it stops a worse candidate.

    python benchmarks/ab.py [--runs 1000]

500 requests an hour on each side, a look each hour for 48. The main metric is one of those below, with the margin that matters by the
catalogue; four guards (errors 1 %, cost, latency, refusals 2 %) are as good on both sides. Laws: counts of a rate are binomial, logarithms
of cost and latency normal with a standard deviation of 0.8, independent. A candidate is worse in the main metric by 0, 1, 2 or 4 margins.
Prints the table of docs/compare.md.
"""

from __future__ import annotations

import argparse

import numpy as np

from drift import metrics
from drift.compare import sequential
from drift.config import Config
from drift.detect.reading import matters
from drift.detect.settings import Settings

AN_HOUR, HOURS = 500, 48
SPREAD = 0.8
RATES = {
    "refusal, 2 %": ("refusal", 0.02),
    "refusal, 3 %": ("refusal", 0.03),
    "refusal, 10 %": ("refusal", 0.1),
    "error, 1 %": ("error", 0.01),
    "task_completed, 80 %": ("task_completed", 0.8),
}
GUARDS = {"error": 0.01, "refusal": 0.02, "cost_usd": None, "latency_s": None}


def rate(rng: np.random.Generator, runs: int, a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """(change, standard error) at each look, both (runs, hours)."""
    n = AN_HOUR * np.arange(1, HOURS + 1)
    k = [rng.binomial(AN_HOUR, p, (runs, HOURS)).cumsum(1) for p in (a, b)]
    p = [each / n for each in k]
    error = np.sqrt(sum(each * (1 - each) / (n - 1) for each in p))
    return p[1] - p[0], np.maximum(error, sequential.rate_error(k[0] + k[1], [n, n]))


def number(rng: np.random.Generator, runs: int, change: float) -> tuple[np.ndarray, np.ndarray]:
    n = AN_HOUR * np.arange(1, HOURS + 1)
    means = [rng.normal(0, SPREAD / np.sqrt(AN_HOUR), (runs, HOURS)).cumsum(1) / np.arange(1, HOURS + 1) for _ in range(2)]
    return means[1] - means[0] + change, np.broadcast_to(SPREAD * np.sqrt(2 / n), (runs, HOURS))


def answers(rng: np.random.Generator, runs: int, name: str, level: float | None, times: float) -> tuple[np.ndarray, np.ndarray]:
    """The answer of each run (1 promote, −1 stop, 0 not yet) and its hour."""
    settings, metric = Settings.of(Config.of({})), metrics.lookup(name)
    watched = []
    guards = [(guard, at) for guard, at in GUARDS.items() if guard != name]
    for each, at, factor in ((name, level, times), *((*guard, 0.0) for guard in guards)):
        own = metrics.lookup(each)
        margin = matters(own, settings, at)
        if at is None:
            allowed = float(np.log1p(margin))
            watched.append((*number(rng, runs, factor * allowed), allowed))
        else:
            sign = 1 if own.worse == "up" else -1
            change, error = rate(rng, runs, at, at + sign * factor * margin)
            watched.append((sign * change, error, margin))
    shares = [0.8, *[0.2 / len(guards)] * len(guards)]
    least, most = zip(*(sequential.bounds(c, e, m, s) for (c, e, m), s in zip(watched, shares, strict=True)), strict=True)
    fine = np.all([upper < m for upper, (_, _, m) in zip(most, watched, strict=True)], axis=0)
    worse = np.any([(low > 0) & (upper >= m) for low, upper, (_, _, m) in zip(least, most, watched, strict=True)], axis=0)
    answer = np.where(worse, -1, np.where(fine, 1, 0))
    decided = answer != 0
    hour = np.where(decided.any(1), decided.argmax(1), HOURS - 1)
    assert metric.worse != "either"
    return answer[np.arange(runs), hour], hour + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    rng = np.random.default_rng(24)
    print(
        "| metric | equal: stop | equal: promote by hour 48 | worse by the margin: promote | by twice: stop by 48 | by four times: stop by 24 | median hour |"
    )
    print("|---|---|---|---|---|---|---|")
    for title, (name, level) in {**RATES, "latency_s": ("latency_s", None), "cost_usd": ("cost_usd", None)}.items():
        by = {times: answers(rng, runs, name, level, times) for times in (0, 1, 2, 4)}
        cells = [
            np.mean(by[0][0] == -1),
            np.mean(by[0][0] == 1),
            np.mean(by[1][0] == 1),
            np.mean(by[2][0] == -1),
            np.mean((by[4][0] == -1) & (by[4][1] <= 24)),
        ]
        print(f"| {title} | {' | '.join(f'{cell:.3f}' for cell in cells)} | {np.median(by[4][1]):.0f} |", flush=True)


if __name__ == "__main__":
    main()
