"""How often `drift fixed` calls a fix proved: true fixes, and fixes that undo half of the change.

    python benchmarks/fixed.py --seeds 100
    python benchmarks/fixed.py --seeds 100 --real   # answers that this project did not write: RealTimeQA, a week a day

The law is ours and was written before the first run: 28 ordinary days with 2 % failures, 1,000 requests a day on weekdays and 700 at weekends; a day's
odds differ by an effect of its own (15 %, and 5 % more failures at weekends); then 12 % on five days; then a fix: 2 % again, or 7 %. It is looked at on each of the seven mornings
after it, and counts as proved when one of them says so. Two endpoints of different levels, whose mix wanders. --real: wrong answers of RealTimeQA's
runs in the order of a shuffle of its 74 weeks, chosen from four on ordinary days and after a true fix, in free words on the five days of the incident,
and after half a fix every second one. Which weeks are hard is theirs.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from drift import profiles
from drift.compare.recovery import Fix, recovery
from drift.config import Config
from drift.profiles.day import DayProfile

CONFIG = Config.of({"store": {"type": "demo"}, "segments": {"dimensions": ["name"]}})
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
START, ORDINARY, NIGHTS = date(2026, 10, 1), 28, 7
BEFORE, CHANGED, HALF_FIXED = 0.02, 0.12, 0.07


def day_of(rng: np.random.Generator, day: date, size: int, rate: float) -> DayProfile:
    weekend = day.weekday() >= 5
    n = int(size * (0.7 if weekend else 1.0) * np.exp(0.05 * rng.standard_normal()))
    billing = rng.random(n) < 0.4 + 0.05 * rng.standard_normal()
    odds = rate / (1 - rate) * np.exp(0.15 * rng.standard_normal() + 0.05 * weekend) * np.where(billing, 1.3, 0.8)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    rows = {
        "trace_id": [f"{day}-{i}" for i in range(n)],
        "timestamp": pa.array([at] * n, pa.timestamp("us", tz="UTC")),
        "name": np.where(billing, "billing", "search"),
        "error": (rng.random(n) < odds / (1 + odds)).astype(float),
    }
    return DayProfile(day, profiles.build(pa.table(rows), CONFIG, day))


def proved_after(seed: int, size: int, rate: float) -> int | None:
    """The number of nights after which the fix was called proved; None where it was not within `NIGHTS`."""
    rng = np.random.default_rng([seed, size, round(rate * 1000)])
    before = [day_of(rng, START + timedelta(days=d), size, BEFORE) for d in range(ORDINARY)]
    since = START + timedelta(days=ORDINARY + 5)
    after = [day_of(rng, since + timedelta(days=d), size, rate) for d in range(NIGHTS)]
    for night in range(1, NIGHTS + 1):
        said = recovery(before, after[:night], ("error", ("all", ""), "level"), (BEFORE, CHANGED), CONFIG)
        if said.answer == Fix.PROVED:
            return night
    return None


def real_weeks() -> list[tuple[np.ndarray, np.ndarray]]:
    """By week, whether the answers chosen from four were wrong, and those in free words; 1 or 0, (n,) each."""
    rows = pd.read_parquet(DATA / "realtimeqa_predictions.parquet").dropna(subset=["correct"])
    return [
        tuple(1 - week.loc[week["setting"] == setting, "correct"].to_numpy(float) for setting in ("mc", "gen"))
        for _, week in rows.groupby("week", sort=True)
    ]


def real_day(day: date, wrong: np.ndarray) -> DayProfile:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    rows = {
        "trace_id": [f"{day}-{i}" for i in range(len(wrong))],
        "timestamp": pa.array([at] * len(wrong), pa.timestamp("us", tz="UTC")),
        "name": ["qa"] * len(wrong),
        "error": wrong,
    }
    return DayProfile(day, profiles.build(pa.table(rows), CONFIG, day))


def real_proved_after(seed: int, weeks: list[tuple[np.ndarray, np.ndarray]], half: bool) -> int | None:
    """As `proved_after`, of RealTimeQA's answers; the change is what the incident's days show."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(weeks))
    days = [START + timedelta(days=d) for d in range(ORDINARY + 5 + NIGHTS)]
    chosen = [weeks[k] for k in order[: len(days)]]
    before = [real_day(day, week[0]) for day, week in zip(days[:ORDINARY], chosen, strict=False)]
    changed = float(np.concatenate([week[1] for week in chosen[ORDINARY : ORDINARY + 5]]).mean())
    usual = float(np.concatenate([week[0] for week in chosen[:ORDINARY]]).mean())
    after = []
    for day, (with_it, without) in zip(days[-NIGHTS:], chosen[-NIGHTS:], strict=True):
        n = len(without)
        after.append(
            real_day(
                day,
                np.concatenate([rng.permutation(with_it)[: n // 2], rng.permutation(without)[: n // 2]]) if half else with_it,
            )
        )
    for night in range(1, NIGHTS + 1):
        said = recovery(before, after[:night], ("error", ("all", ""), "level"), (usual, changed), CONFIG)
        if said.answer == Fix.PROVED:
            return night
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--sizes", default="1000,300")
    parser.add_argument("--real", action="store_true")
    asked = parser.parse_args()
    if asked.real:
        weeks = real_weeks()
        for name, half in (("true fixes", False), ("half fixes", True)):
            nights = [night for seed in range(asked.seeds) if (night := real_proved_after(seed, weeks, half)) is not None]
            print(f"RealTimeQA, {name}: proved within {NIGHTS} nights {len(nights)} of {asked.seeds}", flush=True)
        return
    for size in map(int, asked.sizes.split(",")):
        for name, rate in (("true fixes", BEFORE), ("half fixes", HALF_FIXED)):
            nights = [night for seed in range(asked.seeds) if (night := proved_after(seed, size, rate)) is not None]
            typical = f", half of them by night {int(np.median(nights))}" if nights else ""
            print(
                f"{size:>6} requests a day, {name}: proved within {NIGHTS} nights {len(nights)} of {asked.seeds}{typical}",
                flush=True,
            )


if __name__ == "__main__":
    main()
