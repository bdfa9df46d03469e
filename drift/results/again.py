"""Whether an incident is a change that came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from drift.results import tables

_SAME = ("metric", "dimension", "value", "statistic", "direction")


@dataclass(frozen=True)
class Again:
    """How often a change came before, when it last ended, and whether its end was a proved fix."""

    times: int
    ended: date
    fixed: bool

    @property
    def words(self) -> str:
        """`again, 3rd time, last fixed on 2026-11-03`."""
        ordinal = {2: "2nd", 3: "3rd"}.get(self.times + 1, f"{self.times + 1}th")
        return f"again, {ordinal} time, last {'fixed' if self.fixed else 'ended'} on {self.ended}"


def again(connection: sa.Connection, incident: sa.Row[Any]) -> Again | None:
    """The incidents of the same metric, place, statistic and direction that had ended when this one (a row of `incidents`) opened."""
    table = tables.incidents
    same = (table.c[name] == incident._mapping[name] for name in _SAME)
    rows = connection.execute(sa.select(table.c.closed, table.c.fixed).where(*same, table.c.closed < incident.opened)).all()
    if not rows:
        return None
    last = max(rows, key=lambda row: row.closed)
    return Again(len(rows), last.fixed or last.closed, last.fixed is not None)
