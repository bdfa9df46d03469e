"""What may be asked of a paid service in a night: a ledger in the results database, from which each call takes before it is made.

A reservation is one conditional update, so that two runs at once cannot both take the last call; a run that is killed leaves what it had
reserved as spent. So the ledger is never below what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from drift.results import tables
from drift.results.database import Database


class Exhausted(Exception):
    """The night's calls or dollars are used up."""


@dataclass(frozen=True)
class Budget:
    """The most that may be spent on a day for a purpose; dollars are USD."""

    database: Database
    day: date
    purpose: str
    calls: int
    usd: float

    def reserve(self, usd: float) -> None:
        """Take one call that costs at most `usd`. Raises Exhausted where that is more than is left."""
        table = tables.spending
        left = sa.and_(self._own, table.c.calls + 1 <= self.calls, table.c.usd + usd <= self.usd)
        taken = table.update().where(left).values(calls=table.c.calls + 1, usd=table.c.usd + usd)
        with self.database.writing() as connection:
            if connection.execute(sa.select(table.c.calls).where(self._own)).first() is None:
                connection.execute(table.insert().values(day=self.day, purpose=self.purpose, calls=0, usd=0.0))
            if connection.execute(taken).rowcount != 1:
                raise Exhausted

    def settle(self, reserved: float, spent: float) -> None:
        """Give back what a call cost less than was reserved for it."""
        table = tables.spending
        if reserved == spent:
            return
        with self.database.writing() as connection:
            connection.execute(table.update().where(self._own).values(usd=table.c.usd + (spent - reserved)))

    def spent(self) -> tuple[int, float]:
        """Calls and dollars so far."""
        table = tables.spending
        with self.database.reading() as connection:
            row = connection.execute(sa.select(table.c.calls, table.c.usd).where(self._own)).first()
        return (row.calls, row.usd) if row is not None else (0, 0.0)

    @property
    def _own(self) -> sa.ColumnElement[bool]:
        return sa.and_(tables.spending.c.day == self.day, tables.spending.c.purpose == self.purpose)
