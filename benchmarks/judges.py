"""Is it the application or the judge? What a night says when one of them changes, and when neither does.

    python benchmarks/judges.py [--nights 60]

Laws, written before the detector was run: 300 judged requests a day, 28 days, 60 anchors, a change on the last night. Judges: columns of
FaithBench (`gpt_4_turbo` exchanged for another; traffic is drawn from its items with replacement), and planted ones that err on one request
in ten and waver on one anchor in fifty, whose next version errs on three in ten. The application's failures rise from 10 % to 20 % under the
steady planted judge; to 25 % was added after the first run, which told 0.85 of the former. Every night is detected whole: profiles, budget, comparison. Prints the table of docs/judge.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from drift import detect, profiles
from drift.config import Config
from drift.detect.settings import Settings
from drift.profiles.day import DayProfile
from drift.results.ruler import against

DATA = Path(__file__).parents[2] / "shared" / "data" / "faithbench.parquet"
FIRST, DAYS, JUDGED, ANCHORS = date(2026, 10, 1), 28, 300, 60
WAVERS = 0.02
CONFIG = Config.of({"segments": {"dimensions": []}})
# scores of judged requests, and of the anchors: 1 good, 0 bad
Traffic = Callable[[np.random.Generator, bool], tuple[np.ndarray, np.ndarray]]


def exchanged(items: pd.DataFrame, before: str, after: str, rng: np.random.Generator) -> Traffic:
    rows = rng.choice(len(items), ANCHORS, False)

    def night(rng: np.random.Generator, last: bool) -> tuple[np.ndarray, np.ndarray]:
        column = items[after if last else before].to_numpy(float)
        return column[rng.integers(0, len(items), JUDGED)], column[rows]

    return night


def planted(rate: float, errs: float, rng: np.random.Generator) -> Traffic:
    """rate, errs: on the last night; before it 10 % of the requests fail and the judge errs on one in ten."""
    means = [(rng.random(ANCHORS) < 0.8).astype(float)]
    means += [np.where(rng.random(ANCHORS) < errs, 1 - means[0], means[0]) if errs != 0.1 else means[0]]

    def night(rng: np.random.Generator, last: bool) -> tuple[np.ndarray, np.ndarray]:
        good = (rng.random(JUDGED) >= (rate if last else 0.1)).astype(float)
        says = np.where(rng.random(JUDGED) < (errs if last else 0.1), 1 - good, good)
        wavers = rng.random(ANCHORS) < WAVERS
        return says, np.where(wavers, 1 - means[last], means[last])

    return night


def told(night: Traffic, rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether the last night says that the judge changed, and that the application did."""
    days, past, other = [], [], False
    for n in range(DAYS + 1):
        scores, anchors = night(rng, n == DAYS)
        judged = {f"a{i}": float(score) for i, score in enumerate(anchors)}
        if n == DAYS:
            other = against(past, judged)[2] <= 0.002
        past.append(judged)
        by = "judge since the last night" if other else "judge"
        table = pa.table(
            {"trace_id": [f"t{i}" for i in range(JUDGED)], "judge.helpful": scores, "_judge.helpful": [by] * JUDGED}
        )
        days.append(DayProfile(FIRST + timedelta(days=n), profiles.build(table, CONFIG, FIRST)))
    *history, today = days
    comparable = [DayProfile(day.day, profiles.comparable(day.table, today.table)) for day in history]
    found = detect.judge(comparable, today, Settings.of(CONFIG)).findings
    return other, any(finding.alarm and finding.metric == "judge.helpful" for finding in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=60)
    nights = parser.parse_args().nights
    rng = np.random.default_rng(24)
    items = pd.read_parquet(DATA)
    cases = {
        f"the judge: `gpt_4_turbo` becomes `{after}`": lambda after=after: exchanged(items, "gpt_4_turbo", after, rng)
        for after in ("gpt_4o", "trueteacher", "gpt_3_5_turbo")
    }
    cases |= {
        "the judge: a version that errs on three in ten": lambda: planted(0.1, 0.3, rng),
        "the application: failures from 10 % to 20 %": lambda: planted(0.2, 0.1, rng),
        "nothing": lambda: planted(0.1, 0.1, rng),
        "the application: failures from 10 % to 25 %": lambda: planted(0.25, 0.1, rng),
    }
    print("| what changed | told as the judge's | told as the application's |\n|---|---|---|")
    for name, make in cases.items():
        said = [told(make(), rng) for _ in range(nights)]
        judge, application = (sum(each) for each in zip(*said, strict=True))
        print(f"| {name} | {judge} of {nights} | {application} of {nights} |", flush=True)


if __name__ == "__main__":
    main()
