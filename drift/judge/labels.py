"""The traces on which a person's label helps most, and the labels that come back.

Offered are few: twenty a night. A label helps most where the judge is unsure or mostly wrong, of a rare endpoint, or where an incident is
open; so these have a larger chance to be offered, and a label counts one over that chance. Without a judge the sample is a plain one.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from drift.errors import ConfigError
from drift.judge.sampling import chance
from drift.judge.truth import Labels, errors
from drift.results import tables
from drift.results.database import Database

# of a chance to be offered, what goes to every trace alike, so that none counts more than a few, and what to every endpoint alike, so that a
# rare one has labels at all
_ALIKE, _RARE = 0.25, 0.2
# how much likelier a trace of an open incident is
_OF_INCIDENT = 3.0
_YES = frozenset({"1", "true", "yes", "good", "pass", "ok"})
_NO = frozenset({"0", "false", "no", "bad", "fail"})
# how many nights' labels say how far to trust the judge
EARLIER = 28


@dataclass(frozen=True)
class Offer:
    """A trace that a person should label. weight: how many requests its label stands for."""

    trace_id: str
    judged: float
    weight: float
    reason: str


def offers(
    trace_ids: Sequence[str],
    judged: np.ndarray,
    weight: np.ndarray,
    number: int,
    earlier: Labels,
    incident: Collection[str] = (),
    endpoints: Sequence[str | None] = (),
) -> list[Offer]:
    """About `number` of the traces, each with its own chance, drawn by the trace's hash.

    judged: 1 fails, 0 not, NaN unknown; weight: how many requests each trace stands for; earlier: labels that say how sure the judge is;
    incident: the traces of open incidents; endpoints: of each trace, empty where they are not known.
    A trace is chosen where its number in [0, 1) is below its chance (Poisson sampling), so a rerun chooses the same.
    """
    if not trace_ids or number <= 0:
        return []
    helps = np.asarray(weight, float) * _unsure(judged, earlier)
    usual = helps / helps.sum() * (1 - _ALIKE - _RARE) + _ALIKE * weight / np.sum(weight)
    rare = _RARE * _of_each(endpoints or [None] * len(trace_ids), helps)
    of_incident = np.array([each in incident for each in trace_ids])
    chances = _scaled((usual + rare) * np.where(of_incident, _OF_INCIDENT, 1.0), number)
    out = []
    for i in map(int, np.flatnonzero(np.array([chance(f"label:{each}") for each in trace_ids]) < chances)):
        reason = "rare endpoint" if rare[i] > usual[i] else _REASONS.get(float(judged[i]), "no verdict")
        reason = "open incident" if of_incident[i] else reason
        out.append(Offer(trace_ids[i], float(judged[i]), float(weight[i] / chances[i]), reason))
    return out


def _of_each(endpoints: Sequence[str | None], helps: np.ndarray) -> np.ndarray:
    """Shares that add up to 1, as much for every endpoint, and within one in proportion to how much a label helps."""
    names, codes = np.unique([each or "" for each in endpoints], return_inverse=True)
    return np.asarray(helps / np.bincount(codes, helps)[codes] / len(names))


_REASONS = {1.0: "judged bad", 0.0: "judged good"}


def _unsure(judged: np.ndarray, earlier: Labels) -> np.ndarray:
    """The standard deviation of what people would say, given the verdict."""
    trust = errors(earlier)
    out = np.ones(len(judged))
    if trust is None:
        return out
    known = earlier.beside_judge()
    rate = (np.sum(known.weight * known.fails) + 0.5 * known.weight.mean()) / (np.sum(known.weight) + known.weight.mean())
    for verdict, of_bad, of_good in ((1.0, trust.finds, trust.false), (0.0, 1 - trust.finds, 1 - trust.false)):
        share = rate * of_bad / (rate * of_bad + (1 - rate) * of_good)
        out[judged == verdict] = np.sqrt(share * (1 - share))
    return out


def _scaled(wanted: np.ndarray, number: int) -> np.ndarray:
    """Chances in proportion to what is wanted, none above 1, that add up to `number`."""
    low, high = 0.0, number / max(wanted[wanted > 0].min(), 1e-300) + 1
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if np.minimum(1, middle * wanted).sum() > number else (middle, high)
    return np.minimum(1.0, high * wanted)


def keep(database: Database, day: date, rubric: str, offered: Iterable[Offer]) -> None:
    """Write down what is offered; a trace that was offered before stays with the chance that it had then."""
    table = tables.labels
    with database.writing() as connection:
        query = sa.select(table.c.trace_id).where(table.c.day == day, table.c.rubric == rubric)
        # chances of a sample belong together: a day is drawn once
        if connection.execute(query).first() is None:
            rows = [
                {
                    "day": day,
                    "rubric": rubric,
                    "trace_id": each.trace_id,
                    "judged": None if np.isnan(each.judged) else each.judged,
                    "weight": each.weight,
                    "reason": each.reason,
                }
                for each in offered
            ]
            if rows:
                connection.execute(table.insert(), rows)


def answer(database: Database, day: date, rubric: str, given: Mapping[str, float]) -> None:
    """Write down what people said of offered traces, 1 fails or 0; of a trace that was not offered it is not counted."""
    table = tables.labels
    with database.writing() as connection:
        for trace_id, fails in given.items():
            own = sa.and_(table.c.day == day, table.c.rubric == rubric, table.c.trace_id == trace_id)
            connection.execute(table.update().where(own, table.c.fails.is_distinct_from(fails)).values(fails=fails))


@dataclass(frozen=True)
class Offered:
    """A trace that waits for a person's label."""

    day: date
    trace_id: str
    rubric: str
    reason: str


def waiting(database: Database, first: date, last: date) -> list[Offered]:
    """The offered traces of the days from `first` to `last` that have no label yet."""
    table = tables.labels
    query = (
        sa.select(table.c.day, table.c.trace_id, table.c.rubric, table.c.reason)
        .where(table.c.day.between(first, last), table.c.fails.is_(None))
        .order_by(table.c.day, table.c.rubric, table.c.trace_id)
    )
    with database.reading() as connection:
        return [Offered(*row) for row in connection.execute(query)]


def offered(database: Database, rubric: str, first: date, last: date) -> int:
    """How many traces of the days from `first` to `last` were offered."""
    table = tables.labels
    query = sa.select(sa.func.count()).where(table.c.rubric == rubric, table.c.day.between(first, last))
    with database.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def labelled(database: Database, rubric: str, first: date, last: date) -> dict[date, Labels]:
    """People's labels of the days from `first` to `last`, by day."""
    table = tables.labels
    query = (
        sa.select(table.c.day, table.c.fails, table.c.judged, table.c.weight)
        .where(table.c.rubric == rubric, table.c.day.between(first, last), table.c.fails.is_not(None))
        .order_by(table.c.day, table.c.trace_id)
    )
    rows: dict[date, list] = {}
    with database.reading() as connection:
        for row in connection.execute(query):
            rows.setdefault(row.day, []).append((row.fails, np.nan if row.judged is None else row.judged, row.weight))
    return {day: Labels(*np.array(own, float).T) for day, own in rows.items()}


def answered(database: Database, rubric: str, day: date) -> dict[str, tuple[float, float, float]]:
    """What people said of a day's traces: by trace, (fails, judged, weight), NaN where the judge gave no verdict."""
    return {trace_id: said for trace_id, said in of_day(database, rubric, day).items() if said[0] == said[0]}


def of_day(database: Database, rubric: str, day: date) -> dict[str, tuple[float, float, float]]:
    """As `answered`, of every trace that was offered; `fails` is NaN where nobody has said anything yet."""
    table = tables.labels
    query = (
        sa.select(table.c.trace_id, table.c.fails, table.c.judged, table.c.weight)
        .where(table.c.rubric == rubric, table.c.day == day)
        .order_by(table.c.trace_id)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return {
        row.trace_id: (
            np.nan if row.fails is None else row.fails,
            np.nan if row.judged is None else row.judged,
            row.weight,
        )
        for row in rows
    }


def before(database: Database, rubric: str, day: date) -> Labels:
    """The labels of the nights before a day, which say how far to trust the judge."""
    return together(labelled(database, rubric, day - timedelta(days=EARLIER), day - timedelta(days=1)).values())


def together(parts: Iterable[Labels]) -> Labels:
    """Labels of several days as one; the weights of each stay as they are, for they all count requests."""
    each = list(parts)
    if not each:
        return Labels.of(np.zeros(0))
    return Labels(*(np.concatenate([getattr(one, name) for one in each]) for name in ("fails", "judged", "weight")))


def word_fails(word: str | None) -> float | None:
    """1 where a person's word for the answer is a bad one, 0 where it is a good one, None where it is neither."""
    said = (word or "").strip().lower()
    return 1.0 if said in _NO else 0.0 if said in _YES else None


def of_file(path: str) -> dict[str, dict[str, float]]:
    """By rubric and trace, 1 fails or 0, of a CSV file with the columns trace_id, rubric and label (good or bad, yes or no, 1 or 0: of the
    answer); rows without a label are not labelled yet. Raises ConfigError."""
    if not path:
        return {}
    file = Path(path)
    if not file.is_file():
        raise ConfigError(f"judge.labels: {path}: no such file; write one with `drift judge offer`")
    out: dict[str, dict[str, float]] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if missing := [name for name in ("trace_id", "rubric", "label") if name not in (rows.fieldnames or ())]:
            raise ConfigError(f"judge.labels: {path}: no column {missing[0]!r}")
        for number, row in enumerate(rows, 2):
            if not (row["label"] or "").strip():
                continue
            fails = word_fails(row["label"])
            if fails is None:
                raise ConfigError(f"judge.labels: {path}, line {number}: {row['label']!r:.40} is neither good nor bad")
            out.setdefault(row["rubric"], {})[row["trace_id"]] = fails
    return out
