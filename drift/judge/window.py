"""The truth of several days together: what people said of them, the judge's verdicts, and its own errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from drift.config import Config
from drift.judge import labels
from drift.judge.judging import WEIGHT
from drift.judge.rubrics import Rubric, chosen
from drift.judge.truth import JudgeErrors, Truth, errors, truth
from drift.lake import Lake
from drift.results.database import Database


@dataclass(frozen=True)
class Told:
    """One rubric over a window. judge: the judge's own share of failures, NaN where it gave no verdict; offered: traces that were
    offered for labels; truth: None where people have said nothing yet; errors: of the judge, from these days and the 28 before."""

    rubric: str
    judge: float
    offered: int
    truth: Truth | None
    errors: JudgeErrors | None


def told(config: Config, first: date, last: date) -> list[Told]:
    """Every rubric of the configuration over the days from `first` to `last`, both included."""
    lake, database = Lake(config.lake.url), Database(config.results.url)
    try:
        return [_told(rubric, lake, database, first, last) for rubric in chosen(config.judge)]
    finally:
        database.close()


def _told(rubric: Rubric, lake: Lake, database: Database, first: date, last: date) -> Told:
    verdicts, weights = [np.zeros(0)], [np.zeros(0)]
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        measured = lake.read("features", day)
        if measured is not None and WEIGHT in measured.column_names and rubric.metric in measured.column_names:
            scores = measured[rubric.metric].to_numpy(zero_copy_only=False).astype(float)
            verdicts.append(np.array([rubric.fails(score) for score in scores]))
            weights.append(measured[WEIGHT].to_numpy(zero_copy_only=False).astype(float))
    says, weight = np.concatenate(verdicts), np.concatenate(weights)
    known = np.isfinite(says)
    earlier = labels.before(database, rubric.name, first)
    own = labels.together(labels.labelled(database, rubric.name, first, last).values())
    return Told(
        rubric.name,
        float(np.average(says[known], weights=weight[known])) if known.any() else float("nan"),
        labels.offered(database, rubric.name, first, last),
        truth(own, says, weight, earlier),
        errors(labels.together([earlier, own])),
    )
