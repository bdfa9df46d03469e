"""The truth of several days together: what people said of them, the judge's verdicts, and its own errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift.config import Config
from drift.errors import DataError
from drift.judge import anchors, judgements, labels
from drift.judge.anchors import Anchor
from drift.judge.judging import WEIGHT
from drift.judge.labels import Labels
from drift.judge.rubrics import Rubric, chosen
from drift.judge.truth import JudgeErrors, Truth, errors, truth
from drift.lake import Lake
from drift.results.database import Database


@dataclass(frozen=True)
class Told:
    """One rubric over a window. judge: the judge's own share of failures, NaN where it gave no verdict; offered: traces that were
    offered for labels; truth: None where people have said nothing yet; errors: of the judge, from these days and the 28 before; anchors:
    of how many anchors of known label it said on the last night what is known, None where no label is. value: of a dimension; empty for all
    traffic."""

    rubric: str
    judge: float
    offered: int
    truth: Truth | None
    errors: JudgeErrors | None
    anchors: tuple[int, int] | None = None
    value: str = ""


def told(config: Config, first: date, last: date, dimension: str = "") -> list[Told]:
    """Every rubric of the configuration over the days from `first` to `last`, both included; with a dimension, after all traffic each of its
    values that has labels. Raises DataError for a dimension that no stored day has."""
    lake, database = Lake(config.lake.url), Database(config.results.url)
    known = anchors.read(config.judge.anchors)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    try:
        out = []
        for rubric in chosen(config.judge):
            measured = {day: table for day in days if (table := lake.read("features", day)) is not None}
            if dimension and not any(dimension in table.column_names for table in measured.values()):
                raise DataError(
                    f"{dimension!r:.80}: no stored day from {first} to {last} has it; give one of segments.dimensions"
                )
            out.append(_told(rubric, measured, database, first, last, known))
            out += _of_values(rubric, measured, database, first, dimension) if dimension else []
        return out
    finally:
        database.close()


def _told(
    rubric: Rubric, measured: dict[date, pa.Table], database: Database, first: date, last: date, known: list[Anchor]
) -> Told:
    judged = [_verdicts(table, rubric) for table in measured.values()]
    says, weight = (np.concatenate([np.zeros(0), *parts]) for parts in (zip(*judged, strict=True) if judged else ((), ())))
    earlier = labels.before(database, rubric.name, first)
    own = labels.together(labels.labelled(database, rubric.name, first, last).values())
    return Told(
        rubric.name,
        _share(says, weight),
        labels.offered(database, rubric.name, first, last),
        truth(own, says, weight, earlier),
        errors(labels.together([earlier, own])),
        _right(rubric, known, judgements.of_anchors(database, rubric.name, first, last)),
    )


def _of_values(
    rubric: Rubric, measured: dict[date, pa.Table], database: Database, first: date, dimension: str
) -> Iterator[Told]:
    """The rubric within each value of the dimension that has labels. How far to trust the judge is learnt from all traffic."""
    parts = []
    for day, table in measured.items():
        if dimension in table.column_names:
            own = labels.of_day(database, rubric.name, day)
            # one row a trace: what people say of it, what the judge said when it was offered, and how many requests its label stands for
            said = np.array([own.get(each, (np.nan,) * 3) for each in table["trace_id"].to_pylist()], float).reshape(-1, 3)
            parts.append((np.array(table[dimension].to_pylist(), object), said, *_verdicts(table, rubric)))
    values, said, says, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    labelled, was_offered = np.isfinite(said[:, 0]), np.isfinite(said[:, 2])
    earlier = labels.before(database, rubric.name, first)
    trust = errors(labels.together([earlier, Labels(*said[labelled].T)]))
    for value in sorted({str(each) for each in values[labelled] if each}):
        inside = values == value
        found = truth(Labels(*said[labelled & inside].T), np.where(inside, says, np.nan), weight, earlier)
        offered = int(np.sum(was_offered & inside))
        yield Told(rubric.name, _share(says[inside], weight[inside]), offered, found, trust, None, value)


def _verdicts(table: pa.Table, rubric: Rubric) -> tuple[np.ndarray, np.ndarray]:
    """1 fails or 0, NaN where it was not judged; and how many requests each row stands for."""
    if WEIGHT not in table.column_names or rubric.metric not in table.column_names:
        # without a judge every request may be offered, and stands for itself
        return np.full(table.num_rows, np.nan), np.ones(table.num_rows)
    scores, weight = (table[name].to_numpy(zero_copy_only=False).astype(float) for name in (rubric.metric, WEIGHT))
    return np.array([rubric.fails(score) for score in scores], float), weight


def _share(says: np.ndarray, weight: np.ndarray) -> float:
    known = np.isfinite(says)
    return float(np.average(says[known], weights=weight[known])) if known.any() else float("nan")


def _right(rubric: Rubric, known: list[Anchor], scores: dict[str, float]) -> tuple[int, int] | None:
    labelled = [(each.good[rubric.name], scores[each.id]) for each in known if rubric.name in each.good and each.id in scores]
    return (sum(good == (score > 0.5) for good, score in labelled), len(labelled)) if labelled else None
