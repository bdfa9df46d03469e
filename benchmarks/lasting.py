"""Small changes that last, within seven nights: drift beside a CUSUM that knows level and deviation, and what can be known at all.

    python benchmarks/lasting.py found --n 5000 --series 16 --first-seed 8500   # drift, with 28 and with 84 days of profiles
    python benchmarks/lasting.py bound                                          # the same test with everything known but the level

No test: nothing here runs in CI.
"""

from __future__ import annotations

import argparse

import detector  # first: it finds the peers' harness
import numpy as np
import pandas as pd
from benchlib.gen import PHI, SD, Series
from detector import DAYS

NIGHTS = 7
CHANGES = {
    "refusal 2.5 → 3 %": ({"refusal_p": 0.03}, "refusal", "refusal"),
    "length −3 %": ({"len_mult": 0.97}, "response_length", "response_length"),
    "score −0.01": ({"score_delta": -0.01}, "retrieval_top_score", "retrieval_top_score"),
}
# day effect, deviation of one trace and change, on the scale on which drift compares
SCALES = {
    "refusal 2.5 → 3 %": (SD["ref"], np.sqrt(0.975 / 0.025), np.log(0.03 / 0.025)),
    "length −3 %": (SD["len"], 0.82, 0.03),
    "score −0.01": (SD["score"], 0.116, 0.01),
}
# a night's one-sided chance of a false alarm in one of ten metrics: as drift spends it, and four times that
CHANCES = (2.2e-4, 1e-3)
WINDOWS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14)


def found(n: int, seeds: range, history: int) -> None:
    """Found by drift and by the CUSUM. history: days of profiles at hand; the rolling baseline are the last 28 of them."""
    rows = []
    for name, (change, target, column) in {**CHANGES, "no change": ({}, "", "refusal")}.items():
        ours, oracle = [], []
        for seed in seeds:
            series, start = Series(n, seed), history + seed % 7
            frames = {d: series.day(d) for d in range(start - history, start)}
            seen, hit = [], False
            for d in range(start, start + NIGHTS):
                frames[d] = series.day(d, change, name) if change else series.day(d)
                flags = detector.contender.flagged([frames[x] for x in range(d - history, d)], frames[d])
                hit = hit or (target in flags if change else bool(flags))
                seen.append(frames[d])
            ours.append(hit)
            oracle.append(_oracle(n, column, change, seen) if change else False)
        both = [a for a, b in zip(ours, oracle, strict=True) if b]
        rows.append([name, f"{np.mean(oracle):.2f}", f"{np.mean(ours):.2f}", f"{np.mean(both):.2f}" if both else "–"])
    print(f"\n## Lasting changes, n = {n}, {history} days known, within {NIGHTS} nights, {len(seeds)} series")
    detector.table(["change", "oracle CUSUM", "drift", "drift where the oracle finds it"], rows)


_KNOWN: dict = {}


def _oracle(n: int, column: str, change: dict, days: list[pd.DataFrame]) -> bool:
    """One-sided CUSUM with the true mean, deviation and size of change; one false alarm a year over ten columns."""
    key = (n, column, tuple(change.items()))
    if key not in _KNOWN:
        values: dict[bool, list[float]] = {False: [], True: []}
        shifted = []
        for seed in range(900, 903):
            series = Series(n, seed)
            for d in range(56):
                frame = series.day(d)
                values[d % 7 >= 5].append(_mean(frame, column))
                shifted.append(_mean(series.day(d, change, "x"), column) - _mean(frame, column))
                series.forget(d)
        deviation = np.sqrt(np.mean([np.var(v, ddof=1) for v in values.values()]))
        delta = np.mean(shifted) / deviation
        _KNOWN[key] = {w: np.mean(v) for w, v in values.items()}, deviation, delta, _limit(abs(delta))
    mean, deviation, delta, limit = _KNOWN[key]
    total = 0.0
    for frame in days:
        z = (_mean(frame, column) - mean[frame.attrs["day"] % 7 >= 5]) / deviation * np.sign(delta)
        total = max(0.0, total + z - abs(delta) / 2)
        if total > limit:
            return True
    return False


def _mean(frame: pd.DataFrame, column: str) -> float:
    x = frame[column].to_numpy(float)
    return float(np.log(np.maximum(x, 1)).mean()) if column == "response_length" else float(x.mean())


def _limit(delta: float, phi: float = 0.3) -> float:
    """CUSUM limit with one false alarm in 3,650 nights of AR(1) scores."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((400, 760))
    for t in range(1, z.shape[1]):
        z[:, t] = phi * z[:, t - 1] + np.sqrt(1 - phi**2) * z[:, t]
    total, peak = np.zeros(400), np.zeros((400, 730))
    for t in range(730):
        total = np.maximum(0.0, total + z[:, t + 30] - delta / 2)
        peak[:, t] = total
    return float(np.quantile(peak.max(1), np.exp(-730 / 3650)))


def bound(n: int, runs: int = 20_000) -> None:
    """How much of what the CUSUM finds the last k days together can find when all is known but the level, by days of baseline."""
    rows = []
    for name, (effect, deviation, change) in SCALES.items():
        noise = deviation / np.sqrt(n)
        size = np.hypot(effect, noise)
        limit = _limit(change / size)
        for history in (DAYS, 3 * DAYS, None):
            length = (history or DAYS) + NIGHTS
            covariance = effect**2 * PHI ** np.abs(np.subtract.outer(range(length), range(length))) + noise**2 * np.eye(length)
            y = np.random.default_rng(1).standard_normal((runs, length)) @ np.linalg.cholesky(covariance).T
            moved = y.copy()
            moved[:, -NIGHTS:] += change
            ordinary, changed = (_scan(values, covariance, history is None) for values in (y, moved))
            oracle = _cusum(moved[:, -NIGHTS:] / size, change / size, limit)
            limits = [np.quantile(ordinary[:, -1], 1 - chance) for chance in CHANCES]
            share = [f"{(changed[oracle] > at).any(1).mean():.2f}" for at in limits]
            rows.append([name, str(history or "level known"), f"{oracle.mean():.2f}", *share])
    print(f"\n## The most that can be found of what the CUSUM finds, n = {n}, by a night's chance of a false alarm")
    detector.table(["change", "days of baseline", "oracle CUSUM", *(f"{chance:g}" for chance in CHANCES)], rows)


def _scan(y: np.ndarray, covariance: np.ndarray, level_known: bool) -> np.ndarray:
    """The largest z of the last k days, each k, on each of the last nights: (runs, nights)."""
    length = y.shape[1] - NIGHTS + 1
    inverse = np.linalg.inv(covariance[:length, :length])
    one = np.ones(length)
    p = inverse if level_known else inverse - np.outer(inverse @ one, inverse @ one) / (one @ inverse @ one)
    marks = [(np.arange(length) >= length - k).astype(float) for k in WINDOWS]
    scores = np.array([p @ h / np.sqrt(h @ p @ h) for h in marks])
    return np.stack([(y[:, i : i + length] @ scores.T).max(1) for i in range(NIGHTS)], axis=1)


def _cusum(z: np.ndarray, delta: float, limit: float) -> np.ndarray:
    total, hit = np.zeros(len(z)), np.zeros(len(z), bool)
    for column in z.T:
        total = np.maximum(0.0, total + column - delta / 2)
        hit |= total > limit
    return hit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["found", "bound"])
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--series", type=int, default=16)
    parser.add_argument("--first-seed", type=int, default=40)
    given = parser.parse_args()
    if given.part == "bound":
        bound(given.n)
        return
    for history in (DAYS, 3 * DAYS):
        found(given.n, range(given.first_seed, given.first_seed + given.series), history)


if __name__ == "__main__":
    main()
