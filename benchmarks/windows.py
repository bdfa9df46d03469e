"""Comparisons of windows and of traces on the peers' generator: false verdicts, coverage, power, the first changed day.

    python benchmarks/windows.py [windows|rows|since|slow ...] [--runs 100] [--peers /work/shared/peers]

windows  14 days against 7 of one deployment (5,000 traces a day): any change said where there is none; coverage of the 95 %
         intervals where there is one
rows     two samples of 2,000 traces of one day, apart: the same
since    a change found after k nights: the first changed day within a day of the truth, and its interval's coverage
creep    a change of a little every day, and false alarms a year
slow     small lasting changes within 7 nights, beside an oracle CUSUM that knows level, variances and correlation
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift import metrics, profiles  # noqa: E402
from drift.compare.rows import compare_rows
from drift.compare.windows import compare_windows
from drift.config import Config  # noqa: E402
from drift.detect import night
from drift.detect.lasting import change_point, cusum
from drift.detect.predict.ordinary import Series
from drift.detect.predict.shared_prior import shared_prior
from drift.detect.predict.stack import stacked
from drift.detect.settings import Settings
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.metrics import Metric  # noqa: E402
from drift.profiles.day import DayProfile

MONDAY = date(2024, 1, 1)
CONFIG = Config.of({"segments": {"dimensions": ["endpoint"]}, "metrics": {"volume": {"enabled": False}}})
SETTINGS = Settings.of(CONFIG)
OWN = (
    Metric("response_length", "number", "output", "characters", "", matters=0.05),
    Metric("latency_ms", "number", "system", "ms", "", worse="up", matters=0.05),
    Metric("tokens", "number", "cost", "tokens", "", worse="up", matters=0.05),
    Metric("retrieval_score", "number", "retrieval", "0–1", "", worse="down", matters=0.01, scale="bounded"),
    Metric("feedback_negative", "rate", "quality", "share", "", worse="up", matters=0.005, scale="bounded"),
    Metric("endpoint", "label", "traffic", "share", "", matters=0.03, scale="bounded"),
)
for _metric in OWN:
    metrics.register(_metric)
# the lasting changes are as small as what matters by default; who looks for them asks for less
SENSITIVE = Settings.of(
    Config.of(
        {
            "segments": {"dimensions": ["endpoint"]},
            "metrics": {
                "volume": {"enabled": False},
                "refusal": {"matters": 0.002},
                "response_length": {"matters": 0.01},
                "retrieval_score": {"matters": 0.003},
            },
        }
    )
)
COLUMNS = [*(m.name for m in OWN), "refusal", "finish_reason"]
# scenario → (change, metric, true effect on the log scale or in units)
CHANGES = {
    "refusal 2.5 → 3 %": ({"refusal_p": 0.03}, "refusal", 0.005),
    "length −3 %": ({"len_mult": 0.97}, "response_length", np.log(0.97)),
    "score −0.01": ({"score_delta": -0.01}, "retrieval_score", -0.01),
}


def frame(series, day: int, change: dict | None = None) -> pd.DataFrame:
    return series.day(day, change, "changed").rename(columns={"retrieval_top_score": "retrieval_score"})[COLUMNS]


_NULL: dict[tuple[int, int, int], DayProfile] = {}


def profile(series, day: int, change: dict | None = None) -> DayProfile:
    """A day's profile; ordinary days are made once."""
    key = series.n, series.seed, day
    if change is None and key in _NULL:
        return _NULL[key]
    made = _profile(series, day, change)
    if change is None:
        _NULL[key] = made
    series.forget(day + 1)
    return made


def _profile(series, day: int, change: dict | None = None) -> DayProfile:
    when = MONDAY + timedelta(days=day)
    table = pa.Table.from_pandas(frame(series, day, change), preserve_index=False)
    return DayProfile(when, profiles.build(table, CONFIG, when))


def windows(runs: int, make) -> None:
    alarms, equivalent, rows = 0, 0, 0
    covered = dict.fromkeys(CHANGES, 0)
    found = dict.fromkeys(CHANGES, 0)
    for seed in range(runs):
        series = make(5000, 500 + seed)
        before = [profile(series, d) for d in range(14)]
        same = compare_windows(before, [profile(series, d) for d in range(14, 21)], CONFIG)
        alarms += bool(same.with_verdict("changed"))
        equivalent += len(same.with_verdict("equivalent"))
        rows += len(same.rows)
        for name, (change, metric, truth) in CHANGES.items():
            row = compare_windows(before, [profile(series, d, change) for d in range(14, 21)], CONFIG).row(metric)
            truth = row.value_a * np.expm1(truth) if metric == "response_length" else truth
            covered[name] += row.low <= truth <= row.high
            found[name] += row.verdict == "changed"
    share = equivalent / rows
    print(f"14 days against 7 ordinary ones: any metric called changed {alarms / runs:.3f}; equivalent {share:.2f} of rows")
    for name in CHANGES:
        print(f"  {name:20s} interval covers {covered[name] / runs:.3f}, called changed {found[name] / runs:.3f}")


def rows(runs: int, make) -> None:
    alarms, covered = 0, dict.fromkeys(CHANGES, 0)
    for seed in range(runs):
        series = make(4000, 800 + seed)
        own = frame(series, 1)
        half = np.random.default_rng(seed).permutation(len(own))
        a, b = own.iloc[half[: len(own) // 2]], own.iloc[half[len(own) // 2 :]]
        alarms += bool(compare_rows(a, b, CONFIG).with_verdict("changed"))
        for name, (change, metric, truth) in CHANGES.items():
            changed = frame(series, 1, change).iloc[b.index]
            row = compare_rows(a, changed, CONFIG).row(metric)
            truth = row.value_a * np.expm1(truth) if metric == "response_length" else truth
            covered[name] += row.low <= truth <= row.high
    print(f"2,000 traces against 2,000 of the same day: any metric called changed {alarms / runs:.3f}")
    print("  intervals cover " + ", ".join(f"{name} {covered[name] / runs:.3f}" for name in CHANGES))


def since(runs: int, make) -> None:
    changes = {
        "length −10 %": ({"len_mult": 0.9}, "response_length", 0),
        "refusal 4 %": ({"refusal_p": 0.04}, "refusal", 0),
        "score −0.02": ({"score_delta": -0.02}, "retrieval_score", 0),
    }
    for name, (change, metric, _) in changes.items():
        near = inside = found = 0
        for seed in range(runs):
            app, after = make(5000, 300 + seed), 2 + seed % 8
            days = [profile(app, d, change if d >= 28 else None) for d in range(28 + after)]
            kinds, dates = _statistics(days), [day.day for day in days]
            place = next(i for i, s in enumerate(kinds) if s.metric.name == metric and s.name == "level")
            series = stacked(kinds)
            at = change_point.locate(series.take(np.array([place])), dates, shared_prior(series, dates))
            if abs(at.change) < 3 * at.error:
                continue
            found += 1
            near += abs(at.index - 28) <= 1
            inside += at.low <= 28 <= at.high
        shares = near / max(found, 1), inside / max(found, 1)
        print(f"  {name:20s} told {found} of {runs}: within a day {shares[0]:.2f}, interval covers {shares[1]:.2f}")


def _statistics(days):
    return [s for s in statistics.of(Panel(days), 50, {}) if s.segment[0] == "all"]


@cache
def _law(make, metric: str) -> tuple[np.ndarray, float, float]:
    """Level on weekdays and weekends, spread and day-to-day correlation of ordinary days, from 16 other deployments."""
    series = []
    for seed in range(900, 916):
        own = make(5000, seed)
        days = [profile(own, d) for d in range(56)]
        series.append(next(s.raw for s in _statistics(days) if s.metric.name == metric and s.name == "level"))
    y = np.array(series)
    weekend = np.array([d % 7 >= 5 for d in range(56)])
    level = np.array([y[:, ~weekend].mean(), y[:, weekend].mean()])
    y = y - level[weekend.astype(int)]
    return level, float(y.std()), float((y[:, 1:] * y[:, :-1]).mean() / y.var())


def slow_changes(runs: int, make, history: int) -> None:
    h = cusum.threshold(10, 1.0, 0.5)
    for name, (change, metric, _) in CHANGES.items():
        level, spread, phi = _law(make, metric)
        found = []
        for seed in range(runs):
            series = make(5000, 100 + seed)
            first = history + seed % 7
            days = [profile(series, d, change if d >= first else None) for d in range(first - history, first + 7)]
            s = next(s for s in _statistics(days) if s.metric.name == metric and s.name == "level")
            weekend = np.array([day.day.weekday() >= 5 for day in days]).astype(int)
            learnt = np.array([s.raw[:history][weekend[:history] == w].mean() for w in (0, 1)])
            oracles = []
            for known in (level, learnt):
                z = (s.raw - known[weekend]) / spread
                z[1:] = (z[1:] - phi * z[:-1]) / np.sqrt(1 - phi**2)
                result = cusum.cusum(z[history:, None], 1.0, 0.5)
                oracles.append(bool((np.maximum(result.up, result.down) > h).any()))
            nights = (night(days[k : k + history], days[k + history], SENSITIVE) for k in range(7))
            found.append([*oracles, any(f.alarm and f.metric == metric for findings in nights for f in findings)])
        known, learnt, ours = np.array(found, float).T
        both = [float(ours[oracle > 0].mean()) if oracle.any() else float("nan") for oracle in (known, learnt)]
        print(
            f"  {name:20s} oracle CUSUM that knows the level {known.mean():.2f}, "
            f"with the level of the {history} days {learnt.mean():.2f}; "
            f"drift {ours.mean():.2f}, of those that the oracles find {both[0]:.2f} and {both[1]:.2f}",
            flush=True,
        )


def creep(runs: int, make) -> None:
    """Deployments of ten series over 90 days: day effects of 1.2 (or 3) sampling errors, weekends half a day effect higher."""
    rng, days = np.random.default_rng(1), [MONDAY + timedelta(days=k) for k in range(cusum.HISTORY)]
    weekend = np.array([day.weekday() >= 5 for day in days])

    def deployment(phi: float, tau: float, degrees: float | None = None) -> Series:
        shape = (10, len(days) + 30)
        z = rng.standard_normal(shape) if degrees is None else rng.standard_t(degrees, shape) / np.sqrt(degrees / (degrees - 2))
        for t in range(1, shape[1]):
            z[:, t] = phi * z[:, t - 1] + np.sqrt(1 - phi**2) * z[:, t]
        n = np.where(weekend, 3750.0, 5000.0) * np.ones((10, 1))
        sampling = rng.standard_normal(n.shape) / np.sqrt(n)
        y = (z[:, 30:] + 0.5 * weekend) * tau / np.sqrt(5000) + sampling
        return Series(y, n, np.ones(10), np.full(10, 0.035), np.full(10, "level"), np.ones(10))

    laws = ((0.0, 1.2, None), (0.4, 1.2, None), (0.4, 1.2, 4), (0.6, 3.0, None), (0.84, 1.2, None), (0.84, 3.0, None))
    for phi, tau, degrees in laws:
        alarms = nights = 0
        for _ in range(runs):
            result = cusum.creep(deployment(phi, tau, degrees), days)
            beyond = (np.maximum(result.up, result.down) > result.threshold)[cusum.BURN_IN :]
            alarms += int((beyond[1:] & ~beyond[:-1]).sum())
            nights += len(beyond)
        law = f"correlation {phi}, day effect {tau} sampling errors, {'normal' if degrees is None else f't({degrees})'}"
        print(f"  ordinary, {law}: {365 * alarms / nights:.2f} false alarms a year")
    for total, length in ((2, 28), (3, 28), (2, 56)):
        found = 0.0
        for _ in range(runs):
            series = deployment(0.4, 1.2)
            series.y[:, -length:] += total * np.hypot(1.2, 1) / np.sqrt(5000) * np.arange(1, length + 1) / length
            result = cusum.creep(series, days)
            found += (np.maximum(result.up, result.down)[-length:] > result.threshold).any(0).mean() / runs
        print(f"  creep of {total} standard deviations of a day over {length} days: found by then in {found:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["windows", "rows", "since", "slow", "creep"])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--history", type=int, default=28, help="days before the change, for `slow`")
    parser.add_argument("--peers", default="/work/shared/peers")
    given = parser.parse_args()
    sys.path.insert(0, given.peers)
    from benchlib.gen import Series

    for part in given.parts:
        start = time.time()
        print(f"=== {part}", flush=True)
        more = {"history": given.history} if part == "slow" else {}
        {"windows": windows, "rows": rows, "since": since, "slow": slow_changes, "creep": creep}[part](
            given.runs, Series, **more
        )
        print(f"({time.time() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
