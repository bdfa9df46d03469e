"""The ledger: how often nights alarmed beside the budget, what people said of the incidents, and what each metric cost and gave."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa

from drift.errors import DriftError
from drift.results import tables, watch
from drift.results.rows import plain_text
from drift.results.verdict import Answer
from drift.results.write import Results, find_incident

VERDICTS = ("useful", "false", "expected")
# a metric is offered to be tightened when so many of its incidents were judged, and more than half of those called false
_ENOUGH, _MOSTLY = 3, 0.5


@dataclass(frozen=True)
class Line:
    """What a metric cost in incidents, and what people said of them; the rest was not judged."""

    metric: str
    incidents: int
    useful: int
    false: int
    expected: int

    @property
    def judged(self) -> int:
        return self.useful + self.false + self.expected

    @property
    def offer(self) -> str:
        """What is offered of a metric whose incidents are mostly called false; empty for others."""
        if self.judged < _ENOUGH or self.false <= _MOSTLY * self.judged:
            return ""
        return (
            f"{self.false} of {self.judged} judged incidents of {self.metric} were false: raise [metrics.{self.metric}] matters, "
            "lower its weight, or set enabled = false"
        )


@dataclass(frozen=True)
class Ledger:
    """nights: compared since the installation; alarmed: those that opened an incident; low, high: 95 % interval of their share."""

    nights: int
    alarmed: int
    low: float
    high: float
    lines: tuple[Line, ...]


def judge(results: Results, incident: str, verdict: str, note: str = "", day: date | None = None) -> str:
    """Record what a person said of an incident (the beginning of its id); a later verdict replaces an earlier one. Returns the id.

    Raises DriftError for an unknown or ambiguous id, and for a verdict that is none of VERDICTS.
    """
    if verdict not in VERDICTS:
        raise DriftError(f"unknown verdict {verdict!r}; use {', '.join(VERDICTS)}")
    table = tables.verdicts
    with results.database.writing() as connection:
        found = find_incident(connection, incident)
        on = day or connection.execute(sa.select(sa.func.max(tables.runs.c.day))).scalar()
        connection.execute(table.delete().where(table.c.incident_id == found.id))
        connection.execute(table.insert(), [{"incident_id": found.id, "verdict": verdict, "day": on, "note": plain_text(note)}])
        watch.record(connection, verdict, found.id, note)
    return str(found.id)


def read(results: Results) -> Ledger:
    """The ledger of all nights that were compared. An early incident, from before there was a baseline, is one as well."""
    runs, incidents, verdicts = tables.runs, tables.incidents, tables.verdicts
    with results.database.reading() as connection:
        nights = (
            connection.execute(sa.select(sa.func.count()).select_from(runs).where(runs.c.status != Answer.FAILED)).scalar() or 0
        )
        alarmed = connection.execute(sa.select(sa.func.count(sa.distinct(incidents.c.opened)))).scalar() or 0
        joined = incidents.outerjoin(verdicts, incidents.c.id == verdicts.c.incident_id)
        rows = connection.execute(sa.select(incidents.c.metric, verdicts.c.verdict).select_from(joined)).all()
    by_metric: dict[str, list[str | None]] = defaultdict(list)
    for metric, verdict in rows:
        by_metric[metric].append(verdict)
    lines = [Line(name, len(said), *(said.count(verdict) for verdict in VERDICTS)) for name, said in by_metric.items()]
    lines.sort(key=lambda line: (-line.incidents, line.metric))
    return Ledger(nights, alarmed, *wilson(alarmed, nights), tuple(lines))


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); 0 to 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    middle, half = share + z**2 / (2 * of), z * float(np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2)))
    return max(0.0, (middle - half) / (1 + z**2 / of)), min(1.0, (middle + half) / (1 + z**2 / of))
