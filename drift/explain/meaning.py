"""What a change of meaning is about: other questions or other answers to the same ones, and what sets today's traces apart.

Reads the embedded traces of the incident's place, today's and those of ordinary days, so it is asked only where a vector
metric alarmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from drift import metrics
from drift.explain import classifier, given_input
from drift.explain.classifier import Separation
from drift.explain.exemplars import encoders, vectors
from drift.features.embedding import thinned
from drift.profiles.build import ENCODER
from drift.text import wording

INPUT, OUTPUT = "input_embedding", "output_embedding"
# ordinary days that are read, and how many of them must have so many embedded traces of the place
DAYS = 14
# embedded traces of a day that are read: more cost memory and say little more
ROWS = 4000
_ENOUGH_DAYS, _ENOUGH_TRACES = 8, 20
# the p-value of a separation that is told, and how much more frequent a label must be among the traces that make it
_SURE, _SHARE = 0.01, 0.2


@dataclass(frozen=True)
class Meaning:
    """given_input: p-value of the answers given their questions, None where it is unknown; apart: what sets today apart."""

    given_input: float | None
    apart: str


def columns(dimensions: Sequence[str]) -> list[str]:
    """The columns of features tables that `look` needs."""
    labels = [name for name, metric in metrics.CATALOGUE.items() if metric.kind == "label"]
    return [*dict.fromkeys([INPUT, OUTPUT, ENCODER, *labels, *dimensions])]


# small systems: threads cost more than they save, and on a busy machine they wait for each other
@threadpool_limits.wrap(limits=1, user_api="blas")
def look(metric: str, usual: Sequence[pa.Table], today: pa.Table) -> Meaning:
    """What is behind a change of `metric`, a vector metric.

    usual: features tables of ordinary days, the oldest first; today: of the night; all of the incident's place alone.
    """
    now = _embedded(today, metric)
    days = [table for table in (_embedded(day, metric) for day in usual) if table.num_rows >= _ENOUGH_TRACES]
    days = [day for day in days if encoders(day) == encoders(now)]
    if now.num_rows < _ENOUGH_TRACES or len(days) < _ENOUGH_DAYS:
        return Meaning(None, "")
    return Meaning(_given_input(days, now), _apart(metric, days, now))


def _embedded(table: pa.Table, metric: str) -> pa.Table:
    """At most ROWS of the rows that have the metric."""
    known = table.filter(pc.is_valid(table.column(metric))) if metric in table.column_names else table.slice(0, 0)
    return thinned(known, ROWS)


def _given_input(days: Sequence[pa.Table], now: pa.Table) -> float | None:
    if any(name not in table.column_names for table in (*days, now) for name in (INPUT, OUTPUT)):
        return None
    pairs = [given_input.Pairs.of(vectors(day, INPUT), vectors(day, OUTPUT)) for day in (*days, now)]
    *usual, today = pairs
    usual = [day for day in usual if len(day.inputs) >= _ENOUGH_TRACES]
    if len(usual) < _ENOUGH_DAYS or len(today.inputs) < _ENOUGH_TRACES:
        return None
    return given_input.test_given_input(usual, today).p


def _apart(metric: str, days: Sequence[pa.Table], now: pa.Table) -> str:
    """In words, by which labels a classifier tells today's traces from ordinary ones; "" where it cannot."""
    before = pa.concat_tables(days, promote_options="permissive")
    labels = {
        name: (before.column(name).to_numpy(), now.column(name).to_numpy())
        for name in now.column_names
        if name in before.column_names and _is_label(name)
    }
    found = classifier.separate([vectors(day, metric) for day in days], vectors(now, metric), labels)
    return _told(found)


def _told(found: Separation) -> str:
    if found.p > _SURE:
        return ""
    said = f"a classifier tells today's from ordinary days' (AUC {found.auc:.2f}, ordinarily {found.usual:.2f})"
    telling = [label for label in found.labels if label[2] - label[3] >= _SHARE][:2]
    by = "; ".join(
        f"{name} “{label}” is {wording.percent(now)} of the traces most unlike them, {wording.percent(then)} before"
        for name, label, now, then in telling
    )
    return f"{said}: {by}" if by else said


def _is_label(name: str) -> bool:
    return name in metrics.CATALOGUE and metrics.CATALOGUE[name].kind == "label"
