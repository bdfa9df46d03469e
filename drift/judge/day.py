"""What a day's judgements and labels come to: the traces to label, and `truth.<rubric>` as rows of the day's profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from drift.config import Config
from drift.features.scores import safe_name
from drift.judge import labels
from drift.judge.judging import WEIGHT
from drift.judge.labels import Labels
from drift.judge.rubrics import Rubric, chosen
from drift.judge.truth import Truth, truth
from drift.profiles import OVERALL, SCHEMA
from drift.results import tables
from drift.results.database import Database


def truths(config: Config, day: date, measured: pa.Table) -> pa.Table:
    """Rows of a profile (`drift.profiles.SCHEMA`) with `truth.<rubric>`: of all requests, and of each value of a dimension that has labels.

    Writes down what people said since, and, where the day has none yet, which traces are offered for labels. A rate's rows have the
    number of plain labels that would tell as much, so that it is tested with its own sampling error.
    """
    section = config.judge
    rows: list[dict[str, object]] = []
    if section.rubrics and measured.num_rows:
        filed = labels.of_file(section.labels)
        database = Database(config.results.url)
        try:
            for rubric in chosen(section):
                rows += _of_rubric(config, day, measured, rubric, filed.get(rubric.name, {}), database)
        finally:
            database.close()
    return pa.Table.from_pylist(rows, SCHEMA)


def _of_rubric(
    config: Config, day: date, measured: pa.Table, rubric: Rubric, filed: dict[str, float], database: Database
) -> Iterator[dict[str, object]]:
    ids = measured["trace_id"].to_pylist()
    # without a judge every request may be offered, and stands for itself
    weight = _column(measured, WEIGHT, 1.0)
    verdicts = np.array([rubric.fails(score) for score in _column(measured, rubric.metric, np.nan)])
    earlier = labels.before(database, rubric.name, day)
    sampled = np.flatnonzero(np.isfinite(weight))
    offered = labels.offers(
        [ids[i] for i in sampled],
        verdicts[sampled],
        weight[sampled],
        config.judge.offered,
        earlier,
        {ids[i] for i in np.flatnonzero(_of_incidents(measured, database, day))},
        measured["name"].take(pa.array(sampled)).to_pylist() if "name" in measured.column_names else (),
    )
    labels.keep(database, day, rubric.name, offered)
    labels.answer(database, day, rubric.name, _said(config, measured, rubric, ids) | filed)
    own = labels.answered(database, rubric.name, day)
    place = {trace_id: i for i, trace_id in enumerate(ids)}
    there = [(place[trace_id], *said) for trace_id, said in own.items() if trace_id in place]
    if not there:
        return
    at = np.array([i for i, *_ in there])
    of_day = Labels(*np.array([said for _, *said in there], float).T)
    for dimension, value, inside in _segments(config, measured):
        here = inside[at]
        if here.any():
            part = Labels(of_day.fails[here], of_day.judged[here], of_day.weight[here])
            found = truth(part, np.where(inside, verdicts, np.nan), weight, earlier)
            if found is not None:
                yield _row(dimension, value, rubric, found)


def _of_incidents(measured: pa.Table, database: Database, day: date) -> np.ndarray:
    """Whether each trace is of a segment with an incident that was open before this night; bool, one a row. An incident of all traffic has no
    traces that are more its own than others."""
    table = tables.incidents
    query = sa.select(table.c.dimension, table.c.value).where(
        table.c.opened < day,
        sa.or_(table.c.closed.is_(None), table.c.closed >= day),
        table.c.dimension.in_(measured.column_names),
    )
    inside = np.zeros(measured.num_rows, bool)
    with database.reading() as connection:
        for dimension, value in connection.execute(query):
            inside |= np.array([each == value for each in measured[dimension].to_pylist()], bool)
    return inside


def _row(dimension: str, value: str, rubric: Rubric, found: Truth) -> dict[str, object]:
    n = max(1, round(found.worth))
    fails = float(round(found.rate * n))
    return {
        "dimension": dimension,
        "value": value,
        "metric": f"truth.{rubric.name}",
        "kind": "rate",
        "n": n,
        "missing": 0,
        "total": fails,
        "sum": fails,
        "squares": fails,
        "pairs": 0.0,
        "pair_sum": 0.0,
        "pair_products": 0.0,
    }


def _segments(config: Config, measured: pa.Table) -> Iterator[tuple[str, str, np.ndarray]]:
    yield OVERALL, "", np.ones(measured.num_rows, bool)
    for dimension in config.segments.dimensions:
        if dimension in measured.column_names:
            values = np.array(measured[dimension].to_pylist(), object)
            for value in sorted({each for each in values if each}):
                yield dimension, value, values == value


def _said(config: Config, measured: pa.Table, rubric: Rubric, ids: list[str]) -> dict[str, float]:
    """Labels that came back as the store's scores: numbers from 0.5 up are good, and words such as "good"."""
    name = safe_name(config.judge.label_score.replace("{rubric}", rubric.name))
    out: dict[str, float] = {}
    if f"score.{name}" in measured.column_names:
        values = zip(ids, _column(measured, f"score.{name}"), strict=True)
        out |= {trace_id: float(value < 0.5) for trace_id, value in values if np.isfinite(value)}
    if f"score_label.{name}" in measured.column_names:
        words = zip(ids, measured[f"score_label.{name}"].to_pylist(), strict=True)
        out |= {trace_id: fails for trace_id, word in words if (fails := labels.word_fails(word)) is not None}
    return out


def _column(table: pa.Table, name: str, absent: float = np.nan) -> np.ndarray:
    if name not in table.column_names:
        return np.full(table.num_rows, absent)
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
