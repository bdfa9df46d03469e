"""What was judged before, so that nothing is asked again: scores by evaluator and trace or anchor, in the results database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa

from drift.results import tables
from drift.results.database import Database
from drift.results.ruler import ANCHOR

# rows of one query, below what SQLite takes as parameters
_AT_ONCE = 500


def read(database: Database, day: date, evaluator: str, items: Iterable[str]) -> dict[str, float | None]:
    """The scores that are there, None where the answer could not be read."""
    table, wanted, found = tables.judgements, list(items), {}
    with database.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            own = table.c.item.in_(wanted[start : start + _AT_ONCE])
            query = sa.select(table.c.item, table.c.score).where(table.c.day == day, table.c.evaluator == evaluator, own)
            found.update({row.item: row.score for row in connection.execute(query)})
    return found


def of_anchors(database: Database, rubric: str, first: date, last: date) -> dict[str, float]:
    """The scores of the last night from `first` to `last` on which anchors were judged by the rubric, by the anchors' ids; 1 good, 0 bad."""
    table = tables.judgements
    query = (
        sa.select(table.c.day, table.c.item, table.c.score)
        .where(
            table.c.day.between(first, last),
            table.c.evaluator.startswith(f"{rubric}/", autoescape=True),
            table.c.item.startswith(ANCHOR, autoescape=True),
            table.c.score.is_not(None),
        )
        .order_by(table.c.day, table.c.evaluator)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return {row.item.removeprefix(ANCHOR): row.score for row in rows if row.day == rows[-1].day}


def write(database: Database, day: date, evaluator: str, scores: Mapping[str, float | None]) -> None:
    """Keep scores; one that is there already stays as it is, for another run may have counted it."""
    if not scores:
        return
    rows = [{"day": day, "evaluator": evaluator, "item": item, "score": score} for item, score in scores.items()]
    with database.writing() as connection:
        present = sa.select(tables.judgements.c.item).where(
            tables.judgements.c.day == day, tables.judgements.c.evaluator == evaluator
        )
        now = set(connection.execute(present).scalars())
        if new := [row for row in rows if row["item"] not in now]:
            connection.execute(tables.judgements.insert(), new)
